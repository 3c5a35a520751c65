"""Rows for zkynet/ops/trigonometry.py."""

import numpy as np
from table import Row, away_from_zero, complex_normal, normal, uniform


def off_axes(*shape):
    """Complex numbers of any quadrant away from both axes, on which the inverse functions have their cuts."""
    return lambda rng: (
        rng.uniform(0.3, 1.5, shape) * rng.choice([-1, 1], shape)
        + 1j * rng.uniform(0.3, 1.5, shape) * rng.choice([-1, 1], shape)
    )


ROWS = [
    Row("sin", (normal(3, 4),), np.sin),
    Row("sin:complex", (complex_normal(3, 4),), np.sin),
    Row("cos", (normal(3, 4),), np.cos),
    Row("cos:complex", (complex_normal(3, 4),), np.cos),
    Row("tan", (uniform(-1.2, 1.2, 3, 4),), np.tan),
    Row("tan:complex", (off_axes(3, 4),), np.tan),
    Row("asin", (uniform(-0.8, 0.8, 3, 4),), np.arcsin),
    Row("asin:complex", (off_axes(3, 4),), np.arcsin),
    Row("acos", (uniform(-0.8, 0.8, 3, 4),), np.arccos),
    Row("acos:complex", (off_axes(3, 4),), np.arccos),
    Row("atan", (normal(3, 4),), np.arctan),
    Row("atan:complex", (off_axes(3, 4),), np.arctan),
    Row("sinh", (normal(3, 4),), np.sinh),
    Row("sinh:complex", (complex_normal(3, 4),), np.sinh),
    Row("cosh", (normal(3, 4),), np.cosh),
    Row("cosh:complex", (complex_normal(3, 4),), np.cosh),
    Row("tanh", (normal(3, 4),), np.tanh),
    Row("tanh:complex", (off_axes(3, 4),), np.tanh),
    Row("asinh", (normal(3, 4),), np.arcsinh),
    Row("asinh:complex", (off_axes(3, 4),), np.arcsinh),
    Row("acosh", (uniform(1.3, 4.0, 3, 4),), np.arccosh),
    Row("acosh:complex", (off_axes(3, 4),), np.arccosh),
    Row("atanh", (uniform(-0.8, 0.8, 3, 4),), np.arctanh),
    Row("atanh:complex", (off_axes(3, 4),), np.arctanh),
    Row("atan2", (away_from_zero(3, 4), away_from_zero(3, 4)), np.arctan2),
    Row("atan2:numbers", (normal(3, 4),), lambda x: np.arctan2(2.0, x), call=lambda zk, x: zk.atan2(2.0, x)),
    Row("deg2rad", (uniform(-180, 180, 3, 4),), np.deg2rad),
    Row("rad2deg", (normal(3, 4),), np.rad2deg),
]
