"""Rows for zkynet/ops/joining.py."""

import numpy as np
from table import Row, complex_normal, normal

FRONT = "counts axes from the front"
WHOLE = "takes the tensor as one long row, or names an axis for each"


ROWS = [
    Row(
        "concat",
        (normal(2, 3), normal(2, 1), normal(2, 4)),
        lambda *a: np.concatenate(a, -1),
        call=lambda zk, *a: zk.concat(a, axis=-1),
    ),
    Row("concat:first", (normal(2, 3), normal(1, 3)), lambda *a: np.concatenate(a), call=lambda zk, *a: zk.concat(a), batch=FRONT),
    Row(
        "concat:flat",
        (normal(2, 3), normal(4)),
        lambda *a: np.concatenate(a, None),
        call=lambda zk, *a: zk.concat(a, axis=None),
        batch=WHOLE,
    ),
    Row(
        "concat:real and complex",
        (normal(2, 3), complex_normal(2, 1)),
        lambda *a: np.concatenate(a, -1),
        call=lambda zk, *a: zk.concat(a, axis=-1),
    ),
    Row("concat:twice the same", (normal(2, 3),), lambda x: np.concatenate([x, x * x], -1), call=lambda zk, x: zk.concat([x, x * x], axis=-1)),
    Row("stack", (normal(2, 3), normal(2, 3)), lambda *a: np.stack(a), call=lambda zk, *a: zk.stack(a), batch=FRONT),
    Row("stack:last", (normal(2, 3), normal(2, 3)), lambda *a: np.stack(a, -1), call=lambda zk, *a: zk.stack(a, axis=-1)),
    Row("stack:middle", (normal(2, 3), normal(2, 3)), lambda *a: np.stack(a, -2), call=lambda zk, *a: zk.stack(a, -2)),
    Row("hstack", (normal(2, 3), normal(2, 1)), lambda *a: np.hstack(a), call=lambda zk, *a: zk.hstack(a), batch=FRONT),
    Row("hstack:vectors", (normal(3), normal(2)), lambda *a: np.hstack(a), call=lambda zk, *a: zk.hstack(a), batch=FRONT),
    Row("vstack", (normal(3), normal(2, 3)), lambda *a: np.vstack(a), call=lambda zk, *a: zk.vstack(a), batch=FRONT),
    Row("unstack", (normal(3, 2),), lambda x: (x[0], x[1], x[2]), batch=FRONT),
    Row("unstack:last", (normal(3, 2),), lambda x: (x[:, 0], x[:, 1]), call=lambda zk, x: zk.unstack(x, axis=-1)),
    Row("split", (normal(2, 6),), lambda x: np.split(x, 3, -1), call=lambda zk, x: zk.split(x, 3, axis=-1)),
    Row(
        "split:sizes",
        (normal(2, 6),),
        lambda x: np.split(x, [1, 1, 4], -1),
        call=lambda zk, x: zk.split(x, [1, 0, 3, 2], axis=-1),
    ),
    Row("chunk", (normal(2, 5),), lambda x: np.array_split(x, 2, -1), call=lambda zk, x: zk.chunk(x, 2, axis=-1)),
    Row("repeat", (normal(2, 3),), lambda x: np.repeat(x, 2), call=lambda zk, x: zk.repeat(x, 2), batch=WHOLE),
    Row("repeat:axis", (normal(2, 3),), lambda x: np.repeat(x, 3, -1), call=lambda zk, x: zk.repeat(x, 3, axis=-1)),
    Row(
        "repeat:each",
        (normal(2, 3),),
        lambda x: np.repeat(x, [2, 0, 3], -1),
        call=lambda zk, x: zk.repeat(x, zk.asarray([2, 0, 3]), axis=-1),
    ),
    Row("tile", (normal(2, 3),), lambda x: np.tile(x, (2, 1)), call=lambda zk, x: zk.tile(x, (2, 1))),
    Row("tile:more axes", (normal(2, 3),), lambda x: np.tile(x, (2, 1, 3)), call=lambda zk, x: zk.tile(x, (2, 1, 3)), batch=WHOLE),
    Row("tile:number", (complex_normal(2, 3),), lambda x: np.tile(x, 2), call=lambda zk, x: zk.tile(x, 2)),
]
