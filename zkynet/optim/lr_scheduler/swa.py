"""The schedule for weights that are averaged."""

from __future__ import annotations

from math import cos, pi

from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group
from zkynet.optim.optimizer import Optimizer

__all__ = ["SWALR"]


class SWALR(LRScheduler):
    """The rate from where it is to a constant one, with which weights are then averaged (Izmailov et al., 2018).

    Args:
        optimizer: the optimiser.
        swa_lr: the constant rate, or one for each group.
        anneal_epochs: the number of steps to it.
        anneal_strategy: the curve, ``"cos"`` or ``"linear"``.
        last_epoch: the number of the last step when training goes on.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> zk.optim.lr_scheduler.SWALR(optimizer, swa_lr=0.25, anneal_epochs=2, anneal_strategy="linear").preview(4)
        [[0.5], [0.375], [0.25], [0.25]]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        check_optimizer("SWALR", optimizer)
        rates = per_group("SWALR", "swa_lr", optimizer, swa_lr)
        if anneal_strategy not in ("cos", "linear"):
            raise InvalidValueError(
                f"SWALR: anneal_strategy is 'cos' or 'linear', received {anneal_strategy!r}", fix="pass one of them"
            )
        self.anneal_epochs = whole("SWALR", "anneal_epochs", anneal_epochs)
        if self.anneal_epochs < 0:
            raise InvalidValueError("SWALR: anneal_epochs is at least 0", fix="pass 0 to go there at once")
        self._anneal_strategy = anneal_strategy
        for group, lr in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = lr
        super().__init__(optimizer, last_epoch)

    def _part(self, step: int) -> float:
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return t if self._anneal_strategy == "linear" else (1 - cos(pi * t)) / 2

    def _rates(self) -> list[float]:
        step = 0 if self._first else self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, part = self._part(step - 1), self._part(step)
        rates = []
        for group, lr in zip(self.optimizer.param_groups, self._now(), strict=True):
            goal = group["swa_lr"]
            start = goal if before == 1 else (lr - before * goal) / (1 - before)
            rates.append(goal * part + start * (1 - part))
        return rates
