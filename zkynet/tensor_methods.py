"""The methods and operators of `Tensor`: each calls the function of the same meaning.

Functions stand on the floor above, so they are reached through `Recording.namespace`; `zkynet.ops.operators` puts the
binary operators directly into the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet._typing import Axis, DeviceLike, DTypeLike
from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class TensorMethods:
    """What a tensor can do, by way of zkynet's functions."""

    __slots__ = ()

    # -- operators: x + y, y + x, x += y (which binds the name to a new tensor) ------------------------------------

    if TYPE_CHECKING:  # zkynet.ops.operators puts them in

        def __add__(self, other: Any) -> Tensor: ...
        def __radd__(self, other: Any) -> Tensor: ...
        def __iadd__(self, other: Any) -> Tensor: ...
        def __sub__(self, other: Any) -> Tensor: ...
        def __rsub__(self, other: Any) -> Tensor: ...
        def __isub__(self, other: Any) -> Tensor: ...
        def __mul__(self, other: Any) -> Tensor: ...
        def __rmul__(self, other: Any) -> Tensor: ...
        def __imul__(self, other: Any) -> Tensor: ...
        def __truediv__(self, other: Any) -> Tensor: ...
        def __rtruediv__(self, other: Any) -> Tensor: ...
        def __itruediv__(self, other: Any) -> Tensor: ...
        def __floordiv__(self, other: Any) -> Tensor: ...
        def __rfloordiv__(self, other: Any) -> Tensor: ...
        def __ifloordiv__(self, other: Any) -> Tensor: ...
        def __mod__(self, other: Any) -> Tensor: ...
        def __rmod__(self, other: Any) -> Tensor: ...
        def __imod__(self, other: Any) -> Tensor: ...
        def __pow__(self, other: Any) -> Tensor: ...
        def __rpow__(self, other: Any) -> Tensor: ...
        def __ipow__(self, other: Any) -> Tensor: ...
        def __matmul__(self, other: Any) -> Tensor: ...
        def __rmatmul__(self, other: Any) -> Tensor: ...
        def __imatmul__(self, other: Any) -> Tensor: ...
        def __and__(self, other: Any) -> Tensor: ...
        def __rand__(self, other: Any) -> Tensor: ...
        def __iand__(self, other: Any) -> Tensor: ...
        def __or__(self, other: Any) -> Tensor: ...
        def __ror__(self, other: Any) -> Tensor: ...
        def __ior__(self, other: Any) -> Tensor: ...
        def __xor__(self, other: Any) -> Tensor: ...
        def __rxor__(self, other: Any) -> Tensor: ...
        def __ixor__(self, other: Any) -> Tensor: ...
        def __lshift__(self, other: Any) -> Tensor: ...
        def __rlshift__(self, other: Any) -> Tensor: ...
        def __ilshift__(self, other: Any) -> Tensor: ...
        def __rshift__(self, other: Any) -> Tensor: ...
        def __rrshift__(self, other: Any) -> Tensor: ...
        def __irshift__(self, other: Any) -> Tensor: ...
        def __lt__(self, other: Any) -> Tensor: ...
        def __le__(self, other: Any) -> Tensor: ...
        def __gt__(self, other: Any) -> Tensor: ...
        def __ge__(self, other: Any) -> Tensor: ...
        def __eq__(self, other: object) -> Tensor: ...  # type: ignore[override]
        def __ne__(self, other: object) -> Tensor: ...  # type: ignore[override]
        def __getitem__(self, key: Any) -> Tensor: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...

    def __neg__(self) -> Tensor:
        return Recording.namespace.negative(self)

    def __pos__(self) -> Tensor:
        return Recording.namespace.positive(self)

    def __abs__(self) -> Tensor:
        return Recording.namespace.abs(self)

    def __invert__(self) -> Tensor:
        return Recording.namespace.bitwise_invert(self)

    # -- axes: properties -------------------------------------------------------------------------------------------

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

    @property
    def real(self) -> Tensor:
        """The real part of each element; a real tensor as it is.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1 + 2j]).real
            Tensor([1.])
        """
        return Recording.namespace.real(self)

    @property
    def imag(self) -> Tensor:
        """The imaginary part of each element of a complex tensor.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1 + 2j]).imag
            Tensor([2.])
        """
        return Recording.namespace.imag(self)

    # -- methods: as the functions of the same name -----------------------------------------------------------------

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

    def cumsum(self, axis: int = -1) -> Tensor:
        """The running sum along an axis, ``out[i] = x[0] + ... + x[i]``.

        Args:
            axis: the axis to run along.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).cumsum()
            Tensor([3., 4., 6.])
        """
        return Recording.namespace.cumulative_sum(self, axis=axis)

    def cumprod(self, axis: int = -1) -> Tensor:
        """The running product along an axis, ``out[i] = x[0] * ... * x[i]``.

        Args:
            axis: the axis to run along.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([3.0, 1.0, 2.0]).cumprod()
            Tensor([3., 3., 6.])
        """
        return Recording.namespace.cumulative_prod(self, axis=axis)

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

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Limited to an interval, ``min(max(x, low), high)``.

        Args:
            min: the lower limit, None for none.
            max: the upper limit, None for none.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.0, 0.5, 2.0]).clip(0, 1)
            Tensor([0. , 0.5, 1. ])
        """
        return Recording.namespace.clip(self, min, max)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """As `clip`, under PyTorch's name.

        Args:
            min: the lower limit, None for none.
            max: the upper limit, None for none.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.0, 0.5, 2.0]).clamp(0, 1)
            Tensor([0. , 0.5, 1. ])
        """
        return Recording.namespace.clip(self, min, max)

    def exp(self) -> Tensor:
        """The exponential ``e**x``, element by element, see `zkynet.exp`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).exp()
            Tensor([1.      , 2.718282])
        """
        return Recording.namespace.exp(self)

    def log(self) -> Tensor:
        """The natural logarithm, element by element, see `zkynet.log`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 10.0]).log()
            Tensor([0.       , 2.3025851])
        """
        return Recording.namespace.log(self)

    def log2(self) -> Tensor:
        """The logarithm to base 2, element by element, see `zkynet.log2`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 8.0]).log2()
            Tensor([0., 3.])
        """
        return Recording.namespace.log2(self)

    def log10(self) -> Tensor:
        """The logarithm to base 10, element by element, see `zkynet.log10`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 100.0]).log10()
            Tensor([0.       , 2.0000002])
        """
        return Recording.namespace.log10(self)

    def log1p(self) -> Tensor:
        """``log(1 + x)``, exact near zero, element by element, see `zkynet.log1p`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1e-06]).log1p()
            Tensor([0.000000e+00, 9.999995e-07])
        """
        return Recording.namespace.log1p(self)

    def expm1(self) -> Tensor:
        """``e**x - 1``, exact near zero, element by element, see `zkynet.expm1`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1e-06]).expm1()
            Tensor([0.0000000e+00, 1.0000005e-06])
        """
        return Recording.namespace.expm1(self)

    def sqrt(self) -> Tensor:
        """The square root, element by element, see `zkynet.sqrt`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([4.0, 9.0]).sqrt()
            Tensor([2., 3.])
        """
        return Recording.namespace.sqrt(self)

    def rsqrt(self) -> Tensor:
        """``1 / sqrt(x)``, element by element, see `zkynet.rsqrt`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([4.0, 0.25]).rsqrt()
            Tensor([0.5, 2. ])
        """
        return Recording.namespace.rsqrt(self)

    def square(self) -> Tensor:
        """``x * x``, element by element, see `zkynet.square`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([2.0, -3.0]).square()
            Tensor([4., 9.])
        """
        return Recording.namespace.square(self)

    def sin(self) -> Tensor:
        """The sine, element by element, see `zkynet.sin`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).sin()
            Tensor([0.      , 0.841471])
        """
        return Recording.namespace.sin(self)

    def cos(self) -> Tensor:
        """The cosine, element by element, see `zkynet.cos`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).cos()
            Tensor([1.       , 0.5403023])
        """
        return Recording.namespace.cos(self)

    def tan(self) -> Tensor:
        """The tangent, element by element, see `zkynet.tan`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).tan()
            Tensor([0.       , 1.5574077])
        """
        return Recording.namespace.tan(self)

    def asin(self) -> Tensor:
        """The inverse sine, element by element, see `zkynet.asin`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).asin()
            Tensor([0.       , 1.5707964])
        """
        return Recording.namespace.asin(self)

    def acos(self) -> Tensor:
        """The inverse cosine, element by element, see `zkynet.acos`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).acos()
            Tensor([1.5707964, 0.       ])
        """
        return Recording.namespace.acos(self)

    def atan(self) -> Tensor:
        """The inverse tangent, element by element, see `zkynet.atan`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).atan()
            Tensor([0.       , 0.7853982])
        """
        return Recording.namespace.atan(self)

    def sinh(self) -> Tensor:
        """The hyperbolic sine ``(e**x - e**-x) / 2``, element by element, see `zkynet.sinh`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).sinh()
            Tensor([0.       , 1.1752012])
        """
        return Recording.namespace.sinh(self)

    def cosh(self) -> Tensor:
        """The hyperbolic cosine ``(e**x + e**-x) / 2``, element by element, see `zkynet.cosh`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).cosh()
            Tensor([1.       , 1.5430807])
        """
        return Recording.namespace.cosh(self)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent, element by element, see `zkynet.tanh`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).tanh()
            Tensor([0.       , 0.7615942])
        """
        return Recording.namespace.tanh(self)

    def sigmoid(self) -> Tensor:
        """``1 / (1 + e**-x)``, element by element, see `zkynet.sigmoid`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 2.0]).sigmoid()
            Tensor([0.5     , 0.880797])
        """
        return Recording.namespace.sigmoid(self)

    def relu(self) -> Tensor:
        """``max(x, 0)``, element by element, see `zkynet.relu`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.0, 2.0]).relu()
            Tensor([0., 2.])
        """
        return Recording.namespace.relu(self)

    def abs(self) -> Tensor:
        """The absolute value, element by element, see `zkynet.abs`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.0, 2.0]).abs()
            Tensor([1., 2.])
        """
        return Recording.namespace.abs(self)

    def sign(self) -> Tensor:
        """-1, 0 or 1: the sign, element by element, see `zkynet.sign`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-3.0, 0.0, 2.0]).sign()
            Tensor([-1.,  0.,  1.])
        """
        return Recording.namespace.sign(self)

    def floor(self) -> Tensor:
        """The largest whole number that is not above x, element by element, see `zkynet.floor`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.5, 1.5]).floor()
            Tensor([-2.,  1.])
        """
        return Recording.namespace.floor(self)

    def ceil(self) -> Tensor:
        """The smallest whole number that is not below x, element by element, see `zkynet.ceil`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.5, 1.5]).ceil()
            Tensor([-1.,  2.])
        """
        return Recording.namespace.ceil(self)

    def round(self) -> Tensor:
        """The nearest whole number, the even one halfway between two, element by element, see `zkynet.round`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.5, 1.5]).round()
            Tensor([0., 2.])
        """
        return Recording.namespace.round(self)

    def trunc(self) -> Tensor:
        """The whole number next to x towards zero, element by element, see `zkynet.trunc`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([-1.5, 1.5]).trunc()
            Tensor([-1.,  1.])
        """
        return Recording.namespace.trunc(self)

    def erf(self) -> Tensor:
        """The error function, ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to x, element by element.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 1.0]).erf()
            Tensor([0.       , 0.8427008])
        """
        return Recording.namespace.special.erf(self)

    def reciprocal(self) -> Tensor:
        """``1 / x``, element by element, see `zkynet.reciprocal`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([2.0, 4.0]).reciprocal()
            Tensor([0.5 , 0.25])
        """
        return Recording.namespace.reciprocal(self)

    def conj(self) -> Tensor:
        """The complex conjugate, element by element, see `zkynet.conj`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1 + 2j]).conj()
            Tensor([1.-2.j], dtype=complex64)
        """
        return Recording.namespace.conj(self)

    def isnan(self) -> Tensor:
        """Whether it is not a number, element by element, see `zkynet.isnan`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([zk.nan, 1.0]).isnan()
            Tensor([ True, False])
        """
        return Recording.namespace.isnan(self)

    def isinf(self) -> Tensor:
        """Whether it is infinite, element by element, see `zkynet.isinf`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([zk.inf, 1.0]).isinf()
            Tensor([ True, False])
        """
        return Recording.namespace.isinf(self)

    def isfinite(self) -> Tensor:
        """Whether it is neither infinite nor NaN, element by element, see `zkynet.isfinite`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([zk.inf, 1.0]).isfinite()
            Tensor([False,  True])
        """
        return Recording.namespace.isfinite(self)

    def logical_not(self) -> Tensor:
        """Whether it is false, element by element, see `zkynet.logical_not`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([True, False]).logical_not()
            Tensor([False,  True])
        """
        return Recording.namespace.logical_not(self)

    def pow(self, exponent: Any) -> Tensor:
        """Raised to a power, ``x ** exponent``.

        Args:
            exponent: a number or a tensor that broadcasts with this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0, 3.0]).pow(2)
            Tensor([1., 4., 9.])
        """
        return Recording.namespace.power(self, exponent)

    def dot(self, other: Any) -> Tensor:
        """As `matmul`: of two vectors their inner product.

        Args:
            other: a tensor of shape (..., k, n) or (k,), against (..., m, k) or (k,) of this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).dot(zk.tensor([3.0, 4.0]))
            Tensor(11.)
        """
        return Recording.namespace.matmul(self, other)

    def matmul(self, other: Any) -> Tensor:
        """The matrix product, ``out[..., i, j] = sum_k x[..., i, k] * other[..., k, j]``.

        Args:
            other: a tensor of shape (..., k, n) or (k,), against (..., m, k) or (k,) of this one.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, 2.0]).matmul(zk.tensor([3.0, 4.0]))
            Tensor(11.)
        """
        return Recording.namespace.matmul(self, other)

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
