"""What is shown while a model trains."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from zkynet.train.callbacks import Callback

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


class Progress(Callback):
    """A line for each epoch."""

    last = True

    def on_fit_start(self, trainer: Trainer) -> None:
        """Begin to count."""
        self._since, self._step = time.monotonic(), trainer.step

    def on_epoch_end(self, trainer: Trainer, logs: Mapping[str, float]) -> None:
        """Print a line."""
        now = time.monotonic()
        steps = (trainer.step - self._step) / max(now - self._since, 1e-9)
        self._since, self._step = now, trainer.step
        figures = "  ".join(
            f"{name} {value:.4g}" for name, value in logs.items() if name not in ("epoch", "step", "lr")
        )
        name = f"{trainer.name}: " if trainer.name else ""
        print(
            f"{name}epoch {trainer.epoch}/{trainer.epochs}  {figures}  ({steps:.0f} steps/s)",
            file=sys.stdout,
            flush=True,
        )

    def on_fit_end(self, trainer: Trainer) -> None:
        """Say why it has ended early."""
        if trainer.stop_reason is not None:
            print(f"stopped: {trainer.stop_reason}", flush=True)
