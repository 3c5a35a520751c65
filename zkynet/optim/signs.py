"""Optimisers that look at the signs of gradients: Lion and Rprop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params
from zkynet.optim.settings import at_least_zero, betas_below_one, is_used, plain

__all__ = ["Lion", "Rprop"]


class Lion(Optimizer):
    r"""Lion (Chen et al., 2023): steps of one size in every element, along the sign of a mean gradient.

    .. math::
        p \leftarrow p - \eta \bigl(\operatorname{sign}(\beta_1 m + (1 - \beta_1) g) + \lambda p\bigr), \quad
        m \leftarrow \beta_2 m + (1 - \beta_2) g

    Its learning rate is 3 to 10 times smaller than AdamW's, its weight decay as much larger.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the mean gradient counts for a step, and how much of it is kept.
        weight_decay: the decay λ of weights by themselves.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.Lion([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([   0.5, -199.5], requires_grad=True)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize})

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Lion", group, "lr", "weight_decay")
        betas_below_one("Lion", group)

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"exp_avg": 0.0}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        lr, (beta1, beta2) = plain(group["lr"]), map(plain, group["betas"])
        return {"lr": lr, "new1": 1 - beta1, "new2": 1 - beta2, "keep": 1 - lr * plain(group["weight_decay"])}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"]), "shrinks": is_used(group["weight_decay"])}

    @staticmethod
    def _rule(
        xp: Any, g: Any, p: Any, m: Any, *, lr: Any, new1: Any, new2: Any, keep: Any, maximize: bool, shrinks: bool
    ) -> tuple[Any, ...]:
        if maximize:
            g = -g
        if shrinks:
            p *= keep
        change = g - m
        p -= lr * xp.sign(m + new1 * change)
        m += new2 * change
        return p, m


class Rprop(Optimizer):
    r"""Resilient backpropagation (Riedmiller and Braun, 1993), for gradients of the whole data set.

    Each element has a step size of its own. It grows by :math:`\eta_+` while the gradient keeps its sign. Where the
    sign changes it shrinks by :math:`\eta_-`, and the element waits for one step.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the first step size.
        etas: by what step sizes shrink and grow, (η₋, η₊).
        step_sizes: the smallest and the largest step size.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.Rprop([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([   0.5, -199.5], requires_grad=True)
    """

    counters = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize})

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Rprop", group, "lr")
        for name in ("etas", "step_sizes"):
            if not isinstance(group[name], (tuple, list)) or len(group[name]) != 2:
                raise ArgumentError(
                    f"Rprop: {name} is a pair of numbers, received {described(group[name])}",
                    fix="pass etas=(0.5, 1.2), step_sizes=(1e-6, 50)",
                )
        if not 0 < group["etas"][0] < 1 < group["etas"][1]:
            raise InvalidValueError(
                f"Rprop: the first of etas is between 0 and 1, the second above 1; received {group['etas']}",
                fix="pass etas=(0.5, 1.2)",
            )

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"prev": 0.0, "step_size": group["lr"]}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        (down, up), (least, most) = group["etas"], group["step_sizes"]
        return {"down": down, "up": up, "least": least, "most": most}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"])}

    @staticmethod
    def _rule(
        xp: Any, g: Any, p: Any, before: Any, size: Any, *, down: Any, up: Any, least: Any, most: Any, maximize: bool
    ) -> tuple[Any, ...]:
        if maximize:
            g = -g
        agreement = g * before
        turned = agreement < 0
        size = xp.where(turned, down * size, xp.where(agreement > 0, up * size, size))
        size = xp.clip(size, least, most)
        g = xp.where(turned, xp.zeros_like(g), g)
        p -= xp.sign(g) * size
        return p, g, size
