"""Where a run logs to besides its own files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zkynet.errors import InvalidValueError
from zkynet.runs.folder import file_name
from zkynet.train import MLflowLogger, TensorBoardLogger, WandbLogger
from zkynet.train.loggers.logger import needs

if TYPE_CHECKING:
    from zkynet.runs.run import Run


def _tensorboard(run: Run, name: str) -> Any:
    folder = run.folder / "tensorboard"
    return TensorBoardLogger(folder / file_name(name) if name else folder)


def _wandb(run: Run, name: str) -> Any:
    settings = {**run.settings, "seed": run.seed}
    return WandbLogger(run.name, name=_title(run, name), config=settings, dir=str(run.folder))


def _mlflow(run: Run, name: str) -> Any:
    return MLflowLogger(run.name, _title(run, name), settings={**run.settings, "seed": run.seed})


def _title(run: Run, name: str) -> str:
    return f"{run.folder.name}, {name}" if name else run.folder.name


LOGS: dict[str, Callable[[Run, str], Any]] = {"tensorboard": _tensorboard, "wandb": _wandb, "mlflow": _mlflow}
"""By name: makes the logger of a trainer of a run."""


def check_installed(names: Sequence[str]) -> None:
    """Refuse, before a run begins, logs whose package is not installed.

    Args:
        names: of logs.
    """
    for name in names:
        if name != "tensorboard":  # which needs no package to be written
            needs(f"the log {name}", name)


def check_logs(names: Sequence[str]) -> list[str]:
    """Names of logs, if there are such.

    Args:
        names: what the user passed.
    """
    for name in names:
        if name not in LOGS:
            raise InvalidValueError(f"there is no log {name!r}", fix=f"take one of {', '.join(LOGS)}", name=name)
    return list(dict.fromkeys(names))
