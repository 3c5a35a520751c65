"""Adadelta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params, descent_direction
from zkynet.optim.settings import at_least_zero, is_used, plain, within_one

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    r"""Adadelta (Zeiler, 2012): steps of the usual size of earlier steps, so that no learning rate is needed.

    .. math::
        s \leftarrow \rho s + (1 - \rho) g^2, \quad
        d = \frac{\sqrt{u + \epsilon}}{\sqrt{s + \epsilon}} g, \quad
        u \leftarrow \rho u + (1 - \rho) d^2, \quad p \leftarrow p - \eta d

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: what steps are scaled by, η.
        rho: how much of the means of squares ρ is kept.
        eps: what is added under the roots; it sets the size of the first steps.
        weight_decay: the factor of the L2 penalty.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor(1.0, requires_grad=True)
        >>> optimizer = zk.optim.Adadelta([w], rho=0.0, eps=4.0)
        >>> w.grad = zk.tensor(0.0)
        >>> optimizer.step()
        >>> w.item()
        1.0
    """

    counters = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize})

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Adadelta", group, "lr", "eps", "weight_decay")
        within_one("Adadelta", group, "rho")

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        numbers = {name: group[name] for name in ("lr", "rho", "eps", "weight_decay")}
        return {**numbers, "new": 1 - plain(group["rho"])}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"]), "decays": is_used(group["weight_decay"])}

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        s: Any,
        u: Any,
        *,
        lr: Any,
        rho: Any,
        new: Any,
        eps: Any,
        weight_decay: Any,
        maximize: bool,
        decays: bool,
    ) -> tuple[Any, ...]:
        g = descent_direction(g, p, maximize, decays, weight_decay)
        s *= rho
        s += new * (g * g)
        d = xp.sqrt(u + eps)
        d /= xp.sqrt(s + eps)
        d *= g
        u *= rho
        u += new * (d * d)
        p -= lr * d
        return p, s, u
