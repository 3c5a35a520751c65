"""Linear algebra: the extension of the Array API standard, and what users of NumPy and PyTorch miss in it.

Decompositions, inverses and determinants of 16-bit floats are computed and returned in float32, on every backend (the
gradient comes back in the dtype of the input); products and norms stay in the dtype they are given.
"""

from zkynet.errors import LinAlgError
from zkynet.linalg.decompositions import QRResult, cholesky, qr
from zkynet.linalg.determinants import SlogdetResult, cofactors, det, logdet, slogdet
from zkynet.linalg.norms import cond, matrix_norm, norm, vector_norm
from zkynet.linalg.products import cross, diagonal, expm, matrix_power, multi_dot, trace
from zkynet.linalg.solving import LstsqResult, inv, lstsq, matrix_rank, pinv, solve, solve_triangular
from zkynet.linalg.spectra import EighResult, EigResult, SVDResult, eig, eigh, eigvals, eigvalsh, svd, svdvals
from zkynet.ops.matmul import matmul, outer, tensordot, vecdot
from zkynet.ops.reordering import matrix_transpose

__all__ = [
    "EigResult",
    "EighResult",
    "LinAlgError",
    "LstsqResult",
    "QRResult",
    "SVDResult",
    "SlogdetResult",
    "cholesky",
    "cofactors",
    "cond",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "expm",
    "inv",
    "logdet",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "multi_dot",
    "norm",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


def __dir__() -> list[str]:
    return __all__
