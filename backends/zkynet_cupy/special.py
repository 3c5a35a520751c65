"""Special functions that CuPy computes in one launch, as kernels of the ops in `zkynet.special`.

Only those that hold against SciPy over their whole domain, infinities and NaN included. Left to the generic bodies as
of CuPy 14.2: ``i0e`` and ``i1e`` (overflow inside for large arguments), ``exprel``, ``sinc`` and ``xlog1py`` (lose a
NaN), ``logit`` and ``kl_div`` (cancellation), ``rel_entr`` (overflow), ``log_ndtr`` (few digits in float32), ``beta``
and ``betaln`` (poles), ``polygamma`` (negative arguments).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

NAMES = (
    "binom",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcinv",
    "erfcx",
    "erfinv",
    "gamma",
    "gammaln",
    "i0",
    "i1",
    "ndtr",
    "ndtri",
    "xlogy",
    "zeta",
)
"""What zkynet, SciPy and CuPy call alike, with the same arguments."""


def make_special(cupy: Any) -> dict[str, Callable[..., Any]]:
    """The ops by name."""
    out: dict[str, Callable[..., Any]] = {f"special.{name}": kernel(name) for name in NAMES}
    for name in ("gammainc", "gammaincc"):
        out[f"special.{name}"] = keeping_nan(cupy, kernel(name))
    return out


def kernel(name: str) -> Callable[..., Any]:
    """CuPy's function, in float32 for the 16-bit types."""
    function: Any = None

    def run(xp: Any, *args: Any) -> Any:
        nonlocal function
        if function is None:
            import cupyx.scipy.special  # when first used: it takes a while

            function = getattr(cupyx.scipy.special, name)
        dtype = next(a.dtype for a in args if hasattr(a, "dtype"))
        if dtype.itemsize > 2:
            return function(*args)
        return function(*[a.astype("float32") if hasattr(a, "dtype") else a for a in args]).astype(dtype)

    return run


def keeping_nan(cupy: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two arguments that gives NaN if one of them is."""

    def run(xp: Any, a: Any, x: Any) -> Any:
        out = function(xp, a, x)
        cupy.copyto(out, float("nan"), where=cupy.isnan(a + x))
        return out

    return run
