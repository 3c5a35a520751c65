"""Rows for zkynet/ops/exponential.py."""

import numpy as np
from table import Row, complex_normal, normal, positive, uniform

from rows.powers import away_from_cut

ROWS = [
    Row("exp", (normal(3, 4),), np.exp),
    Row("exp:complex", (complex_normal(3, 4),), np.exp),
    Row("exp2", (normal(3, 4),), np.exp2),
    Row("exp2:complex", (complex_normal(3, 4),), np.exp2),
    Row("expm1", (normal(3, 4),), np.expm1),
    Row("expm1:complex", (complex_normal(3, 4),), np.expm1),
    Row("log", (positive(3, 4),), np.log),
    Row("log:complex", (away_from_cut(3, 4),), np.log),
    Row("log1p", (uniform(-0.5, 2.0, 3, 4),), np.log1p),
    Row("log1p:complex", (away_from_cut(3, 4),), np.log1p),
    Row("log2", (positive(3, 4),), np.log2),
    Row("log2:complex", (away_from_cut(3, 4),), np.log2),
    Row("log10", (positive(3, 4),), np.log10),
    Row("log10:complex", (away_from_cut(3, 4),), np.log10),
    Row("logaddexp", (normal(3, 4), normal(3, 4)), np.logaddexp),
    Row("logaddexp:number", (normal(3, 4),), lambda x: np.logaddexp(0.5, x), call=lambda zk, x: zk.logaddexp(0.5, x)),
]
