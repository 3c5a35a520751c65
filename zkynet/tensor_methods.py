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
        """The matrix transposed."""
        from zkynet.errors import ShapeError

        if self.ndim != 2:  # type: ignore[attr-defined]
            raise ShapeError(
                f".T is for matrices, this tensor has {self.ndim} axes",  # type: ignore[attr-defined]
                fix="use .mT for the last two axes, or zk.permute_dims for any order",
            )
        return Recording.namespace.matrix_transpose(self)

    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged."""
        return Recording.namespace.matrix_transpose(self)

    @property
    def real(self) -> Tensor:
        """The real part."""
        return Recording.namespace.real(self)

    @property
    def imag(self) -> Tensor:
        """The imaginary part."""
        return Recording.namespace.imag(self)

    # -- methods: as the functions of the same name -----------------------------------------------------------------

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum over axes."""
        return Recording.namespace.sum(self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The product over axes."""
        return Recording.namespace.prod(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean over axes."""
        return Recording.namespace.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest element over axes."""
        return Recording.namespace.max(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The smallest element over axes."""
        return Recording.namespace.min(self, axis=axis, keepdims=keepdims)

    def all(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Whether all elements over axes are true."""
        return Recording.namespace.all(self, axis=axis, keepdims=keepdims)

    def any(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """Whether any element over axes is true."""
        return Recording.namespace.any(self, axis=axis, keepdims=keepdims)

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The logarithm of the sum of exponentials over axes."""
        return Recording.namespace.logsumexp(self, axis=axis, keepdims=keepdims)

    def var(self, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        """The variance over axes."""
        return Recording.namespace.var(self, axis=axis, correction=correction, keepdims=keepdims)

    def std(self, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
        """The standard deviation over axes."""
        return Recording.namespace.std(self, axis=axis, correction=correction, keepdims=keepdims)

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The position of the largest element."""
        return Recording.namespace.argmax(self, axis=axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The position of the smallest element."""
        return Recording.namespace.argmin(self, axis=axis, keepdims=keepdims)

    def softmax(self, axis: int = -1) -> Tensor:
        """The softmax along an axis."""
        return Recording.namespace.softmax(self, axis=axis)

    def log_softmax(self, axis: int = -1) -> Tensor:
        """The logarithm of the softmax along an axis."""
        return Recording.namespace.log_softmax(self, axis=axis)

    def cumsum(self, axis: int = -1) -> Tensor:
        """The running sum along an axis."""
        return Recording.namespace.cumulative_sum(self, axis=axis)

    def cumprod(self, axis: int = -1) -> Tensor:
        """The running product along an axis."""
        return Recording.namespace.cumulative_prod(self, axis=axis)

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in another shape; one length may be -1."""
        return Recording.namespace.reshape(self, shape[0] if len(shape) == 1 else shape)

    def view(self, *shape: Any) -> Tensor:
        """As `reshape`."""
        return Recording.namespace.reshape(self, shape[0] if len(shape) == 1 else shape)

    def flatten(self, start: int = 0, end: int = -1) -> Tensor:
        """The axes from `start` to `end` made one."""
        return Recording.namespace.flatten(self, start, end)

    def ravel(self) -> Tensor:
        """All elements along one axis."""
        return Recording.namespace.reshape(self, (-1,))

    def transpose(self, *axes: Any) -> Tensor:
        """Two axes exchanged (as in PyTorch), or all of them reordered (as in NumPy)."""
        return Recording.namespace.transpose(self, *axes)

    def permute(self, *axes: Any) -> Tensor:
        """The axes in another order."""
        return Recording.namespace.permute_dims(
            self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        )

    def swapaxes(self, a: int, b: int) -> Tensor:
        """Two axes exchanged."""
        return Recording.namespace.swapaxes(self, a, b)

    def squeeze(self, axis: Axis = None) -> Tensor:
        """Without axes of length one."""
        return Recording.namespace.squeeze(self, axis)

    def unsqueeze(self, axis: int) -> Tensor:
        """With one more axis of length one."""
        return Recording.namespace.expand_dims(self, axis=axis)

    def expand(self, *shape: Any) -> Tensor:
        """Broadcast to a shape."""
        return Recording.namespace.broadcast_to(
            self, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        )

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """Elements repeated one by one, as in NumPy."""
        return Recording.namespace.repeat(self, repeats, axis=axis)

    def split(self, sizes: Any, axis: int = 0) -> tuple[Tensor, ...]:
        """Pieces along an axis."""
        return Recording.namespace.split(self, sizes, axis=axis)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Limited to an interval."""
        return Recording.namespace.clip(self, min, max)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """As `clip`."""
        return Recording.namespace.clip(self, min, max)

    def exp(self) -> Tensor:
        """Element by element, see `zkynet.exp`."""
        return Recording.namespace.exp(self)

    def log(self) -> Tensor:
        """Element by element, see `zkynet.log`."""
        return Recording.namespace.log(self)

    def log2(self) -> Tensor:
        """Element by element, see `zkynet.log2`."""
        return Recording.namespace.log2(self)

    def log10(self) -> Tensor:
        """Element by element, see `zkynet.log10`."""
        return Recording.namespace.log10(self)

    def log1p(self) -> Tensor:
        """Element by element, see `zkynet.log1p`."""
        return Recording.namespace.log1p(self)

    def expm1(self) -> Tensor:
        """Element by element, see `zkynet.expm1`."""
        return Recording.namespace.expm1(self)

    def sqrt(self) -> Tensor:
        """Element by element, see `zkynet.sqrt`."""
        return Recording.namespace.sqrt(self)

    def rsqrt(self) -> Tensor:
        """Element by element, see `zkynet.rsqrt`."""
        return Recording.namespace.rsqrt(self)

    def square(self) -> Tensor:
        """Element by element, see `zkynet.square`."""
        return Recording.namespace.square(self)

    def sin(self) -> Tensor:
        """Element by element, see `zkynet.sin`."""
        return Recording.namespace.sin(self)

    def cos(self) -> Tensor:
        """Element by element, see `zkynet.cos`."""
        return Recording.namespace.cos(self)

    def tan(self) -> Tensor:
        """Element by element, see `zkynet.tan`."""
        return Recording.namespace.tan(self)

    def asin(self) -> Tensor:
        """Element by element, see `zkynet.asin`."""
        return Recording.namespace.asin(self)

    def acos(self) -> Tensor:
        """Element by element, see `zkynet.acos`."""
        return Recording.namespace.acos(self)

    def atan(self) -> Tensor:
        """Element by element, see `zkynet.atan`."""
        return Recording.namespace.atan(self)

    def sinh(self) -> Tensor:
        """Element by element, see `zkynet.sinh`."""
        return Recording.namespace.sinh(self)

    def cosh(self) -> Tensor:
        """Element by element, see `zkynet.cosh`."""
        return Recording.namespace.cosh(self)

    def tanh(self) -> Tensor:
        """Element by element, see `zkynet.tanh`."""
        return Recording.namespace.tanh(self)

    def sigmoid(self) -> Tensor:
        """Element by element, see `zkynet.sigmoid`."""
        return Recording.namespace.sigmoid(self)

    def relu(self) -> Tensor:
        """Element by element, see `zkynet.relu`."""
        return Recording.namespace.relu(self)

    def abs(self) -> Tensor:
        """Element by element, see `zkynet.abs`."""
        return Recording.namespace.abs(self)

    def sign(self) -> Tensor:
        """Element by element, see `zkynet.sign`."""
        return Recording.namespace.sign(self)

    def floor(self) -> Tensor:
        """Element by element, see `zkynet.floor`."""
        return Recording.namespace.floor(self)

    def ceil(self) -> Tensor:
        """Element by element, see `zkynet.ceil`."""
        return Recording.namespace.ceil(self)

    def round(self) -> Tensor:
        """Element by element, see `zkynet.round`."""
        return Recording.namespace.round(self)

    def trunc(self) -> Tensor:
        """Element by element, see `zkynet.trunc`."""
        return Recording.namespace.trunc(self)

    def erf(self) -> Tensor:
        """Element by element, see `zkynet.special.erf`."""
        return Recording.namespace.special.erf(self)

    def reciprocal(self) -> Tensor:
        """Element by element, see `zkynet.reciprocal`."""
        return Recording.namespace.reciprocal(self)

    def conj(self) -> Tensor:
        """Element by element, see `zkynet.conj`."""
        return Recording.namespace.conj(self)

    def isnan(self) -> Tensor:
        """Element by element, see `zkynet.isnan`."""
        return Recording.namespace.isnan(self)

    def isinf(self) -> Tensor:
        """Element by element, see `zkynet.isinf`."""
        return Recording.namespace.isinf(self)

    def isfinite(self) -> Tensor:
        """Element by element, see `zkynet.isfinite`."""
        return Recording.namespace.isfinite(self)

    def logical_not(self) -> Tensor:
        """Element by element, see `zkynet.logical_not`."""
        return Recording.namespace.logical_not(self)

    def pow(self, exponent: Any) -> Tensor:
        """Raised to a power."""
        return Recording.namespace.power(self, exponent)

    def dot(self, other: Any) -> Tensor:
        """The matrix product."""
        return Recording.namespace.matmul(self, other)

    def matmul(self, other: Any) -> Tensor:
        """The matrix product."""
        return Recording.namespace.matmul(self, other)

    def take(self, indices: Any, axis: int | None = None) -> Tensor:
        """Elements at positions along an axis."""
        return Recording.namespace.take(self, indices, axis=axis)

    def gather(self, indices: Any, axis: int = -1) -> Tensor:
        """One element for each index along an axis."""
        return Recording.namespace.gather(self, indices, axis=axis)

    def scatter_add(self, indices: Any, values: Any, axis: int = -1) -> Tensor:
        """A copy with values added at positions along an axis."""
        return Recording.namespace.scatter_add(self, indices, values, axis=axis)

    def masked_fill(self, mask: Any, value: Any) -> Tensor:
        """A copy with a value where the mask is true."""
        return Recording.namespace.masked_fill(self, mask, value)

    def sort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The elements in order."""
        return Recording.namespace.sort(self, axis=axis, descending=descending)

    def argsort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The positions that put the elements in order."""
        return Recording.namespace.argsort(self, axis=axis, descending=descending)

    def nonzero(self) -> tuple[Tensor, ...]:
        """The positions of the elements that are not zero."""
        return Recording.namespace.nonzero(self)

    def norm(self, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The vector or matrix norm."""
        return Recording.namespace.linalg.norm(self, ord=ord, axis=axis, keepdims=keepdims)

    def astype(self, dtype: DTypeLike, copy: bool = True) -> Tensor:
        """In another dtype."""
        return Recording.namespace.astype(self, dtype, copy=copy)

    def float(self) -> Tensor:
        """As float32."""
        return Recording.namespace.astype(self, "float32", copy=False)

    def double(self) -> Tensor:
        """As float64."""
        return Recording.namespace.astype(self, "float64", copy=False)

    def half(self) -> Tensor:
        """As float16."""
        return Recording.namespace.astype(self, "float16", copy=False)

    def long(self) -> Tensor:
        """As int64."""
        return Recording.namespace.astype(self, "int64", copy=False)

    def int(self) -> Tensor:
        """As int32."""
        return Recording.namespace.astype(self, "int32", copy=False)

    def bool(self) -> Tensor:
        """As bool."""
        return Recording.namespace.astype(self, "bool", copy=False)

    def clone(self) -> Tensor:
        """A copy in memory of its own, through which gradients flow."""
        return Recording.namespace.copy(self)

    def copy(self) -> Tensor:
        """A copy in memory of its own, through which gradients flow."""
        return Recording.namespace.copy(self)

    def to_device(self, device: str, /, *, stream: Any = None) -> Tensor:
        """On another device of the same backend."""
        return Recording.namespace.to_device(self, device, stream=stream)

    def to(self, target: Any = None, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Tensor:
        """On another backend (by name), device or dtype."""
        return Recording.namespace.convert(self, target, dtype=dtype, device=device)

    def cpu(self) -> Tensor:
        """On the host."""
        return Recording.namespace.convert(self, "cpu")

    def type_as(self, other: Tensor) -> Tensor:
        """In the dtype of another tensor."""
        return Recording.namespace.astype(self, other.dtype, copy=False)
