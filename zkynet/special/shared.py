"""The special functions that the main namespace has too, where NumPy and PyTorch users look for them."""

from zkynet.special import digamma, erf, erfc, erfinv, i0, lgamma, logit, polygamma, sinc, xlogy

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "i0",
    "lgamma",
    "logit",
    "polygamma",
    "sinc",
    "xlogy",
]
