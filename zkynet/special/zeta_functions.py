"""The Hurwitz zeta function, and the higher derivatives of log gamma that are made of it."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from operator import index
from typing import Any

from zkynet._typing import Array, ArrayLike
from zkynet.errors import ArgumentError, GradientError, InvalidValueError, described
from zkynet.ops.define import op
from zkynet.ops.precision import widened, widened_all
from zkynet.tensor import Tensor

__all__ = ["polygamma", "zeta"]

DIRECT = 12
"""So many terms of the sum are added one by one; Euler and Maclaurin's formula (DLMF 25.11.28) does the rest."""


def _bernoulli(count: int) -> list[Fraction]:
    """The Bernoulli numbers B(0), B(1), ..., `count` of them."""
    numbers: list[Fraction] = []
    for m in range(count):
        known = sum((math.comb(m + 1, k) * b for k, b in enumerate(numbers)), Fraction(0))
        numbers.append(Fraction(1) if m == 0 else -known / (m + 1))
    return numbers


CORRECTIONS = tuple(float(b / math.factorial(2 * j)) for j, b in enumerate(_bernoulli(20)[2::2], 1))
"""``B(2j) / (2j)!`` for j = 1, 2, ..., 9."""


def hurwitz(xp: Any, s: Any, q: Any) -> Any:
    """The sum of ``(q + k) ** -s`` over k = 0, 1, 2, ..., for s > 1 (a number or an array) and q > 0."""
    total = xp.pow(q, -s)
    for k in range(1, DIRECT):
        total = total + xp.pow(q + float(k), -s)
    a = q + float(DIRECT)
    power = xp.pow(a, -s)
    total = total + xp.pow(a, 1.0 - s) / (s - 1.0) + 0.5 * power
    inverse = 1.0 / a
    rising = power * s * inverse  # s (s + 1) ... (s + 2j - 2) / a ** (s + 2j - 1)
    for j, c in enumerate(CORRECTIONS):
        total = total + c * rising
        rising = rising * ((s + (2 * j + 1.0)) * inverse) * ((s + (2 * j + 2.0)) * inverse)
    return total


@op(name="special.zeta", kinds="real float", elementwise=True)
def _zeta(xp: Any, x: Array, q: Array) -> Array:
    return widened_all(_zeta_of, xp, x, q)


def _zeta_of(xp: Any, x: Any, q: Any) -> Any:
    regular = (x > 1.0) & (q > 0.0)
    out = hurwitz(xp, xp.where(regular, xp.minimum(x, 1e30), 2.0), xp.where(regular, q, 1.0))
    pole = ((x == 1.0) & (q > 0.0)) | ((x > 1.0) & (q <= 0.0) & (q == xp.floor(q)))
    return xp.where(regular, out, xp.where(pole, xp.full_like(out, math.inf), math.nan))


@_zeta.gradient("q")
def _(xp: Any, g: Any, x: Any, q: Any) -> Any:
    return g * (-x * xp.special.zeta(x + 1.0, q))


@_zeta.gradient("x")
def _(xp: Any, g: Any) -> Any:
    raise GradientError(
        "special.zeta has no gradient with respect to x here, only with respect to q",
        fix="detach x: zk.special.zeta(x.detach(), q)",
        op="special.zeta",
        input="x",
    )


def zeta(x: Array, q: Array = 1.0) -> Tensor:
    """The Hurwitz zeta function, the sum of ``(q + k) ** -x`` over k = 0, 1, 2, ...; Riemann's for q = 1.

    Args:
        x: a tensor of numbers above 1; infinite at 1, NaN below.
        q: a tensor of positive numbers that broadcasts with `x`; infinite at 0, -1, -2, ..., NaN between them.

    Gradient: with respect to `q` only.

    Example:
        >>> import zkynet as zk
        >>> zk.special.zeta(zk.tensor([2.0, 4.0], dtype="float64"))
        Tensor([1.64493407, 1.08232323], dtype=float64)
    """
    return _zeta(x, q)


@cache
def _cotangent_derivative(n: int) -> tuple[int, ...]:
    """The n-th derivative of cot(t) as a polynomial in cot(t), lowest power first: that of cot is -(1 + cot**2).

    Example:
        >>> _cotangent_derivative(1)
        (-1, 0, -1)
    """
    if n == 0:
        return (0, 1)
    slope = [k * c for k, c in enumerate(_cotangent_derivative(n - 1))][1:]
    out = [0] * (len(slope) + 2)
    for k, c in enumerate(slope):
        out[k] -= c
        out[k + 2] -= c
    return tuple(out)


@op(name="special.polygamma", kinds="real float", elementwise=True)
def _polygamma(xp: Any, n: int, x: Array) -> Array:
    return widened(lambda xp, x: _polygamma_of(xp, n, x), xp, x)


def _polygamma_of(xp: Any, n: int, x: Any) -> Any:
    positive = x > 0.0
    sign = -1.0 if n % 2 == 0 else 1.0
    q = xp.where(positive, x, 1.0 - x)
    size = sign * math.factorial(n) * hurwitz(xp, n + 1.0, q)
    # reflection: (-1)**n polygamma(n, 1 - x) - polygamma(n, x) is the n-th derivative of pi cot(pi x)
    bounded = xp.clip(x, -1e17, 0.0)
    r = (bounded - xp.round(bounded)) * math.pi
    pole = ~positive & (r == 0)
    cotangent = xp.cos(r) / xp.where(r == 0, 1.0, xp.sin(r))
    turned = xp.zeros_like(x)
    for c in reversed(_cotangent_derivative(n)):
        turned = turned * cotangent + float(c)
    reflected = -sign * size - math.pi ** (n + 1) * turned
    at_pole = math.inf if n % 2 else math.nan
    at_zero = sign * math.inf
    reflected = xp.where(pole, xp.where(x == 0, at_zero, xp.full_like(x, at_pole)), reflected)
    return xp.where(positive, size, reflected)


@_polygamma.gradient("x")
def _(xp: Any, g: Any, n: int, x: Any) -> Any:
    return g * xp.special.polygamma(n + 1, x)


def polygamma(n: int, x: ArrayLike) -> Tensor:
    """The n-th derivative of `digamma`.

    Args:
        n: which derivative, a whole number from 0 on; 0 is `digamma` itself.
        x: a tensor of real numbers.

    Example:
        >>> import zkynet as zk
        >>> zk.special.polygamma(1, zk.tensor([1.0, 10.0], dtype="float64"))
        Tensor([1.64493407, 0.10516634], dtype=float64)
    """
    from zkynet.special.gamma_functions import digamma

    try:
        order = index(n.item() if hasattr(n, "item") else n)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"special.polygamma: n must be one integer, received {described(n)}",
            fix="call it once for each n",
            op="special.polygamma",
        ) from None
    if order < 0:
        raise InvalidValueError(
            f"special.polygamma: n must not be negative, received {order}",
            fix="pass 0 for digamma, 1 for its derivative, and so on",
            op="special.polygamma",
        )
    if order > 1000:
        raise InvalidValueError(
            f"special.polygamma: no float holds the derivative of order {order}", fix="pass n up to 1000"
        )
    return digamma(x) if order == 0 else _polygamma(order, x)
