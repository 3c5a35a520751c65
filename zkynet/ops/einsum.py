"""Sums of products in Einstein's notation."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.ops.casting import as_tensor
from zkynet.ops.matmul import matmul
from zkynet.ops.patterns import diagonal
from zkynet.ops.shaping import broadcast_to, permute_dims, reshape
from zkynet.tensor import Tensor

__all__ = ["einsum"]


def einsum(equation: str, /, *operands: Array) -> Tensor:
    """Sums of products over named axes.

    Each operand's axes are named by letters; axes of one name are multiplied together, names missing from the output are
    summed over, a name twice in one operand takes its diagonal, ``...`` stands for axes that broadcast. Without ``->`` the
    output has the names that occur once, in alphabetical order. Operands are contracted in pairs, the cheapest first, as
    matrix products.

    Args:
        equation: such as ``"bij,bjk->bik"``.
        *operands: a tensor for each part of the left-hand side.

    Example:
        >>> import zkynet as zk
        >>> zk.einsum("ij,j->i", zk.tensor([[1.0, 2.0], [3.0, 4.0]]), zk.tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    if not isinstance(equation, str):
        raise ArgumentError(f"einsum: the equation is a string, received {type(equation).__name__}", op="einsum")
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    tensors = [as_tensor("einsum", t) for t in operands]
    terms, output, sizes = _parse(equation, tensors)
    pairs = [
        _own_sums(t, names, _needed(terms, i, output)) for i, (t, names) in enumerate(zip(tensors, terms, strict=True))
    ]
    while len(pairs) > 1:
        i, j = _cheapest(pairs, output, sizes)
        (a, names_a), (b, names_b) = pairs[i], pairs[j]
        rest = [p for k, p in enumerate(pairs) if k not in (i, j)]
        wanted = set(output).union(*(n for _, n in rest))
        pairs = [*rest, _contract(a, names_a, b, names_b, wanted, sizes)]
    result, names = _own_sums(*pairs[0], set(output))
    result = permute_dims(result, [names.index(n) for n in output if n in names])
    shape = tuple(sizes[n] for n in output)
    return result if result.shape == shape else broadcast_to(result, shape)


def _parse(equation: str, tensors: Sequence[Tensor]) -> tuple[list[list[str]], list[str], dict[str, int]]:
    """The axis names of each operand and of the output, and the length of each; axes of ``...`` are named by numbers."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    parts = left.split(",")
    if len(parts) != len(tensors):
        raise InvalidValueError(
            f"einsum: {equation!r} names {len(parts)} operands, received {len(tensors)}",
            fix="pass one tensor for each part between commas",
            op="einsum",
        )
    terms: list[list[str]] = []
    sizes: dict[str, int] = {}
    widest = 0
    for i, (part, t) in enumerate(zip(parts, tensors, strict=True)):
        letters = part.replace("...", "", 1)
        if not all(c.isalpha() for c in letters):
            raise InvalidValueError(f"einsum: {part!r} in {equation!r} is not made of letters and one ...", op="einsum")
        extra = t.ndim - len(letters)
        if extra < 0 or (extra and "..." not in part):
            raise ShapeError(
                f"einsum: {part!r} names {len(letters)} axes, operand {i} has {t.ndim}",
                facts=[f"operand {i}  {t.shape}"],
                fix="name every axis by a letter, or the others by ...",
                op="einsum",
            )
        widest = max(widest, extra)
        before = part.partition("...")[0] if "..." in part else part
        names = [*before, *(str(extra - k) for k in range(extra)), *letters[len(before) :]]
        terms.append(names)
        for name, n in zip(names, t.shape, strict=True):
            if sizes.setdefault(name, n) != n:
                if 1 not in (n, sizes[name]):
                    raise ShapeError(
                        f"einsum: axis {name!r} has length {sizes[name]} in one place and {n} in another",
                        facts=[f"operand {k}  {parts[k]!r}  {u.shape}" for k, u in enumerate(tensors)],
                        fix="axes of one name must have one length",
                        op="einsum",
                    )
                sizes[name] = max(n, sizes[name])
    dots = [str(widest - k) for k in range(widest)]
    if arrow:
        if right.count("...") > 1 or not all(c.isalpha() for c in right.replace("...", "", 1)):
            raise InvalidValueError(f"einsum: the output {right!r} is not made of letters and one ...", op="einsum")
        before, has_dots, after = right.partition("...")
        output = [*before, *(dots if has_dots else ()), *after]
    else:
        count = "".join(p.replace("...", "") for p in parts)
        output = [*dots, *sorted(c for c in set(count) if count.count(c) == 1)]
    if len(set(output)) < len(output) or any(n not in sizes for n in output):
        raise InvalidValueError(
            f"einsum: the output of {equation!r} must name axes of the operands, each once", op="einsum"
        )
    return terms, output, sizes


def _needed(terms: list[list[str]], i: int, output: list[str]) -> set[str]:
    """The names that something besides operand `i` needs."""
    return set(output).union(*(t for k, t in enumerate(terms) if k != i))


def _own_sums(t: Tensor, names: list[str], wanted: set[str]) -> tuple[Tensor, list[str]]:
    """Diagonals of names that occur twice, and sums over names that nobody else wants."""
    names = list(names)
    while len(set(names)) < len(names):
        name = next(n for n in names if names.count(n) > 1)
        a = names.index(name)
        b = names.index(name, a + 1)
        t = diagonal(t, axis1=a, axis2=b)
        names = [n for k, n in enumerate(names) if k not in (a, b)] + [name]
    gone = tuple(k for k, n in enumerate(names) if n not in wanted)
    if gone:
        from zkynet.ops.reduction import sum

        t = sum(t, axis=gone)
    return t, [n for n in names if n in wanted]


def _cheapest(pairs: list[tuple[Tensor, list[str]]], output: list[str], sizes: dict[str, int]) -> tuple[int, int]:
    """The pair whose product has the fewest multiplications."""
    if len(pairs) == 2:
        return 0, 1
    best = None
    for i in range(len(pairs)):
        for j in range(i + 1, len(pairs)):
            cost = prod(sizes[n] for n in {*pairs[i][1], *pairs[j][1]})
            if best is None or cost < best[0]:
                best = (cost, i, j)
    assert best is not None
    return best[1], best[2]


def _contract(
    a: Tensor, names_a: list[str], b: Tensor, names_b: list[str], wanted: set[str], sizes: dict[str, int]
) -> tuple[Tensor, list[str]]:
    """Two operands contracted to one by a batched matrix product: shared and wanted names are the batch."""
    batch = [n for n in names_a if n in names_b and n in wanted]
    summed = [n for n in names_a if n in names_b and n not in wanted]
    free_a = [n for n in names_a if n not in names_b]
    free_b = [n for n in names_b if n not in names_a]
    a = _full(a, names_a, summed, sizes)
    b = _full(b, names_b, summed, sizes)
    left = permute_dims(a, [names_a.index(n) for n in (*batch, *free_a, *summed)])
    right = permute_dims(b, [names_b.index(n) for n in (*batch, *summed, *free_b)])
    nb = len(batch)
    free_shape_a = left.shape[nb : nb + len(free_a)]
    free_shape_b = right.shape[nb + len(summed) :]
    inside = prod(sizes[n] for n in summed)
    out_names = [*batch, *free_a, *free_b]
    if not summed:  # nothing to sum: a product of broadcast elements
        x = reshape(left, (*left.shape, *(1,) * len(free_b)))
        y = reshape(right, (*right.shape[:nb], *(1,) * len(free_a), *free_shape_b))
        return x * y, out_names
    x = reshape(left, (*left.shape[:nb], prod(free_shape_a), inside))
    y = reshape(right, (*right.shape[:nb], inside, prod(free_shape_b)))
    out = matmul(x, y)
    return reshape(out, (*out.shape[:nb], *free_shape_a, *free_shape_b)), out_names


def _full(t: Tensor, names: list[str], summed: list[str], sizes: dict[str, int]) -> Tensor:
    """`t` with the axes that are summed over at their full length (they may broadcast from 1)."""
    shape = tuple(sizes[n] if n in summed else m for n, m in zip(names, t.shape, strict=True))
    return t if shape == t.shape else broadcast_to(t, shape)
