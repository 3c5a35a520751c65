"""LAMB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params
from zkynet.optim.settings import at_least_zero, betas_below_one, plain

__all__ = ["LAMB"]


class LAMB(Optimizer):
    r"""LAMB (You et al., 2020), for large batches: Adam's step for each parameter, made as long as the parameter is.

    .. math::
        r = \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon} + \lambda p, \quad
        p \leftarrow p - \eta \frac{\lVert p \rVert}{\lVert r \rVert} r

    with the means :math:`m` and :math:`v` of `Adam`; the ratio is 1 where one of the norms is 0.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the means of gradients and of their squares is kept.
        eps: what is added to the denominator.
        weight_decay: the decay λ of weights, part of the step that is scaled.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([3.0, -4.0], requires_grad=True)
        >>> optimizer = zk.optim.LAMB([w], lr=0.5)
        >>> w.grad = zk.tensor([0.5, 0.0])
        >>> optimizer.step()
        >>> w
        Tensor([ 0.5, -4. ], requires_grad=True)
    """

    counters = ("step",)
    elementwise = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("LAMB", group, "lr", "eps", "weight_decay")
        betas_below_one("LAMB", group)

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        t, (beta1, beta2) = plain(counters["step"]), map(plain, group["betas"])
        return {
            "lr": group["lr"],
            "new1": 1 - beta1,
            "old2": beta2,
            "new2": 1 - beta2,
            "correction1": 1 - beta1**t,
            "correction2": 1 - beta2**t,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"])}

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        m: Any,
        v: Any,
        *,
        lr: Any,
        new1: Any,
        old2: Any,
        new2: Any,
        correction1: Any,
        correction2: Any,
        eps: Any,
        weight_decay: Any,
        maximize: bool,
    ) -> tuple[Any, ...]:
        if maximize:
            g = -g
        m += new1 * (g - m)
        v *= old2
        v += new2 * (g * g)
        r = (m / correction1) / (xp.sqrt(v / correction2) + eps) + weight_decay * p
        of_p, of_r = xp.sqrt(xp.sum(p * p)), xp.sqrt(xp.sum(r * r))
        scales = (of_p > 0) & (of_r > 0)
        one = xp.ones_like(of_r)
        p -= lr * (xp.where(scales, of_p / xp.where(scales, of_r, one), one) * r)
        return p, m, v
