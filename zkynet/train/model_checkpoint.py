"""Checkpoints while a model is trained: the last ones, and the best one."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from zkynet.errors import ArgumentError, CheckpointWarning
from zkynet.ops.arguments import number, word
from zkynet.train.callbacks import Callback, direction, figure
from zkynet.train.checkpoint_files import save_checkpoint
from zkynet.train.checkpoint_folder import BEST, keep, numbered, set_aside
from zkynet.train.settings import at_least_one

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(Callback):
    """Saves the state of a training: the last ones as ``step-00000123.safetensors``, the best as ``best.safetensors``.

    It saves when any of the conditions is met, when the training ends, and when it is interrupted. A trainer that has a
    folder and no such callback gets one that saves at the first step that ends half a minute after the last save.

    Args:
        folder: where to; by default the trainer's folder.
        best: a figure, by its name in the history; the epoch in which it is best is kept in ``best.safetensors``.
        mode: whether better is smaller, ``"min"``, or larger, ``"max"``; ``"auto"`` tells from the name, as
            `EarlyStopping` does.
        every_steps: save after so many steps.
        every_epochs: save after so many epochs; by default after each, if no other condition is given.
        every_minutes: save after the first step that ends so many minutes after the last save.
        keep: how many of the last ones stay; None: all. Two, so that there is one if the other is damaged.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> x = zk.tensor([[0.0], [1.0]])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checkpoints = zk.train.ModelCheckpoint(folder, best="loss")
        ...     trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", callbacks=[checkpoints], progress=False)
        ...     history = trainer.fit((x, 2 * x), epochs=3)
        ...     sorted(os.listdir(folder))
        ['best.safetensors', 'step-00000002.safetensors', 'step-00000003.safetensors']
    """

    last = True

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        best: str | None = None,
        mode: str = "auto",
        every_steps: int | None = None,
        every_epochs: int | None = None,
        every_minutes: float | None = None,
        keep: int | None = 2,
    ) -> None:
        name = "ModelCheckpoint"
        self.folder = None if folder is None else Path(folder)
        self.best = None if best is None else word(name, "best", best)
        self.mode = direction(name, mode, best or "")
        if every_steps is None and every_epochs is None and every_minutes is None:
            every_epochs = 1
        self.every_steps = None if every_steps is None else at_least_one(name, "every_steps", every_steps)
        self.every_epochs = None if every_epochs is None else at_least_one(name, "every_epochs", every_epochs)
        self.every_minutes = None if every_minutes is None else float(number(name, "every_minutes", every_minutes))
        self.keep = None if keep is None else at_least_one(name, "keep", keep)
        self._saved: tuple[int, int, bool] | None = None
        self._when = time.monotonic()

    @property
    def best_path(self) -> Path:
        """Where the best one is.

        Example:
            >>> import zkynet as zk
            >>> zk.train.ModelCheckpoint("run", best="val_loss").best_path.as_posix()
            'run/best.safetensors'
        """
        return self._place() / BEST

    def on_fit_start(self, trainer: Trainer) -> None:
        """Make the folder; checkpoints of steps that are still to come are another run's, and get other names."""
        self.folder = self.folder or trainer.folder
        folder = self._place()
        folder.mkdir(parents=True, exist_ok=True)
        self._saved, self._when = None, time.monotonic()
        foreign = [path for step, path in numbered(folder).items() if step > trainer.step]
        if trainer.step == 0 and self.best_path.exists():
            foreign.append(self.best_path)
        if foreign:
            for path in foreign:
                set_aside(path, "before")
            warnings.warn(
                f"{folder} holds checkpoints of an earlier training, which is not gone on with: "
                f"{foreign[0].name} is now called {foreign[0].name}.before (resume=True goes on)",
                CheckpointWarning,
                stacklevel=2,
            )

    def on_step_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """Save, if it is time."""
        due = self.every_steps is not None and trainer.step % self.every_steps == 0
        if self.every_minutes is not None and time.monotonic() - self._when >= 60 * self.every_minutes:
            due = True
        if due or trainer.stop_reason is not None:
            self._if_possible(self.save, trainer)

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """Save, if it is time, if training ends, or if the epoch was the best so far."""
        due = self.every_epochs is not None and trainer.epoch % self.every_epochs == 0
        if due or trainer.epoch >= trainer.epochs or trainer.stop_reason is not None:
            self._if_possible(self.save, trainer)
        if self.best is not None and self._is_best(figure("ModelCheckpoint", self.best, logs), trainer):
            self._if_possible(lambda t: save_checkpoint(self.best_path, t.state_dict()), trainer)

    def _if_possible(self, save: Callable[[Trainer], object], trainer: Trainer) -> None:
        """A disk that is full, or gone for a while, does not end a training: what is in memory would be lost."""
        try:
            save(trainer)
        except OSError as e:
            self._when = time.monotonic()
            warnings.warn(
                f"the state after step {trainer.step} could not be saved: {e}\n"
                "training goes on, and saving is tried again when it is time",
                CheckpointWarning,
                stacklevel=2,
            )

    def _is_best(self, value: float, trainer: Trainer) -> bool:
        """Looked up in the history, which is part of the state: so nothing is to be remembered here."""
        before = [row[self.best] for row in trainer.history.rows[:-1] if self.best in row]
        better = [value < each if self.mode == "min" else value > each for each in before if each == each]
        return value == value and all(better)

    def save(self, trainer: Trainer) -> Path:
        """Save now, between two steps, and say where.

        Args:
            trainer: whose state is saved.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", progress=False)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     zk.train.ModelCheckpoint(folder).save(trainer).name
            'step-00000000.safetensors'
        """
        at = (trainer.step, trainer.epoch, trainer.in_epoch)
        path = self._place() / f"step-{trainer.step:08d}.safetensors"
        if self._saved != at:
            path = keep(self._place(), trainer.step, trainer.state_dict(), self.keep)
            self._saved, self._when = at, time.monotonic()
        return path

    def _place(self) -> Path:
        if self.folder is None:
            raise ArgumentError(
                "ModelCheckpoint has no folder to save in", fix="pass folder=... to it, or to the Trainer"
            )
        return self.folder
