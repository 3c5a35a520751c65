"""RMSprop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params, descent_direction
from zkynet.optim.settings import at_least_zero, is_used, plain

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    r"""RMSprop (Tieleman and Hinton, 2012): the gradient over its usual size of late.

    .. math::
        s \leftarrow \alpha s + (1 - \alpha) g^2, \quad v \leftarrow \mu v + \frac{g}{\sqrt{s} + \epsilon}, \quad
        p \leftarrow p - \eta v

    In the centred form the mean gradient :math:`a` is kept too, and :math:`s - a^2` takes the place of :math:`s`
    (Graves, 2013).

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        alpha: how much of the mean of squares α is kept.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.
        momentum: the share μ of the last direction that is kept.
        centered: whether the variance of the gradient is used instead of its mean square.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.RMSprop([w], lr=0.5, alpha=0.0)
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
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "alpha": alpha,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "centered": centered,
                "maximize": maximize,
            },
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("RMSprop", group, "lr", "alpha", "eps", "weight_decay", "momentum")

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        names = ["square_avg"]
        if is_used(group["momentum"]):
            names.append("momentum_buffer")
        if group["centered"]:
            names.append("grad_avg")
        return dict.fromkeys(names, 0.0)

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        numbers = {name: group[name] for name in ("lr", "alpha", "eps", "weight_decay", "momentum")}
        return {**numbers, "new": 1 - plain(group["alpha"])}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {
            "maximize": bool(group["maximize"]),
            "decays": is_used(group["weight_decay"]),
            "moves": is_used(group["momentum"]),
            "centered": bool(group["centered"]),
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        s: Any,
        *others: Any,
        lr: Any,
        alpha: Any,
        new: Any,
        eps: Any,
        weight_decay: Any,
        momentum: Any,
        maximize: bool,
        decays: bool,
        moves: bool,
        centered: bool,
    ) -> tuple[Any, ...]:
        g = descent_direction(g, p, maximize, decays, weight_decay)
        s *= alpha
        s += new * (g * g)
        size = s
        if centered:
            a = others[-1]
            a += new * (g - a)
            others = (*others[:-1], a)
            size = s - a * a
        d = xp.sqrt(size)
        d += eps
        d = g / d
        if moves:
            v = others[0]
            v *= momentum
            v += d
            others = (v, *others[1:])
            d = v * lr
        else:
            d *= lr
        p -= d
        return (p, s, *others)
