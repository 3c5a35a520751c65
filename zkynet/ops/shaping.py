"""The same elements in another shape, and repeated to fill one."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from zkynet._typing import Array, Shape
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import whole, whole_numbers
from zkynet.ops.axes import normalize_axes, normalize_axis
from zkynet.ops.casting import as_tensor
from zkynet.ops.define import OPS, op
from zkynet.ops.direct import direct
from zkynet.ops.explain import broadcast_check
from zkynet.tensor import Tensor

__all__ = [
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "expand_dims",
    "flatten",
    "reshape",
    "squeeze",
    "unflatten",
    "unsqueeze",
]


# -- reshape ------------------------------------------------------------------------------------------------------


@op(name="reshape")
def _reshape(xp: Any, x: Array, shape: Any) -> Array:
    return xp.reshape(x, shape)


@_reshape.gradient("x")
def _(xp: Any, g: Any, x_shape: Any) -> Any:
    return xp.reshape(g, x_shape)


_reshaped = direct(_reshape.op)


def reshape(x: Array, /, shape: Any, *, copy: bool | None = None) -> Tensor:
    """The same elements, in the same order, in another shape.

    Args:
        x: a tensor of any shape.
        shape: the new shape; one length may be -1 and is then what is left.
        copy: True for memory of its own, False to be refused where the backend cannot do without a copy.

    Example:
        >>> import zkynet as zk
        >>> zk.reshape(zk.arange(6), (2, -1))
        Tensor([[0, 1, 2],
                [3, 4, 5]])
    """
    x = as_tensor("reshape", x)
    wanted = full_shape("reshape", x.shape, shape)
    if copy is False:
        _insist_on_sharing(x, wanted)
    out: Tensor = _reshaped(x, wanted)
    return OPS["copy"].run_prepared(out.backend, [out]) if copy else out


def _insist_on_sharing(x: Tensor, shape: Shape) -> None:
    try:
        x.backend.xp.reshape(x._raw, shape, copy=False)
    except Exception as e:  # each library has its own
        raise InvalidValueError(
            f"reshape: copy=False was asked for, but {x.backend.name} needs a copy here",
            facts=[f"x  {x.shape}", f"shape  {shape}"],
            fix="leave copy out",
            op="reshape",
        ) from e


def full_shape(name: str, have: Shape, shape: Any) -> Shape:
    """`shape` with -1 filled in, checked to hold as many elements as `have`."""
    wanted = whole_numbers(name, "each length of the shape", shape)
    size = prod(have)
    known = prod(n for n in wanted if n != -1)
    unknown = wanted.count(-1)
    if unknown == 1 and known and size % known == 0:
        return tuple(size // known if n == -1 else n for n in wanted)
    if unknown or min(wanted, default=0) < 0 or known != size:
        raise ShapeError(
            f"{name}: {size} elements of shape {tuple(have)} do not fill the shape {wanted}",
            facts=[f"{wanted} holds {known}" if not unknown else f"{wanted} has {unknown} lengths of -1"],
            fix=f"the lengths must multiply to {size}; one of them may be -1",
            op=name,
            shape=tuple(have),
            wanted=wanted,
        )
    return wanted


def flatten(x: Array, start: int = 0, end: int = -1) -> Tensor:
    """The axes from `start` to `end`, both included, made one.

    Args:
        x: a tensor of any shape.
        start: the first of the axes.
        end: the last of the axes.

    Example:
        >>> import zkynet as zk
        >>> zk.flatten(zk.zeros(2, 3, 4), 1).shape
        (2, 12)
    """
    x = as_tensor("flatten", x)
    if x.ndim == 0:
        return reshape(x, (1,))
    a, b = normalize_axis("flatten", start, x.ndim), normalize_axis("flatten", end, x.ndim)
    if a > b:
        raise InvalidValueError(
            f"flatten: the first axis ({a}) comes after the last ({b})", fix="name them in order", op="flatten"
        )
    return reshape(x, (*x.shape[:a], prod(x.shape[a : b + 1]), *x.shape[b + 1 :]))


def unflatten(x: Array, axis: int, sizes: Sequence[int]) -> Tensor:
    """One axis split into several.

    Args:
        x: a tensor of any shape.
        axis: which axis.
        sizes: the lengths of the new axes; one may be -1.

    Example:
        >>> import zkynet as zk
        >>> zk.unflatten(zk.zeros(2, 12), 1, (3, -1)).shape
        (2, 3, 4)
    """
    x = as_tensor("unflatten", x)
    at = normalize_axis("unflatten", axis, x.ndim)
    return reshape(x, (*x.shape[:at], *full_shape("unflatten", (x.shape[at],), sizes), *x.shape[at + 1 :]))


def expand_dims(x: Array, /, axis: Any = 0) -> Tensor:
    """With one more axis of length one (or several).

    Args:
        x: a tensor of any shape.
        axis: where the new axis stands in the result; a tuple for several.

    Example:
        >>> import zkynet as zk
        >>> zk.expand_dims(zk.zeros(2, 3), axis=-1).shape
        (2, 3, 1)
    """
    x = as_tensor("expand_dims", x)
    axis = whole("expand_dims", "axis", axis) if axis is None else axis
    ndim = x.ndim + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    new = set(normalize_axes("expand_dims", axis, ndim))
    lengths = iter(x.shape)
    return _reshaped(x, tuple([1 if i in new else next(lengths) for i in range(ndim)]))


def unsqueeze(x: Array, axis: int) -> Tensor:
    """As `expand_dims`, by PyTorch's name.

    Args:
        x: a tensor of any shape.
        axis: where the new axis stands in the result.

    Example:
        >>> import zkynet as zk
        >>> zk.unsqueeze(zk.zeros(2), 0).shape
        (1, 2)
    """
    return expand_dims(x, axis=axis)


def squeeze(x: Array, /, axis: Any = None) -> Tensor:
    """Without axes of length one.

    Args:
        x: a tensor of any shape.
        axis: which axes; by default all of length one.

    Example:
        >>> import zkynet as zk
        >>> zk.squeeze(zk.zeros(1, 3, 1), axis=0).shape
        (3, 1)
    """
    x = as_tensor("squeeze", x)
    if axis is None:
        return _reshaped(x, tuple([n for n in x.shape if n != 1]))
    gone = normalize_axes("squeeze", axis, x.ndim)
    for a in gone:
        if x.shape[a] != 1:
            raise ShapeError(
                f"squeeze: axis {a} has length {x.shape[a]}, only an axis of length 1 can go",
                facts=[f"x  {x.shape}"],
                fix="name an axis of length 1, or index the axis: x[..., 0]",
                op="squeeze",
                axis=a,
            )
    return _reshaped(x, tuple([n for i, n in enumerate(x.shape) if i not in gone]))


# -- broadcasting -------------------------------------------------------------------------------------------------


@op(name="broadcast_to")
def _broadcast_to(xp: Any, x: Array, shape: Any) -> Array:
    return xp.broadcast_to(x, shape)


@_broadcast_to.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g  # the engine sums over the axes that were added or stretched


_broadcast = direct(_broadcast_to.op)


def broadcast_to(x: Array, /, shape: Any) -> Tensor:
    """Repeated along new axes and axes of length one, to fill a shape.

    Args:
        x: a tensor whose shape broadcasts to `shape`.
        shape: the new shape; -1 keeps a length.

    Example:
        >>> import zkynet as zk
        >>> zk.broadcast_to(zk.tensor([1, 2]), (2, 2))
        Tensor([[1, 2],
                [1, 2]])
    """
    x = as_tensor("broadcast_to", x)
    wanted = whole_numbers("broadcast_to", "each length of the shape", shape)
    lead = len(wanted) - x.ndim
    wanted = tuple(x.shape[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(wanted))
    if lead < 0 or any(n not in (1, m) for n, m in zip(x.shape, wanted[lead:], strict=True)):
        raise ShapeError(
            f"broadcast_to: the shape {x.shape} does not broadcast to {wanted}",
            facts=["aligned at the last axis, each length must be the same, or 1"],
            fix="insert axes of length 1 with x[..., None], or repeat with zk.tile",
            op="broadcast_to",
            shape=x.shape,
            wanted=wanted,
        )
    return _broadcast(x, wanted)


def broadcast_shapes(*shapes: Any) -> Shape:
    """The shape that several shapes broadcast to.

    Args:
        *shapes: tuples of lengths.

    Example:
        >>> import zkynet as zk
        >>> zk.broadcast_shapes((2, 1), (3,))
        (2, 3)
    """
    names = [f"shape {i}" for i in range(len(shapes))]
    given = [
        whole_numbers("broadcast_shapes", f"each length of {name}", s) for name, s in zip(names, shapes, strict=True)
    ]
    return broadcast_check("broadcast_shapes", names, given) if given else ()


def broadcast_arrays(*arrays: Array) -> tuple[Tensor, ...]:
    """Several tensors broadcast to their common shape.

    Args:
        *arrays: tensors whose shapes broadcast.

    Example:
        >>> import zkynet as zk
        >>> [t.shape for t in zk.broadcast_arrays(zk.zeros(2, 1), zk.zeros(3))]
        [(2, 3), (2, 3)]
    """
    tensors = [as_tensor("broadcast_arrays", a) for a in arrays]
    names = [f"arrays[{i}]" for i in range(len(tensors))]
    shape = broadcast_check("broadcast_arrays", names, [t.shape for t in tensors]) if tensors else ()
    return tuple(t if t.shape == shape else broadcast_to(t, shape) for t in tensors)
