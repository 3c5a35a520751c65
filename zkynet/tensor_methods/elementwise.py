"""Methods that compute element by element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet.graph import Recording

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


class Elementwise:
    """Methods that compute element by element."""

    __slots__ = ()

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

    def round(self, decimals: int = 0) -> Tensor:
        """The nearest whole number, the even one halfway between two, element by element, see `zkynet.round`.

        Args:
            decimals: how many digits to keep behind the point.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.5, 1.5]).round()
            Tensor([0., 2.])
        """
        return Recording.namespace.round(self, decimals)

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

    def exp2(self) -> Tensor:
        """``2 ** x``, element by element, see `zkynet.exp2`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0, 3.0]).exp2()
            Tensor([1., 8.])
        """
        return Recording.namespace.exp2(self)

    def asinh(self) -> Tensor:
        """The inverse hyperbolic sine, element by element, see `zkynet.asinh`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0]).asinh()
            Tensor([0.])
        """
        return Recording.namespace.asinh(self)

    def acosh(self) -> Tensor:
        """The inverse hyperbolic cosine, element by element, see `zkynet.acosh`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0]).acosh()
            Tensor([0.])
        """
        return Recording.namespace.acosh(self)

    def atanh(self) -> Tensor:
        """The inverse hyperbolic tangent, element by element, see `zkynet.atanh`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([0.0]).atanh()
            Tensor([0.])
        """
        return Recording.namespace.atanh(self)

    def angle(self) -> Tensor:
        """The angle of complex numbers, element by element, see `zkynet.angle`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0 + 0.0j]).angle()
            Tensor([0.])
        """
        return Recording.namespace.angle(self)

    def log_sigmoid(self) -> Tensor:
        """The logarithm of the sigmoid, element by element, see `zkynet.log_sigmoid`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1000.0]).log_sigmoid()
            Tensor([0.])
        """
        return Recording.namespace.log_sigmoid(self)

    def neg(self) -> Tensor:
        """``-x``, element by element, see `zkynet.negative`.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([1.0, -2.0]).neg()
            Tensor([-1.,  2.])
        """
        return Recording.namespace.negative(self)

    def nan_to_num(self, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Tensor:
        """NaN and infinities replaced by numbers, see `zkynet.nan_to_num`.

        Args:
            nan: what stands in for NaN.
            posinf: for infinity, by default the largest number.
            neginf: for minus infinity, by default the smallest number.

        Example:
            >>> import zkynet as zk
            >>> zk.tensor([float("nan"), 1.0]).nan_to_num()
            Tensor([0., 1.])
        """
        return Recording.namespace.nan_to_num(self, nan, posinf, neginf)
