"""The beta function, its logarithm, and binomial coefficients."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import Array
from zkynet.ops.define import op
from zkynet.ops.kinds import as_array
from zkynet.ops.precision import widened_all
from zkynet.special.gamma_functions import HALF_LOG_2_PI, gammaln_of, stirling_rest

__all__ = ["beta", "betaln", "binom"]


def betaln_of(xp: Any, a: Any, b: Any) -> Any:
    """`betaln` on arrays of float32 or float64."""
    least, most = xp.minimum(a, b), xp.maximum(a, b)
    unbounded = (most == math.inf) & (least > -math.inf)
    small, big = xp.where(unbounded, 1.0, least), xp.where(unbounded, 1.0, most)
    direct = gammaln_of(xp, small) + gammaln_of(xp, big) - gammaln_of(xp, small + big)
    # large arguments: what the logarithms of gamma have in common is left out (Didonato and Morris 1992, section 4)
    p, q = xp.maximum(small, 3.0), xp.maximum(big, 3.0)
    rest = stirling_rest(xp, q) - stirling_rest(xp, p + q)
    both = (p - 0.5) * xp.log(p / (p + q)) - q * xp.log1p(p / q) - 0.5 * xp.log(q)
    both = both + (stirling_rest(xp, p) + rest + HALF_LOG_2_PI)
    p = xp.clip(small, 0.0, 3.0)
    rest = stirling_rest(xp, q) - stirling_rest(xp, p + q)
    one = gammaln_of(xp, small) + (rest - (q - 0.5) * xp.log1p(p / q) - p * (xp.log(p + q) - 1.0))
    out = xp.where((small <= 0.0) | (big < 3.0), direct, xp.where(small < 3.0, one, both))
    out = xp.where(unbounded, xp.copysign(xp.full_like(out, math.inf), -least), out)
    return xp.where(((a == 0) | (b == 0)) & (a == a) & (b == b), math.inf, out)


def gamma_sign(xp: Any, x: Any) -> Any:
    """The sign of the gamma function."""
    down = xp.floor(xp.minimum(x, 0.0))
    odd = down - 2.0 * xp.floor(0.5 * down)
    return xp.where(x < 0, 1.0 - 2.0 * odd, xp.ones_like(x))


@op(name="special.betaln", kinds="real float", elementwise=True)
def betaln(xp: Any, a: Array, b: Array) -> Array:
    """The logarithm of the absolute value of the beta function, ``log(gamma(a) gamma(b) / gamma(a + b))``.

    Args:
        a: a tensor of real numbers.
        b: a tensor of real numbers that broadcasts with `a`.

    Example:
        >>> import zkynet as zk
        >>> zk.special.betaln(zk.tensor([1.0, 1e6], dtype="float64"), 2.0)
        Tensor([ -0.69314718, -27.63102212], dtype=float64)
    """
    return widened_all(betaln_of, xp, a, b)


def digamma_excess(xp: Any, x: Any, y: Any) -> Any:
    """``digamma(x) - digamma(x + y)``; either may be a Python number."""
    x = as_array(xp, x, y)
    return xp.special.digamma(x) - xp.special.digamma(x + y)


@betaln.gradient("a")
def _(xp: Any, g: Any, a: Any, b: Any) -> Any:
    return g * digamma_excess(xp, a, b)


@betaln.gradient("b")
def _(xp: Any, g: Any, a: Any, b: Any) -> Any:
    return g * digamma_excess(xp, b, a)


@op(name="special.beta", kinds="real float", elementwise=True)
def beta(xp: Any, a: Array, b: Array) -> Array:
    """The beta function ``gamma(a) gamma(b) / gamma(a + b)``.

    Args:
        a: a tensor of real numbers.
        b: a tensor of real numbers that broadcasts with `a`.

    Example:
        >>> import zkynet as zk
        >>> zk.special.beta(zk.tensor([1.0, 0.5], dtype="float64"), 2.0)
        Tensor([0.5       , 1.33333333], dtype=float64)
    """
    return widened_all(beta_of, xp, a, b)


def beta_of(xp: Any, a: Any, b: Any) -> Any:
    """`beta` on arrays of float32 or float64."""
    sign = gamma_sign(xp, a) * gamma_sign(xp, b) * gamma_sign(xp, a + b)
    return sign * xp.exp(betaln_of(xp, a, b))


@beta.gradient("a")
def _(xp: Any, g: Any, a: Any, b: Any, ans: Any) -> Any:
    return g * (ans * digamma_excess(xp, a, b))


@beta.gradient("b")
def _(xp: Any, g: Any, a: Any, b: Any, ans: Any) -> Any:
    return g * (ans * digamma_excess(xp, b, a))


@op(name="special.binom", kinds="real float", elementwise=True)
def binom(xp: Any, n: Array, k: Array) -> Array:
    """The binomial coefficient ``gamma(n + 1) / (gamma(k + 1) gamma(n - k + 1))``, whole for whole arguments.

    Args:
        n: a tensor of numbers above -1.
        k: a tensor of real numbers that broadcasts with `n`.

    Example:
        >>> import zkynet as zk
        >>> zk.special.binom(5.0, zk.tensor([0.0, 1.0, 2.0], dtype="float64"))
        Tensor([ 1.,  5., 10.], dtype=float64)
    """
    return widened_all(_binom, xp, n, k)


def _binom(xp: Any, n: Any, k: Any) -> Any:
    out = 1.0 / ((n + 1.0) * beta_of(xp, n - (k - 1.0), k + 1.0))
    whole = xp.round(out)
    exact = (n == xp.floor(n)) & (k == xp.floor(k)) & (xp.abs(out) < 0.002 / xp.finfo(out.dtype).eps)
    return xp.where(exact, whole, out)


@binom.gradient("n")
def _(xp: Any, g: Any, n: Any, k: Any, ans: Any) -> Any:
    return g * (ans * -digamma_excess(xp, n - (k - 1.0), k))


@binom.gradient("k")
def _(xp: Any, g: Any, n: Any, k: Any, ans: Any) -> Any:
    k = as_array(xp, k, n)
    return g * (ans * (xp.special.digamma(n - (k - 1.0)) - xp.special.digamma(k + 1.0)))
