"""What losses ask of their arguments, and how they add up: the same words and the same rules for all of them.

A loss never broadcasts its operands against each other: predictions of shape (n, 1) and targets of shape (n,) would
give n × n differences and train towards the mean of the targets, without a word.
"""

from __future__ import annotations

from math import prod
from typing import Any

from zkynet import dtypes as dt
from zkynet.errors import DTypeError, InvalidValueError, ShapeError
from zkynet.ops.arguments import word
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.creation import asarray
from zkynet.ops.kinds import dtype_name
from zkynet.ops.prepare import common_backend
from zkynet.ops.reduction import sum
from zkynet.ops.statistics import mean
from zkynet.tensor import Tensor, wrap

REDUCTIONS = ("none", "mean", "sum")


def reduction_of(name: str, reduction: Any, more: tuple[str, ...] = ()) -> str:
    """How the losses of the examples become one number, if it is one of the ways.

    Args:
        name: the loss, for the error.
        reduction: what the user passed.
        more: further ways that this loss has.
    """
    known = (*REDUCTIONS, *more)
    if word(name, "reduction", reduction) not in known:
        raise InvalidValueError(
            f"{name}: reduction is {', '.join(map(repr, known[:-1]))} or {known[-1]!r}, received {reduction!r}",
            fix="pass one of them",
            op=name,
        )
    return str(reduction)


def prediction(name: str, what: str, value: Any) -> Tensor:
    """A tensor of real floats: what a loss is differentiated by.

    Args:
        name: the loss, for the error.
        what: what the loss calls it.
        value: what the user passed.
    """
    x = as_tensor(name, value)
    if dt.kind_rank(x.dtype) != 2:
        raise DTypeError(
            f"{name}: {what} is {x.dtype}, and has to be real floating-point numbers",
            facts=[f"{what}  {x.shape} {x.dtype}"],
            fix=f"convert it first: {what}.astype(zk.float32)",
            op=name,
            dtype=x.dtype,
        )
    return x


def operand(name: str, value: Any, x: Tensor) -> Tensor:
    """What else a loss was given, as a tensor of the backend of the prediction `x`.

    Args:
        name: the loss, for the error.
        value: what the user passed.
        x: the prediction.
    """
    t = value if isinstance(value, Tensor) else asarray(value, device=x.device, backend=x.backend)
    if t.backend is not x.backend:
        common_backend(name, [x, t])
    return t


def beside(name: str, what: str, value: Any, x: Tensor) -> Tensor:
    """A tensor to be compared with the prediction `x`; whole numbers and truth values are taken as floats of its kind.

    Args:
        name: the loss, for the error.
        what: what the loss calls it.
        value: what the user passed.
        x: the prediction.
    """
    t = operand(name, value, x)
    rank = dt.kind_rank(t.dtype)
    if rank < 2:
        return cast(t, x.dtype)
    return t if rank == 2 else prediction(name, what, t)


def same_shapes(name: str, **tensors: Tensor) -> None:
    """Refuse operands of different shapes; they would broadcast against each other, or fail on a backend.

    Args:
        name: the loss, for the error.
        **tensors: the operands by what the loss calls them, the prediction first.
    """
    (first, x), *others = tensors.items()
    shape = x._raw.shape
    for what, t in others:
        if t._raw.shape != shape:
            raise ShapeError(
                f"{name}: {first} and {what} have different shapes",
                facts=[*_listed({n: t.shape for n, t in tensors.items()}), *_together(x.shape, t.shape)],
                fix=_way_out(what, t.shape, x.shape),
                op=name,
                shapes=tuple(t.shape for t in tensors.values()),
            )


def spreads_over(name: str, what: str, shape: Any, onto: Any) -> None:
    """Refuse weights that do not fit a shape, or would make it larger.

    Args:
        name: the loss, for the error.
        what: what the loss calls the weights.
        shape: their shape.
        onto: the shape they are to be spread over.
    """
    shape, onto = tuple(shape), tuple(onto)
    if _broadcast(shape, onto) != onto:
        raise ShapeError(
            f"{name}: {what} does not spread over the shape of input",
            facts=_listed({what: shape, "input": onto}),
            fix=f"give {what} the shape of input, or length 1 along the axes where it is the same",
            op=name,
            shapes=(shape, onto),
        )


def reduced(name: str, losses: Tensor, reduction: str) -> Tensor:
    """The losses as they are, their sum, or their mean; the mean of none is refused.

    Args:
        name: the loss, for the error.
        losses: one for each example, or for each element.
        reduction: "none", "mean" or "sum".
    """
    if reduction == "none":
        return losses
    if reduction == "sum":
        return sum(losses)
    needs_examples(name, losses._raw.shape)
    return mean(losses)


def needs_examples(name: str, shape: Any) -> None:
    """Refuse the mean over an empty batch: it would be NaN, and so would every parameter be after the next step."""
    if 0 in shape:
        raise ShapeError(
            f"{name}: the batch is empty, and there is no mean of no losses",
            facts=[f"shape  {tuple(shape)}"],
            fix='leave empty batches out, or pass reduction="sum", which gives 0',
            op=name,
            shape=tuple(shape),
        )


def on_raw(like: Any, raw: Any) -> Any:
    """A raw array as a tensor where a rule runs on tensors, as it is where it runs on raw arrays.

    Args:
        like: what else the rule works on.
        raw: a raw array that the op was given as a plain argument, or None.
    """
    return wrap(raw, like.backend, None) if isinstance(like, Tensor) and raw is not None else raw


def as_raw(x: Any) -> Any:
    """The raw array of a tensor, a raw array as it is: what an op takes as a plain argument."""
    return x._raw if isinstance(x, Tensor) else x


def widen(xp: Any, x: Any) -> Any:
    """An array of 16-bit floats as float32, any other as it is."""
    return x if dtype_name(x) in ("float32", "float64") else xp.astype(x, dt.float32)


def narrow(xp: Any, x: Any, like: Any) -> Any:
    """The inverse of `widen`: `x` in the dtype of `like`."""
    return x if x.dtype == like.dtype else xp.astype(x, like.dtype)


def _listed(shapes: dict[str, Any]) -> list[str]:
    width = max(map(len, shapes))
    return [f"{n:<{width}}  {tuple(s)}" for n, s in shapes.items()]


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that two broadcast to, None if they do not."""
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(i != j and 1 not in (i, j) for i, j in zip(a, b, strict=True)):
        return None
    return tuple([j if i == 1 else i for i, j in zip(a, b, strict=True)])


def _together(a: tuple[int, ...], b: tuple[int, ...]) -> list[str]:
    made = _broadcast(a, b)
    return [] if made is None else [f"they would broadcast against each other, to {prod(made)} losses"]


def _way_out(what: str, have: tuple[int, ...], want: tuple[int, ...]) -> str:
    if prod(have) == prod(want):
        return f"give both the same shape: {what}.reshape({want})"
    if _broadcast(have, want) == want:
        return f"if that is what you mean, say so: zk.broadcast_to({what}, {want})"
    return f"pass a {what} for each element of the first: shape {want}"
