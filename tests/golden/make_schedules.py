"""Write ``schedules.json``: the rates and momenta that PyTorch's schedules set in the cases of ``schedule_cases``.

Run in the folder ``tests``: ``python golden/make_schedules.py``, with the PyTorch of the extra ``bench``.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from schedule_cases import CASES, STEPS  # noqa: E402

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    rows = {}
    for case, make in CASES.items():
        groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in (0.1, 0.05)]
        optimizer = torch.optim.SGD(groups, momentum=0.9)
        schedule = make(torch.optim.lr_scheduler, optimizer)
        row = []
        for _ in range(STEPS):
            row.append([group[key] for group in optimizer.param_groups for key in ("lr", "momentum")])
            schedule.step()
        rows[case] = row
    lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(row)}" for case, row in rows.items())
    (HERE / "schedules.json").write_text(
        f'{{"torch": "{torch.__version__.partition("+")[0]}", "rows": {{\n{lines}\n}}}}\n'
    )
