"""Each draw of `Generator` as a function, which uses the default generator unless it is given another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from zkynet import dtypes as dt
from zkynet._typing import ArrayLike, DeviceLike, DTypeLike
from zkynet.random.generator import Generator
from zkynet.random.process import chosen
from zkynet.tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

__all__ = [
    "bernoulli",
    "bits",
    "categorical",
    "choice",
    "exponential",
    "gamma",
    "integers",
    "normal",
    "permutation",
    "shuffle",
    "truncated_normal",
    "uniform",
]


def _documented(function: F) -> F:
    """Give a function the docstring of the method it calls, and a line on `generator`."""
    name = function.__name__
    doc = getattr(Generator, name).__doc__
    line = "\n            generator: what draws, by default `default_generator`.\n\n        Example:"
    function.__doc__ = line.join(doc.split("\n\n        Example:")).replace("random.Generator(0)", "random")
    return function


@_documented
def uniform(
    low: Any = 0.0,
    high: Any = 1.0,
    shape: Any = None,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
) -> Tensor:
    return chosen(generator).uniform(low, high, shape, dtype=dtype, device=device, requires_grad=requires_grad)


@_documented
def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    shape: Any = None,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
) -> Tensor:
    return chosen(generator).normal(mean, std, shape, dtype=dtype, device=device, requires_grad=requires_grad)


@_documented
def bits(
    shape: Any = (),
    *,
    dtype: DTypeLike = dt.uint32,
    device: DeviceLike = None,
    generator: Generator | None = None,
) -> Tensor:
    return chosen(generator).bits(shape, dtype=dtype, device=device)


@_documented
def bernoulli(
    p: Any = 0.5,
    shape: Any = None,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    generator: Generator | None = None,
) -> Tensor:
    return chosen(generator).bernoulli(p, shape, dtype=dtype, device=device)


@_documented
def integers(
    low: int,
    high: int | None = None,
    shape: Any = (),
    *,
    dtype: DTypeLike = dt.int64,
    device: DeviceLike = None,
    endpoint: bool = False,
    generator: Generator | None = None,
) -> Tensor:
    return chosen(generator).integers(low, high, shape, dtype=dtype, device=device, endpoint=endpoint)


@_documented
def permutation(
    x: int | ArrayLike, axis: int = 0, *, device: DeviceLike = None, generator: Generator | None = None
) -> Tensor:
    return chosen(generator).permutation(x, axis, device=device)


@_documented
def shuffle(x: ArrayLike, axis: int = 0, *, generator: Generator | None = None) -> Tensor:
    return chosen(generator).shuffle(x, axis)


@_documented
def exponential(
    scale: Any = 1.0,
    shape: Any = None,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
) -> Tensor:
    return chosen(generator).exponential(scale, shape, dtype=dtype, device=device, requires_grad=requires_grad)


@_documented
def truncated_normal(
    mean: float = 0.0,
    std: float = 1.0,
    low: float = -2.0,
    high: float = 2.0,
    shape: Any = (),
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
) -> Tensor:
    return chosen(generator).truncated_normal(
        mean, std, low, high, shape, dtype=dtype, device=device, requires_grad=requires_grad
    )


@_documented
def gamma(
    alpha: Any,
    scale: Any = 1.0,
    shape: Any = None,
    *,
    dtype: DTypeLike = None,
    device: DeviceLike = None,
    generator: Generator | None = None,
    requires_grad: bool = False,
) -> Tensor:
    return chosen(generator).gamma(alpha, scale, shape, dtype=dtype, device=device, requires_grad=requires_grad)


@_documented
def choice(
    a: int | ArrayLike,
    shape: Any = (),
    replace: bool = True,
    p: ArrayLike | None = None,
    axis: int = 0,
    *,
    device: DeviceLike = None,
    generator: Generator | None = None,
) -> Tensor:
    return chosen(generator).choice(a, shape, replace, p, axis, device=device)


@_documented
def categorical(logits: ArrayLike, axis: int = -1, shape: Any = None, *, generator: Generator | None = None) -> Tensor:
    return chosen(generator).categorical(logits, axis, shape)
