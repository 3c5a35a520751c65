"""What a backend cannot do, each with its reason: tests that have to fail there, so that a change is noticed."""

from __future__ import annotations

NO_ARITHMETIC: dict[str, tuple[str, ...]] = {"torch": ("uint16", "uint32", "uint64")}
"""Dtypes by backend that exist there, but that its functions do not take: most of PyTorch's kernels lack them."""

_SIGN = "NumPy's tanh follows C: next to infinity the imaginary part is a zero with the sign of sin(2 b), not of b"
_TANH = {
    "test_complex[tanh inf pos]": _SIGN,
    "test_complex_symmetry[tanh]": _SIGN,
    "test_circular_functions_are_turned_hyperbolic_ones[tan]": _SIGN,
}

UNABLE: dict[str, dict[str, str]] = {
    "numpy": _TANH,
    "jax": {},
    "strict": _TANH,
    "torch": {},
}
"""By backend: the name of a test, or the beginning of names and a ``*``, and the reason."""
