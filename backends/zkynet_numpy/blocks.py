"""Chains of elementwise steps in blocks that stay in the cache: two to four times faster on large arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES
from zkynet.ops.activations import DENSITY_AT_0, GELUS, ROOT_HALF, TANH_CUBIC, TANH_SLOPE

SIZE = 1 << 15
"""How many elements a block has."""

KERNELS: dict[str, Callable[..., Any]] = {}


def blockwise(name: str) -> Callable[..., Any]:
    """The generic body of an elementwise op of one array, run block by block."""
    body = BODIES[name]

    def kernel(xp: Any, x: Any, *args: Any) -> Any:
        if x.size <= SIZE:
            return body(xp, x, *args)
        result = np.empty(x.shape, x.dtype)
        flat, out = x.reshape(-1), result.reshape(-1)
        for i in range(0, x.size, SIZE):
            out[i : i + SIZE] = body(xp, flat[i : i + SIZE], *args)
        return result

    return kernel


KERNELS.update({name: blockwise(name) for name in ("mish", "elu", "selu", "celu", "log_sigmoid", "softplus", "silu")})


# -- GELU, whose steps write where they read ------------------------------------------------------------------------

Step = Callable[[Any, Any, Any, Any], None]
"""Reads the first array, writes to the second, has two more to work with; all in the dtype of the first."""


@cache
def _erf(dtype: Any) -> Callable[[Any, Any], None] | None:
    """What replaces its first argument by its error function and may use the second; float32 only."""
    from zkynet.special.error_functions import ERF_SINGLE

    if dtype != np.float32:
        return None
    low, high = np.float32(-5), np.float32(5)
    coefficients = [np.array(c, dtype) for c in ERF_SINGLE]

    def erf(z: Any, p: Any) -> None:
        np.maximum(z, low, out=z)
        np.minimum(z, high, out=z)
        square = z * z
        np.multiply(square, coefficients[-1], p)
        for c in coefficients[-2:0:-1]:
            np.add(p, c, p)
            np.multiply(p, square, p)
        np.add(p, coefficients[0], p)
        np.multiply(z, p, z)
        np.tanh(z, z)

    return erf


def _gelu(x: Any, out: Any, a: Any, b: Any) -> None:
    erf = _erf(x.dtype)
    assert erf is not None
    np.maximum(x, -40.0, out=out)
    np.multiply(out, ROOT_HALF, a)
    erf(a, b)
    np.multiply(out, 0.5, out)
    np.multiply(a, out, a)
    np.add(a, out, out)


def _gelu_tanh(x: Any, out: Any, a: Any, b: Any) -> None:
    np.maximum(x, -40.0, out=out)
    np.multiply(out, out, a)
    np.multiply(a, TANH_CUBIC, a)
    np.add(a, TANH_SLOPE, a)
    np.multiply(a, out, a)
    np.tanh(a, a)
    np.multiply(out, 0.5, out)
    np.multiply(a, out, a)
    np.add(a, out, out)


def _slope(x: Any, out: Any, a: Any, b: Any) -> None:
    erf = _erf(x.dtype)
    assert erf is not None
    np.maximum(x, -40.0, out=b)
    np.minimum(b, 40.0, out=b)
    np.multiply(b, ROOT_HALF, a)
    erf(a, out)
    np.multiply(b, b, out)
    np.multiply(out, -0.5, out)
    np.exp(out, out)
    np.multiply(b, DENSITY_AT_0, b)
    np.multiply(out, b, out)
    np.multiply(a, 0.5, a)
    np.add(a, 0.5, a)
    np.add(out, a, out)


def _slope_tanh(x: Any, out: Any, a: Any, b: Any) -> None:
    np.maximum(x, -40.0, out=b)
    np.minimum(b, 40.0, out=b)
    np.multiply(b, b, out)
    np.multiply(out, TANH_CUBIC, a)
    np.add(a, TANH_SLOPE, a)
    np.multiply(a, b, a)
    np.tanh(a, a)
    np.multiply(out, 3.0 * TANH_CUBIC, out)
    np.add(out, TANH_SLOPE, out)
    np.multiply(out, b, out)
    np.multiply(a, a, b)
    np.subtract(1.0, b, b)
    np.multiply(out, b, out)
    np.add(out, a, out)
    np.multiply(out, 0.5, out)
    np.add(out, 0.5, out)


STEPS: dict[str, dict[str, Step]] = {
    "gelu": {"none": _gelu, "tanh": _gelu_tanh},
    "gelu_slope": {"none": _slope, "tanh": _slope_tanh},
}


def _in_steps(name: str) -> Callable[..., Any]:
    body, generic = BODIES[name], blockwise(name)

    def kernel(xp: Any, x: Any, approximate: str = "none") -> Any:
        if approximate not in GELUS or x.size <= 64:
            return body(xp, x, approximate)
        if x.dtype != np.float32 and (approximate == "none" or x.dtype != np.float64):
            return generic(xp, x, approximate)
        step = STEPS[name][approximate]
        result = np.empty(x.shape, x.dtype)
        flat, out = x.reshape(-1), result.reshape(-1)
        a, b = np.empty((2, min(SIZE, x.size)), x.dtype)
        for i in range(0, x.size, SIZE):
            part = flat[i : i + SIZE]
            n = part.size
            step(part, out[i : i + SIZE], a[:n], b[:n])
        return result

    return kernel


KERNELS.update({name: _in_steps(name) for name in STEPS})
