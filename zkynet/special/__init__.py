"""Special functions with gradients, under the names and with the arguments that they have in `scipy.special`."""

from zkynet.ops.activations import sigmoid
from zkynet.ops.exponential import exp2, expm1, log1p
from zkynet.ops.logspace import log_sigmoid
from zkynet.special.bessel_functions import i0, i0e, i1, i1e
from zkynet.special.beta_functions import beta, betaln, binom
from zkynet.special.elementary import exprel, logit, sinc
from zkynet.special.entropies import entr, kl_div, rel_entr, xlog1py, xlogy
from zkynet.special.error_functions import erf, erfc, erfcx
from zkynet.special.gamma_functions import digamma, gamma, gammaln, multigammaln
from zkynet.special.incomplete_gamma import gammainc, gammaincc
from zkynet.special.normal import erfcinv, erfinv, log_ndtr, ndtr, ndtri
from zkynet.special.reductions import log_softmax, logsumexp, softmax
from zkynet.special.zeta_functions import polygamma, zeta

loggamma = lgamma = gammaln
psi = digamma
expit, log_expit = sigmoid, log_sigmoid

__all__ = [
    "beta",
    "betaln",
    "binom",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "exprel",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "kl_div",
    "lgamma",
    "log1p",
    "log_expit",
    "log_ndtr",
    "log_softmax",
    "loggamma",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "rel_entr",
    "sinc",
    "softmax",
    "xlog1py",
    "xlogy",
    "zeta",
]


def __dir__() -> list[str]:
    return __all__
