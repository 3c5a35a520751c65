"""Rows for zkynet/ops/comparison.py, logical.py and bitwise.py: ops without gradients."""

import numpy as np
from table import Row, booleans, complex_normal, integers, normal

FEW = integers(0, 3, 3, 4)  # so few that equal ones are met


def with_special_values(rng):
    """Some infinities and NaN among ordinary numbers."""
    return rng.choice([1.0, -2.0, 0.0, -0.0, np.inf, -np.inf, np.nan], (3, 4))


ROWS = [
    *(
        Row(name, (FEW, FEW), getattr(np, name), order=0)
        for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    ),
    *(
        Row(f"{name}:special values", (with_special_values, with_special_values), getattr(np, name), order=0)
        for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    ),
    Row("equal:complex", (complex_normal(3), complex_normal(3)), np.equal, order=0),
    Row("equal:booleans", (booleans(3, 4), booleans(3, 4)), np.equal, order=0),
    *(Row(name, (with_special_values,), getattr(np, name), order=0) for name in ("isfinite", "isinf", "isnan")),
    Row("isclose", (with_special_values, with_special_values), np.isclose, order=0),
    Row("isclose:nan", (with_special_values, with_special_values), np.isclose, order=0, kwargs={"equal_nan": True}),
    Row("isclose:wide", (normal(3, 4), normal(3, 4)), np.isclose, order=0, kwargs={"rtol": 0.5, "atol": 0.2}),
    *(
        Row(f"{name}:{kind}", (sampler, sampler), getattr(np, name), order=0)
        for name in ("logical_and", "logical_or", "logical_xor")
        for kind, sampler in (("booleans", booleans(3, 4)), ("integers", FEW), ("floats", with_special_values))
    ),
    Row("logical_not", (booleans(3, 4),), np.logical_not, order=0),
    Row("logical_not:floats", (with_special_values,), np.logical_not, order=0),
    *(
        Row(f"{name}:{kind}", (sampler, sampler), getattr(np, name), order=0)
        for name in ("bitwise_and", "bitwise_or", "bitwise_xor")
        for kind, sampler in (("booleans", booleans(3, 4)), ("integers", integers(-9, 9, 3, 4)))
    ),
    Row("bitwise_invert", (integers(-9, 9, 3, 4),), np.bitwise_invert, order=0),
    Row("bitwise_invert:booleans", (booleans(3, 4),), np.bitwise_invert, order=0),
    Row("bitwise_left_shift", (integers(-9, 9, 3, 4), integers(0, 5, 3, 4)), np.bitwise_left_shift, order=0),
    Row("bitwise_right_shift", (integers(-99, 99, 3, 4), integers(0, 5, 3, 4)), np.bitwise_right_shift, order=0),
]
