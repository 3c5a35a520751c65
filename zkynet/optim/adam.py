"""Adam and AdamW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params, descent_direction
from zkynet.optim.settings import at_least_zero, betas_below_one, is_used, plain

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    r"""Adam (Kingma and Ba, 2015): steps of about the learning rate, along the mean gradient over its usual size.

    .. math::
        m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
        p \leftarrow p - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the means of gradients and of their squares is kept.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.
        amsgrad: whether the denominator never gets smaller (Reddi et al., 2018).
        maximize: whether to go up instead of down.
        decoupled_weight_decay: whether weights decay by themselves, as in `AdamW`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.Adam([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([   0.5, -199.5], requires_grad=True)
    """

    counters = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "amsgrad": amsgrad,
                "maximize": maximize,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero(type(self).__name__, group, "lr", "eps", "weight_decay")
        betas_below_one(type(self).__name__, group)

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0, **({"max_exp_avg_sq": 0.0} if group["amsgrad"] else {})}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        t, lr, (beta1, beta2) = plain(counters["step"]), plain(group["lr"]), map(plain, group["betas"])
        root = (1 - beta2**t) ** 0.5
        return {
            "size": lr / (1 - beta1**t) * root,
            "old1": beta1,
            "new1": 1 - beta1,
            "old2": beta2,
            "new2": (1 - beta2) / (1 - beta1),
            "eps": group["eps"] * root,  # the root is taken out of the denominator
            "weight_decay": group["weight_decay"],
            "keep": 1 - lr * plain(group["weight_decay"]),
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        decays, decoupled = is_used(group["weight_decay"]), bool(group["decoupled_weight_decay"])
        return {
            "maximize": bool(group["maximize"]),
            "decays": decays and not decoupled,
            "shrinks": decays and decoupled,
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        m: Any,
        v: Any,
        *largest: Any,
        size: Any,
        old1: Any,
        new1: Any,
        old2: Any,
        new2: Any,
        eps: Any,
        weight_decay: Any,
        keep: Any,
        maximize: bool,
        decays: bool,
        shrinks: bool,
    ) -> tuple[Any, ...]:
        """The new parameter, its means, and the largest mean of squares if that is kept."""
        g = descent_direction(g, p, maximize, decays, weight_decay)
        if shrinks:
            p *= keep
        d = g * new1
        m *= old1
        m += d
        d *= g  # which has new1 in it already, so that new2 is over new1
        d *= new2
        v *= old2
        v += d
        if largest:
            largest = (xp.maximum(largest[0], v),)
        d = xp.sqrt(largest[0] if largest else v)
        d += eps
        d = m / d
        d *= size
        p -= d
        return (p, m, v, *largest)


class AdamW(Adam):
    r"""Adam whose weights decay by themselves, :math:`p \leftarrow (1 - \eta \lambda) p` (Loshchilov and Hutter, 2019).

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the means of gradients and of their squares is kept.
        eps: what is added to the denominator.
        weight_decay: the decay λ.
        amsgrad: whether the denominator never gets smaller.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.AdamW([w], lr=0.5, weight_decay=0.5)
        >>> w.grad = zk.tensor([0.0, 0.0])
        >>> optimizer.step()
        >>> w
        Tensor([   0.75, -150.  ], requires_grad=True)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
