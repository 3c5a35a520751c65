"""Rows for zkynet/ops/elementwise.py."""

import numpy as np
from table import Row, normal

ROWS = [
    Row("add", (normal(3, 4), normal(4)), np.add, batch="broadcasting is aligned at the last axis"),
    Row("multiply", (normal(3, 4), normal(3, 4)), np.multiply),
    Row("tanh", (normal(3, 4),), np.tanh),
]
