"""What may be done between the steps of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import flag, number, whole, word

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

__all__ = ["Callback", "EarlyStopping"]

HOOKS = ("on_fit_start", "on_epoch_start", "on_backward", "on_step_end", "on_epoch_end", "on_fit_end")


class Callback:
    """Base of what is called during a training: override the hooks you need.

    A callback that remembers something has `state_dict` and `load_state_dict`, so that it goes on with a resumed run.

    Example:
        >>> import zkynet as zk
        >>> class Tell(zk.train.Callback):
        ...     def on_epoch_end(self, trainer, logs):
        ...         print("epoch", trainer.epoch, "is done")
        >>> x = zk.tensor([[0.0], [1.0]])
        >>> trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", callbacks=[Tell()], progress=False)
        >>> history = trainer.fit((x, 2 * x), epochs=2)
        epoch 1 is done
        epoch 2 is done
    """

    last: bool = False
    """Whether it is called after all that have False here: what saves the state of the others."""

    def on_fit_start(self, trainer: Trainer) -> None:
        """Training begins or goes on.

        Args:
            trainer: who trains.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().on_fit_start(None)
        """

    def on_epoch_start(self, trainer: Trainer) -> None:
        """An epoch begins; not called when a run is resumed in the middle of one.

        Args:
            trainer: who trains.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().on_epoch_start(None)
        """

    def on_backward(self, trainer: Trainer) -> None:
        """The gradients of a step are there, not clipped yet.

        Args:
            trainer: who trains.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().on_backward(None)
        """

    def on_step_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """The parameters are updated.

        Args:
            trainer: who trains.
            logs: ``loss`` and ``lr`` of this step. The loss is fetched from its device when it is looked at.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().on_step_end(None, {})
        """

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """An epoch is done, validated, and in the history.

        Args:
            trainer: who trains.
            logs: the epoch's row of the history.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().on_epoch_end(None, {})
        """

    def on_fit_end(self, trainer: Trainer) -> None:
        """Training ends, also when an error ends it.

        Args:
            trainer: who trains.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().on_fit_end(None)
        """

    def state_dict(self) -> dict[str, Any]:
        """What it remembers, for a checkpoint.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().state_dict()
            {}
        """
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what another one of its kind remembered.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Callback().load_state_dict({})
        """


class EarlyStopping(Callback):
    """Stops when a figure has not become better for `patience` epochs.

    Args:
        monitor: which one, by its name in the history.
        patience: how many epochs without an improvement are borne.
        mode: whether better is smaller, ``"min"``, or larger, ``"max"``; ``"auto"`` takes names with ``loss``,
            ``error`` or ``perplexity`` in them as smaller, all others as larger.
        min_delta: by how much it has to be better than the best so far.
        restore_best: whether the model gets back the weights of its best epoch at the end.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[0.0], [1.0]])
        >>> stop = zk.train.EarlyStopping("loss", patience=2)
        >>> trainer = zk.train.Trainer(
        ...     zk.nn.Linear(1, 1), "mse", "sgd", learning_rate=0.0, callbacks=[stop], progress=False
        ... )
        >>> len(trainer.fit((x, 2 * x), epochs=10)["loss"])
        3
        >>> trainer.stop_reason
        'loss has not become better for 2 epochs; the best was epoch 1'
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 3,
        mode: str = "auto",
        min_delta: float = 0.0,
        restore_best: bool = False,
    ) -> None:
        name = "EarlyStopping"
        self.monitor = word(name, "monitor", monitor)
        self.patience = whole(name, "patience", patience)
        if self.patience < 1:
            raise InvalidValueError(f"{name}: patience is at least 1, received {patience}", fix="pass 3")
        self.mode = direction(name, mode, self.monitor)
        self.min_delta = float(number(name, "min_delta", min_delta))
        self.restore_best = flag(name, "restore_best", restore_best)
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self._weights: dict[str, Any] | None = None

    def on_fit_start(self, trainer: Trainer) -> None:
        """A new training that follows one that was stopped is given its patience anew."""
        if self.waited >= self.patience and trainer.stop_reason is None:  # a resumed run that was stopped stays so
            self.waited = 0

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """Look whether the figure has become better."""
        value = figure("EarlyStopping", self.monitor, logs)
        gain = math.inf if self.best is None else (self.best - value if self.mode == "min" else value - self.best)
        if gain > self.min_delta:
            self.best, self.best_epoch, self.waited = value, trainer.epoch, 0
            if self.restore_best:
                self._weights = trainer.model.state_dict()
            return
        self.waited += 1
        if self.waited >= self.patience:
            trainer.stop(
                f"{self.monitor} has not become better for {self.patience} epochs; the best was epoch {self.best_epoch}"
            )

    def on_fit_end(self, trainer: Trainer) -> None:
        """Give the model its best weights, if that is wanted."""
        if self._weights is not None and self.waited >= self.patience:
            trainer.model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """The best figure, and how long ago it was."""
        return {"best": self.best, "best_epoch": self.best_epoch, "waited": self.waited, "weights": self._weights}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what another one remembered."""
        self.best, self.best_epoch = state_dict["best"], state_dict["best_epoch"]
        self.waited, self._weights = state_dict["waited"], state_dict["weights"]


SMALLER_IS_BETTER = ("loss", "error", "perplexity", "mae", "mse", "rmse", "nll", "entropy")


def direction(name: str, mode: str, monitor: str) -> str:
    """Whether a smaller or a larger figure is better; "auto" tells from what it is called."""
    if mode not in ("auto", "min", "max"):
        raise InvalidValueError(f"{name}: mode is 'auto', 'min' or 'max', received {mode!r}", fix="pass one of them")
    if mode != "auto":
        return mode
    return "min" if any(each in monitor.lower() for each in SMALLER_IS_BETTER) else "max"


def figure(name: str, monitor: str, logs: Mapping[str, float]) -> float:
    """A figure of an epoch by its name; an error that lists those there are."""
    if monitor not in logs:
        raise InvalidValueError(
            f"{name}: an epoch has no figure {monitor!r}",
            facts=[f"it has  {', '.join(logs)}"],
            fix="fit(..., validation=...) makes those with val_"
            if monitor.startswith("val_")
            else "monitor one of them",
        )
    return float(logs[monitor])
