"""What a backend cannot do, each with its reason: tests that have to fail there, so that a change is noticed."""

from __future__ import annotations

NO_ARITHMETIC: dict[str, tuple[str, ...]] = {"torch": ("uint16", "uint32", "uint64")}
"""Dtypes by backend that exist there, but that its functions do not take: most of PyTorch's kernels lack them."""

UNABLE: dict[str, dict[str, str]] = {
    "numpy": {},
    "jax": {},
    "strict": {},
    "torch": {},
}
"""By backend: the name of a test, or the beginning of names and a ``*``, and the reason."""
