"""Linear algebra: the extension of the Array API standard, and what users of NumPy and PyTorch miss in it."""

from typing import Any

from zkynet.linalg.decompositions import *
from zkynet.linalg.determinants import *
from zkynet.linalg.norms import *
from zkynet.linalg.products import *
from zkynet.linalg.solving import *
from zkynet.linalg.spectra import *

_SHARED = ("diagonal", "matmul", "matrix_transpose", "outer", "tensordot", "vecdot")


def __getattr__(name: str) -> Any:
    if name in _SHARED:
        import zkynet

        return getattr(zkynet, name)
    raise AttributeError(f"module 'zkynet.linalg' has no attribute {name!r}")
