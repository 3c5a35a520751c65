"""Rows for zkynet/ops/matmul.py and einsum.py."""

import numpy as np
from table import Row, complex_normal, normal

ALIGNED = "broadcasting is aligned at the last axes, and a vector with one more axis is a matrix"
PAIRS = "everything is multiplied with everything"


def product(name, x, y, batch=ALIGNED):
    return Row(f"matmul:{name}", (x, y), np.matmul, batch=batch)


def einsum(equation, *samplers, batch="axes are named"):
    return Row(
        f"einsum:{equation} {[s(np.random.default_rng()).shape for s in samplers]}",
        samplers,
        lambda *a: np.einsum(equation, *a),
        lambda zk, *a: zk.einsum(equation, *a),
        batch=batch,
    )


ROWS = [
    Row("matmul", (normal(3, 4), normal(4, 2)), np.matmul),
    product("vectors", normal(4), normal(4)),
    product("vector by matrix", normal(4), normal(4, 2)),
    product("matrix by vector", normal(3, 4), normal(4)),
    product("vector by matrices", normal(4), normal(3, 4, 2)),
    product("matrices by vector", normal(2, 3, 4), normal(4)),
    product("matrices", normal(2, 3, 4), normal(2, 4, 2), batch=True),
    product("matrices by matrix", normal(2, 5, 3, 4), normal(4, 2)),
    product("matrix by matrices", normal(3, 4), normal(2, 5, 4, 2)),
    product("broadcast stacks", normal(2, 1, 3, 4), normal(5, 4, 2)),
    product("a stack of one", normal(2, 3, 4), normal(1, 4, 2), batch=True),
    product("complex", complex_normal(3, 4), complex_normal(4, 2), batch=True),
    product("real by complex", normal(2, 3, 4), complex_normal(4, 2)),
    Row("matmul:operator", (normal(3, 4), normal(4, 2)), np.matmul, lambda zk, x, y: x @ y),
    Row("matmul:itself", (normal(3, 3),), lambda x: x @ x, lambda zk, x: zk.matmul(x, x)),
    Row("tensordot", (normal(2, 3, 4), normal(3, 4, 5)), np.tensordot, batch=PAIRS),
    Row("tensordot:one", (normal(2, 3), normal(3, 4)), np.tensordot, kwargs={"axes": 1}, batch=PAIRS),
    Row("tensordot:none", (normal(2, 3), normal(2)), np.tensordot, kwargs={"axes": 0}, batch=PAIRS),
    Row(
        "tensordot:lists",
        (normal(2, 3, 4), normal(4, 5, 2)),
        np.tensordot,
        kwargs={"axes": ((0, -1), (2, 0))},
        batch=PAIRS,
    ),
    Row("vecdot", (normal(3, 4), normal(3, 4)), np.vecdot),
    Row("vecdot:axis", (normal(4, 3), normal(4, 3)), np.vecdot, kwargs={"axis": -2}),
    Row("vecdot:broadcast", (normal(2, 1, 4), normal(3, 4)), np.vecdot, batch=ALIGNED),
    Row("vecdot:complex", (complex_normal(3, 4), complex_normal(4)), np.vecdot, batch=ALIGNED),
    Row("vecdot:real by complex", (normal(3, 4), complex_normal(3, 4)), np.vecdot),
    Row("vecdot:complex by real", (complex_normal(3, 4), normal(3, 4)), np.vecdot),
    Row("dot", (normal(2, 3, 4), normal(5, 4, 2)), np.dot, batch=PAIRS),
    Row("dot:vectors", (normal(4), normal(4)), np.dot, batch=PAIRS),
    Row("dot:number", (normal(2, 3), normal()), np.dot, batch=PAIRS),
    Row("inner", (normal(2, 4), normal(3, 4)), np.inner, batch=PAIRS),
    Row("outer", (normal(3), normal(2, 2)), np.outer, batch=PAIRS),
    Row("vdot", (normal(2, 3), normal(3, 2)), np.vdot, batch=PAIRS),
    Row("vdot:complex", (complex_normal(2, 3), complex_normal(6)), np.vdot, batch=PAIRS),
    Row("kron", (normal(2, 3), normal(3, 2)), np.kron, batch=PAIRS),
    Row("kron:more axes", (normal(2), normal(2, 1, 2)), np.kron, batch=PAIRS),
    einsum("ij,jk->ik", normal(3, 4), normal(4, 2)),
    einsum("ij,jk", normal(3, 4), normal(4, 2)),
    einsum("ba", normal(3, 4)),
    einsum("ijk->kj", normal(2, 3, 4)),
    einsum("ii", normal(3, 3)),
    einsum("ii->i", normal(3, 3)),
    einsum("iij->ji", normal(3, 3, 2)),
    einsum("ij->", normal(3, 4)),
    einsum("ij->i", normal(3, 4)),
    einsum("i,i", normal(4), normal(4)),
    einsum("i,i->i", normal(4), normal(4)),
    einsum("i,j->ji", normal(3), normal(4)),
    einsum("ij,ij->ij", normal(3, 4), normal(3, 4)),
    einsum("bij,bkj->bik", normal(2, 3, 4), normal(2, 5, 4)),
    einsum("...ij,...jk->...ik", normal(2, 3, 4), normal(2, 4, 2), batch=True),
    einsum("...ij,...j->...i", normal(2, 1, 3, 4), normal(5, 4)),
    einsum("...i,i", normal(2, 3), normal(3)),
    einsum("i...,i...->...", normal(3, 2), normal(3, 4, 2)),
    einsum("ij,jk->i", normal(3, 4), normal(4, 2)),
    einsum("ij,jk,kl->il", normal(2, 3), normal(3, 4), normal(4, 2)),
    einsum("i,ij,j", normal(3), normal(3, 4), normal(4)),
    einsum("ab,bc,cd,da", normal(2, 3), normal(3, 2), normal(2, 4), normal(4, 2)),
    einsum("bqhd,bkhd->bhqk", normal(2, 3, 2, 4), normal(2, 5, 2, 4)),
    einsum("bi,oij,bj->bo", normal(3, 2), normal(4, 2, 3), normal(3, 3)),
    einsum("ij,ij->ij", normal(3, 1), normal(3, 4)),
    einsum("ij,ij->i", normal(3, 1), normal(3, 4)),
    einsum("iij,jk->ik", normal(3, 3, 2), normal(2, 4)),
    einsum("ij,jk->ki", complex_normal(3, 4), complex_normal(4, 3)),
    einsum("ij,jk->ik", normal(2, 4), complex_normal(4, 2)),
    einsum(" i j , j -> i ", normal(3, 4), normal(4)),
    Row(
        "einsum:lists",
        (normal(2, 3, 4), normal(4, 3)),
        lambda x, y: np.einsum(x, [..., 0, 7], y, [7, 0], [0, ...]),
        lambda zk, x, y: zk.einsum(x, [..., 0, 7], y, [7, 0], [0, ...]),
        batch="axes are named",
    ),
    Row(
        "einsum:lists without output",
        (normal(3, 4), normal(4, 3)),
        lambda x, y: np.einsum(x, [5, 1], y, [1, 2]),
        lambda zk, x, y: zk.einsum(x, [5, 1], y, [1, 2]),
        batch="axes are named",
    ),
]
