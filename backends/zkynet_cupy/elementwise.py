"""The kernels of `sources`, ready to be called: activations in one launch, softmax and its kin in one launch a row."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from zkynet.backend.namespace import BODIES
from zkynet_cupy.dtypes import NAME
from zkynet_cupy.sources import ELEMENTWISE, FLOATS, WARP, WIDE, Elementwise, row_source

REAL = {dtype for dtype, name in NAME.items() if name in FLOATS}
"""The dtypes that the kernels take."""

LONG_ROW = 1024
"""Rows longer than this are shared by several warps."""

FEW_ROWS, HUGE_ROW = 64, 1 << 16
"""Fewer rows, each longer, would leave most of the GPU idle: the generic body is used."""


def make(cupy: Any, kernel: Elementwise) -> Any:
    """CuPy's kernel object; it is compiled when it first meets a dtype."""
    return cupy.ElementwiseKernel(kernel.inputs, "T z", kernel.body, f"zk_{kernel.name}", preamble=WIDE)


def make_kernels(cupy: Any) -> dict[str, Callable[..., Any]]:
    """The ops that are better as kernels of our own, by name."""
    made = {k.name: make(cupy, k) for k in ELEMENTWISE}

    def simple(name: str) -> Callable[..., Any]:
        kernel = made[name]

        def run(xp: Any, x: Any) -> Any:
            return kernel(x) if x.dtype in REAL else BODIES[name](xp, x)

        return run

    def with_variant(name: str) -> Callable[..., Any]:
        kernels = {"none": made[name], "tanh": made[f"{name}_tanh"]}

        def run(xp: Any, x: Any, approximate: str = "none") -> Any:
            if approximate in kernels and x.dtype in REAL:
                return kernels[approximate](x)
            return BODIES[name](xp, x, approximate)

        return run

    out = {name: simple(name) for name in ("sigmoid", "log_sigmoid", "softplus", "silu", "mish")}
    out |= {name: with_variant(name) for name in ("gelu", "gelu_slope")}
    return out | row_kernels(cupy)


def row_kernels(cupy: Any) -> dict[str, Callable[..., Any]]:
    """softmax, log_softmax and logsumexp."""

    @cache
    def compiled(dtype: str, name: str) -> Any:
        return cupy.RawKernel(row_source(dtype), name, options=("--std=c++17",))

    def launch(name: str, x: Any, out: Any, rows: int, n: int) -> None:
        threads = WARP if n <= LONG_ROW else 8 * WARP
        together = 8 if n <= LONG_ROW else 1  # rows in one block
        blocks = min(-(-rows // together), 2**31 - 1)
        compiled(NAME[x.dtype], name)((blocks,), (threads, together), (x, out, rows, n))

    def as_rows(x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...], int]:
        """`x` with the axes last and contiguous, the order that its axes have then, and the length of a row."""
        gone = sorted({a % x.ndim for a in axes})
        order = (*(i for i in range(x.ndim) if i not in gone), *gone)
        return cupy.ascontiguousarray(cupy.transpose(x, order)), order, math.prod(x.shape[i] for i in gone)

    def along(name: str) -> Callable[..., Any]:
        kernel = f"zk_{name}"

        def run(xp: Any, x: Any, axis: Any = -1) -> Any:
            axes = every_axis(x, axis)
            if not fits(x, axes):
                return BODIES[name](xp, x, axis)
            rows, order, n = as_rows(x, axes)
            out = cupy.empty_like(rows)
            launch(kernel, rows, out, rows.size // n, n)
            return cupy.transpose(out, sorted(range(x.ndim), key=order.__getitem__))

        return run

    def logsumexp(xp: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        axes = every_axis(x, axis)
        if not fits(x, axes):
            return BODIES["logsumexp"](xp, x, axis, keepdims)
        rows, _, n = as_rows(x, axes)
        gone = {a % x.ndim for a in axes}
        shape = tuple(1 if i in gone else m for i, m in enumerate(x.shape) if keepdims or i not in gone)
        out = cupy.empty(shape, x.dtype)
        launch("zk_logsumexp", rows, out, rows.size // n, n)
        return out

    return {"softmax": along("softmax"), "log_softmax": along("log_softmax"), "logsumexp": logsumexp}


def every_axis(x: Any, axis: Any) -> tuple[Any, ...]:
    """The axes meant: all of them for None."""
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)


def fits(x: Any, axes: tuple[Any, ...]) -> bool:
    """Whether the row kernels take an array reduced over these axes; all else is left to the generic body."""
    if x.dtype not in REAL or x.size == 0 or not axes:
        return False
    if not all(isinstance(a, int) and -x.ndim <= a < x.ndim for a in axes):
        return False
    n = math.prod(x.shape[a] for a in {a % x.ndim for a in axes})
    return not (n > HUGE_ROW and x.size // n < FEW_ROWS)
