"""Methods that give the values another dtype, device or backend, or memory of their own."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Conversions:
    """Methods that give the values another dtype, device or backend, or memory of their own."""

    __slots__ = ()

    def astype(self, dtype: DTypeLike, copy: bool = True) -> Tensor:
        """The values in another dtype; gradients flow back in this tensor's dtype.

        Args:
            dtype: a dtype or its name.
            copy: False hands the tensor on as it is if it has that dtype already.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.5]).astype("int32")
            Tensor([1, 2], dtype=int32)
        """
        return Recording.namespace.astype(self, dtype, copy=copy)

    def float(self) -> Tensor:
        """The values as float32.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0, 2]).float()
            Tensor([0., 2.])
        """
        return Recording.namespace.astype(self, "float32", copy=False)

    def double(self) -> Tensor:
        """The values as float64.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0, 2]).double()
            Tensor([0., 2.], dtype=float64)
        """
        return Recording.namespace.astype(self, "float64", copy=False)

    def half(self) -> Tensor:
        """The values as float16.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0, 2]).half()
            Tensor([0., 2.], dtype=float16)
        """
        return Recording.namespace.astype(self, "float16", copy=False)

    def long(self) -> Tensor:
        """The values as int64.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0, 2]).long()
            Tensor([0, 2])
        """
        return Recording.namespace.astype(self, "int64", copy=False)

    def int(self) -> Tensor:
        """The values as int32.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0, 2]).int()
            Tensor([0, 2], dtype=int32)
        """
        return Recording.namespace.astype(self, "int32", copy=False)

    def bool(self) -> Tensor:
        """The values as bool.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0, 2]).bool()
            Tensor([False,  True])
        """
        return Recording.namespace.astype(self, "bool", copy=False)

    def clone(self) -> Tensor:
        """A copy in memory of its own, through which gradients flow.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0]).clone()
            Tensor([1.])
        """
        return Recording.namespace.copy(self)

    def copy(self) -> Tensor:
        """A copy in memory of its own, through which gradients flow.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0]).copy()
            Tensor([1.])
        """
        return Recording.namespace.copy(self)

    def to_device(self, device: str, /, *, stream: Any = None) -> Tensor:
        """The values on another device of the same backend.

        Args:
            device: its name, one of those that `zkynet.backends` lists.
            stream: a stream of the backend's library to copy on.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).to_device("cpu").device
            'cpu'
        """
        return Recording.namespace.to_device(self, device, stream=stream)

    def to(self, target: Any = None, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
        """The values on another backend or device, or in another dtype.

        Args:
            target: the name of a backend or device, or a dtype.
            dtype: the dtype to convert to.
            device: the device to move to.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1, 2]).to("numpy", dtype="float32")
            Tensor([1., 2.])
        """
        return Recording.namespace.convert(self, target, dtype=dtype, device=device)

    def cpu(self) -> Tensor:
        """The values on the host, on the same backend where it has one.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).cpu().device
            'cpu'
        """
        return Recording.namespace.convert(self, "cpu")

    def type_as(self, other: Tensor) -> Tensor:
        """The values in the dtype of another tensor.

        Args:
            other: the tensor whose dtype to take.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1, 2]).type_as(zk.tensor([0.5]))
            Tensor([1., 2.])
        """
        return Recording.namespace.astype(self, other.dtype, copy=False)

    def bfloat16(self) -> Tensor:
        """As bfloat16.

        Example:
            >>> import zkynet as zk
            >>> str(zk.ones(2).bfloat16().dtype)
            'bfloat16'
        """
        return Recording.namespace.astype(self, "bfloat16", copy=False)

    def contiguous(self) -> Tensor:
        """The tensor itself: how elements lie in memory is the backend's business.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).contiguous()
            Tensor([1., 1.])
        """
        return self  # type: ignore[return-value]

    def is_floating_point(self) -> builtins.bool:
        """Whether its elements are real floating-point numbers.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).is_floating_point()
            True
        """
        return Recording.namespace.isdtype(self.dtype, "real floating")  # type: ignore[attr-defined]

    def is_complex(self) -> builtins.bool:
        """Whether its elements are complex numbers.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).is_complex()
            False
        """
        return Recording.namespace.isdtype(self.dtype, "complex floating")  # type: ignore[attr-defined]
