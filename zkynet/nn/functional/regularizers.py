"""Penalties on the size of parameters, to be added to a loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.nn.functional.loss_arguments import widen
from zkynet.ops.arguments import flag, number
from zkynet.ops.define import op
from zkynet.tensor import Tensor

__all__ = ["l1_penalty", "l2_penalty"]


@op(name="nn.sum_of_sizes", kinds="real float")
def _sizes(xp: Any, arrays: Sequence[Array], weight: float) -> Array:
    """``weight * sum(|x|)`` over the elements of all arrays."""
    return _added(xp, [xp.sum(xp.abs(widen(xp, x))) for x in arrays], weight, arrays[0])


@_sizes.gradient("arrays")
def _(xp: Any, g: Any, arrays: Any, weight: Any, needs: Any) -> Any:
    return [xp.sign(x) * (g * weight) if need else None for x, need in zip(arrays, needs, strict=True)]


@op(name="nn.sum_of_squares", kinds="real float")
def _squares(xp: Any, arrays: Sequence[Array], weight: float) -> Array:
    """``weight * sum(x**2)`` over the elements of all arrays."""
    flat = [xp.reshape(widen(xp, x), (-1,)) for x in arrays]
    return _added(xp, [xp.vecdot(x, x) for x in flat], weight, arrays[0])


@_squares.gradient("arrays")
def _(xp: Any, g: Any, arrays: Any, weight: Any, needs: Any) -> Any:
    return [x * (g * (2.0 * weight)) if need else None for x, need in zip(arrays, needs, strict=True)]


def _added(xp: Any, parts: list[Any], weight: float, like: Any) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return xp.astype(total * weight, like.dtype)


def l1_penalty(parameters: Any, weight: float, *, biases: bool = True) -> Tensor:
    """The sum of the sizes of all parameters, ``weight * sum(|w|)``: it drives the small ones to 0.

    Args:
        parameters: a module, or tensors; one that is there twice is counted once.
        weight: how much it counts beside the loss, 0 or above.
        biases: whether to count tensors of fewer than two axes too, which are biases and scales.

    Gradient: ``weight * sign(w)``, 0 at 0.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.l1_penalty([zk.tensor([[1.0, -2.0]]), zk.tensor([4.0])], 0.5)
        Tensor(3.5)
    """
    return _penalty("l1_penalty", _sizes, parameters, weight, biases)


def l2_penalty(parameters: Any, weight: float, *, biases: bool = True) -> Tensor:
    """The sum of the squares of all parameters, ``weight * sum(w**2)``; its gradient is ``2 * weight * w``.

    The weight decay d of an optimiser without momentum is this with the weight d / 2.

    Args:
        parameters: a module, or tensors; one that is there twice is counted once.
        weight: how much it counts beside the loss, 0 or above.
        biases: whether to count tensors of fewer than two axes too, which are biases and scales.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> F.l2_penalty([zk.tensor([[1.0, -2.0]]), zk.tensor([4.0])], 0.5, biases=False)
        Tensor(2.5)
    """
    return _penalty("l2_penalty", _squares, parameters, weight, biases)


def _penalty(name: str, total: Any, parameters: Any, weight: Any, biases: Any) -> Tensor:
    weight = float(number(name, "weight", weight))
    if not weight >= 0:
        raise InvalidValueError(
            f"{name}: weight is 0 or above, received {weight}", fix="1e-4 is a usual value", op=name
        )
    found = {id(p): p for p in _tensors(name, parameters)}.values()
    chosen = [p for p in found if flag(name, "biases", biases) or p.ndim >= 2]
    if not chosen:
        raise ArgumentError(
            f"{name}: there are no parameters to count",
            facts=[f"received {len(found)} tensors of fewer than two axes, with biases=False"] if found else [],
            fix="pass a module that has some, or a list of tensors",
            op=name,
        )
    return total(chosen, weight)


def _tensors(name: str, parameters: Any) -> Iterable[Tensor]:
    if isinstance(parameters, Tensor):
        return [parameters]
    given = parameters.parameters() if hasattr(parameters, "parameters") else parameters
    try:
        found = list(given)
    except TypeError:
        found = [given]
    for p in found:
        if not isinstance(p, Tensor):
            raise ArgumentError(
                f"{name} takes a module, a tensor, or tensors, received {described(p)}",
                fix="pass the module, or module.parameters()",
                op=name,
            )
    return found
