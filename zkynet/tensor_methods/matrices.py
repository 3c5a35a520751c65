"""Methods of matrices and vectors: products, diagonals, triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Matrices:
    """What a tensor does as a matrix or a vector."""

    __slots__ = ()

    def diag(self, k: int = 0) -> Tensor:
        """The diagonal of a matrix, or the matrix with this vector on its diagonal.

        Args:
            k: which diagonal, 0 for the main one, above it from 1 on.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).diag()
            Tensor([1., 4.])
        """
        return Recording.namespace.diag(self, k)

    def tril(self, k: int = 0) -> Tensor:
        """The lower triangle of matrices; 0 above.

        Args:
            k: the highest diagonal that is kept, 0 for the main one.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 2)).tril()
            Tensor([[1., 0.],
                    [1., 1.]])
        """
        return Recording.namespace.tril(self, k)

    def triu(self, k: int = 0) -> Tensor:
        """The upper triangle of matrices; 0 below.

        Args:
            k: the lowest diagonal that is kept, 0 for the main one.

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 2)).triu()
            Tensor([[1., 1.],
                    [0., 1.]])
        """
        return Recording.namespace.triu(self, k)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The diagonal of two axes.

        Args:
            offset: which diagonal, 0 for the main one.
            axis1: the axis of the rows.
            axis2: the axis of the columns.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).diagonal()
            Tensor([1., 4.])
        """
        return Recording.namespace.diagonal(self, offset, axis1, axis2)

    def trace(self) -> Tensor:
        """The sum of the diagonal of matrices (..., m, n).

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).trace()
            Tensor(5.)
        """
        return Recording.namespace.linalg.trace(self)

    def mm(self, other: Any) -> Tensor:
        """The matrix product.

        Args:
            other: a tensor of shape (..., n, k); this one is (..., m, n).

        Example:
            >>> import zkynet as zk
            >>> zk.ones((2, 3)).mm(zk.ones((3, 2))).shape
            (2, 2)
        """
        return Recording.namespace.matmul(self, other)

    def bmm(self, other: Any) -> Tensor:
        """The products of stacks of matrices.

        Args:
            other: a tensor of shape (..., n, k); this one is (..., m, n).

        Example:
            >>> import zkynet as zk
            >>> zk.ones((5, 2, 3)).bmm(zk.ones((5, 3, 2))).shape
            (5, 2, 2)
        """
        return Recording.namespace.matmul(self, other)

    def outer(self, other: Any) -> Tensor:
        """Every element times every element of another vector.

        Args:
            other: a vector.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).outer(zk.tensor([1.0, 3.0]))
            Tensor([[1., 3.],
                    [2., 6.]])
        """
        return Recording.namespace.outer(self, other)
