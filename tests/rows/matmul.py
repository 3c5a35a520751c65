"""Rows for zkynet/ops/matmul.py and einsum.py."""

import numpy as np
from table import Row, complex_normal, normal

ALIGNED = "broadcasting is aligned at the last axes"


def einsum(equation: str, *samples, batch="axes are named"):
    return Row(
        f"einsum:{equation}",
        samples,
        lambda *a: np.einsum(equation, *a),
        lambda zk, *a: zk.einsum(equation, *a),
        batch=batch,
    )


ROWS = [
    Row("matmul", (normal(3, 4), normal(4, 2)), np.matmul),
    Row("matmul:vectors", (normal(4), normal(4)), np.matmul, batch=ALIGNED),
    Row("matmul:matrix vector", (normal(3, 4), normal(4)), np.matmul, batch=ALIGNED),
    Row("matmul:vector matrix", (normal(4), normal(4, 3)), np.matmul, batch=ALIGNED),
    Row("matmul:batch matrix", (normal(2, 5, 3, 4), normal(4, 2)), np.matmul, batch=ALIGNED),
    Row("matmul:matrix batch", (normal(3, 4), normal(5, 4, 2)), np.matmul, batch=ALIGNED),
    Row("matmul:batches broadcast", (normal(2, 1, 3, 4), normal(5, 4, 2)), np.matmul, batch=ALIGNED),
    Row("matmul:batch vector", (normal(2, 3, 4), normal(4)), np.matmul, batch=ALIGNED),
    Row("matmul:vector batch", (normal(4), normal(2, 4, 3)), np.matmul, batch=ALIGNED),
    Row("matmul:complex", (complex_normal(3, 4), complex_normal(4, 2)), np.matmul),
    Row("dot", (normal(2, 3, 4), normal(5, 4, 2)), np.dot, batch="every pair is multiplied"),
    Row("dot:number", (normal(2, 3), normal()), np.dot, batch="every pair is multiplied"),
    Row("inner", (normal(2, 4), normal(3, 4)), np.inner, batch="every pair is multiplied"),
    Row("outer", (normal(3), normal(2, 2)), np.outer, batch="all axes are one"),
    Row(
        "tensordot",
        (normal(2, 3, 4), normal(3, 4, 5)),
        np.tensordot,
        kwargs={"axes": 2},
        batch="every pair is multiplied",
    ),
    Row(
        "tensordot:lists",
        (normal(2, 3, 4), normal(4, 5, 2)),
        lambda x, y: np.tensordot(x, y, ((0, 2), (2, 0))),
        lambda zk, x, y: zk.tensordot(x, y, axes=((0, -1), (2, 0))),
        batch="every pair is multiplied",
    ),
    Row("vecdot", (normal(3, 4), normal(3, 4)), lambda x, y: np.sum(x * y, -1)),
    Row(
        "vecdot:axis",
        (normal(4, 3), normal(4, 1)),
        lambda x, y: np.sum(x * y, -2),
        lambda zk, x, y: zk.vecdot(x, y, axis=-2),
    ),
    Row(
        "vecdot:complex",
        (complex_normal(3, 4), complex_normal(4)),
        lambda x, y: np.sum(x.conj() * y, -1),
        batch=ALIGNED,
    ),
    Row("kron", (normal(2, 3), normal(2, 2)), np.kron, batch="every pair is multiplied"),
    einsum("ij,jk->ik", normal(2, 3), normal(3, 4)),
    einsum("bij,bjk->bik", normal(2, 2, 3), normal(2, 3, 4)),
    einsum("...ij,...jk->...ik", normal(2, 3), normal(3, 4), batch=True),
    einsum("...i,i", normal(2, 3), normal(3)),
    einsum("ii->i", normal(3, 3)),
    einsum("ii", normal(3, 3)),
    einsum("ij->", normal(2, 3)),
    einsum("ijk->kj", normal(2, 3, 4)),
    einsum("i,j->ij", normal(2), normal(3)),
    einsum("i,i->i", normal(3), normal(3)),
    einsum("ij,jk,kl->il", normal(2, 3), normal(3, 4), normal(4, 2)),
    einsum("bhqd,bhkd->bhqk", normal(2, 2, 3, 4), normal(2, 2, 5, 4)),
    einsum("iij,jk->ik", normal(2, 2, 3), normal(3, 2)),
]
