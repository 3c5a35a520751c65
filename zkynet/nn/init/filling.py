"""Initial values that need nothing but their distribution, and how a tensor is filled."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet import random
from zkynet.backend.registry import use_backend
from zkynet.errors import ArgumentError, ShapeError, described
from zkynet.nn.parameter import UninitializedParameter
from zkynet.ops.arguments import number
from zkynet.ops.filled import full
from zkynet.tensor import Tensor

__all__ = ["constant_", "normal_", "ones_", "trunc_normal_", "uniform_", "zeros_"]


def checked(name: str, tensor: Any, least_axes: int = 0) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise ArgumentError(
            f"init.{name} fills a tensor, received {described(tensor)}", fix="pass a parameter of a layer", op=name
        )
    if isinstance(tensor, UninitializedParameter):
        raise tensor._unsized()
    if not dt.is_differentiable(tensor.dtype):
        raise ArgumentError(f"init.{name} fills a floating tensor, this one is {tensor.dtype}", op=name)
    if len(tensor.shape) < least_axes:
        raise ShapeError(
            f"init.{name} needs a tensor of at least {least_axes} axes, received one of {len(tensor.shape)}",
            facts=[f"shape  {tensor.shape}"],
            fix="biases and other vectors are filled with zeros_, uniform_ or normal_",
            op=name,
        )
    return tensor


def fill(tensor: Tensor, values: Tensor) -> Tensor:
    """Give `tensor` new values of its own shape, in its own dtype, where it lives."""
    moved = values.to(tensor.backend.name, dtype=tensor.dtype, device=tensor.device)
    tensor.data = tensor.backend.own(moved._raw)
    return tensor


def draw(tensor: Tensor, how: Any, *parameters: float, generator: Any = None) -> Tensor:
    """Fill `tensor` with draws of a distribution of `zkynet.random`."""
    narrow = tensor.dtype.itemsize == 2  # 16-bit floats are drawn as float32 and rounded
    dtype = dt.float32 if narrow else tensor.dtype
    with use_backend(tensor.backend.name):
        values = how(*parameters, tensor.shape, dtype=dtype, device=tensor.device, generator=generator)
    return fill(tensor, values)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with numbers drawn evenly from the interval [a, b).

    Args:
        tensor: what to fill.
        a: the lower end.
        b: the upper end.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.uniform_(zk.zeros((2, 3)), -1, 1)
        >>> w.shape, bool((abs(w) <= 1).all())
        ((2, 3), True)
    """
    tensor = checked("uniform_", tensor)
    a, b = number("init.uniform_", "a", a), number("init.uniform_", "b", b)
    return draw(tensor, random.uniform, a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normally distributed numbers.

    Args:
        tensor: what to fill.
        mean: their mean.
        std: their standard deviation.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.normal_(zk.zeros((2, 3)), std=0.02).shape
        (2, 3)
    """
    tensor = checked("normal_", tensor)
    mean, std = number("init.normal_", "mean", mean), number("init.normal_", "std", std)
    return draw(tensor, random.normal, mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Tensor:
    """Fill with normally distributed numbers, of those between `a` and `b` alone.

    Args:
        tensor: what to fill.
        mean: the mean of the distribution before it is cut.
        std: its standard deviation.
        a: the smallest number.
        b: the largest number.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.trunc_normal_(zk.zeros((20, 30)))
        >>> bool((abs(w) <= 2).all())
        True
    """
    tensor = checked("trunc_normal_", tensor)
    values = [number("init.trunc_normal_", n, v) for n, v in (("mean", mean), ("std", std), ("a", a), ("b", b))]
    return draw(tensor, random.truncated_normal, *values, generator=generator)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number.

    Args:
        tensor: what to fill.
        val: the number.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.constant_(zk.zeros(2), 0.5)
        Tensor([0.5, 0.5])
    """
    tensor = checked("constant_", tensor)
    val = number("init.constant_", "val", val)
    with use_backend(tensor.backend.name):
        return fill(tensor, full(tensor.shape, val, dtype=tensor.dtype, device=tensor.device))


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones.

    Args:
        tensor: what to fill.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.ones_(zk.zeros(2))
        Tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros.

    Args:
        tensor: what to fill.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.zeros_(zk.ones(2))
        Tensor([0., 0.])
    """
    return constant_(tensor, 0.0)
