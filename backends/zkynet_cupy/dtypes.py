"""The names of floating and complex dtypes, looked up by the dtype itself: NumPy takes longer to name one.

`NAME[dtype]` takes 0.1 us, ``dtype.name`` 1.5, and a kernel launch some 5.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from zkynet.dtypes import as_dtype
from zkynet.errors import DTypeError

NAME: dict[np.dtype[Any], str] = {np.dtype(n): n for n in ("float16", "float32", "float64", "complex64", "complex128")}
"""By dtype; bfloat16 is among them where ml_dtypes is installed."""

BFLOAT16: set[np.dtype[Any]] = set()
"""Has bfloat16 in it, if that is known at all."""

with suppress(DTypeError):  # ml_dtypes is not installed
    BFLOAT16.add(as_dtype("bfloat16"))
NAME.update(dict.fromkeys(BFLOAT16, "bfloat16"))

HALVES = {np.dtype("float16"), *BFLOAT16}
"""The 16-bit floats."""
