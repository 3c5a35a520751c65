"""Convolutions by XLA's own, compiled once for each shape; gradients are its transposes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
from jax import lax
from jax import numpy as jnp

from zkynet.backend.namespace import BODIES


def _convolved(x: Any, weight: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    axes = "DHW"[-len(stride) :]
    return lax.conv_general_dilated(
        x,
        weight,
        stride,
        padding,
        rhs_dilation=dilation,
        dimension_numbers=(f"NC{axes}", f"OI{axes}", f"NC{axes}"),
        feature_group_count=groups,
    )


def _with_bias(y: Any, bias: Any) -> Any:
    return y if bias is None else y + jnp.reshape(bias, (-1, *(1,) * (y.ndim - 2)))


def _program(arrays: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function of so many arrays and else plain arguments, for each shape anew.

    16-bit numbers are added up in float32: processors with units for them do so anyway, of a CPU it is asked here.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def compute(a: Any, b: Any, *rest: Any) -> Any:
            if a.dtype.itemsize > 2 or jax.default_backend() != "cpu":
                return function(a, b, *rest)
            wide = [r.astype(jnp.float32) if hasattr(r, "dtype") else r for r in (a, b, *rest)]
            return function(*wide).astype(a.dtype)

        plain = tuple(range(arrays, function.__code__.co_argcount))
        compiled: Callable[..., Any] = jax.jit(compute, static_argnums=plain)
        return compiled

    return decorate


@_program(3)
def _conv(x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return _with_bias(_convolved(x, weight, stride, padding, dilation, groups), bias)


@_program(3)
def _conv_input(
    y: Any, weight: Any, bias: Any, sizes: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    like = jax.ShapeDtypeStruct((y.shape[0], weight.shape[1] * groups, *sizes), y.dtype)

    def convolved(x: Any) -> Any:
        return _convolved(x, weight, stride, padding, dilation, groups)

    return _with_bias(jax.linear_transpose(convolved, like)(y)[0], bias)


@_program(2)
def _conv_weight(x: Any, y: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    like = jax.ShapeDtypeStruct((y.shape[1], x.shape[1] // groups, *kernel), y.dtype)

    def convolved(weight: Any) -> Any:
        return _convolved(x, weight, stride, padding, dilation, groups)

    return jax.linear_transpose(convolved, like)(y)[0]


@cache
def _compiled(xp: Any, name: str, plain: int) -> Any:
    """A generic body as one program; its last arguments are plain ones."""
    return jax.jit(partial(BODIES[name], xp), static_argnums=tuple(range(1, plain + 1)))


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.conv": lambda xp, *args: _conv(*args),
    "nn.conv_input": lambda xp, *args: _conv_input(*args),
    "nn.conv_weight": lambda xp, *args: _conv_weight(*args),
    "nn.columns": lambda xp, *args: _compiled(xp, "nn.columns", 4)(*args),
    "nn.add_columns": lambda xp, *args: _compiled(xp, "nn.add_columns", 5)(*args),
}
