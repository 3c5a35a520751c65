"""Methods that run over axes: sums and their kin, extremes, softmax, running sums, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet._typing import Axis
from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Reductions:
    """Methods that run over axes."""

    __slots__ = ()

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum of the elements over axes, see `zkynet.sum`.

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).sum(0)
            Tensor([4., 6.])
        """
        return Recording.namespace.sum(self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The product of the elements over axes, see `zkynet.prod`.

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).prod(0)
            Tensor([3., 8.])
        """
        return Recording.namespace.prod(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean of the elements over axes, see `zkynet.mean`.

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).mean(0)
            Tensor([2., 3.])
        """
        return Recording.namespace.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest element over axes, see `zkynet.max`.

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).max(0)
            Tensor([3., 4.])
        """
        return Recording.namespace.max(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The smallest element over axes, see `zkynet.min`.

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[1.0, 2.0], [3.0, 4.0]]).min(0)
            Tensor([1., 2.])
        """
        return Recording.namespace.min(self, axis=axis, keepdims=keepdims)

    def all(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Whether all elements over axes are true (or not zero).

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[True, False], [True, True]]).all(1)
            Tensor([False,  True])
        """
        return Recording.namespace.all(self, axis=axis, keepdims=keepdims)

    def any(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Whether any element over axes is true (or not zero).

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([[True, False], [False, False]]).any(1)
            Tensor([ True, False])
        """
        return Recording.namespace.any(self, axis=axis, keepdims=keepdims)

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The logarithm of the sum of exponentials, ``log(sum(exp(x)))``, without overflow.

        Args:
            axis: the axis or axes to run over, by default all.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1000.0, 1000.0]).logsumexp()
            Tensor(1000.6932)
        """
        return Recording.namespace.logsumexp(self, axis=axis, keepdims=keepdims)

    def var(self, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        """The variance over axes, ``sum((x - mean)**2) / (n - correction)``.

        Args:
            axis: the axis or axes to run over, by default all.
            correction: what is taken off the number of elements: 1 for a sample's estimate of the whole.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0, 3.0, 4.0]).var()
            Tensor(1.25)
        """
        return Recording.namespace.var(self, axis=axis, correction=correction, keepdims=keepdims)

    def std(self, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        """The standard deviation over axes, ``sqrt(sum((x - mean)**2) / (n - correction))``.

        Args:
            axis: the axis or axes to run over, by default all.
            correction: what is taken off the number of elements: 1 for a sample's estimate of the whole.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0, 3.0, 4.0]).std()
            Tensor(1.118034)
        """
        return Recording.namespace.std(self, axis=axis, correction=correction, keepdims=keepdims)

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The position of the largest element, the first one where there are several; has no gradient.

        Args:
            axis: the axis to run along, by default all elements in row-major order.
            keepdims: keep that axis, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).argmax()
            Tensor(0)
        """
        return Recording.namespace.argmax(self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The position of the smallest element, the first one where there are several; has no gradient.

        Args:
            axis: the axis to run along, by default all elements in row-major order.
            keepdims: keep that axis, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).argmin()
            Tensor(1)
        """
        return Recording.namespace.argmin(self, axis=axis, keepdims=keepdims)

    def softmax(self, axis: int = -1) -> Tensor:
        """Positive numbers that add up to one, ``exp(x) / sum(exp(x))``, along an axis.

        Args:
            axis: the axis that adds up to one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 0.0]).softmax()
            Tensor([0.5, 0.5])
        """
        return Recording.namespace.softmax(self, axis=axis)

    def log_softmax(self, axis: int = -1) -> Tensor:
        """The logarithm of the softmax, ``x - log(sum(exp(x)))``, along an axis, without overflow.

        Args:
            axis: the axis along which the exponentials of the results add up to one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 0.0]).log_softmax()
            Tensor([-0.6931472, -0.6931472])
        """
        return Recording.namespace.log_softmax(self, axis=axis)

    def cumsum(self, axis: int | None = None) -> Tensor:
        """The running sum along an axis, ``out[i] = x[0] + ... + x[i]``.

        Args:
            axis: the axis to run along; may be left out for a tensor of one axis.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).cumsum()
            Tensor([3., 4., 6.])
        """
        return Recording.namespace.cumulative_sum(self, axis=axis)

    def cumprod(self, axis: int | None = None) -> Tensor:
        """The running product along an axis, ``out[i] = x[0] * ... * x[i]``.

        Args:
            axis: the axis to run along; may be left out for a tensor of one axis.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).cumprod()
            Tensor([3., 3., 6.])
        """
        return Recording.namespace.cumulative_prod(self, axis=axis)

    def norm(self, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The vector or matrix norm, ``sqrt(sum(abs(x)**2))`` by default, see `zkynet.linalg.norm`.

        Args:
            ord: which norm.
            axis: one axis for vector norms, two for matrix norms, by default all elements.
            keepdims: keep those axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 4.0]).norm()
            Tensor(5.)
        """
        return Recording.namespace.linalg.norm(self, ord=ord, axis=axis, keepdims=keepdims)

    def median(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The value in the middle over axes.

        Args:
            axis: one axis or several, None for all.
            keepdims: whether to keep the axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).median()
            Tensor(2.)
        """
        return Recording.namespace.median(self, axis=axis, keepdims=keepdims)

    def quantile(self, q: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The value below which the fraction `q` of the elements lies.

        Args:
            q: between 0 and 1, a number or a tensor.
            axis: one axis or several, None for all.
            keepdims: whether to keep the axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0, 3.0]).quantile(0.5)
            Tensor(2.)
        """
        return Recording.namespace.quantile(self, q, axis=axis, keepdims=keepdims)

    def nansum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum over axes of what is not NaN.

        Args:
            axis: one axis or several, None for all.
            keepdims: whether to keep the axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, float("nan")]).nansum()
            Tensor(1.)
        """
        return Recording.namespace.nansum(self, axis=axis, keepdims=keepdims)

    def nanmean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean over axes of what is not NaN.

        Args:
            axis: one axis or several, None for all.
            keepdims: whether to keep the axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, float("nan")]).nanmean()
            Tensor(1.)
        """
        return Recording.namespace.nanmean(self, axis=axis, keepdims=keepdims)

    def count_nonzero(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """How many elements over axes are not zero.

        Args:
            axis: one axis or several, None for all.
            keepdims: whether to keep the axes, with length one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 0.0]).count_nonzero()
            Tensor(1)
        """
        return Recording.namespace.count_nonzero(self, axis=axis, keepdims=keepdims)

    def diff(self, axis: int = -1, n: int = 1) -> Tensor:
        """The differences of neighbours along an axis, ``x[i + 1] - x[i]``.

        Args:
            axis: the axis to go along.
            n: how many times.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 4.0, 9.0]).diff()
            Tensor([3., 5.])
        """
        return Recording.namespace.diff(self, axis=axis, n=n)
