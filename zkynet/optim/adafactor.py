"""Adafactor."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params
from zkynet.optim.settings import at_least_zero, is_used, plain
from zkynet.tensor import Tensor

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    r"""Adafactor (Shazeer and Stern, 2018): of the mean squares of a matrix's gradients only rows and columns are kept.

    .. math::
        u = g / \sqrt{\hat v}, \quad \alpha = \max(\epsilon_2, \operatorname{rms}(p)) \min(\eta, 1 / \sqrt t), \quad
        p \leftarrow p - \frac{\alpha}{\max(1, \operatorname{rms}(u) / d)} u

    where :math:`\hat v = r c^T / \operatorname{mean}(r)` of the row means :math:`r` and column means :math:`c` of the
    squares, averaged with the weight :math:`t^{\text{beta2\_decay}}` for the newest.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the largest learning rate η, relative to the size of the parameter.
        beta2_decay: the power of t by which the newest gradient's weight falls.
        eps: the smallest mean square under the root (None for the dtype's spacing at 1) and the smallest size of a
            parameter.
        d: the largest size of a step before it is scaled.
        weight_decay: the decay of weights by themselves.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([[3.0, -3.0], [3.0, 3.0]], requires_grad=True)
        >>> optimizer = zk.optim.Adafactor([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([[ 1.5, -1.5],
                [ 1.5,  1.5]], requires_grad=True)
        >>> optimizer.state[w]["row_var"].shape, optimizer.state[w]["col_var"].shape
        ((2, 1), (1, 2))
    """

    counters = ("step",)
    elementwise = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay}
        super().__init__(params, {**settings, "maximize": maximize})

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Adafactor", group, "lr", "weight_decay")
        eps = group["eps"]
        if not isinstance(eps, (tuple, list)) or len(eps) != 2:
            raise ArgumentError(
                f"Adafactor: eps is a pair of numbers, received {described(eps)}", fix="pass (None, 1e-3)"
            )
        at_least_zero("Adafactor", {"eps[0]": 0 if eps[0] is None else eps[0], "eps[1]": eps[1]}, "eps[0]", "eps[1]")
        if not group["beta2_decay"] <= 0:
            raise InvalidValueError(
                f"Adafactor: beta2_decay is at most 0, received {group['beta2_decay']}", fix="pass -0.8"
            )
        if not group["d"] >= 1:
            raise InvalidValueError(f"Adafactor: d is at least 1, received {group['d']}", fix="pass 1.0")

    def _variant(self, group: Group, p: Tensor) -> bool:
        return len(p._raw.shape) > 1

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"row_var": 0.0, "col_var": 0.0} if variant else {"variance": 0.0}

    def _buffer_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        if name == "row_var":
            return (*shape[:-1], 1)
        return (*shape[:-2], 1, shape[-1]) if name == "col_var" else shape

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        t, lr = counters["step"], plain(group["lr"])
        return {
            "new": t ** group["beta2_decay"],
            "rate": min(lr, 1 / sqrt(t)),
            "keep": 1 - lr * plain(group["weight_decay"]),
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {
            "eps": tuple(group["eps"]),
            "d": group["d"],
            "shrinks": is_used(group["weight_decay"]),
            "maximize": bool(group["maximize"]),
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        *means: Any,
        new: Any,
        rate: Any,
        keep: Any,
        eps: Any,
        d: float,
        shrinks: bool,
        maximize: bool,
    ) -> tuple[Any, ...]:
        if maximize:
            g = -g
        least = float(xp.finfo(p.dtype).eps) if eps[0] is None else eps[0]
        alpha = xp.clip(_size(xp, p), min=eps[1]) * rate
        if shrinks:
            p *= keep
        squares = g * g
        if len(means) == 2:
            row, column = means
            row += new * (xp.mean(squares, axis=-1, keepdims=True) - row)
            column += new * (xp.mean(squares, axis=-2, keepdims=True) - column)
            estimate = row * column / xp.clip(xp.mean(row, axis=-2, keepdims=True), min=least)
            means = (row, column)
        else:
            (estimate,) = means
            estimate += new * (squares - estimate)
            means = (estimate,)
        u = g / xp.sqrt(xp.clip(estimate, min=least * least))
        p -= alpha / xp.clip(_size(xp, u) / d, min=1.0) * u
        return (p, *means)


def _size(xp: Any, x: Any) -> Any:
    """The root of the mean square; 0 of an empty array."""
    return xp.sqrt(xp.sum(x * x) / max(1, _count(x)))


def _count(x: Any) -> int:
    n = 1
    for length in x.shape:
        n *= length
    return n
