"""Rows for zkynet/ops/joining.py."""

import numpy as np
from table import Row, complex_normal, normal

FRONT = "counts axes from the front"
WHOLE = "takes the tensor as one long row, or names an axis for each"


def joined(name, reference, call, *samplers, **options):
    """A row for an op on a list; the functions take the list."""
    return Row(name, samplers, lambda *a: reference(a), lambda zk, *a: call(zk, a), **options)


def cut(name, reference, call, *shape, **options):
    """A row for an op of one tensor."""
    return Row(name, (normal(*shape),), reference, call, **options)


ROWS = [
    joined(
        "concat",
        lambda a: np.concatenate(a, -1),
        lambda zk, a: zk.concat(a, axis=-1),
        normal(2, 3),
        normal(2, 1),
        normal(2, 4),
    ),
    joined("concat:first axis", np.concatenate, lambda zk, a: zk.concat(a), normal(2, 3), normal(1, 3), batch=FRONT),
    joined(
        "concat:flat",
        lambda a: np.concatenate(a, None),
        lambda zk, a: zk.concat(a, axis=None),
        normal(2, 3),
        normal(4),
        batch=WHOLE,
    ),
    joined(
        "concat:real and complex",
        lambda a: np.concatenate(a, -1),
        lambda zk, a: zk.concat(a, axis=-1),
        normal(2, 3),
        complex_normal(2, 1),
    ),
    joined(
        "concat:with itself",
        lambda a: np.concatenate([a[0], a[0] * a[0], a[0]], -1),
        lambda zk, a: zk.concat([a[0], a[0] * a[0], a[0]], axis=-1),
        normal(2, 3),
    ),
    joined("stack", np.stack, lambda zk, a: zk.stack(a), normal(2, 3), normal(2, 3), batch=FRONT),
    joined("stack:last", lambda a: np.stack(a, -1), lambda zk, a: zk.stack(a, axis=-1), normal(2, 3), normal(2, 3)),
    joined("stack:middle", lambda a: np.stack(a, -2), lambda zk, a: zk.stack(a, -2), normal(2, 3), normal(2, 3)),
    joined("hstack", np.hstack, lambda zk, a: zk.hstack(a), normal(2, 3), normal(2, 1), batch=FRONT),
    joined("hstack:vectors", np.hstack, lambda zk, a: zk.hstack(a), normal(3), normal(2), batch=FRONT),
    joined("vstack", np.vstack, lambda zk, a: zk.vstack(a), normal(3), normal(2, 3), batch=FRONT),
    cut("unstack", tuple, None, 3, 2, batch=FRONT),
    cut("unstack:last", lambda x: (x[:, 0], x[:, 1]), lambda zk, x: zk.unstack(x, axis=-1), 3, 2),
    cut("unstack:iteration", tuple, lambda zk, x: tuple(x), 3, 2, batch=FRONT),
    cut("split", lambda x: np.split(x, 3, -1), lambda zk, x: zk.split(x, 3, axis=-1), 2, 6),
    cut(
        "split:sizes",
        lambda x: np.split(x, [1, 1, 4], -1),
        lambda zk, x: zk.split(x, [1, 0, 3, 2], axis=-1),
        2,
        6,
    ),
    cut("split:one of them", lambda x: x[:, 2:4], lambda zk, x: zk.split(x, 3, axis=-1)[1], 2, 6, batch=FRONT),
    cut("chunk", lambda x: np.array_split(x, 2, -1), lambda zk, x: zk.chunk(x, 2, axis=-1), 2, 5),
    cut("repeat", lambda x: np.repeat(x, 2), lambda zk, x: zk.repeat(x, 2), 2, 3, batch=WHOLE),
    cut("repeat:axis", lambda x: np.repeat(x, 3, -1), lambda zk, x: zk.repeat(x, 3, axis=-1), 2, 3),
    cut(
        "repeat:each",
        lambda x: np.repeat(x, [2, 0, 3], -1),
        lambda zk, x: zk.repeat(x, zk.asarray([2, 0, 3]), axis=-1),
        2,
        3,
    ),
    cut("tile", lambda x: np.tile(x, (2, 1)), lambda zk, x: zk.tile(x, (2, 1)), 2, 3),
    cut("tile:more axes", lambda x: np.tile(x, (2, 1, 3)), lambda zk, x: zk.tile(x, (2, 1, 3)), 2, 3, batch=WHOLE),
    cut("tile:number", lambda x: np.tile(x, 2), lambda zk, x: zk.tile(x, 2), 2, 3),
    cut("array_split", lambda x: np.array_split(x, 3, -1), lambda zk, x: zk.array_split(x, 3, axis=-1), 2, 7),
    cut(
        "array_split:more than there are",
        lambda x: np.array_split(x, 3, -1),
        lambda zk, x: zk.array_split(x, 3, -1),
        2,
        2,
    ),
    cut("array_split:places", lambda x: np.split(x, [1, -2], -1), lambda zk, x: zk.array_split(x, [1, -2], -1), 2, 6),
]
