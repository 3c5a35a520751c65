"""The trainer of a run: `zk.train.Trainer` with the run's logs, checkpoints and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import zkynet as zk
from zkynet.runs.folder import file_name

if TYPE_CHECKING:
    from zkynet.runs.run import Run


def wired(run: Run, model: Any, *, name: str, **options: Any) -> Any:
    """A trainer that logs and saves to the folder of a run.

    Args:
        run: the run.
        model: what is trained.
        name: tells the trainers of the run apart; empty where it has one.
        **options: of `Trainer`; loggers and callbacks named there come after those of the run.
    """
    train: Any = zk.train
    options.setdefault("folder", run.folder / "checkpoints" / file_name(name) if name else run.folder / "checkpoints")
    options.setdefault("progress", run.show)
    options.setdefault("name", name)
    return train.Trainer(model, **options)
