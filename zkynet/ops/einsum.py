"""Sums of products in Einstein's notation, contracted pair by pair as matrix products."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from string import ascii_letters
from typing import Any

from zkynet._typing import Array, Shape
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.ops.casting import as_tensor
from zkynet.ops.matmul import matmul
from zkynet.ops.patterns import diagonal
from zkynet.ops.reduction import sum as sum_over
from zkynet.ops.reordering import permute_dims
from zkynet.ops.shaping import broadcast_to, reshape
from zkynet.tensor import Tensor

__all__ = ["einsum"]

Names = tuple[str, ...]
"""The names of a tensor's axes: letters, and numbers from the end for those of an ellipsis."""


def einsum(equation: str | Array, /, *operands: Any) -> Tensor:
    """Sums of products over named axes.

    Each operand's axes are named by letters. Axes of one name are multiplied together; names missing from the output
    are summed over; a name twice in one operand takes its diagonal; ``...`` stands for axes that broadcast. Without
    ``->`` the output has the axes of ``...`` and then the names that occur once, in alphabetical order. More than two
    operands are contracted in pairs, the cheapest first.

    Args:
        equation: such as ``"bij,bjk->bik"``.
        *operands: a tensor for each part of the left-hand side.

    Names may also be numbers, listed behind each operand, and behind all of them for the output:
    ``einsum(x, [0, 1], y, [1, 2], [0, 2])``.

    Example:
        >>> import zkynet as zk
        >>> zk.einsum("ij,j->i", zk.tensor([[1.0, 2.0], [3.0, 4.0]]), zk.tensor([1.0, 1.0]))
        Tensor([3., 7.])
    """
    if not isinstance(equation, str) and operands and isinstance(operands[0], (list, tuple)):
        equation, operands = _from_lists(equation, *operands)
    if not isinstance(equation, str):
        raise ArgumentError(
            f"einsum: the equation is a string, received {type(equation).__name__}",
            fix='pass it first: einsum("ij,jk->ik", x, y)',
            op="einsum",
        )
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    tensors = [as_tensor("einsum", t) for t in operands]
    terms, output, lengths = _parsed(equation, tuple([t.shape for t in tensors]))
    left = list(zip(tensors, terms, strict=True))
    while len(left) > 1:
        i, j = _cheapest([names for _, names in left], lengths)
        second, first = left.pop(j), left.pop(i)
        wanted = frozenset(output).union(*(names for _, names in left))
        first = _own_sums(*first, wanted.union(second[1]))
        second = _own_sums(*second, wanted.union(first[1]))
        left.append(_contracted(*first, *second, wanted))
    result, names = _own_sums(*left[0], frozenset(output))
    result = _ordered(result, names, tuple([n for n in output if n in names]))
    shape = tuple([lengths[n] for n in output])
    return result if result.shape == shape else broadcast_to(result, shape)


def _from_lists(*given: Any) -> tuple[str, tuple[Any, ...]]:
    """The equation and the operands of the form in which axes are named by lists of numbers."""
    operands, lists = given[: len(given) // 2 * 2 : 2], given[1::2]
    output = given[-1:] if len(given) % 2 else ()
    for names in (*lists, *output):
        if not isinstance(names, (list, tuple)) or not all(
            n is Ellipsis or (isinstance(n, int) and 0 <= n < len(ascii_letters)) for n in names
        ):
            raise ArgumentError(
                f"einsum: expected a list of numbers behind each operand, received {names!r:.60}",
                facts=[f"numbers go from 0 to {len(ascii_letters) - 1}, ... stands for further axes"],
                fix='name axes by letters: einsum("ij,jk->ik", x, y); or by numbers: einsum(x, [0, 1], y, [1, 2])',
                op="einsum",
            )
    spelt = ["".join("..." if n is Ellipsis else ascii_letters[n] for n in names) for names in (*lists, *output)]
    equation = ",".join(spelt[: len(lists)])
    return (f"{equation}->{spelt[-1]}" if output else equation), operands


@lru_cache(maxsize=1024)
def _parsed(equation: str, shapes: tuple[Shape, ...]) -> tuple[tuple[Names, ...], Names, dict[str, int]]:
    """The names of the axes of each operand and of the output, and the length of each name."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(shapes):
        raise InvalidValueError(
            f"einsum: {equation!r} is for {len(parts)} operands, received {len(shapes)}",
            fix="pass one tensor for each part between the commas",
            op="einsum",
        )
    terms = tuple([_term(equation, i, part, shape) for i, (part, shape) in enumerate(zip(parts, shapes, strict=True))])
    lengths: dict[str, int] = {}
    for names, shape in zip(terms, shapes, strict=True):
        for k, (name, n) in enumerate(zip(names, shape, strict=True)):
            have = lengths.setdefault(name, n)
            twice = shape[names.index(name)] if name in names[:k] else n
            if twice != n or (have != n and 1 not in (have, n)):
                raise ShapeError(
                    f"einsum: the axis {_called(name)} has length {have if twice == n else twice} in one place and {n} "
                    "in another",
                    facts=[f"operand {i}  {p!r}  {s}" for i, (p, s) in enumerate(zip(parts, shapes, strict=True))],
                    fix="axes of one name must have one length, or 1",
                    op="einsum",
                    shapes=shapes,
                )
            lengths[name] = n if have == 1 else have
    dots = tuple(sorted((n for n in lengths if n.isdigit()), key=int, reverse=True))
    if not arrow:
        letters = left.replace(".", "").replace(",", "")
        return terms, (*dots, *sorted(c for c in set(letters) if letters.count(c) == 1)), lengths
    before, has_dots, after = right.partition("...")
    output = (*before, *(dots if has_dots else ()), *after)
    if len(set(output)) < len(output) or any(n not in lengths for n in output):
        raise InvalidValueError(
            f"einsum: the output {right!r} of {equation!r} must name axes of the operands, each once",
            fix="name each axis of the output once, and only those that an operand has",
            op="einsum",
        )
    return terms, output, lengths


def _term(equation: str, i: int, part: str, shape: Shape) -> Names:
    """The names of the axes of one operand."""
    before, dots, after = part.partition("...")
    letters = before + after
    if not all(c.isalpha() for c in letters):
        raise InvalidValueError(
            f"einsum: {part!r} in {equation!r} is not made of letters and at most one ...", op="einsum"
        )
    extra = len(shape) - len(letters)
    if extra < 0 or (extra and not dots):
        raise ShapeError(
            f"einsum: {part!r} names {len(letters)} axes, operand {i} has {len(shape)}",
            facts=[f"operand {i}  {shape}"],
            fix="name every axis by a letter, or the others by ...",
            op="einsum",
            shapes=(shape,),
        )
    return (*before, *[str(extra - k) for k in range(extra)], *after)


def _called(name: str) -> str:
    return f"-{name} of ..." if name.isdigit() else repr(name)


def _cheapest(terms: list[Names], lengths: dict[str, int]) -> tuple[int, int]:
    """The positions of the pair whose product takes the fewest multiplications."""
    pairs = [(i, j) for i in range(len(terms)) for j in range(i + 1, len(terms))]
    return min(pairs, key=lambda p: prod([lengths[n] for n in {*terms[p[0]], *terms[p[1]]}]))


def _own_sums(t: Tensor, names: Names, wanted: frozenset[str]) -> tuple[Tensor, Names]:
    """Diagonals of names that occur twice, and sums over names that nobody else wants."""
    while len(set(names)) < len(names):
        name = next(n for n in names if names.count(n) > 1)
        a = names.index(name)
        b = names.index(name, a + 1)
        t = diagonal(t, axis1=a, axis2=b)
        names = (*[n for k, n in enumerate(names) if k not in (a, b)], name)
    gone = tuple([k for k, n in enumerate(names) if n not in wanted])
    if not gone:
        return t, names
    return sum_over(t, axis=gone), tuple([n for n in names if n in wanted])


def _contracted(a: Tensor, names_a: Names, b: Tensor, names_b: Names, wanted: frozenset[str]) -> tuple[Tensor, Names]:
    """Two operands made one by a stacked matrix product: names of both that are wanted number the stack."""
    both = [n for n in names_a if n in names_b]
    summed = tuple([n for n in both if n not in wanted])
    stacked = tuple([n for n in both if n in wanted])
    free_a = tuple([n for n in names_a if n not in names_b])
    free_b = tuple([n for n in names_b if n not in names_a])
    k = len(stacked)
    names = (*stacked, *free_a, *free_b)
    if not summed:  # nothing to sum over: a product of elements
        a, b = _ordered(a, names_a, stacked + free_a), _ordered(b, names_b, stacked + free_b)
        a = _shaped(a, a.shape + (1,) * len(free_b))
        b = _shaped(b, b.shape[:k] + (1,) * len(free_a) + b.shape[k:])
        return a * b, names
    a, b = _stretched(a, names_a, b, names_b, summed)
    a, b = _ordered(a, names_a, stacked + free_a + summed), _ordered(b, names_b, stacked + summed + free_b)
    shape_a, shape_b = a.shape[k : k + len(free_a)], b.shape[k + len(summed) :]
    inside = prod(a.shape[k + len(free_a) :])
    a = _shaped(a, (*a.shape[:k], *([prod(shape_a)] if free_a else []), inside))
    b = _shaped(b, (*b.shape[:k], inside, *([prod(shape_b)] if free_b else [])))
    if k and not (free_a and free_b):  # stacks of vectors: matrices of one row or column
        a = a if free_a else _shaped(a, (*a.shape[:k], 1, inside))
        b = b if free_b else _shaped(b, (*b.shape, 1))
    out = matmul(a, b)
    return _shaped(out, out.shape[:k] + shape_a + shape_b), names


def _stretched(a: Tensor, names_a: Names, b: Tensor, names_b: Names, summed: Names) -> tuple[Tensor, Tensor]:
    """Both operands with the axes that are summed over at one length; an axis of length 1 broadcasts."""
    at = {n: (names_a.index(n), names_b.index(n)) for n in summed}
    if all(a.shape[i] == b.shape[j] for i, j in at.values()):
        return a, b
    shape_a, shape_b = list(a.shape), list(b.shape)
    for i, j in at.values():
        n = shape_b[j] if shape_a[i] == 1 else shape_a[i]
        shape_a[i] = shape_b[j] = n
    return broadcast_to(a, tuple(shape_a)), broadcast_to(b, tuple(shape_b))


def _ordered(t: Tensor, names: Names, order: Names) -> Tensor:
    return t if names == order else permute_dims(t, [names.index(n) for n in order])


def _shaped(t: Tensor, shape: Shape) -> Tensor:
    return t if t.shape == shape else reshape(t, shape)
