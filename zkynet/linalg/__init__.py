"""Linear algebra: the extension of the Array API standard, and what users of NumPy and PyTorch miss in it."""

from typing import Any

from zkynet.linalg.decompositions import QRResult, cholesky, qr
from zkynet.linalg.determinants import SlogdetResult, cofactors, det, logdet, slogdet
from zkynet.linalg.norms import cond, matrix_norm, norm, vector_norm
from zkynet.linalg.products import cross, expm, matrix_power, multi_dot, trace
from zkynet.linalg.solving import LstsqResult, inv, lstsq, matrix_rank, pinv, solve, solve_triangular
from zkynet.linalg.spectra import EighResult, EigResult, SVDResult, eig, eigh, eigvals, eigvalsh, svd, svdvals

_SHARED = ("diagonal", "matmul", "matrix_transpose", "outer", "tensordot", "vecdot")


def __getattr__(name: str) -> Any:
    if name in _SHARED:
        import zkynet

        return getattr(zkynet, name)
    raise AttributeError(f"module 'zkynet.linalg' has no attribute {name!r}")


__all__ = [
    "EigResult",
    "EighResult",
    "LstsqResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cofactors",
    "cond",
    "cross",
    "det",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "logdet",
    "lstsq",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "multi_dot",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "trace",
    "vector_norm",
]
