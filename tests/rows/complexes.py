"""Rows for zkynet/ops/complexes.py."""

import numpy as np
from table import Row, away_from_zero, complex_normal

from rows.powers import away_from_cut

ROWS = [
    Row("real", (complex_normal(3, 4),), np.real),
    Row("real:of real numbers", (away_from_zero(3, 4),), np.real),
    Row("imag", (complex_normal(3, 4),), np.imag),
    Row("imag:of real numbers", (away_from_zero(3, 4),), np.imag, order=0),
    Row("conj", (complex_normal(3, 4),), np.conj),
    Row("conj:of real numbers", (away_from_zero(3, 4),), np.conj),
    Row("angle", (away_from_cut(3, 4),), np.angle),
    Row("angle:of real numbers", (away_from_zero(3, 4),), np.angle),
]
