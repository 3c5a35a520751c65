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

    def scatter(self, indices: Any, values: Any, axis: int = -1) -> Tensor:
        """A copy with values written at positions along an axis.

        Args:
            indices: the positions, integers.
            values: what to write, a tensor of the shape of the positions, or a number.
            axis: the axis to go along.

        Example:
            >>> import zkynet as zk
            >>> zk.zeros(3).scatter(zk.tensor([2]), 1.0)
            Tensor([0., 0., 1.])
        """
        return Recording.namespace.scatter(self, indices, values, axis=axis)

    def take_along_axis(self, indices: Any, axis: int = -1) -> Tensor:
        """One element for each index along an axis.

        Args:
            indices: the positions, a tensor with as many axes as this one.
            axis: the axis to go along.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0]]).take_along_axis(zk.tensor([[1]]))
            Tensor([[2.]])
        """
        return Recording.namespace.take_along_axis(self, indices, axis=axis)

    def masked_select(self, mask: Any) -> Tensor:
        """The elements where the mask is true, in one row.

        Args:
            mask: a tensor of booleans that broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).masked_select(zk.tensor([False, True]))
            Tensor([2.])
        """
        return Recording.namespace.masked_select(self, mask)

    def topk(self, k: int, axis: int = -1, largest: bool = True) -> Any:
        """The `k` largest (or smallest) elements along an axis and their positions.

        Args:
            k: how many.
            axis: the axis to go along.
            largest: False for the smallest.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).topk(2).values
            Tensor([3., 2.])
        """
        return Recording.namespace.topk(self, k, axis=axis, largest=largest)

    def unique(self) -> Tensor:
        """The different values in order.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([2.0, 1.0, 2.0]).unique()
            Tensor([1., 2.])
        """
        return Recording.namespace.unique_values(self)
