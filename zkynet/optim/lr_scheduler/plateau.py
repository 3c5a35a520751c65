"""A schedule that looks at how training goes."""

from __future__ import annotations

from math import inf
from typing import Any

from zkynet.capturing import on_host
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number, whole
from zkynet.optim.lr_scheduler.base import LRScheduler, check_optimizer, per_group, rate_of, set_rate
from zkynet.optim.optimizer import Optimizer

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` when a figure has not become better for more than `patience` steps.

    Args:
        optimizer: the optimiser.
        mode: whether better is smaller, ``"min"``, or larger, ``"max"``.
        factor: the factor, below 1.
        patience: how many steps without an improvement are borne.
        threshold: by how much a figure has to be better than the best so far.
        threshold_mode: whether that is a share of the best (``"rel"``) or a difference (``"abs"``).
        cooldown: for how many steps after a change nothing is counted.
        min_lr: the smallest rate, or one for each group.
        eps: a smaller change of the rate is not made.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
        >>> schedule = zk.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.0):
        ...     schedule.step(loss)
        >>> schedule.get_last_lr()
        [0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        name = "ReduceLROnPlateau"
        check_optimizer(name, optimizer)
        self.optimizer = optimizer
        self.factor = number(name, "factor", factor)
        if not factor < 1:
            raise InvalidValueError(f"{name}: factor is below 1, received {factor}", fix="pass 0.1")
        if mode not in ("min", "max"):
            raise InvalidValueError(f"{name}: mode is 'min' or 'max', received {mode!r}", fix="pass one of them")
        if threshold_mode not in ("rel", "abs"):
            raise InvalidValueError(
                f"{name}: threshold_mode is 'rel' or 'abs', received {threshold_mode!r}", fix="pass one of them"
            )
        self.mode, self.threshold_mode = mode, threshold_mode
        self.threshold = number(name, "threshold", threshold)
        self.patience, self.cooldown = whole(name, "patience", patience), whole(name, "cooldown", cooldown)
        self.min_lrs = per_group(name, "min_lr", optimizer, min_lr)
        self.eps = number(name, "eps", eps)
        self.best = inf if mode == "min" else -inf
        self.cooldown_counter = 0
        self.num_bad_epochs = 0
        self.last_epoch = 0
        self._last_lr = self._now()

    @on_host
    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Take a new figure into account.

        Args:
            metrics: the figure, a number or a tensor of one element.

        Example:
            >>> import zkynet as zk
            >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
            >>> schedule = zk.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
            >>> schedule.step(zk.tensor(2.0))
            >>> schedule.best
            2.0
        """
        figure = float(metrics.item() if hasattr(metrics, "item") else metrics)
        self.last_epoch += 1
        if self._is_better(figure):
            self.best = figure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
        self._last_lr = self._now()

    def _is_better(self, figure: float) -> bool:
        sign = -1.0 if self.mode == "min" else 1.0
        if self.threshold_mode == "rel":
            bound = self.best * (1.0 + sign * self.threshold)
        else:
            bound = self.best + sign * self.threshold
        return figure < bound if self.mode == "min" else figure > bound

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        self.min_lrs += self.min_lrs[-1:] * (len(groups) - len(self.min_lrs))  # groups that were added since
        for group, least in zip(groups, self.min_lrs, strict=True):
            old = rate_of(group)
            new = max(old * self.factor, least)
            if old - new > self.eps:
                set_rate(group, new)

    def preview(self, steps: int) -> list[list[float]]:
        """Refused: the rates depend on figures that are not known yet.

        Args:
            steps: how many steps.

        Example:
            >>> import zkynet as zk
            >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.5)
            >>> try:
            ...     zk.optim.lr_scheduler.ReduceLROnPlateau(optimizer).preview(3)
            ... except ValueError as error:
            ...     print(error.headline)
            ReduceLROnPlateau has no preview: its rates depend on figures that are not known yet
        """
        raise InvalidValueError(
            "ReduceLROnPlateau has no preview: its rates depend on figures that are not known yet",
            fix="step it with figures of an earlier run",
        )
