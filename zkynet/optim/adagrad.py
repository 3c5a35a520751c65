"""Adagrad."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params, descent_direction
from zkynet.optim.settings import at_least_zero, is_used, plain

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    r"""Adagrad (Duchi et al., 2011): each element has a learning rate that falls with what its gradients add up to.

    .. math::
        s \leftarrow s + g^2, \quad
        p \leftarrow p - \frac{\eta}{1 + (t - 1) \gamma} \cdot \frac{g}{\sqrt{s} + \epsilon}

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        lr_decay: the rate γ by which it falls besides.
        weight_decay: the factor of the L2 penalty.
        initial_accumulator_value: what the sums of squares start from.
        eps: what is added to the denominator.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.Adagrad([w], lr=0.5)
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
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, {**settings, "initial_accumulator_value": initial_accumulator_value})

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Adagrad", group, "lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"sum": group["initial_accumulator_value"]}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        lr = plain(group["lr"]) / (1 + (plain(counters["step"]) - 1) * group["lr_decay"])
        return {"lr": lr, "eps": group["eps"], "weight_decay": group["weight_decay"]}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"]), "decays": is_used(group["weight_decay"])}

    @staticmethod
    def _rule(
        xp: Any, g: Any, p: Any, s: Any, *, lr: Any, eps: Any, weight_decay: Any, maximize: bool, decays: bool
    ) -> tuple[Any, ...]:
        g = descent_direction(g, p, maximize, decays, weight_decay)
        s += g * g
        d = xp.sqrt(s)
        d += eps
        d = g / d
        d *= lr
        p -= d
        return p, s
