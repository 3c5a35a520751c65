"""Methods that select, place and sort elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Selecting:
    """Methods that select, place and sort elements."""

    __slots__ = ()

    def take(self, indices: Any, axis: int | None = None) -> Tensor:
        """Elements at positions along an axis.

        Args:
            indices: integers; of any shape without an axis.
            axis: the axis to take from, by default all elements in row-major order.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).take(zk.tensor([2, 0]))
            Tensor([2., 3.])
        """
        return Recording.namespace.take(self, indices, axis=axis)

    def gather(self, indices: Any, axis: int = -1) -> Tensor:
        """One element for each index, ``out[i, j] = x[i, indices[i, j]]`` along the last axis.

        Args:
            indices: integers, with as many axes as this tensor.
            axis: the axis they count along.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).gather(zk.tensor([[1], [0]]))
            Tensor([[2.],
                    [3.]])
        """
        return Recording.namespace.gather(self, indices, axis=axis)

    def scatter_add(self, indices: Any, values: Any, axis: int = -1) -> Tensor:
        """A copy with values added at positions along an axis; repeated positions add up.

        Args:
            indices: integers, with as many axes as this tensor.
            values: what to add, of the shape of `indices`.
            axis: the axis they count along.

        Example:
            >>> import zkynet as zk
            >>> zk.zeros(3).scatter_add(zk.tensor([0, 2, 0]), zk.tensor([1.0, 2.0, 3.0]))
            Tensor([4., 0., 2.])
        """
        return Recording.namespace.scatter_add(self, indices, values, axis=axis)

    def masked_fill(self, mask: Any, value: Any) -> Tensor:
        """A copy with one value where the mask is true.

        Args:
            mask: booleans that broadcast to this tensor.
            value: the value to put there.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).masked_fill(zk.tensor([True, False, False]), 0.0)
            Tensor([0., 1., 2.])
        """
        return Recording.namespace.masked_fill(self, mask, value)

    def sort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The elements in order along an axis.

        Args:
            axis: the axis to sort.
            descending: the largest first.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).sort()
            Tensor([1., 2., 3.])
        """
        return Recording.namespace.sort(self, axis=axis, descending=descending)

    def argsort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The positions that put the elements in order along an axis; has no gradient.

        Args:
            axis: the axis to sort.
            descending: the largest first.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).argsort()
            Tensor([1, 2, 0])
        """
        return Recording.namespace.argsort(self, axis=axis, descending=descending)

    def nonzero(self) -> tuple[Tensor, ...]:
        """The positions of the elements that are not zero: one tensor of indices for each axis.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 3.0, 4.0]).nonzero()
            (Tensor([1, 2]),)
        """
        return Recording.namespace.nonzero(self)
