"""Methods that give the same elements another shape or order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet._typing import Axis
from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Shapes:
    """Methods that give the same elements another shape or order."""

    __slots__ = ()

    @property
    def T(self) -> Tensor:
        """The matrix transposed, ``out[j, i] = x[i, j]``; for two axes only.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).T
            Tensor([[1., 3.],
                    [2., 4.]])
        """
        from zkynet.errors import ShapeError

        if self.ndim != 2:  # type: ignore[attr-defined]
            raise ShapeError(
                f".T is for matrices, this tensor has {self.ndim} axes",  # type: ignore[attr-defined]
                fix="use .mT for the last two axes, or zk.permute_dims for any order",
            )
        return Recording.namespace.matrix_transpose(self)

    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged, ``out[..., j, i] = x[..., i, j]``.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((5, 2, 3)).mT.shape
            (5, 3, 2)
        """
        return Recording.namespace.matrix_transpose(self)

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in another shape.

        Args:
            *shape: the lengths, one by one or as one tuple; one of them may be -1 and is worked out.

        Example:
            >>> import zkynet as zk
            >>> zk.arange(6).reshape(2, -1)
            Tensor([[0, 1, 2],
                    [3, 4, 5]])
        """
        return Recording.namespace.reshape(self, shape[0] if len(shape) == 1 else shape)

    def view(self, *shape: Any) -> Tensor:
        """As `reshape`, under PyTorch's name.

        Args:
            *shape: the lengths, one by one or as one tuple; one of them may be -1 and is worked out.

        Example:
            >>> import zkynet as zk
            >>> zk.arange(4).view(2, 2)
            Tensor([[0, 1],
                    [2, 3]])
        """
        return Recording.namespace.reshape(self, shape[0] if len(shape) == 1 else shape)

    def flatten(self, start: int = 0, end: int = -1) -> Tensor:
        """The axes from `start` to `end` made one.

        Args:
            start: the first of them.
            end: the last of them.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3, 4)).flatten(1).shape
            (2, 12)
        """
        return Recording.namespace.flatten(self, start, end)

    def ravel(self) -> Tensor:
        """All elements along one axis, in row-major order.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).ravel()
            Tensor([1., 2., 3., 4.])
        """
        return Recording.namespace.reshape(self, (-1,))

    def transpose(self, *axes: Any) -> Tensor:
        """Two axes exchanged (as in PyTorch), or all of them reordered (as in NumPy).

        Args:
            *axes: two axes to exchange; or every axis once in the new order; or none, for the reverse order.

        Example:
            >>> import zkynet as zk
            >>> x = zk.ones((2, 3, 4))
            >>> x.transpose(0, 2).shape, x.transpose(1, 0, 2).shape, x.transpose().shape
            ((4, 3, 2), (3, 2, 4), (4, 3, 2))
        """
        return Recording.namespace.transpose(self, *axes)

    def permute(self, *axes: Any) -> Tensor:
        """The axes in another order.

        Args:
            *axes: every axis once, one by one or as one tuple.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3, 4)).permute(2, 0, 1).shape
            (4, 2, 3)
        """
        return Recording.namespace.permute_dims(
            self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        )

    def swapaxes(self, a: int, b: int) -> Tensor:
        """Two axes exchanged.

        Args:
            a: one axis.
            b: the other.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3, 4)).swapaxes(0, -1).shape
            (4, 3, 2)
        """
        return Recording.namespace.swapaxes(self, a, b)

    def squeeze(self, axis: Axis = None) -> Tensor:
        """Without axes of length one.

        Args:
            axis: which ones to drop; by default all of length one.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((1, 3, 1)).squeeze(0).shape
            (3, 1)
        """
        return Recording.namespace.squeeze(self, axis)

    def unsqueeze(self, axis: int) -> Tensor:
        """With one more axis of length one.

        Args:
            axis: where it is to stand in the result.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(3).unsqueeze(-1).shape
            (3, 1)
        """
        return Recording.namespace.expand_dims(self, axis=axis)

    def expand(self, *shape: Any) -> Tensor:
        """Broadcast to a shape.

        Args:
            *shape: the lengths, one by one or as one tuple.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).expand(2, 2)
            Tensor([[1., 2.],
                    [1., 2.]])
        """
        return Recording.namespace.broadcast_to(
            self, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        )

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """Each element repeated in place, as in NumPy (`zkynet.tile` repeats the whole).

        Args:
            repeats: how often; one number, or one for each element along the axis.
            axis: the axis to run along, by default all elements in row-major order.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).repeat(2)
            Tensor([1., 1., 2., 2.])
        """
        return Recording.namespace.repeat(self, repeats, axis=axis)

    def split(self, sizes: Any, axis: int = 0) -> tuple[Tensor, ...]:
        """Pieces along an axis, see `zkynet.split`.

        Args:
            sizes: how many equal pieces, or a list of the length of each.
            axis: the axis to cut.

        Example:
            >>> import zkynet as zk
            >>> [p.shape for p in zk.ones((4, 2)).split(2)]
            [(2, 2), (2, 2)]
        """
        return Recording.namespace.split(self, sizes, axis=axis)

    def unflatten(self, axis: int, sizes: Any) -> Tensor:
        """One axis split into several.

        Args:
            axis: the axis to split.
            sizes: the lengths of the new axes, whose product is its length; one may be -1.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(6).unflatten(0, (2, 3)).shape
            (2, 3)
        """
        return Recording.namespace.unflatten(self, axis, sizes)

    def moveaxis(self, source: Any, destination: Any) -> Tensor:
        """Axes moved to other places, the others stay in order.

        Args:
            source: where the axis is, or several.
            destination: where it is to go, or several.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3, 4)).moveaxis(0, -1).shape
            (3, 4, 2)
        """
        return Recording.namespace.moveaxis(self, source, destination)

    def flip(self, axis: Axis = None) -> Tensor:
        """In reverse order along axes.

        Args:
            axis: one axis or several, None for all.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).flip()
            Tensor([2., 1.])
        """
        return Recording.namespace.flip(self, axis=axis)

    def roll(self, shift: Any, axis: Axis = None) -> Tensor:
        """Moved along axes; what leaves at one end comes in at the other.

        Args:
            shift: by how many places, one number or one for each axis.
            axis: one axis or several, None for the tensor as one row.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0, 3.0]).roll(1)
            Tensor([3., 1., 2.])
        """
        return Recording.namespace.roll(self, shift, axis=axis)

    def tile(self, *repetitions: Any) -> Tensor:
        """The whole repeated along its axes.

        Args:
            *repetitions: how often along each axis.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).tile(2)
            Tensor([1., 2., 1., 2.])
        """
        return Recording.namespace.tile(self, repetitions[0] if len(repetitions) == 1 else repetitions)

    def expand_as(self, other: Tensor) -> Tensor:
        """Broadcast to the shape of another tensor.

        Args:
            other: the tensor whose shape to take.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(2).expand_as(zk.ones((3, 2))).shape
            (3, 2)
        """
        return Recording.namespace.broadcast_to(self, other.shape)

    def view_as(self, other: Tensor) -> Tensor:
        """The same elements in the shape of another tensor.

        Args:
            other: the tensor whose shape to take.

        Example:
            >>> import zkynet as zk
            >>> zk.ones(6).view_as(zk.ones((3, 2))).shape
            (3, 2)
        """
        return Recording.namespace.reshape(self, other.shape)

    def chunk(self, n: int, axis: int = 0) -> tuple[Tensor, ...]:
        """At most `n` pieces along an axis, all but the last of one length.

        Args:
            n: how many pieces.
            axis: the axis to cut.

        Example:
            >>> import zkynet as zk
            >>> [piece.shape for piece in zk.ones(5).chunk(2)]
            [(3,), (2,)]
        """
        return Recording.namespace.chunk(self, n, axis=axis)

    def unbind(self, axis: int = 0) -> tuple[Tensor, ...]:
        """The slices along an axis.

        Args:
            axis: the axis that goes.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0], [2.0]]).unbind()
            (Tensor([1.]), Tensor([2.]))
        """
        return Recording.namespace.unstack(self, axis=axis)
