"""`WandbLogger`: Weights & Biases."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from zkynet.errors import ArgumentError
from zkynet.ops.arguments import flag
from zkynet.train.loggers.logger import Logger, figures_of, needs

__all__ = ["WandbLogger"]


class WandbLogger(Logger):
    """Hands the figures to Weights & Biases; ``pip install wandb``.

    The figures of epochs have their names, those of steps ``step/`` before it. A resumed run goes on under its id, and
    Weights & Biases passes over the steps that it has already. With ``mode="offline"`` it writes a folder for
    ``wandb sync``; a resumed run then writes a second one with the same id.

    Args:
        project: its name there.
        steps: whether the figures of steps are handed over, or of epochs alone.
        **options: all else that ``wandb.init`` takes: ``name``, ``config``, ``mode``, ``dir``, ….

    Example:
        >>> import zkynet as zk
        >>> logger = zk.train.WandbLogger("digits", config={"hidden": 64}, mode="offline")  # doctest: +SKIP
        >>> history = zk.nn.Linear(4, 3).fit(x, y, loggers=[logger])  # doctest: +SKIP
    """

    def __init__(self, project: str | None = None, steps: bool = True, **options: Any) -> None:
        needs("WandbLogger", "wandb")
        if "id" in options and not isinstance(options["id"], str):
            raise ArgumentError("WandbLogger: the id of a run is a string", fix="leave it out for a new run")
        self.steps = flag("WandbLogger", "steps", steps)
        self._options = {"project": project, **options}
        self._run: Any = None
        self._id: str | None = options.get("id")

    def log(self, step: int, epoch: int, values: Mapping[str, Any], kind: str = "epoch") -> None:
        figures = figures_of("WandbLogger", step, epoch, values, kind)
        if kind == "step" and not self.steps:
            return
        if self._run is None:
            self._run = self._begun()
        named = {name if kind == "epoch" else f"step/{name}": value for name, value in figures.items()}
        self._run.log({**named, "epoch": int(epoch)}, step=int(step))

    def close(self) -> None:
        """End the run there; it counts as failed if an error is what ends the training.

        Example:
            >>> logger.close()  # doctest: +SKIP
        """
        if self._run is not None:
            self._run.finish(exit_code=0 if sys.exc_info()[0] is None else 1)
            self._run = None

    def state_dict(self) -> dict[str, Any]:
        """The id of the run.

        Example:
            >>> logger.state_dict()  # doctest: +SKIP
            {'id': 'y37sok1g'}
        """
        return {"id": self._id}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on with the run of a checkpoint.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> logger.load_state_dict({"id": "y37sok1g"})  # doctest: +SKIP
        """
        self.close()
        self._id = state_dict["id"]

    def _begun(self) -> Any:
        import wandb

        again = {} if self._id is None else {"id": self._id, "resume": "allow"}
        run = wandb.init(**{**self._options, **again})
        self._id = run.id
        return run
