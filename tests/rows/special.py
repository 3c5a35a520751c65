"""Rows for zkynet/special; SciPy is the reference."""

import numpy as np
import scipy.special as sp
from table import Row, away_from_zero, normal, positive, uniform

from zkynet.ops.define import OPS


def sinc(x):
    return np.sinc(x)


def density(a, x):
    return np.exp((a - 1) * np.log(x) - x - sp.gammaln(a))


def slope(a, x):
    """Of gammainc by its first argument, by differences of order six."""
    h = 1e-3
    weights = {-3: -1, -2: 9, -1: -45, 1: 45, 2: -9, 3: 1}
    return sum(w * sp.gammainc(a + k * h, x) for k, w in weights.items()) / (60 * h)


def inner(name):
    """Call an op that has no public name of its own."""
    return lambda zk, *args: OPS[name].call(*args)


S = (3, 4)

ROWS = [
    Row("special.erf", (normal(*S),), sp.erf),
    Row("special.erfc", (normal(*S),), sp.erfc),
    Row("special.erfcx", (normal(*S),), sp.erfcx),
    Row("special.erfcx:large", (uniform(11.0, 13.0, *S),), sp.erfcx),
    Row("special.erfinv", (uniform(-0.8, 0.8, *S),), sp.erfinv),
    Row("special.erfcinv", (uniform(0.2, 1.8, *S),), sp.erfcinv),
    Row("special.ndtr", (normal(*S),), sp.ndtr),
    Row("special.log_ndtr", (normal(*S),), sp.log_ndtr),
    Row("special.log_ndtr:tail", (uniform(-40.0, -20.0, *S),), sp.log_ndtr),
    Row("special.ndtri", (uniform(0.1, 0.9, *S),), sp.ndtri),
    Row("special.gammaln", (uniform(0.2, 8.0, *S),), sp.gammaln),
    Row("special.gammaln:negative", (uniform(-2.8, -2.2, *S),), sp.gammaln),
    Row("special.gamma", (uniform(0.5, 4.0, *S),), sp.gamma),
    Row("special.gamma:negative", (uniform(-2.8, -2.2, *S),), sp.gamma),
    Row("special.digamma", (uniform(0.5, 8.0, *S),), sp.digamma),
    Row("special.digamma:negative", (uniform(-2.7, -2.3, *S),), sp.digamma),
    Row(
        "special.polygamma",
        (uniform(0.6, 8.0, *S),),
        lambda x: sp.polygamma(1, x),
        lambda zk, x: zk.special.polygamma(1, x),
    ),
    Row(
        "special.polygamma:2",
        (uniform(1.0, 8.0, *S),),
        lambda x: sp.polygamma(2, x),
        lambda zk, x: zk.special.polygamma(2, x),
    ),
    Row(
        "special.polygamma:negative",
        (uniform(-1.7, -1.3, *S),),
        lambda x: np.pi**2 / np.sin(np.pi * x) ** 2 - sp.polygamma(1, 1 - x),
        lambda zk, x: zk.special.polygamma(1, x),
    ),
    Row(
        "special.zeta",
        (uniform(1.0, 4.0, *S),),
        lambda q: sp.zeta(2.5, q),
        lambda zk, q: zk.special.zeta(2.5, q),
    ),
    Row("special.beta", (positive(*S), positive(*S)), sp.beta),
    Row("special.betaln", (positive(*S), positive(*S)), sp.betaln),
    Row("special.betaln:large", (uniform(1.0, 9.0, *S), uniform(4.0, 20.0, *S)), sp.betaln),
    Row("special.binom", (uniform(3.0, 6.0, *S), uniform(0.5, 2.5, *S)), sp.binom),
    Row("special.gammainc", (uniform(0.5, 6.0, *S), uniform(0.5, 6.0, *S)), sp.gammainc, order=1),
    Row(
        "special.gammainc:twice",
        (uniform(0.5, 6.0, *S),),
        lambda x: sp.gammainc(1.7, x),
        lambda zk, x: zk.special.gammainc(1.7, x),
    ),
    Row("special.gammaincc", (uniform(0.5, 6.0, *S), uniform(0.5, 6.0, *S)), sp.gammaincc, order=1),
    Row("special.gamma_density", (positive(*S), positive(*S)), density, inner("special.gamma_density")),
    Row(
        "special.gammainc_slope",
        (positive(*S),),
        lambda x: slope(2.3, x),
        lambda zk, x: OPS["special.gammainc_slope"].call(2.3, x),
        rtol=1e-8,
    ),
    Row("special.i0", (normal(*S),), sp.i0),
    Row("special.i0e", (away_from_zero(*S),), sp.i0e),
    Row("special.i0e:large", (uniform(15.0, 25.0, *S),), sp.i0e),
    Row("special.i1", (away_from_zero(*S),), sp.i1),
    Row("special.i1e", (away_from_zero(*S),), sp.i1e),
    Row("special.i1e:large", (uniform(-25.0, -15.0, *S),), sp.i1e),
    *(
        Row(
            f"special.bessel_ratio:{order}{', scaled' * scaled}",
            (away_from_zero(*S),),
            lambda x, order=order, scaled=scaled: (sp.ive if scaled else sp.iv)(order, x) / x**order,
            lambda zk, x, order=order, scaled=scaled: OPS["special.bessel_ratio"].call(x, order, scaled),
        )
        for order in (1, 2)
        for scaled in (False, True)
    ),
    Row(
        "special.multigammaln",
        (uniform(2.0, 8.0, *S),),
        lambda x: sp.multigammaln(x, 3),
        lambda zk, x: zk.special.multigammaln(x, 3),
    ),
    Row("special.logit", (uniform(0.1, 0.9, *S),), sp.logit),
    Row("special.sinc", (normal(*S),), sinc),
    Row("special.exprel", (normal(*S),), sp.exprel),
    Row("special.xlogy", (normal(*S), positive(*S)), sp.xlogy),
    Row("special.xlog1py", (normal(*S), uniform(-0.5, 2.0, *S)), sp.xlog1py),
    Row("special.entr", (positive(*S),), sp.entr),
    Row("special.rel_entr", (positive(*S), positive(*S)), sp.rel_entr),
    Row("special.kl_div", (positive(*S), positive(*S)), sp.kl_div),
    Row("special.softmax", (normal(*S),), sp.softmax, batch="over all axes"),
    Row("special.log_softmax", (normal(*S),), sp.log_softmax, batch="over all axes"),
]
