"""Rows for zkynet/ops/extrema.py."""

import numpy as np
from table import Row, away_from_zero, complex_normal, normal, uniform


def apart(rng):
    """Numbers from -3 to 3 at least 0.1 away from -1 and 1."""
    return rng.choice([-2.0, 0.0, 2.0], (3, 4)) + rng.uniform(-0.9, 0.9, (3, 4))


ROWS = [
    Row("maximum", (normal(3, 4), normal(3, 4)), np.maximum),
    Row("maximum:number", (away_from_zero(3, 4),), lambda x: np.maximum(x, 0), call=lambda zk, x: zk.maximum(x, 0)),
    Row("minimum", (normal(3, 4), normal(3, 4)), np.minimum),
    Row("minimum:number", (away_from_zero(3, 4),), lambda x: np.minimum(0, x), call=lambda zk, x: zk.minimum(0, x)),
    Row("clip", (apart,), np.clip, kwargs={"min": -1.0, "max": 1.0}),
    Row("clip:below", (apart,), np.clip, kwargs={"min": -1, "max": None}),
    Row("clip:above", (apart,), np.clip, kwargs={"min": None, "max": 1}),
    Row("clip:neither", (apart,), lambda x: x, call=lambda zk, x: zk.clip(x)),
    Row("clip:tensors", (apart, uniform(-1.05, -0.95, 3, 4), uniform(0.95, 1.05, 3, 4)), np.clip),
    Row("clip:bounds the wrong way round", (apart, uniform(0.95, 1.05, 3, 4), uniform(-1.05, -0.95, 3, 4)), np.clip),
    Row("nan_to_num", (normal(3, 4),), np.nan_to_num),
    Row("nan_to_num:complex", (complex_normal(3, 4),), np.nan_to_num),
]
