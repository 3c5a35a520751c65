"""`scan`: a function over the rows of arrays, with something that is carried on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.autodiff.arguments import check_callable, function_name
from zkynet.autodiff.control_flow.structured import (
    Structured,
    Tree,
    check_kinds,
    compiler,
    floats_of,
    on_arrays,
    pulled,
    used_by,
    zeros_where_none,
)
from zkynet.autodiff.tree import flatten, unflatten
from zkynet.capturing import CAPTURE
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.ops.arguments import whole
from zkynet.ops.filled import zeros, zeros_like
from zkynet.ops.joining import stack
from zkynet.tensor import Tensor

__all__ = ["scan"]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Carry a value through rows: ``carry, ys[t] = f(carry, xs[t])`` for each t in turn.

    In a compiled function it is one loop, however long it is; a Python loop would be compiled step by step. Gradients
    flow to `init`, to `xs` and to other tensors that `f` uses.

    Args:
        f: takes what is carried and a row, and returns what is carried on, in the same shapes and data types, and a
            result for this row, which may be None.
        init: what is carried at first.
        xs: tensors that are cut into rows along their first axis; None if there is nothing to cut.
        length: how many rows there are, where `xs` does not say so.
        reverse: whether to go from the last row to the first.

    Returns:
        What is carried in the end, and the results of all rows, stacked along a new first axis.

    Example:
        >>> import zkynet as zk
        >>> total, sums = zk.scan(lambda total, x: (total + x, total + x), zk.tensor(0.0), zk.tensor([1.0, 2.0, 3.0]))
        >>> total, sums
        (Tensor(6.), Tensor([1., 3., 6.]))
    """
    check_callable("scan", f)
    carry, rows = Tree(init, "what scan carries"), Tree([] if xs is None else xs, "the rows of scan")
    count = _length(rows, length)

    def row(tensors: list[Any]) -> Any:
        return None if xs is None else rows.filled(tensors)

    found = compiler()
    if found is None:
        return _eager(f, carry, rows, row, count, reverse)
    return _compiled(found, f, carry, rows, row, count, reverse)


def _length(rows: Tree, length: int | None) -> int:
    lengths = {t.shape[0] if t.ndim else -1 for t in rows.tensors}
    if length is not None:
        lengths.add(whole("scan", "length", length))
    if not lengths:
        raise ArgumentError("scan: how many steps to make is not said", fix="pass xs, or length")
    if -1 in lengths or len(lengths) > 1:
        raise ShapeError(
            "scan: rows are cut from tensors of the same length along the first axis",
            facts=[f"shapes  {', '.join(str(t.shape) for t in rows.tensors)}", f"length  {length}"],
            fix="pass tensors that agree in it",
        )
    (count,) = lengths
    if count < 0:
        raise InvalidValueError(f"scan: length is 0 or more, received {count}", fix="pass how many steps to make")
    return count


def _eager(f: Any, carry: Tree, rows: Tree, row: Any, count: int, reverse: bool) -> tuple[Any, Any]:
    """Python's own loop."""
    held: Any = carry.filled(carry.tensors)
    results: list[Any] = [None] * count
    for t in reversed(range(count)) if reverse else range(count):
        held, results[t] = _step(f, held, row([x[t] for x in rows.tensors]))
        new = _carried(f, carry, held)
        held = new.filled(new.tensors)
    if not count:
        return held, _nothing(f, carry, rows, row)
    columns = [flatten(result) for result in results]
    structure = columns[0][1]
    stacked = [
        None if parts[0] is None else stack(list(parts), axis=0)
        for parts in zip(*[leaves for leaves, _ in columns], strict=True)
    ]
    return held, unflatten(structure, stacked)


def _nothing(f: Any, carry: Tree, rows: Tree, row: Any) -> Any:
    """The stacked results of no rows: what one row of zeros would give, cut off."""
    empty = [_row_of_zeros(x) for x in rows.tensors]
    _, result = _step(f, carry.filled(carry.tensors), row(empty))
    leaves, structure = flatten(result)
    return unflatten(structure, [None if y is None else stack([y], axis=0)[:0] for y in leaves])


def _row_of_zeros(x: Tensor) -> Tensor:
    return zeros(x.shape[1:], dtype=x.dtype, device=x.device)


def _step(f: Any, held: Any, x: Any) -> tuple[Any, Any]:
    out = f(held, x)
    if not isinstance(out, tuple) or len(out) != 2:
        raise ArgumentError(
            f"scan: {function_name(f)} returns a pair, what is carried on and the result of the row",
            facts=[f"received  {type(out).__name__}"],
            fix="return (carry, result), or (carry, None)",
        )
    return out


def _carried(f: Any, before: Tree, held: Any) -> Tree:
    after = Tree(held, f"what {function_name(f)} carries on", before)
    check_kinds(
        f"scan: {function_name(f)} carries on something of another kind than it was given",
        {"given": before, "carried": after},
        fix="begin with a value of the shapes and data types that it returns",
    )
    return after


def _compiled(found: Any, f: Any, carry: Tree, rows: Tree, row: Any, count: int, reverse: bool) -> tuple[Any, Any]:
    """The loop as one op."""
    n, backend = len(carry.tensors), carry.tensors[0].backend if carry.tensors else rows.tensors[0].backend
    shown: list[Any] = []  # the structure of a row's result, and which of its leaves are None

    def one(tensors: list[Tensor]) -> list[Tensor]:
        held, result = _step(f, carry.filled(tensors[:n]), row(tensors[n:]))
        new = _carried(f, carry, held)
        leaves, structure = flatten(result)
        shown[:] = [structure, [y is None for y in leaves]]
        return [*new.tensors, *Tree([y for y in leaves if y is not None], "the result of a row").tensors]

    first = [*carry.tensors, *map(_row_of_zeros, rows.tensors)]
    capture = CAPTURE.get()
    before = capture.drawn()
    others = used_by(one, first)
    on_raws = on_arrays(one, backend)

    def body(held: Any, x: Any) -> Any:
        out = on_raws([*held, *x])
        return out[:n], [*out[n:], *held]  # and what was carried into the row, for the way back

    final, results = found.scan(body, carry.raws, rows.raws, count, reverse)
    if capture.drawn() != before:
        raise ArgumentError(
            f"scan: {function_name(f)} draws random numbers, which would be the same ones for each row when compiled",
            fix="draw them before, for all rows at once, and pass them with xs",
        )
    ends = len(results) - n  # of the results that are the user's

    def back(outs: list[Tensor], cotangents: list[Any]) -> list[Any]:
        carried, into = outs[:n], outs[n + ends :]
        smooth = floats_of(carried)
        # cotangents of the rows' results, and of what was carried into each row: a second derivative has these, too
        of_rows = [k for k in range(ends) if cotangents[n + k] is not None]
        of_into = [k for k in smooth if cotangents[n + ends + k] is not None]
        floats = floats_of([*carried, *rows.tensors])

        def step(held: Any, x: Any) -> Any:
            (g, sums), (inputs, row_g, into_g) = held, x
            every: list[Any] = [None] * (n + ends)
            for k, u in (*zip(smooth, g, strict=True), *zip([n + k for k in of_rows], row_g, strict=True)):
                every[k] = u
            found = pulled(one, inputs, others, every)
            for k, u in zip(of_into, into_g, strict=True):
                found[k] = found[k] + u
            rest = found[len(inputs) :]
            return ([found[k] for k in smooth], [s + r for s, r in zip(sums, rest, strict=True)]), [
                found[k] for k in floats if k >= n
            ]

        at_end = zeros_where_none([cotangents[k] for k in smooth], [carried[k] for k in smooth])
        (of_init, sums), of_xs = scan(
            step,
            (at_end, [zeros_like(t.detach()) for t in others]),
            (
                [*into, *rows.tensors],
                [cotangents[n + k] for k in of_rows],
                [cotangents[n + ends + k] for k in of_into],
            ),
            length=count,
            reverse=not reverse,
        )
        out: list[Any] = [None] * (n + len(rows.tensors))
        for k, g in (*zip(smooth, of_init, strict=True), *zip([k for k in floats if k >= n], of_xs, strict=True)):
            out[k] = g
        return [*out, *sums]

    made = Structured("scan", back).record([*carry.tensors, *rows.tensors, *others], [*final, *results], backend)
    structure, none = shown
    stacked = iter(made[n : n + ends])
    return carry.filled(made[:n]), unflatten(structure, [None if is_none else next(stacked) for is_none in none])
