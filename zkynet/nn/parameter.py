"""Parameters: the tensors of a module that are learned."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet._typing import ArrayLike, DeviceLike, DTypeLike, Shape
from zkynet.backend.registry import get_backend, use_backend
from zkynet.errors import UnsizedError
from zkynet.graph import Leaf
from zkynet.ops.creation import tensor
from zkynet.ops.filled import zeros
from zkynet.tensor import Tensor

__all__ = ["Parameter", "UninitializedParameter"]


class Parameter(Tensor):
    """A tensor that a module learns: assigned to an attribute of a `Module`, it is found there under that name.

    Args:
        data: the initial values, which are copied: a tensor, an array or nested lists of floats.
        requires_grad: False for a parameter that is saved with the others but not learned.
        dtype: the data type, by default that of the data.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> class Scale(zk.nn.Module):
        ...     def __init__(self):
        ...         self.factor = zk.nn.Parameter([2.0])
        ...     def forward(self, x):
        ...         return self.factor * x
        >>> dict(Scale().named_parameters())
        {'factor': Parameter([2.], requires_grad=True)}
    """

    __slots__ = ("template",)

    template: tuple[Any, ...]

    def __init__(
        self,
        data: ArrayLike,
        requires_grad: bool = True,
        *,
        dtype: DTypeLike = None,
        device: DeviceLike = None,
    ) -> None:
        made = tensor(data, dtype=dtype, device=device)
        self._raw, self.backend, self.node = made._raw, made.backend, None
        if requires_grad:
            self.requires_grad_()

    def __repr__(self) -> str:
        text = super().__repr__()
        return text.replace("Tensor(", "Parameter(", 1)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        out = Parameter(self, self.node is not None)
        memo[id(self)] = out
        return out


class UninitializedParameter(Parameter):
    """A parameter whose shape is not known before the layer's first call.

    It becomes a `Parameter` in place then, so that who holds it (an optimiser, another layer) holds the right one.

    Args:
        shape: the lengths of the axes, None for one that is not known yet.
        dtype: the data type, float32 by default.
        device: where it is to live.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.Linear(None, 2)
        >>> layer.weight
        UninitializedParameter(2, ?)
        >>> y = layer(zk.ones((4, 3)))
        >>> layer.weight.shape
        (2, 3)
    """

    __slots__ = ()

    def __init__(self, shape: tuple[int | None, ...], *, dtype: DTypeLike = None, device: DeviceLike = None) -> None:
        self.backend = get_backend()
        self.node = None
        self.template = (shape, dt.default_float if dtype is None else dt.as_dtype(dtype), device, True)

    def materialize(self, shape: Shape) -> None:
        """Take a shape: the parameter is zeros then, and an ordinary one.

        Args:
            shape: the lengths of the axes.

        Example:
            >>> import zkynet as zk
            >>> p = zk.nn.UninitializedParameter((2, None))
            >>> p.materialize((2, 3)); p.shape
            (2, 3)
        """
        _, dtype, device, learned = self.template
        with use_backend(self.backend.name):
            made = zeros(shape, dtype=dtype, device=device)
        self._raw = made._raw
        self.__class__ = Parameter  # type: ignore[assignment]
        if learned:
            self.requires_grad_()

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Whether it is to be learned once its shape is known; returns the parameter.

        Args:
            requires_grad: False for no.

        Example:
            >>> import zkynet as zk
            >>> p = zk.nn.UninitializedParameter((2, None)).requires_grad_(False)
        """
        self.template = (*self.template[:3], requires_grad)
        return self

    @property
    def requires_grad(self) -> bool:
        """Whether it is to be learned once its shape is known.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.UninitializedParameter((2, None)).requires_grad
            True
        """
        return bool(self.template[3])

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self.requires_grad_(value)

    @property
    def grad(self) -> Tensor | None:
        """None: nothing was computed with it.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.UninitializedParameter((2, None)).grad is None
            True
        """
        return None

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None:
            raise self._unsized()

    def __getattr__(self, name: str) -> Any:
        if name == "_raw":  # whatever looks at the values
            raise self._unsized()
        raise AttributeError(f"'UninitializedParameter' object has no attribute {name!r}")

    def _unsized(self) -> UnsizedError:
        return UnsizedError(
            "this parameter has no shape yet: the size of its layer is inferred from the first input",
            facts=[f"shape  ({self._lengths()})"],
            fix="call the model once on a batch (or load a state_dict) before you use its parameters",
        )

    def _lengths(self) -> str:
        return ", ".join("?" if n is None else str(n) for n in self.template[0])

    def __repr__(self) -> str:
        return f"UninitializedParameter({self._lengths()})"

    def __deepcopy__(self, memo: dict[int, Any]) -> UninitializedParameter:
        out = UninitializedParameter(*self.template[:1], dtype=self.template[1], device=self.template[2])
        out.backend, out.template = self.backend, self.template
        memo[id(self)] = out
        return out


def new_parameter(shape: tuple[int | None, ...], dtype: DTypeLike = None, device: DeviceLike = None) -> Parameter:
    """A parameter of zeros for a layer to initialise; without a shape yet where a length is None."""
    if None in shape:
        return UninitializedParameter(shape, dtype=dtype, device=device)
    return Parameter(zeros(shape, dtype=dtype, device=device))


def rebind(held: Tensor, new: Tensor) -> None:
    """Give `held` the values of `new`, of any shape, dtype, backend or device, as the same object.

    Who holds it (a module, an optimiser, a tied layer) goes on with the new values; a graph built before does not.
    """
    if new is held:
        return
    learned = held.node is not None
    grad = held.grad if learned else None
    held._raw, held.backend, held.node = new._raw, new.backend, None
    if learned:
        held.requires_grad_()
        if grad is not None and isinstance(held.node, Leaf):
            held.node.grad = grad.to(new.backend.name, dtype=new.dtype, device=new.device).detach()
