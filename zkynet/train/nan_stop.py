"""A step with a loss or gradient that is not finite: found before anything is updated, and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from zkynet import random
from zkynet.autodiff.nans import all_finite, debug_nans
from zkynet.errors import NonFiniteError
from zkynet.graph import Leaf, next_number
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


class Guard:
    """Looks at the loss and the gradients of each step, and repeats a bad step to find where it went wrong."""

    def __init__(self, trainer: Trainer, enabled: bool) -> None:
        self.trainer, self.enabled = trainer, enabled
        self._random: Any = None
        self._buffers: list[tuple[Tensor, Any]] = []

    def before_step(self) -> None:
        """Remember what a step changes before the update: where the random numbers are, and the buffers."""
        if self.enabled:
            self._random = random.get_state()
            self._buffers = [(b, b._raw) for b in self.trainer.buffers]

    def after_backward(self, loss: Tensor, group: list[Any]) -> None:
        """Stop if a loss is not finite."""
        if self.enabled and not all_finite(loss.backend, loss._raw):
            self._stop("the loss", loss, group)

    def before_update(self, group: list[Any]) -> None:
        """Stop if a gradient is not finite."""
        t = self.trainer
        if not self.enabled or (t.mixed is not None and t.mixed.scaler.is_enabled()):
            return  # gradients that overflow are what a scaler is for: it leaves the step out
        for name, p in t.named_parameters:
            node = p.node
            if node.__class__ is Leaf and node.grad is not None and not all_finite(p.backend, node.grad._raw):
                self._stop(f"the gradient of {name}", node.grad, group)

    def _stop(self, what: str, value: Tensor, group: list[Any]) -> NoReturn:
        """Repeat the step from where it began, looking at every op; nothing stays changed."""
        t = self.trainer
        found = "NaN" if np.isnan(value.detach().numpy()).any() else "infinite"
        for buffer, raw in self._buffers:
            buffer._raw = raw
        random.set_state(self._random)
        (t.mixed or t.optimizer).zero_grad()
        cause: NonFiniteError | None = None
        try:
            with debug_nans():
                for batch in group:
                    t.compute(batch)[0].backward()
        except NonFiniteError as error:
            cause = error
        for buffer, raw in self._buffers:
            buffer._raw = raw
            if buffer.node.__class__ is Leaf:
                buffer.node.changed = next_number()
        random.set_state(self._random)
        (t.mixed or t.optimizer).zero_grad()
        place = f"in step {t.step + 1}, batch {t.running.batches + 1} of epoch {t.epoch + 1}"
        facts = [f"{cause.headline}", *([cause.place] if cause.place else []), *cause.facts] if cause else []
        raise NonFiniteError(
            f"{what} became {found} {place}; nothing was updated in this step",
            facts=facts or ["no op made it from finite numbers: look at the batch and at the parameters"],
            fix=cause.fix if cause else "look for NaN in the data: error.batches has what went in",
            batches=group,
            step=t.step + 1,
            epoch=t.epoch + 1,
        ) from None
