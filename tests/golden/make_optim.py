"""Write ``optim.json``: where PyTorch's optimisers arrive after the steps of ``optim_cases``.

Run in the folder ``tests``: ``python golden/make_optim.py``, with the PyTorch of the extra ``bench``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from optim_cases import CASES, STEPS, gradient, start  # noqa: E402


def trajectory(name: str, options: dict[str, Any]) -> list[Any]:
    """The parameters after the last step."""
    params = [torch.tensor(x, requires_grad=True) for x in start(name)]
    optimizer = getattr(torch.optim, name)(params, **options)
    for step in range(STEPS):
        for p in params:
            p.grad = torch.tensor(gradient(p.detach().numpy(), step))
        optimizer.step()
    return [p.detach().numpy() for p in params]


def in_double_precision() -> None:
    """Have PyTorch keep step counters in float64, and Muon compute in the precision of its parameters."""
    torch.set_default_dtype(torch.float64)
    torch.Tensor.bfloat16 = torch.Tensor.clone  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    in_double_precision()
    rows = {case: [x.ravel().tolist() for x in trajectory(*CASES[case])] for case in CASES}
    record = {"torch": torch.__version__.partition("+")[0], "parameters": rows}
    lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(row)}" for case, row in rows.items())
    (HERE / "optim.json").write_text(f'{{"torch": "{record["torch"]}", "parameters": {{\n{lines}\n}}}}\n')
