"""A step with a loss or gradient that is not finite: it is found, taken back, and explained.

Usually loss and gradients are looked at before the update. A backend whose arrays cannot be written to works through a
queue, and looking would mean waiting for it in every step. There, whether a step was fine is computed in the queue too,
and read when the work of the next step stands in it; until then all that the step has changed is held as it was before,
which costs no copy, for such a backend writes to new memory anyway. Either way the training stops at the very step, and
nothing of it is kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.nans import all_finite
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
        self.look_at_model()
        self._before: Before | None = None
        self._unread: tuple[list[tuple[Any, Any]], Before, list[Any]] | None = None  # of the step before this one

    def look_at_model(self) -> None:
        """Note where the parameters live, so that a step need not look."""
        places = {(p.backend, p.device) for p in self.trainer.parameters}
        self.alike = self.trainer.parameters[0].backend if len(places) == 1 else None
        self.later = any(backend.immutable for backend, _ in places)

    def before_step(self) -> None:
        """Remember what the step is going to change."""
        self._before = Before(self.trainer, self.later)

    def before_update(self, losses: list[Tensor], norm: Tensor | None, group: list[Any]) -> None:
        """Stop if a loss or a gradient is not finite; `norm` is that of all gradients, if it is known."""
        if self.later:
            self._look_later(losses, group)
            return
        for loss in losses:
            if not math.isfinite(loss.backend.scalar(loss._raw)):
                self._stop(self._before, group)
        mixed = self.trainer.mixed
        if mixed is not None and mixed.scaler.is_enabled():
            # gradients that overflow are what a scaler is for, until it is as small as this
            if mixed.scaler.get_scale() < 1 and not mixed.scaler._found.get(mixed.optimizer, True):
                self._stop(self._before, group)
        elif norm is not None:
            if not math.isfinite(norm.item()):
                self._stop(self._before, group)
        elif not self._gradients_are_finite():
            self._stop(self._before, group)

    def _look_later(self, losses: list[Tensor], group: list[Any]) -> None:
        """Queue the question whether the step is fine, and read the answer of the step before."""
        assert self._before is not None
        self.settle()
        mixed = self.trainer.mixed
        arrays = [(loss.backend, loss._raw) for loss in losses]
        if mixed is None or not mixed.scaler.is_enabled():
            arrays += self._gradients()
        self._unread = (_flags(arrays), self._before, group)

    def settle(self) -> None:
        """Make sure that all steps so far were fine; before anything of them is saved or shown."""
        if self._unread is not None:
            flags, before, group = self._unread
            self._unread = None
            if any(backend.scalar(flag) != 1 for backend, flag in flags):
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

    def _gradients_are_finite(self) -> bool:
        parameters = self.trainer.parameters
        try:  # the ordinary case: all of one backend, on the host, and learned
            if self.alike:
                flag = self.alike.are_finite([p.node.grad._raw for p in parameters])  # type: ignore[union-attr]
                return bool(self.alike.scalar(flag) == 1)
        except AttributeError:
            pass
        return all(backend.scalar(flag) == 1 for backend, flag in _flags(self._gradients()))

    def _gradients(self) -> list[tuple[Any, Any]]:
        out = []
        for p in self.trainer.parameters:
            node = p.node
            if node.__class__ is Leaf and node.grad is not None:
                out.append((p.backend, node.grad._raw))
        return out


def _flags(arrays: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Of each backend and device that arrays live on, a 1 if all there are finite; not waited for."""
    groups: dict[Any, list[Any]] = {}
    key: Any = (None, None)
    for backend, raw in arrays:
        if backend is not key[0] or raw.device != key[1]:
            key = (backend, raw.device)
            same = groups.setdefault(key, [])
        same.append(raw)
    return [(backend, backend.are_finite(raws)) for (backend, _), raws in groups.items()]
