"""Activation functions by PyTorch's names and arguments.

``inplace`` is taken so that code written for PyTorch runs, and does nothing: values are never written over.
"""

from __future__ import annotations

from typing import Any

from zkynet._typing import DTypeLike
from zkynet.dtypes import as_dtype
from zkynet.errors import ArgumentError
from zkynet.ops import activations as smooth
from zkynet.ops import logspace, piecewise
from zkynet.ops.activations import gelu, softsign, tanhshrink
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.logspace import log_sigmoid as logsigmoid
from zkynet.ops.piecewise import hardshrink, softshrink
from zkynet.ops.trigonometry import tanh
from zkynet.tensor import Tensor

__all__ = [
    "celu",
    "elu",
    "gelu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "swish",
    "tanh",
    "tanhshrink",
    "threshold",
]

sigmoid = smooth.sigmoid


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The rectified linear unit, ``max(x, 0)``.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.relu(zk.tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """
    return piecewise.relu(input)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """``min(max(x, 0), 6)``.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.relu6(zk.tensor([-1.0, 2.0, 7.0]))
        Tensor([0., 2., 6.])
    """
    return piecewise.relu6(input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Args:
        input: a tensor of any shape.
        negative_slope: the slope on the left.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.leaky_relu(zk.tensor([-1.0, 2.0]))
        Tensor([-0.01,  2.  ])
    """
    return piecewise.leaky_relu(input, negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` above 0, ``alpha * (exp(x) - 1)`` below.

    Args:
        input: a tensor of any shape.
        alpha: minus the limit at minus infinity.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.elu(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.63212056,  1.        ], dtype=float64)
    """
    return smooth.elu(input, alpha)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """The scaled `elu` of self-normalising networks, ``1.0507 * elu(x, 1.6733)``.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.selu(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-1.11133074,  1.05070099], dtype=float64)
    """
    return smooth.selu(input)


def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` above 0, ``alpha * (exp(x / alpha) - 1)`` below, whose slope has no jump.

    Args:
        input: a tensor of any shape.
        alpha: minus the limit at minus infinity, not 0.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.celu(zk.tensor([-1.0, 1.0], dtype="float64"), alpha=2.0)
        Tensor([-0.78693868,  1.        ], dtype=float64)
    """
    return smooth.celu(input, alpha)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """The sigmoid linear unit ``x * sigmoid(x)``, also called `swish`.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.silu(zk.tensor([-1.0, 0.0], dtype="float64"))
        Tensor([-0.26894142,  0.        ], dtype=float64)
    """
    return smooth.silu(input)


swish = silu


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x * tanh(softplus(x))``.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.mish(zk.tensor([-1.0, 0.0], dtype="float64"))
        Tensor([-0.30340146,  0.        ], dtype=float64)
    """
    return smooth.mish(input)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """A `sigmoid` of straight lines, ``min(max(x / 6 + 1/2, 0), 1)``.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.hardsigmoid(zk.tensor([-4.0, 0.0, 1.5]))
        Tensor([0.  , 0.5 , 0.75])
    """
    return piecewise.hardsigmoid(input)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """``x * hardsigmoid(x)``.

    Args:
        input: a tensor of any shape.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.hardswish(zk.tensor([0.0, 1.5, 4.0]))
        Tensor([0.   , 1.125, 4.   ])
    """
    return piecewise.hardswish(input)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """``x`` cut at `min_val` and `max_val`.

    Args:
        input: a tensor of any shape.
        min_val: the least result.
        max_val: the largest result.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.hardtanh(zk.tensor([-2.0, 0.5]))
        Tensor([-1. ,  0.5])
    """
    return piecewise.hardtanh(input, min_val, max_val)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """``x`` where it is above `threshold`, `value` elsewhere.

    Args:
        input: a tensor of any shape.
        threshold: the number to compare with.
        value: what replaces the others.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.threshold(zk.tensor([0.5, 2.0]), 1.0, -5.0)
        Tensor([-5.,  2.])
    """
    return piecewise.threshold(input, threshold, value)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """``log(1 + exp(beta * x)) / beta``, a smooth `relu`, exact everywhere.

    Args:
        input: a tensor of any shape.
        beta: how sharp the bend is, not 0.
        threshold: taken and not used: PyTorch returns `x` above it, which is less exact.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.softplus(zk.tensor([0.0, 1e4], dtype="float64"))
        Tensor([6.93147181e-01, 1.00000000e+04], dtype=float64)
    """
    return logspace.softplus(input, beta)


def softmax(input: Tensor, dim: int | None = None, dtype: DTypeLike = None) -> Tensor:
    """``exp(x) / sum(exp(x))`` along an axis.

    Args:
        input: a tensor of any shape.
        dim: the axis along which the results add up to 1; it has to be said.
        dtype: what the input is converted to first.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.softmax(zk.tensor([0.0, 0.0]), dim=-1)
        Tensor([0.5, 0.5])
    """
    return logspace.softmax(_converted("softmax", input, dtype), said("softmax", dim))


def log_softmax(input: Tensor, dim: int | None = None, dtype: DTypeLike = None) -> Tensor:
    """The logarithm of `softmax`, exact where that is tiny.

    Args:
        input: a tensor of any shape.
        dim: the axis along which the probabilities add up to 1; it has to be said.
        dtype: what the input is converted to first.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.log_softmax(zk.tensor([0.0, 1000.0]), dim=-1)
        Tensor([-1000.,     0.])
    """
    return logspace.log_softmax(_converted("log_softmax", input, dtype), said("log_softmax", dim))


def softmin(input: Tensor, dim: int | None = None, dtype: DTypeLike = None) -> Tensor:
    """The `softmax` of ``-x``.

    Args:
        input: a tensor of any shape.
        dim: the axis along which the results add up to 1; it has to be said.
        dtype: what the input is converted to first.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.softmin(zk.tensor([0.0, 1000.0]), dim=-1)
        Tensor([1., 0.])
    """
    return logspace.softmax(-_converted("softmin", input, dtype), said("softmin", dim))


def said(name: str, dim: Any) -> Any:
    """The axis of a softmax; to guess one from the number of axes, as PyTorch did, is how mistakes are made."""
    if dim is None:
        raise ArgumentError(
            f"{name}: dim is missing, the axis along which probabilities add up to 1",
            fix="pass dim=-1 for the last axis, dim=1 for the channels of images",
            op=name,
        )
    return dim


def _converted(name: str, input: Any, dtype: DTypeLike) -> Tensor:
    return as_tensor(name, input) if dtype is None else cast(as_tensor(name, input), as_dtype(dtype))
