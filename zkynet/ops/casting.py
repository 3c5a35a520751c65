"""Changing the dtype, the device or the backend of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array, DeviceLike, DTypeLike
from zkynet.backend.registry import backend_names, backend_of, usable_backend
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, described
from zkynet.graph import RECORD, WATCH, Node, new_node
from zkynet.ops.define import OPS, op
from zkynet.tensor import Tensor, wrap

__all__ = [
    "astype",
    "convert",
    "stop_gradient",
    "to_device",
    "transfer",
]


@op(name="cast")
def _cast(xp: Any, x: Array, dtype: Any, source: Any) -> Array:
    return xp.astype(x, dtype)


@_cast.gradient("x")
def _(xp: Any, g: Any, source: Any, dtype: Any) -> Any:
    if dtype.kind == "c" and source.kind != "c":
        g = xp.real(g)
    return xp.astype(g, source)


@op(name="move")
def _move(xp: Any, x: Array, device: Any, source: Any, backend: Any) -> Array:
    return backend.to_device(x, device)


@_move.gradient("x")
def _(xp: Any, g: Any, source: Any, backend: Any) -> Any:
    return g.to_device(source) if isinstance(g, Tensor) else backend.to_device(g, source)


def cast(x: Tensor, dtype: np.dtype[Any]) -> Tensor:
    """`x` in another dtype, the same tensor if it has it already."""
    source = x.dtype
    if source == dtype:
        return x
    if dt.kind_rank(dtype) < 2 and x.node is not None:
        out = wrap(x.backend.xp.astype(x._raw, x.backend.native_dtype(dtype)), x.backend, None)
        out._cut = f"astype to {dtype}"
        return out
    x.backend.native_dtype(dtype)
    return OPS["cast"].run_prepared(x.backend, [x, dtype, source])


def astype(x: Array, dtype: DTypeLike, *, copy: bool = True, device: DeviceLike = None) -> Tensor:
    """The values of `x` in another dtype.

    Args:
        x: a tensor of any shape.
        dtype: the new dtype, its name, or a Python type.
        copy: when False and the dtype is `x`'s own, `x` itself is returned.
        device: where the result is to live; by default where `x` does.

    Gradient: cast back; the real part where complex came from real.

    Example:
        >>> import zkynet as zk
        >>> zk.astype(zk.tensor([1.7, -1.7]), zk.int32)
        Tensor([ 1, -1], dtype=int32)
    """
    x = as_tensor("astype", x)
    dtype = dt.as_dtype(dtype)
    if dt.kind_rank(x.dtype) == 3 and dt.kind_rank(dtype) < 3:
        raise DTypeError(
            f"a complex tensor cannot be cast to {dtype}: the imaginary part would be lost",
            fix="take zk.real(x) or zk.abs(x) first",
        )
    out = cast(x, dtype)
    if out is x and copy:
        out = OPS["copy"].run_prepared(x.backend, [x])
    return out if device is None else to_device(out, device)


@op(name="copy")
def _copy(xp: Any, x: Array) -> Array:
    return xp.asarray(x, copy=True)


@_copy.gradient("x")
def _(xp: Any, g: Any) -> Any:
    return g


def stop_gradient(x: Array) -> Tensor:
    """The same values, through which no gradient flows.

    Args:
        x: a tensor of any shape.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor(3.0, requires_grad=True)
        >>> (x * zk.stop_gradient(x)).backward(); x.grad.item()
        3.0
    """
    return as_tensor("stop_gradient", x).detach()


def to_device(x: Tensor, device: str, /, *, stream: Any = None) -> Tensor:
    """The tensor on another device of its backend; the gradient comes back to where `x` lives.

    Args:
        x: a tensor.
        device: a name such as ``"cpu"`` or ``"cuda:0"``.
        stream: has to be None.

    Example:
        >>> import zkynet as zk
        >>> zk.to_device(zk.ones(2), "cpu").device
        'cpu'
    """
    x = as_tensor("to_device", x)
    if stream is not None:
        raise InvalidValueError("to_device takes no stream", fix="leave stream out")
    source, device = x.device, x.backend.device_name(device)
    if device == source:
        return x
    return OPS["move"].run_prepared(x.backend, [x, str(device), str(source), x.backend])


class _Transfer:
    """The op that carries a tensor from one backend to another, and its gradient back."""

    name = "to"
    simple = True
    elementwise = False
    differentiable = True

    def __init__(self, source: Any, device: str) -> None:
        def rule(xp: Any, g: Any) -> Any:
            if isinstance(g, Tensor):
                return transfer(g, source, device)
            target = backend_of(g)
            assert target is not None
            return source.from_numpy(np.array(target.to_numpy(g)), device)

        self.rules = [(0, rule, None, None)]
        self.pull = lambda xp, node, g, saved, needs: [(0, rule(xp, g))]

    def rewrap(self, node: Node) -> tuple[Any, ...]:
        return ()

    def saved_position(self, i: int) -> int:
        return 0  # where nothing is saved

    def input_name(self, i: int) -> str:
        return "x"


def transfer(x: Tensor, backend: str | Any, device: DeviceLike = None) -> Tensor:
    """The tensor on another backend; the gradient comes back to the one it left.

    Args:
        x: a tensor.
        backend: the backend's name.
        device: a device of that backend, by default its first.

    Example:
        >>> import zkynet as zk
        >>> zk.ones(2).to("numpy").backend.name
        'numpy'
    """
    x = as_tensor("transfer", x)
    target = usable_backend(backend)
    if target is x.backend:
        return x if device is None else to_device(x, device)
    dtype = x.dtype
    target.native_dtype(dtype)
    raw = target.from_numpy(np.array(x.backend.to_numpy(x._raw)), device)
    node = None
    if x.node is not None and RECORD.get():
        node = new_node(_Transfer(x.backend, x.device), (x.node,), (None,), raw.shape, target)
    watch = WATCH.get()
    if watch is not None:
        watch.after_op(_Transfer(x.backend, x.device), target, [], raw, node)
    return wrap(raw, target, node)


def convert(
    x: Array, target: Any = None, *, dtype: DTypeLike = None, device: DeviceLike = None, backend: str | Any = None
) -> Tensor:
    """The tensor on another backend or device or in another dtype; the gradient comes back to where `x` was.

    Args:
        x: a tensor.
        target: the name of a backend or of a device, a dtype, or a tensor to be like in all three. ``"cpu"`` is the
            host: the backend's own device of that name, or NumPy for a backend that has none.
        dtype: the new dtype.
        device: the new device, of the new backend if there is one.
        backend: the new backend.

    Example:
        >>> import zkynet as zk
        >>> zk.ones(2).to("numpy", dtype="float64")
        Tensor([1., 1.], dtype=float64)
    """
    out = as_tensor("to", x)
    if isinstance(target, Tensor):
        backend, dtype, device = (
            target.backend,
            target.dtype if dtype is None else dtype,
            target.device if device is None else device,
        )
    elif isinstance(target, str) and any(target in (d, d.partition(":")[0]) for d in out.backend.devices()):
        device = target
    elif isinstance(target, str) and target in backend_names():
        backend = target
    elif isinstance(target, str) and target == "cpu":
        backend = "numpy"
    elif target is not None:
        try:
            dtype = dt.as_dtype(target)
        except DTypeError as e:
            raise ArgumentError(
                f"to() was asked for {described(target)}, which is no backend, device or dtype",
                facts=[
                    f"backends: {', '.join(backend_names())}",
                    f"devices of {out.backend.name}: {', '.join(out.backend.devices())}",
                ],
                fix="pass one of these, or a dtype such as zk.float32",
            ) from e
    if backend is not None:
        out = transfer(out, backend, device)
    elif device is not None:
        out = to_device(out, device)
    return out if dtype is None else cast(out, dt.as_dtype(dtype))


def as_tensor(name: str, x: Any) -> Tensor:
    """`x` as a tensor, for a function called `name`."""
    if isinstance(x, Tensor):
        return x
    from zkynet.ops.creation import asarray

    if isinstance(x, str) or x is None:
        raise ArgumentError(
            f"{name} expected a tensor, received {described(x)}", fix="pass a tensor or a list of numbers", op=name
        )
    return asarray(x)
