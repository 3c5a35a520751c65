"""Operators of `Tensor`, and its methods that work element by element: each calls the function of the same meaning.

Functions stand on the floor above, so they are reached through `Recording.namespace`; `zkynet.ops.operators` puts the
binary operators directly into the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class ElementwiseMethods:
    """What a tensor can do with each of its elements, by way of zkynet's functions."""

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

    def __round__(self, decimals: int = 0) -> Tensor:
        return Recording.namespace.round(self, decimals)

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return other // self, other % self

    # -- functions of one or two tensors ------------------------------------------------------------------------------

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

    def round(self, decimals: int = 0) -> Tensor:
        """Element by element, see `zkynet.round`."""
        return Recording.namespace.round(self, decimals)

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

    def exp2(self) -> Tensor:
        """Element by element, see `zkynet.exp2`."""
        return Recording.namespace.exp2(self)

    def asinh(self) -> Tensor:
        """Element by element, see `zkynet.asinh`."""
        return Recording.namespace.asinh(self)

    def acosh(self) -> Tensor:
        """Element by element, see `zkynet.acosh`."""
        return Recording.namespace.acosh(self)

    def atanh(self) -> Tensor:
        """Element by element, see `zkynet.atanh`."""
        return Recording.namespace.atanh(self)

    def angle(self) -> Tensor:
        """Element by element, see `zkynet.angle`."""
        return Recording.namespace.angle(self)

    def log_sigmoid(self) -> Tensor:
        """Element by element, see `zkynet.log_sigmoid`."""
        return Recording.namespace.log_sigmoid(self)

    def neg(self) -> Tensor:
        """Element by element, see `zkynet.negative`."""
        return Recording.namespace.negative(self)

    def pow(self, exponent: Any) -> Tensor:
        """Element by element, see `zkynet.power`."""
        return Recording.namespace.power(self, exponent)

    def add(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.add`."""
        return Recording.namespace.add(self, other)

    def sub(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.subtract`."""
        return Recording.namespace.subtract(self, other)

    def mul(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.multiply`."""
        return Recording.namespace.multiply(self, other)

    def div(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.divide`."""
        return Recording.namespace.divide(self, other)

    def remainder(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.remainder`."""
        return Recording.namespace.remainder(self, other)

    def maximum(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.maximum`."""
        return Recording.namespace.maximum(self, other)

    def minimum(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.minimum`."""
        return Recording.namespace.minimum(self, other)

    def atan2(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.atan2`."""
        return Recording.namespace.atan2(self, other)

    def eq(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.equal`."""
        return Recording.namespace.equal(self, other)

    def ne(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.not_equal`."""
        return Recording.namespace.not_equal(self, other)

    def lt(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.less`."""
        return Recording.namespace.less(self, other)

    def le(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.less_equal`."""
        return Recording.namespace.less_equal(self, other)

    def gt(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.greater`."""
        return Recording.namespace.greater(self, other)

    def ge(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.greater_equal`."""
        return Recording.namespace.greater_equal(self, other)

    def logical_and(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.logical_and`."""
        return Recording.namespace.logical_and(self, other)

    def logical_or(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.logical_or`."""
        return Recording.namespace.logical_or(self, other)

    def logical_xor(self, other: Any) -> Tensor:
        """Element by element, see `zkynet.logical_xor`."""
        return Recording.namespace.logical_xor(self, other)

    def isclose(self, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
        """Element by element, see `zkynet.isclose`."""
        return Recording.namespace.isclose(self, other, rtol, atol, equal_nan)

    def lerp(self, end: Any, weight: Any) -> Tensor:
        """Element by element, see `zkynet.lerp`."""
        return Recording.namespace.lerp(self, end, weight)

    def nan_to_num(self, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
        """Element by element, see `zkynet.nan_to_num`."""
        return Recording.namespace.nan_to_num(self, nan, posinf, neginf)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Limited to an interval, see `zkynet.clip`."""
        return Recording.namespace.clip(self, min, max)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """As `clip`."""
        return Recording.namespace.clip(self, min, max)

    def masked_fill(self, mask: Any, value: Any) -> Tensor:
        """A copy with a value where the mask is true."""
        return Recording.namespace.masked_fill(self, mask, value)

    def where(self, condition: Any, other: Any) -> Tensor:
        """Its own elements where the condition is true, those of `other` elsewhere."""
        return Recording.namespace.where(condition, self, other)

    # -- in place: the tensor stands for a new value, as with x += y --------------------------------------------------

    def add_(self, other: Any) -> Self:
        """``x += other``."""
        self += other
        return self

    def sub_(self, other: Any) -> Self:
        """``x -= other``."""
        self -= other
        return self

    def mul_(self, other: Any) -> Self:
        """``x *= other``."""
        self *= other
        return self

    def div_(self, other: Any) -> Self:
        """``x /= other``."""
        self /= other
        return self

    def fill_(self, value: Any) -> Self:
        """``x[...] = value``."""
        self[...] = value
        return self

    def zero_(self) -> Self:
        """``x[...] = 0``."""
        self[...] = 0
        return self

    def copy_(self, other: Any) -> Self:
        """``x[...] = other``."""
        self[...] = other
        return self
