"""Methods of a tensor and another one, element by element."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Pairs:
    """What a tensor does with another one, element by element."""

    __slots__ = ()

    def add(self, other: Any) -> Tensor:
        """``x + other``, element by element, see `zkynet.add`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).add(2.0)
            Tensor([3., 6.])
        """
        return Recording.namespace.add(self, other)

    def sub(self, other: Any) -> Tensor:
        """``x - other``, element by element, see `zkynet.subtract`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).sub(2.0)
            Tensor([-1.,  2.])
        """
        return Recording.namespace.subtract(self, other)

    def mul(self, other: Any) -> Tensor:
        """``x * other``, element by element, see `zkynet.multiply`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).mul(2.0)
            Tensor([2., 8.])
        """
        return Recording.namespace.multiply(self, other)

    def div(self, other: Any) -> Tensor:
        """``x / other``, element by element, see `zkynet.divide`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).div(2.0)
            Tensor([0.5, 2. ])
        """
        return Recording.namespace.divide(self, other)

    def remainder(self, other: Any) -> Tensor:
        """The remainder of the division, with the sign of `other`, element by element, see `zkynet.remainder`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).remainder(2.0)
            Tensor([1., 0.])
        """
        return Recording.namespace.remainder(self, other)

    def maximum(self, other: Any) -> Tensor:
        """The larger of the two, element by element, see `zkynet.maximum`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).maximum(2.0)
            Tensor([2., 4.])
        """
        return Recording.namespace.maximum(self, other)

    def minimum(self, other: Any) -> Tensor:
        """The smaller of the two, element by element, see `zkynet.minimum`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).minimum(2.0)
            Tensor([1., 2.])
        """
        return Recording.namespace.minimum(self, other)

    def atan2(self, other: Any) -> Tensor:
        """The angle of the point (other, x), element by element, see `zkynet.atan2`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0]).atan2(1.0)
            Tensor([0.])
        """
        return Recording.namespace.atan2(self, other)

    def eq(self, other: Any) -> Tensor:
        """``x == other``, element by element, see `zkynet.equal`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).eq(2.0)
            Tensor([False, False])
        """
        return Recording.namespace.equal(self, other)

    def ne(self, other: Any) -> Tensor:
        """``x != other``, element by element, see `zkynet.not_equal`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).ne(2.0)
            Tensor([ True,  True])
        """
        return Recording.namespace.not_equal(self, other)

    def lt(self, other: Any) -> Tensor:
        """``x < other``, element by element, see `zkynet.less`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).lt(2.0)
            Tensor([ True, False])
        """
        return Recording.namespace.less(self, other)

    def le(self, other: Any) -> Tensor:
        """``x <= other``, element by element, see `zkynet.less_equal`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).le(2.0)
            Tensor([ True, False])
        """
        return Recording.namespace.less_equal(self, other)

    def gt(self, other: Any) -> Tensor:
        """``x > other``, element by element, see `zkynet.greater`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).gt(2.0)
            Tensor([False,  True])
        """
        return Recording.namespace.greater(self, other)

    def ge(self, other: Any) -> Tensor:
        """``x >= other``, element by element, see `zkynet.greater_equal`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0]).ge(2.0)
            Tensor([False,  True])
        """
        return Recording.namespace.greater_equal(self, other)

    def logical_and(self, other: Any) -> Tensor:
        """Whether both are true, element by element, see `zkynet.logical_and`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([True, False]).logical_and(zk.tensor([True, True]))
            Tensor([ True, False])
        """
        return Recording.namespace.logical_and(self, other)

    def logical_or(self, other: Any) -> Tensor:
        """Whether one of them is true, element by element, see `zkynet.logical_or`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([True, False]).logical_or(zk.tensor([True, True]))
            Tensor([ True,  True])
        """
        return Recording.namespace.logical_or(self, other)

    def logical_xor(self, other: Any) -> Tensor:
        """Whether just one of them is true, element by element, see `zkynet.logical_xor`.

        Args:
            other: another tensor or a number, which broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([True, False]).logical_xor(zk.tensor([True, True]))
            Tensor([False,  True])
        """
        return Recording.namespace.logical_xor(self, other)

    def isclose(self, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
        """Whether ``abs(x - other) <= atol + rtol * abs(other)``, element by element.

        Args:
            other: another tensor or a number, which broadcasts with this one.
            rtol: the distance allowed, relative to `other`.
            atol: the distance allowed beside that.
            equal_nan: whether NaN is close to NaN.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).isclose(zk.tensor([1.0, 2.1]))
            Tensor([ True, False])
        """
        return Recording.namespace.isclose(self, other, rtol, atol, equal_nan)

    def allclose(self, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> builtins.bool:
        """Whether all elements are close to those of another tensor.

        Args:
            other: another tensor or a number, which broadcasts with this one.
            rtol: the distance allowed, relative to `other`.
            atol: the distance allowed beside that.
            equal_nan: whether NaN is close to NaN.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).allclose([1.0, 2.0])
            True
        """
        return Recording.namespace.allclose(self, other, rtol, atol, equal_nan)

    def lerp(self, end: Any, weight: Any) -> Tensor:
        """On the way to another tensor, ``x + weight * (end - x)``.

        Args:
            end: where the way leads, a tensor.
            weight: how far to go, a number or a tensor: 0 stays, 1 arrives.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 10.0]).lerp(zk.tensor([1.0, 20.0]), 0.5)
            Tensor([ 0.5, 15. ])
        """
        return Recording.namespace.lerp(self, end, weight)

    def where(self, condition: Any, other: Any) -> Tensor:
        """The elements where a condition holds, those of another tensor elsewhere.

        Args:
            condition: a tensor of booleans that broadcasts with this one.
            other: a tensor or a number for where it does not hold.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).where(zk.tensor([True, False]), 0.0)
            Tensor([1., 0.])
        """
        return Recording.namespace.where(condition, self, other)
