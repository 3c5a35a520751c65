"""A step with a loss or gradient that is not finite: it is found, taken back, and explained.

Where the CPU computes step by step, loss and gradients are looked at before the update. Where a device (or JAX) works
through a queue, looking would mean waiting for it in every step. So whether a step was fine is computed there too, and
read when the work of the next step has been queued: the device is never idle for it. Until then all that the step has
changed is held as it was before. Either way the training stops at the very step, with nothing of it kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.modes import no_grad
from zkynet.autodiff.nans import all_finite
from zkynet.backend.updates import Update
from zkynet.dtypes import float32
from zkynet.graph import Leaf
from zkynet.tensor import Tensor
from zkynet.train.before_step import Before
from zkynet.train.explaining_nans import explain

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


class Guard:
    """Looks at the loss and the gradients of each step, and repeats a bad step to find where it went wrong."""

    def __init__(self, trainer: Trainer, enabled: bool) -> None:
        self.trainer, self.enabled = trainer, enabled
        first = next(trainer.model.parameters())
        self.later = first.backend.immutable or not str(first.device).startswith("cpu")
        self._before: Before | None = None
        self._losses: list[Tensor] = []
        self._unread: tuple[Any, Any, Before, list[Any]] | None = None  # of the step before this one

    def before_step(self) -> None:
        """Remember what the step is going to change."""
        if self.enabled:
            self._before = Before(self.trainer, self.later)
            self._losses.clear()

    def after_backward(self, loss: Tensor, group: list[Any]) -> None:
        """Stop if the loss of a batch is not finite."""
        if not self.enabled:
            return
        if self.later:
            self._losses.append(loss)
        elif not math.isfinite(loss.backend.scalar(loss._raw)):
            self._stop(self._before, group)

    def before_update(self, group: list[Any], norm: Tensor | None) -> None:
        """Stop if a gradient is not finite; `norm` is that of all of them, if it is known."""
        if not self.enabled:
            return
        scaled = self.trainer.mixed is not None and self.trainer.mixed.scaler.is_enabled()
        if self.later:
            self.settle()
            assert self._before is not None
            raws = [loss._raw for loss in self._losses] + ([] if scaled else self._gradients())
            self._unread = (self._losses[0].backend, _finite(self._losses[0], raws), self._before, group)
        elif scaled:  # gradients that overflow are what a scaler is for, until it is as small as this
            mixed = self.trainer.mixed
            if mixed.scaler.get_scale() < 1 and not mixed.scaler._found.get(mixed.optimizer, True):  # type: ignore[union-attr]
                self._stop(self._before, group)
        elif norm is not None:
            if not math.isfinite(norm.backend.scalar(norm._raw)):
                self._stop(self._before, group)
        elif not self._sum_is_finite() and not all(all_finite(p.backend, p.grad._raw) for p in self._learned()):
            self._stop(self._before, group)

    def settle(self) -> None:
        """Make sure that all steps so far were fine; before anything of them is saved or shown."""
        if self._unread is not None:
            backend, flag, before, group = self._unread
            self._unread = None
            if backend.scalar(flag) != 1:
                self._stop(before, group)

    def blame(self, loss: Tensor, group: list[Any]) -> None:
        """Metrics have refused predictions: stop here if that is because they are not finite."""
        if self.enabled:
            self.settle()
            if not all_finite(loss.backend, loss._raw):
                self._stop(self._before, group)

    def _stop(self, before: Before | None, group: list[Any]) -> None:
        assert before is not None
        self._unread = None
        before.restore()
        raise explain(self.trainer, before, group)

    def _learned(self) -> list[Any]:
        parameters = self.trainer.parameters
        return [p for p in parameters if p.node.__class__ is Leaf and p.node.grad is not None]

    def _gradients(self) -> list[Any]:
        return [p.node.grad._raw for p in self._learned()]

    def _sum_is_finite(self) -> bool:
        """Whether the sum of all gradients is: then each is, and reading them once is all it takes."""
        parameters = self._learned()
        if not parameters:
            return True
        backend = parameters[0].backend
        total: Any = 0.0
        with no_grad(), backend.quiet():
            for p in parameters:
                total = total + backend.xp.sum(p.node.grad._raw)
            return math.isfinite(abs(backend.scalar(total)))


def _finite(like: Tensor, raws: list[Any]) -> Any:
    """1 if all arrays are finite, computed where they are, and not waited for."""
    backend = like.backend
    start = backend.full((), 1.0, float32, backend.device_of(like._raw))
    with no_grad(), backend.quiet():
        update = Update(_all_finite, [[raw] for raw in raws], [[start]], {}, {}, False)
        return backend.run_updates([update])[0][0][0]


def _all_finite(xp: Any, *arrays: Any) -> tuple[Any, ...]:
    *raws, flag = arrays
    for raw in raws:
        flag = flag * xp.astype(xp.all(xp.isfinite(raw)), flag.dtype)
    return (flag,)
