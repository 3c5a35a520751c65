"""Rows for zkynet/ops/casting.py."""

import numpy as np
from table import Row, complex_normal, integers, normal


def widest(kind):
    """Convert to a kind of numbers in the precision of the input."""

    def convert(zk, x):
        single = x.dtype in (zk.float32, zk.complex64)
        return zk.astype(x, {"c": ("complex64", "complex128"), "f": ("float32", "float64")}[kind][not single])

    return convert


ROWS = [
    Row("astype", (normal(3, 4),), np.copy, widest("f")),
    Row("astype:complex", (normal(3, 4),), lambda x: x.astype(complex), widest("c")),
    Row("astype:complex of complex", (complex_normal(3, 4),), np.copy, widest("c")),
    Row("astype:integers", (integers(-9, 9, 3, 4),), np.copy, lambda zk, x: zk.astype(x, "int64"), order=0),
]
