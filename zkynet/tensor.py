"""`Tensor`: an array and its place in a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from zkynet._typing import DeviceLike, DTypeLike, Shape
from zkynet.backend.registry import Device
from zkynet.dtypes import is_differentiable
from zkynet.errors import ArgumentError, BackendError, DTypeError, GradientError, ShapeError, UnsizedError
from zkynet.graph import AnyNode, Leaf, Recording, extra_of, next_number
from zkynet.hooks import HookHandle, register
from zkynet.tensor_methods import TensorMethods

__all__ = ["Tensor"]

_new = object.__new__


class Tensor(TensorMethods):
    """An array of one backend, with the node of the graph it came from.

    Args:
        value: numbers, nested lists, or an array of any backend; see `zkynet.asarray`.
        dtype: the data type, by default that of the value (float32 for Python floats).
        device: where it is to live, by default the value's device or the current one.
        requires_grad: whether `backward` is to collect its gradient in ``.grad``.

    Example:
        >>> import zkynet as zk
        >>> x = zk.Tensor([1.0, 2.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        Tensor([2., 4.])
    """

    __slots__ = ("__weakref__", "_cut", "_raw", "backend", "node")

    __array_ufunc__ = None  # so that numpy_array * tensor asks the tensor
    __array_priority__ = 1000

    _raw: Any
    node: AnyNode | None
    backend: Any
    _cut: str

    def __init__(
        self,
        value: Any,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
        requires_grad: bool = False,
    ) -> None:
        made = Recording.namespace.asarray(value, dtype=dtype, device=device)
        self._raw = made._raw
        self.backend = made.backend
        self.node = made.node
        if requires_grad:
            self.requires_grad_()

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """The backend's own array. Assigning replaces a leaf's value, which the graph takes note of.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor([1.0, 2.0])
            >>> x.data = x.data * 10
            >>> x
            Tensor([10., 20.])
        """
        return self._raw

    @data.setter
    def data(self, value: Any) -> None:
        if isinstance(value, Tensor):
            value = value._raw
        if not self.backend.is_array(value):
            raise ArgumentError(
                f"the data of this tensor is an array of {self.backend.name}, received {type(value).__name__}",
                fix="assign an array of the same backend, or use tensor.to(...) first",
            )
        if value.shape != self._raw.shape or value.dtype != self._raw.dtype:
            node = self.node
            if node is not None and value.shape != self._raw.shape:
                raise ShapeError(
                    "new data for a tensor that collects gradients has another shape",
                    facts=[f"expected  {tuple(self._raw.shape)}", f"received  {tuple(value.shape)}"],
                    fix="make a new tensor",
                )
        value = self.backend.adopt(value)
        self._changed()
        self._raw = value

    def _changed(self) -> None:
        """Note that the value is about to change; refuse where the graph could not know."""
        if isinstance(self.node, Leaf):
            self.node.changed = next_number()
        elif self.node is not None:
            raise GradientError(
                f"the result of {self.node.op.name} cannot be given new data: its gradient would be that of the old",
                fix="use detach() to get a tensor that is no part of the graph",
            )

    @property
    def shape(self) -> Shape:
        """The length along each axis.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).shape
            (2, 3)
        """
        return tuple(self._raw.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The data type, a `numpy.dtype` on every backend.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).dtype
            dtype('float32')
        """
        return self.backend.dtype_of(self._raw)

    @property
    def ndim(self) -> int:
        """The number of axes.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).ndim
            2
        """
        return len(self._raw.shape)

    @property
    def size(self) -> int:
        """The number of elements.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).size
            6
        """
        n = 1
        for length in self._raw.shape:
            n *= length
        return n

    def dim(self) -> int:
        """The number of axes.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).dim()
            2
        """
        return len(self._raw.shape)

    def numel(self) -> int:
        """The number of elements.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).numel()
            6
        """
        return self.size

    @property
    def itemsize(self) -> int:
        """The number of bytes of one element.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).itemsize
            4
        """
        return int(self.dtype.itemsize)

    @property
    def nbytes(self) -> int:
        """The number of bytes of the elements.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).nbytes
            24
        """
        return self.size * int(self.dtype.itemsize)

    @property
    def device(self) -> Device:
        """The name of the device it lives on.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).device
            'cpu'
        """
        return Device(self.backend.device_of(self._raw))

    def __array_namespace__(self, /, *, api_version: str | None = None) -> Any:
        return Recording.namespace.array_namespace(api_version)

    # -- gradients ----------------------------------------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to or through this tensor.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(2.0, requires_grad=True)
            >>> (x * x).requires_grad, x.detach().requires_grad
            (True, False)
        """
        return self.node is not None

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Make this tensor a leaf that collects ``.grad``, or stop that; returns the tensor.

        Args:
            requires_grad: False makes a leaf an ordinary tensor again.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).requires_grad_().requires_grad
            True
        """
        if requires_grad:
            if self.node is None:
                if not is_differentiable(self.dtype):
                    raise DTypeError(
                        f"only floating and complex tensors have gradients, this one is {self.dtype}",
                        fix="convert it first: x.astype(zk.float32)",
                        dtype=self.dtype,
                    )
                self._raw = self.backend.own(self._raw)  # an optimiser may write to it, never to the user's array
                self.node = Leaf(self._raw.shape, self.backend, self._raw.dtype)
        elif isinstance(self.node, Leaf):
            self.node = None
        elif self.node is not None:
            raise GradientError(
                f"requires_grad of the result of {self.node.op.name} cannot be switched off", fix="use detach()"
            )
        return self

    @property
    def is_leaf(self) -> bool:
        """True unless this tensor is the recorded result of an op.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(2.0, requires_grad=True)
            >>> x.is_leaf, (x * x).is_leaf
            (True, False)
        """
        return self.node is None or isinstance(self.node, Leaf)

    @property
    def grad(self) -> Tensor | None:
        """The gradient collected by `backward`, None before the first.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(3.0, requires_grad=True)
            >>> (x * x).backward()
            >>> x.grad
            Tensor(6.)
        """
        node = self.node
        if isinstance(node, Leaf):
            return node.grad
        if node is not None and node.extra is not None and node.extra.retained is not None:
            return node.extra.retained[0]
        return None

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        node = self.node
        if not isinstance(node, Leaf):
            if value is None:
                return
            raise GradientError("only a leaf with requires_grad=True has a .grad", fix="call requires_grad_() first")
        if value is not None:
            if not isinstance(value, Tensor):
                raise ArgumentError(f".grad is a tensor or None, received {type(value).__name__}")
            if value.shape != self.shape:
                raise ShapeError(
                    ".grad must have the shape of its tensor",
                    facts=[f"expected  {self.shape}", f"received  {value.shape}"],
                )
            if value.backend is not self.backend:
                raise BackendError(
                    f"the .grad of a tensor of {self.backend.name} cannot be one of {value.backend.name}",
                    fix=f'move it first: g.to("{self.backend.name}")',
                    backends=(self.backend.name, value.backend.name),
                )
        node.grad = value

    def zero_grad(self) -> None:
        """Forget the gradient collected so far.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(3.0, requires_grad=True)
            >>> (x * x).backward()
            >>> x.zero_grad()
            >>> x.grad is None
            True
        """
        self.grad = None

    def retain_grad(self) -> Tensor:
        """Keep the gradient of a tensor that is no leaf in its ``.grad``; returns the tensor.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(3.0, requires_grad=True)
            >>> y = (x * x).retain_grad()
            >>> (2 * y).backward()
            >>> y.grad
            Tensor(2.)
        """
        if self.node is not None and not isinstance(self.node, Leaf):
            extra = extra_of(self.node)
            extra.retained = extra.retained or [None]
        return self

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> HookHandle:
        """Call `hook` with this tensor's finished gradient in each backward pass.

        Hooks run in the order in which they were registered, each on what the one before it returned.

        Args:
            hook: takes the gradient; returns one of the same shape to use instead, or None.

        Returns:
            A handle: ``handle.remove()``, or ``handle()``, takes the hook off again.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor([1.0, 2.0], requires_grad=True)
            >>> handle = x.register_hook(lambda g: g * 10)
            >>> x.sum().backward(); x.grad
            Tensor([10., 10.])
            >>> handle.remove()
        """
        return register(self.node, hook)

    def backward(self, gradient: Any = None, *, retain_graph: bool | None = None, create_graph: bool = False) -> None:
        """Collect the gradient of this tensor in the ``.grad`` of every leaf it depends on.

        Args:
            gradient: the cotangent, of this tensor's shape; may be left out for a single number.
            retain_graph: keep the graph for another pass (by default: what `create_graph` is).
            create_graph: record the backward pass, so that ``.grad`` can be differentiated again.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(3.0, requires_grad=True)
            >>> (x ** 2).backward(); x.grad.item()
            6.0
        """
        Recording.namespace.backward(self, gradient, retain_graph=retain_graph, create_graph=create_graph)

    def detach(self) -> Tensor:
        """The same values as a tensor that no gradient flows through.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor(3.0, requires_grad=True)
            >>> x.detach()
            Tensor(3.)
        """
        return wrap(self._raw, self.backend, None)

    # -- conversions --------------------------------------------------------------------------------------------

    def numpy(self) -> np.ndarray[Any, Any]:
        """The values as a NumPy array, without the graph; copied from the device if need be.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).numpy()
            array([1., 2.], dtype=float32)
        """
        return self.backend.to_numpy(self._raw)

    def item(self) -> Any:
        """The Python number in a tensor of one element.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([2.5]).item()
            2.5
        """
        if self.size != 1:
            raise ShapeError(
                f"item() needs a tensor of one element, this one has {self.size}",
                facts=[f"shape  {self.shape}"],
                fix="index it first, or use tolist()",
            )
        return self.backend.scalar(self._raw)

    def tolist(self) -> Any:
        """The values as nested Python lists.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1, 2], [3, 4]]).tolist()
            [[1, 2], [3, 4]]
        """
        return self.numpy().tolist()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        self._refuse_if_recorded("NumPy")
        self.backend.before_host(self._raw, "NumPy")
        array = self.backend.to_numpy(self._raw)
        if copy is None:
            return np.asarray(array, dtype=dtype)
        return np.array(array, dtype=dtype, copy=copy)

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        self._refuse_if_recorded("DLPack")
        given = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        source = self.backend.dlpack_source(self._raw)
        return source.__dlpack__(**{key: value for key, value in given.items() if value is not None})

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.backend.dlpack_source(self._raw).__dlpack_device__()

    def _refuse_if_recorded(self, what: str) -> None:
        if self.node is not None:
            raise GradientError(
                f"a tensor that carries a graph was handed to {what}, where its gradient would be lost",
                fix="call .detach() first if that is meant, or .numpy() for the values",
            )

    def __bool__(self) -> bool:
        return bool(self._number("bool"))

    def __int__(self) -> int:
        return int(self._number("int"))

    def __float__(self) -> float:
        return float(self._number("float"))

    def __complex__(self) -> complex:
        return complex(self._number("complex"))

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.size != 1:
            raise DTypeError(
                "only an integer tensor of one element can be an index or a length",
                facts=[f"received  {self.dtype}, shape {self.shape}"],
                fix="index it first, or convert it: x.astype(zk.int64)",
            )
        self.backend.before_host(self._raw, "use as an index")
        return int(self.backend.scalar(self._raw))

    def _number(self, kind: str) -> Any:
        if self.size != 1:
            raise ShapeError(
                f"the truth value of a tensor of {self.size} elements is ambiguous"
                if kind == "bool"
                else f"{kind}() needs a tensor of one element, this one has {self.size}",
                facts=[f"shape  {self.shape}"],
                fix="use .any() or .all()" if kind == "bool" else "index it first, or use tolist()",
            )
        self.backend.before_host(self._raw, f"{kind}()")
        number = self.backend.scalar(self._raw)
        if isinstance(number, complex) and kind in ("int", "float"):
            raise DTypeError(f"a complex tensor has no {kind} value", fix="take zk.real(x) or zk.abs(x) first")
        return number

    def __len__(self) -> int:
        if not self._raw.shape:
            raise UnsizedError("a tensor without axes has no length", fix="use .size for the number of elements")
        return int(self._raw.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        if not self._raw.shape:
            raise UnsizedError("a tensor without axes cannot be iterated over", fix="use .item() for its value")
        self.backend.before_host(self._raw, "iteration")
        return iter(Recording.namespace.unstack(self))

    def __contains__(self, value: Any) -> bool:
        return bool((self == value).any())

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        from zkynet.printing import tensor_repr

        return tensor_repr(self)

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if self.ndim:
            raise ArgumentError(
                f"a tensor of shape {self.shape} cannot be written in the format {spec!r}, which is one for numbers",
                fix=f"index it first, or take .item(): f'{{x.item():{spec}}}'",
            )
        return format(self.item(), spec)

    def __reduce__(self) -> Any:
        raise ArgumentError(
            "a tensor cannot be pickled", fix="save x.numpy(), or use safetensors; loading a pickle runs code"
        )

    def __copy__(self) -> Tensor:
        return wrap(self._raw, self.backend, self.node)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if not self.is_leaf:
            raise GradientError(
                "only a leaf can be copied deeply: the graph behind this tensor cannot", fix="use detach() first"
            )
        out = wrap(self.backend.xp.asarray(self._raw, copy=True), self.backend, None)
        memo[id(self)] = out
        return out.requires_grad_() if self.requires_grad else out


def wrap(raw: Any, backend: Any, node: Any) -> Tensor:
    """A tensor of a raw array, without any check."""
    out = _new(Tensor)
    out._raw = raw
    out.backend = backend
    out.node = node
    return out


Recording.wrap = staticmethod(wrap)
Recording.unwrap = staticmethod(lambda t: t._raw)
