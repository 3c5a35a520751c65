"""The methods of `Tensor` about axes, places and types: each calls the function of the same meaning."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from zkynet._typing import Axis, DeviceLike, DTypeLike
from zkynet.elementwise_methods import ElementwiseMethods
from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class TensorMethods(ElementwiseMethods):
    """What a tensor can do, by way of zkynet's functions."""

    __slots__ = ()

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

    def cumsum(self, axis: int | None = None) -> Tensor:
        """The running sum along an axis."""
        return Recording.namespace.cumulative_sum(self, axis=axis)

    def cumprod(self, axis: int | None = None) -> Tensor:
        """The running product along an axis."""
        return Recording.namespace.cumulative_prod(self, axis=axis)

    def median(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The value in the middle over axes."""
        return Recording.namespace.median(self, axis=axis, keepdims=keepdims)

    def quantile(self, q: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The value below which the fraction `q` of the elements lies."""
        return Recording.namespace.quantile(self, q, axis=axis, keepdims=keepdims)

    def nansum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The sum over axes of what is not NaN."""
        return Recording.namespace.nansum(self, axis=axis, keepdims=keepdims)

    def nanmean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The mean over axes of what is not NaN."""
        return Recording.namespace.nanmean(self, axis=axis, keepdims=keepdims)

    def count_nonzero(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """How many elements over axes are not zero."""
        return Recording.namespace.count_nonzero(self, axis=axis, keepdims=keepdims)

    def diff(self, axis: int = -1, n: int = 1) -> Tensor:
        """The differences of neighbours along an axis."""
        return Recording.namespace.diff(self, axis=axis, n=n)

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

    def unflatten(self, axis: int, sizes: Any) -> Tensor:
        """One axis split into several."""
        return Recording.namespace.unflatten(self, axis, sizes)

    def moveaxis(self, source: Any, destination: Any) -> Tensor:
        """Axes moved to other places."""
        return Recording.namespace.moveaxis(self, source, destination)

    def flip(self, axis: Axis = None) -> Tensor:
        """In reverse order along axes."""
        return Recording.namespace.flip(self, axis=axis)

    def roll(self, shift: Any, axis: Axis = None) -> Tensor:
        """Moved along axes, from one end to the other."""
        return Recording.namespace.roll(self, shift, axis=axis)

    def tile(self, *repetitions: Any) -> Tensor:
        """The whole repeated along its axes."""
        return Recording.namespace.tile(self, repetitions[0] if len(repetitions) == 1 else repetitions)

    def expand_as(self, other: Tensor) -> Tensor:
        """Broadcast to the shape of another tensor."""
        return Recording.namespace.broadcast_to(self, other.shape)

    def view_as(self, other: Tensor) -> Tensor:
        """In the shape of another tensor."""
        return Recording.namespace.reshape(self, other.shape)

    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """Elements repeated one by one, as in NumPy."""
        return Recording.namespace.repeat(self, repeats, axis=axis)

    def split(self, sizes: Any, axis: int = 0) -> tuple[Tensor, ...]:
        """Pieces along an axis."""
        return Recording.namespace.split(self, sizes, axis=axis)

    def chunk(self, n: int, axis: int = 0) -> tuple[Tensor, ...]:
        """At most `n` pieces along an axis."""
        return Recording.namespace.chunk(self, n, axis=axis)

    def unbind(self, axis: int = 0) -> tuple[Tensor, ...]:
        """The slices along an axis."""
        return Recording.namespace.unstack(self, axis=axis)

    def diag(self, k: int = 0) -> Tensor:
        """The diagonal of a matrix, or the matrix with this vector on its diagonal."""
        return Recording.namespace.diag(self, k)

    def tril(self, k: int = 0) -> Tensor:
        """The lower triangle of matrices."""
        return Recording.namespace.tril(self, k)

    def triu(self, k: int = 0) -> Tensor:
        """The upper triangle of matrices."""
        return Recording.namespace.triu(self, k)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The diagonal of two axes."""
        return Recording.namespace.diagonal(self, offset, axis1, axis2)

    def trace(self) -> Tensor:
        """The sum of the diagonal of matrices."""
        return Recording.namespace.linalg.trace(self)

    def dot(self, other: Any) -> Tensor:
        """The matrix product."""
        return Recording.namespace.matmul(self, other)

    def matmul(self, other: Any) -> Tensor:
        """The matrix product."""
        return Recording.namespace.matmul(self, other)

    def mm(self, other: Any) -> Tensor:
        """The matrix product."""
        return Recording.namespace.matmul(self, other)

    def bmm(self, other: Any) -> Tensor:
        """The products of stacks of matrices."""
        return Recording.namespace.matmul(self, other)

    def outer(self, other: Any) -> Tensor:
        """Every element times every element of another tensor."""
        return Recording.namespace.outer(self, other)

    def take(self, indices: Any, axis: int | None = None) -> Tensor:
        """Elements at positions along an axis."""
        return Recording.namespace.take(self, indices, axis=axis)

    def gather(self, indices: Any, axis: int = -1) -> Tensor:
        """One element for each index along an axis."""
        return Recording.namespace.gather(self, indices, axis=axis)

    def scatter_add(self, indices: Any, values: Any, axis: int = -1) -> Tensor:
        """A copy with values added at positions along an axis."""
        return Recording.namespace.scatter_add(self, indices, values, axis=axis)

    def scatter(self, indices: Any, values: Any, axis: int = -1) -> Tensor:
        """A copy with values written at positions along an axis."""
        return Recording.namespace.scatter(self, indices, values, axis=axis)

    def take_along_axis(self, indices: Any, axis: int = -1) -> Tensor:
        """One element for each index along an axis."""
        return Recording.namespace.take_along_axis(self, indices, axis=axis)

    def masked_select(self, mask: Any) -> Tensor:
        """The elements where the mask is true, along one axis."""
        return Recording.namespace.masked_select(self, mask)

    def sort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The elements in order."""
        return Recording.namespace.sort(self, axis=axis, descending=descending)

    def argsort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The positions that put the elements in order."""
        return Recording.namespace.argsort(self, axis=axis, descending=descending)

    def topk(self, k: int, axis: int = -1, largest: bool = True) -> Any:
        """The `k` largest (or smallest) elements along an axis and their positions."""
        return Recording.namespace.topk(self, k, axis=axis, largest=largest)

    def unique(self) -> Tensor:
        """The different values in order."""
        return Recording.namespace.unique_values(self)

    def allclose(self, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> builtins.bool:
        """Whether all elements are close to those of another tensor."""
        return Recording.namespace.allclose(self, other, rtol, atol, equal_nan)

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

    def bfloat16(self) -> Tensor:
        """As bfloat16."""
        return Recording.namespace.astype(self, "bfloat16", copy=False)

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

    def contiguous(self) -> Tensor:
        """The tensor itself: how elements lie in memory is the backend's business."""
        return self  # type: ignore[return-value]

    def is_floating_point(self) -> builtins.bool:
        """Whether its elements are real floating-point numbers."""
        return Recording.namespace.isdtype(self.dtype, "real floating")  # type: ignore[attr-defined]

    def is_complex(self) -> builtins.bool:
        """Whether its elements are complex numbers."""
        return Recording.namespace.isdtype(self.dtype, "complex floating")  # type: ignore[attr-defined]
