"""What is shown while a model trains: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zkynet.train.callbacks import Callback

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

REFRESH = 0.2
"""Seconds between two looks at the figures: each waits for the device."""

PATIENCE = 30.0
"""Seconds after which a plain line tells how far it is."""

LINES = 25
"""So many lines for epochs are left, or a few more."""


class Progress(Callback):
    """Shows how far a training is: a line for each epoch, and below it a bar where there is a terminal."""

    last = True

    def __init__(self) -> None:
        self._bar: Any = None

    def on_fit_start(self, trainer: Trainer) -> None:
        """Begin to count, and draw the bar."""
        self._epoch_begun = self._shown = self._said = time.monotonic()
        self._epoch_step = trainer.step
        self._said_epoch = trainer.epoch
        self._marks = deque([(self._shown, trainer.step)], maxlen=40)
        self._bar = bar_of(trainer)

    def on_step_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """Show how far the epoch is, but not more often than one can read."""
        now = time.monotonic()
        if now - self._shown < (REFRESH if self._bar is not None else PATIENCE):
            return
        self._mark(trainer, now)
        figures, speed, left = words(trainer.running.compute()), f"{self._speed():.0f} steps/s", self._left(trainer)
        if self._bar is None:
            of = f"/{trainer.steps_per_epoch}" if trainer.steps_per_epoch else ""
            done = f"step {steps_of_epoch(trainer)}{of}"
            self._say(trainer, f"{epoch_of(trainer, 1)}  {done}  {figures}  ({speed}{', ' + left if left else ''})")
        else:
            progress, task = self._bar
            progress.update(
                task, completed=steps_of_epoch(trainer), epoch=epoch_of(trainer, 1), figures=figures,
                speed=speed, left=left,
            )  # fmt: skip

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """Leave a line with the figures of the epoch; of many short epochs, only of some."""
        now = time.monotonic()
        seconds, steps = now - self._epoch_begun, trainer.step - self._epoch_step
        self._epoch_begun, self._epoch_step = now, trainer.step
        self._mark(trainer, now)
        speed, left = f"{steps / max(seconds, 1e-9):.0f} steps/s", self._left(trainer)
        figures = words({name: value for name, value in logs.items() if name not in ("epoch", "step", "lr")})
        self._line = f"{epoch_of(trainer, 0)}  {figures}  ({speed}{', ' + left if left else ''})"
        every = -(-(trainer.epochs - trainer._began) // LINES)
        if trainer.epoch % every == 0 or trainer.epoch in (1, trainer.epochs) or now - self._said > PATIENCE:
            self._said, self._said_epoch = now, trainer.epoch
            self._say(trainer, self._line)
        if self._bar is not None:
            progress, task = self._bar
            progress.update(
                task, completed=0, epoch=epoch_of(trainer, 1), figures=figures, speed=speed, left=left
            )  # fmt: skip

    def on_fit_end(self, trainer: Trainer) -> None:
        """Take the bar away, and say why the training has ended early."""
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None
        if self._said_epoch < trainer.epoch:
            self._say(trainer, self._line)
        if trainer.stop_reason is not None:
            self._say(trainer, f"stopped: {trainer.stop_reason}")

    def _say(self, trainer: Trainer, line: str) -> None:
        line = f"{trainer.name}: {line}" if trainer.name else line
        if self._bar is not None:
            self._bar[0].console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=sys.stdout, flush=True)

    def _mark(self, trainer: Trainer, now: float) -> None:
        self._shown = now
        self._marks.append((now, trainer.step))

    def _speed(self) -> float:
        """Steps in a second, of late."""
        (begun, first), (now, last) = self._marks[0], self._marks[-1]
        return (last - first) / max(now - begun, 1e-9)

    def _left(self, trainer: Trainer) -> str:
        """How long the rest of the training takes if it goes on like that."""
        speed = self._speed()
        if trainer.steps_per_epoch is None or not speed or trainer.stop_reason is not None:
            return ""
        steps = (trainer.epochs - trainer.epoch) * trainer.steps_per_epoch
        steps -= steps_of_epoch(trainer) if trainer.in_epoch else 0
        return f"{span(steps / speed)} left" if steps > 0 else ""


def bar_of(trainer: Trainer) -> Any:
    """A bar and its task, or None where there is no terminal."""
    from rich.console import Console
    from rich.errors import LiveError
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(file=sys.stdout)
    if not (console.is_terminal or console.is_jupyter) or console.is_dumb_terminal:
        return None
    name = f"{trainer.name}: " if trainer.name else ""
    columns = [
        TextColumn(name + "{task.fields[epoch]}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:.0f}" + ("/{task.total:.0f}" if trainer.steps_per_epoch else ""), markup=False),
        TextColumn("{task.fields[figures]}", markup=False),
        TextColumn("{task.fields[speed]}", markup=False),
        TextColumn("{task.fields[left]}", markup=False),
    ]
    bar = Bar(*columns, console=console, transient=True, redirect_stdout=True, redirect_stderr=True)
    fields: dict[str, Any] = {"epoch": epoch_of(trainer, 1), "figures": "", "speed": "", "left": ""}
    task = bar.add_task("", total=trainer.steps_per_epoch, completed=0, **fields)
    try:
        bar.start()
    except LiveError:  # somebody else draws something that lives
        return None
    return bar, task


def epoch_of(trainer: Trainer, ahead: int) -> str:
    """Which epoch of how many: the one that is done, or the one that is being done."""
    return f"epoch {min(trainer.epoch + ahead, trainer.epochs)}/{trainer.epochs}"


def steps_of_epoch(trainer: Trainer) -> int:
    """How many steps of the epoch are done."""
    return -(-trainer.running.batches // trainer.accumulate)


def words(figures: Mapping[str, float]) -> str:
    """Figures with their names.

    Example:
        >>> words({"loss": 0.123456, "accuracy": 1.0})
        'loss 0.1235  accuracy 1'
    """
    return "  ".join(f"{name} {value:.4g}" for name, value in figures.items())


def span(seconds: float) -> str:
    """A time as a person reads it.

    Example:
        >>> span(0.2), span(75), span(7384)
        ('0.2 s', '1:15', '2:03:04')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
