"""Rows for zkynet/ops/reduction.py."""

import numpy as np
from table import Row, away_from_zero, booleans, complex_normal, distinct, integers, normal

WHOLE = "reduces all axes, so also that of a batch"


def with_zeros(*where):
    """Numbers away from 0 but for those at the given places, which are 0."""

    def draw(rng):
        x = rng.uniform(0.5, 1.5, (3, 4)) * rng.choice([-1.0, 1.0], (3, 4))
        for place in where:
            x[place] = 0
        return x

    return draw


def over(name, reference, sampler, **options):
    """Rows for all axes, one, several, and with keepdims."""
    last = {"axis": -1}
    return [
        Row(name, (sampler,), reference, batch=WHOLE, **options),
        Row(f"{name}:axis", (sampler,), reference, kwargs=last, **options),
        Row(
            f"{name}:first axis",
            (sampler,),
            reference,
            kwargs={"axis": 0},
            batch="counts axes from the front",
            **options,
        ),
        Row(f"{name}:axes", (sampler,), reference, kwargs={"axis": (-1, -2)}, **options),
        Row(f"{name}:keepdims", (sampler,), reference, kwargs={**last, "keepdims": True}, **options),
        Row(f"{name}:all with keepdims", (sampler,), reference, kwargs={"keepdims": True}, batch=WHOLE, **options),
        Row(f"{name}:no axes", (sampler,), reference, kwargs={"axis": ()}, **options),
    ]


ROWS = [
    *over("sum", np.sum, normal(2, 3, 2)),
    Row("sum:complex", (complex_normal(3, 4),), np.sum, kwargs={"axis": -1}),
    Row("sum:integers", (integers(-5, 5, 3, 4),), np.sum, kwargs={"axis": -1}, order=0),
    *over("prod", np.prod, away_from_zero(2, 3, 2)),
    Row("prod:a zero", (with_zeros((0, 1), (2, 3)),), np.prod, kwargs={"axis": -1}),
    Row("prod:two zeros", (with_zeros((0, 1), (0, 2)),), np.prod, kwargs={"axis": -1}),
    Row("prod:three zeros", (with_zeros((1, 1), (1, 2), (1, 3)),), np.prod, kwargs={"axis": -1}),
    Row("prod:a zero among all", (with_zeros((1, 1)),), np.prod, batch=WHOLE),
    Row("prod:complex", (complex_normal(3, 4),), np.prod, kwargs={"axis": -1}),
    *over("max", np.max, distinct(2, 3, 2)),
    *over("min", np.min, distinct(2, 3, 2)),
    *over("all", np.all, booleans(2, 3, 2), order=0),
    *over("any", np.any, booleans(2, 3, 2), order=0),
    Row("any:floats", (normal(3, 4),), np.any, kwargs={"axis": -1}, order=0),
    *over("count_nonzero", np.count_nonzero, integers(0, 3, 2, 3, 2), order=0),
]
