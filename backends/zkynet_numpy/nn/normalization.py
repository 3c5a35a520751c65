"""Standardising over axes in blocks that stay in the cache; sums over rows and columns as products with ones.

A row is what one mean is made of. Two layouts are done here: rows that are contiguous in memory (layer, group, instance
and RMS norm), and one row for each channel of a batch (batch norm). All else is left to the generic body.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES

BLOCK = 1 << 14
"""How many elements a block has."""

_products: Any = np.vecdot


def _standardize(xp: Any, x: Any, weight: Any, bias: Any, axes: Any, eps: float, centred: bool) -> Any:
    if not _large_floats(x, weight, bias):
        return BODIES["nn.standardize"](xp, x, weight, bias, axes, eps, centred)
    if _are_last(x, axes):
        return _rows(x, weight, bias, axes, eps, centred)
    if centred and _is_batch(x, axes, weight, bias):
        return _channels(x, weight, bias, axes, eps)
    return BODIES["nn.standardize"](xp, x, weight, bias, axes, eps, centred)


def _standardize_gradient(
    xp: Any,
    g: Any,
    x: Any,
    weight: Any,
    bias: Any,
    mean: Any,
    var: Any,
    axes: Any,
    eps: Any,
    centred: bool,
    wanted: Any,
) -> Any:
    arguments = (g, x, weight, bias, mean, var, axes, eps, centred, wanted)
    if _large_floats(x, g, weight, bias) and (wanted[0] or wanted[1]):
        if _are_last(x, axes):
            return _rows_back(*arguments)
        if centred and _is_batch(x, axes, weight, bias):
            return _channels_back(*arguments)
    return BODIES["nn.standardize_gradient"](xp, *arguments)


def _large_floats(x: Any, *others: Any) -> bool:
    return x.size > 256 and x.dtype in (np.float32, np.float64) and all(o is None or o.dtype == x.dtype for o in others)


def _are_last(x: Any, axes: tuple[int, ...]) -> bool:
    return axes == tuple(range(x.ndim - len(axes), x.ndim))


def _is_batch(x: Any, axes: tuple[int, ...], *factors: Any) -> bool:
    each = (x.shape[1], *(1,) * (x.ndim - 2)) if x.ndim > 1 else ()
    return axes == (0, *range(2, x.ndim)) and all(f is None or f.shape == each for f in factors)


# -- rows that are contiguous ---------------------------------------------------------------------------------------


class _Rows:
    """How `x` is cut into blocks of whole rows: along its leading axes, through which no factor varies."""

    def __init__(self, x: Any, axes: tuple[int, ...], *factors: Any) -> None:
        varying = [len(axes), *(f.ndim for f in factors if f is not None)]
        kept = x.shape[x.ndim - max(varying) :]
        self.shape = (prod(x.shape[: x.ndim - len(kept)]), *kept)  # one leading axis, then what a factor may vary over
        self.row = prod(x.shape[a] for a in axes)
        self.step = max(1, BLOCK // max(prod(kept), 1))
        self.kept = kept
        self.spread = (*kept[: len(kept) - len(axes)], *(1,) * len(axes))  # of one number for each row

    def of(self, x: Any) -> Any:
        """`x` with one leading axis."""
        return x.reshape(self.shape)

    def each(self, x: Any) -> Any:
        """One number for each row, in a shape that broadcasts to a block, behind one leading axis."""
        return x.reshape(self.shape[0], *self.spread)

    def flat(self, block: Any) -> Any:
        """A block with a row in each line."""
        return block.reshape(-1, self.row)

    def filled(self, factor: Any) -> Any:
        """A factor written out over a block: contiguous operands are twice as fast as broadcast ones."""
        if factor is None:
            return None
        return np.ascontiguousarray(np.broadcast_to(factor, (min(self.step, self.shape[0]), *self.kept)))


def _rows(x: Any, weight: Any, bias: Any, axes: Any, eps: float, centred: bool) -> Any:
    rows = _Rows(x, axes, weight, bias)
    source, result = rows.of(x), np.empty(x.shape, x.dtype)
    out = rows.of(result)
    n, dtype = rows.row, x.dtype
    mean = np.zeros((*x.shape[: x.ndim - len(axes)], *(1,) * len(axes)), dtype)
    var = np.empty_like(mean)
    means, vars_ = rows.each(mean), rows.each(var)
    factor, shift = rows.filled(weight), rows.filled(bias)
    average = np.full(n, 1 / n, dtype)
    eps = dtype.type(eps)
    for i in range(0, rows.shape[0], rows.step):
        block, y = source[i : i + rows.step], out[i : i + rows.step]
        m, v = means[i : i + rows.step], vars_[i : i + rows.step]
        if centred:
            m[...] = (rows.flat(block) @ average).reshape(m.shape)
            np.subtract(block, m, y)
            block = y
        lines = rows.flat(block)
        np.multiply(_products(lines, lines).reshape(v.shape), average[0], v)
        np.multiply(block, 1 / np.sqrt(v + eps), y)
        if factor is not None:
            np.multiply(y, factor[: len(y)], y)
        if shift is not None:
            np.add(y, shift[: len(y)], y)
    return result, mean, var


def _rows_back(
    g: Any, x: Any, weight: Any, bias: Any, mean: Any, var: Any, axes: Any, eps: Any, centred: bool, wanted: Any
) -> Any:
    rows = _Rows(x, axes, weight, bias)
    source, cotangents = rows.of(x), rows.of(g)
    n, dtype = rows.row, x.dtype
    factor = rows.filled(weight)
    average = np.full(n, 1 / n, dtype)
    r = 1 / np.sqrt(var + dtype.type(eps))
    means, scales = rows.each(mean), rows.each(r)
    result = np.empty(x.shape, dtype) if wanted[0] else None
    out = None if result is None else rows.of(result)
    places = prod(rows.kept)
    by_weight, by_bias = np.zeros((2, places), dtype)
    ones = np.ones(rows.step, dtype)
    y_, t_ = np.empty((2, min(rows.step, rows.shape[0]), *rows.kept), dtype)
    for i in range(0, rows.shape[0], rows.step):
        block, c, s = source[i : i + rows.step], cotangents[i : i + rows.step], scales[i : i + rows.step]
        k = len(block)
        y, t = y_[:k], t_[:k]
        if centred:
            np.subtract(block, means[i : i + rows.step], y)
            np.multiply(y, s, y)
        else:
            np.multiply(block, s, y)
        if wanted[2]:
            by_bias += ones[:k] @ c.reshape(k, places)
        if wanted[1]:
            np.multiply(c, y, t)
            by_weight += ones[:k] @ t.reshape(k, places)
        if out is not None:
            u = c
            part = out[i : i + rows.step]
            if factor is not None:
                u = np.multiply(c, factor[:k], part)
            lines = rows.flat(u)
            u_mean: Any = (lines @ average).reshape(s.shape) if centred else None
            uy_mean = (_products(lines, rows.flat(y)) * average[0]).reshape(s.shape)
            np.multiply(y, uy_mean, y)
            np.subtract(u, y, part)
            if centred:
                np.subtract(part, u_mean, part)
            np.multiply(part, s, part)
    results = [] if result is None else [result]
    if wanted[1]:
        results.append(_summed(by_weight.reshape(rows.kept), weight.shape))
    if wanted[2]:
        results.append(_summed(by_bias.reshape(rows.kept), bias.shape))
    return tuple(results)


def _summed(x: Any, shape: tuple[int, ...]) -> Any:
    """The sum over the axes along which `shape` has length 1 or lacks."""
    lead = x.ndim - len(shape)
    gone = (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1))
    return x.sum(axis=gone).reshape(shape)


# -- one row for each channel of a batch ----------------------------------------------------------------------------


class _Batch:
    """How a batch is cut into blocks of whole examples; sums over it are added up in float64."""

    def __init__(self, x: Any) -> None:
        self.examples, self.channels = x.shape[:2]
        self.places = prod(x.shape[1:])
        self.count = x.size // self.channels
        self.step = max(1, min(BLOCK // self.places, self.examples))
        self.ones = np.ones(self.step, x.dtype)
        self.dtype = x.dtype

    def blocks(self) -> Any:
        return [slice(i, i + self.step) for i in range(0, self.examples, self.step)]

    def filled(self, each: Any) -> Any:
        """One number for each channel, written out over a block."""
        column = each.astype(self.dtype, copy=False).reshape(1, self.channels, 1)
        shape = (self.step, self.channels, self.places // self.channels)
        return np.ascontiguousarray(np.broadcast_to(column, shape)).reshape(self.step, self.places)

    def total(self) -> Any:
        return np.zeros(self.places)

    def add(self, total: Any, block: Any) -> None:
        total += self.ones[: len(block)] @ block

    def by_channel(self, total: Any) -> Any:
        return total.reshape(self.channels, -1).sum(axis=1)


def _channels(x: Any, weight: Any, bias: Any, axes: Any, eps: float) -> Any:
    batch = _Batch(x)
    flat = x.reshape(batch.examples, batch.places)
    result = np.empty(x.shape, x.dtype)
    out = result.reshape(flat.shape)
    total, squares = batch.total(), batch.total()
    for at in batch.blocks():
        batch.add(total, flat[at])
    mean = batch.by_channel(total) / batch.count
    filled = batch.filled(mean)
    square = np.empty_like(filled)
    for at in batch.blocks():
        y = out[at]
        k = len(y)
        np.subtract(flat[at], filled[:k], y)
        np.multiply(y, y, square[:k])
        batch.add(squares, square[:k])
    kept = (1, batch.channels, *(1,) * (x.ndim - 2))
    mean = mean.astype(x.dtype).reshape(kept)
    var = (batch.by_channel(squares) / batch.count).astype(x.dtype).reshape(kept)
    scale = 1 / np.sqrt(var + x.dtype.type(eps))
    factor = batch.filled(scale if weight is None else scale * weight)
    shift = None if bias is None else batch.filled(bias)
    for at in batch.blocks():
        y = out[at]
        np.multiply(y, factor[: len(y)], y)
        if shift is not None:
            np.add(y, shift[: len(y)], y)
    return result, mean, var


def _channels_back(
    g: Any, x: Any, weight: Any, bias: Any, mean: Any, var: Any, axes: Any, eps: Any, centred: bool, wanted: Any
) -> Any:
    batch = _Batch(x)
    flat, c = x.reshape(batch.examples, batch.places), g.reshape(batch.examples, batch.places)
    m = batch.filled(mean)
    work = np.empty_like(m)
    total, products = batch.total(), batch.total()
    for at in batch.blocks():
        block = c[at]
        d = work[: len(block)]
        np.subtract(flat[at], m[: len(block)], d)
        np.multiply(d, block, d)
        batch.add(products, d)
        batch.add(total, block)
    r = 1 / np.sqrt(var.reshape(-1).astype(np.float64) + eps)
    by_bias = batch.by_channel(total)
    by_weight = batch.by_channel(products) * r
    results = []
    if wanted[0]:
        scale = r if weight is None else r * weight.reshape(-1)
        factor = batch.filled(scale)
        slope = batch.filled(scale * r * by_weight / batch.count)
        shift = batch.filled(scale * by_bias / batch.count)
        result = np.empty(x.shape, x.dtype)
        out = result.reshape(flat.shape)
        for at in batch.blocks():
            part = out[at]
            k = len(part)
            d = work[:k]
            np.subtract(flat[at], m[:k], d)
            np.multiply(d, slope[:k], d)
            np.multiply(c[at], factor[:k], part)
            np.subtract(part, d, part)
            np.subtract(part, shift[:k], part)
        results.append(result)
    if wanted[1]:
        results.append(by_weight.astype(x.dtype).reshape(weight.shape))
    if wanted[2]:
        results.append(by_bias.astype(x.dtype).reshape(bias.shape))
    return tuple(results)


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.standardize": _standardize,
    "nn.standardize_gradient": _standardize_gradient,
}
