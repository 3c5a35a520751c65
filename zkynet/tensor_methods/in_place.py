"""Methods that bind the tensor to a new value, as ``x += y`` does; nothing is written to memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from zkynet.tensor_methods.operators import Operators

if TYPE_CHECKING:
    pass


class InPlace(Operators):
    """What changes the value that a tensor stands for."""

    __slots__ = ()

    def add_(self, other: Any) -> Self:
        """``x += other``: this tensor stands for the result from now on; returns the tensor.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).add_(2.0)
            Tensor([3., 6.])
        """
        self += other
        return self

    def sub_(self, other: Any) -> Self:
        """``x -= other``: this tensor stands for the result from now on; returns the tensor.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).sub_(2.0)
            Tensor([-1.,  2.])
        """
        self -= other
        return self

    def mul_(self, other: Any) -> Self:
        """``x *= other``: this tensor stands for the result from now on; returns the tensor.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).mul_(2.0)
            Tensor([2., 8.])
        """
        self *= other
        return self

    def div_(self, other: Any) -> Self:
        """``x /= other``: this tensor stands for the result from now on; returns the tensor.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).div_(2.0)
            Tensor([0.5, 2. ])
        """
        self /= other
        return self

    def fill_(self, value: Any) -> Self:
        """Every element replaced by a value; returns the tensor.

        Args:
            value: a number.

        Example:
            >>> import zkynet as zk
            >>> zk.zeros(2).fill_(3.0)
            Tensor([3., 3.])
        """
        self[...] = value
        return self

    def zero_(self) -> Self:
        """Every element replaced by 0; returns the tensor.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).zero_()
            Tensor([0., 0.])
        """
        self[...] = 0
        return self

    def copy_(self, other: Any) -> Self:
        """Every element replaced by that of another tensor; returns the tensor.

        Args:
            other: a tensor or a number that broadcasts to this one's shape.

        Example:
            >>> import zkynet as zk
            >>> zk.zeros(2).copy_([1.0, 2.0])
            Tensor([1., 2.])
        """
        self[...] = other
        return self
