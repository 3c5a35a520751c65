"""Products: dtypes, empty operands, gradients in all shapes, einsum against NumPy, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from wording import error_of, message

import zkynet as zk
from zkynet.errors import ArgumentError, AxisError, DTypeError, InvalidValueError, ShapeError

SHAPES = [
    ((4,), (4,)),
    ((3, 4), (4, 2)),
    ((4,), (4, 2)),
    ((3, 4), (4,)),
    ((4,), (5, 4, 2)),
    ((5, 3, 4), (4,)),
    ((5, 3, 4), (4, 2)),
    ((2, 5, 3, 4), (4, 2)),
    ((3, 4), (5, 4, 2)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((1, 3, 4), (2, 5, 4, 1)),
    ((5, 1, 4), (4, 1)),
]
EMPTY = [
    ((0,), (0,)),
    ((0, 4), (4,)),
    ((3, 0), (0, 2)),
    ((2, 0, 4), (4,)),
    ((2, 0, 3), (3, 5)),
    ((2, 3, 0), (0, 2)),
    ((0, 3, 4), (4, 2)),
    ((4,), (0, 4, 2)),
    ((3, 4), (0, 4, 2)),
    ((3, 4), (4, 0)),
]


def product_by_einsum(a: Any, b: Any) -> Any:
    left, right = ("k" if a.ndim == 1 else "...ik"), ("k" if b.ndim == 1 else "...kj")
    return np.einsum(f"{left},{right}->...{'i' if a.ndim > 1 else ''}{'j' if b.ndim > 1 else ''}", a, b)


@pytest.mark.parametrize(("left", "right"), SHAPES + EMPTY)
def test_gradients_in_all_shapes(left: Any, right: Any) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(left), rng.standard_normal(right)
    x, y = zk.tensor(a, requires_grad=True), zk.tensor(b, requires_grad=True)
    out = x @ y
    np.testing.assert_allclose(out.numpy(), product_by_einsum(a, b), atol=1e-12)
    weights = rng.standard_normal(out.shape)
    out.backward(zk.asarray(weights))
    for t, array, other in ((x, a, b), (y, b, a)):
        assert t.grad.shape == array.shape
        direction = rng.standard_normal(array.shape)
        pair = (direction, other) if t is x else (other, direction)
        slope = np.sum(weights * product_by_einsum(*pair))  # the product is linear in each operand
        np.testing.assert_allclose(np.sum(t.grad.numpy() * direction), slope, atol=1e-12)


def test_dtypes() -> None:
    one = zk.ones(2, 2)
    assert (one @ zk.ones(2, 2, dtype="float64")).dtype == zk.float64
    assert (one @ zk.ones(2, 2, dtype="int32")).dtype == zk.float32
    assert (zk.ones(2, 2, dtype="int32") @ zk.ones(2, 2, dtype="int64")).dtype == zk.int64
    assert (one @ zk.ones(2, 2, dtype="complex64")).dtype == zk.complex64
    assert (one @ np.ones((2, 2), np.float32)).tolist() == [[2, 2], [2, 2]]
    assert (np.ones((2, 2), np.float32) @ one).tolist() == [[2, 2], [2, 2]]
    with pytest.raises(DTypeError, match="matmul does not take bool"):
        zk.ones(2, dtype="bool") @ zk.ones(2, dtype="bool")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves_stay_halves(dtype: str, backend: Any) -> None:
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip("the backend does not have it")
    x = zk.ones(2, 2, dtype=dtype)
    stack = zk.ones(3, 2, 2, dtype=dtype)
    for product in (x @ x, x @ x[0], x[0] @ x, x[0] @ x[1], stack @ x, zk.vecdot(x, x), zk.einsum("ij,kj->ik", x, x)):
        assert product.dtype == dtype
        assert np.all(product.numpy().astype("float32") == 2)


def test_inner_lengths_that_differ_are_named() -> None:
    assert error_of(lambda: zk.zeros(32, 128) @ zk.zeros(64, 10), ShapeError) == message("""
        matmul: the inner lengths differ, 128 and 64
          x1  (32, 128)
          x2  (64, 10)
          matmul needs  x1.shape[-1] == x2.shape[-2]  but 128 != 64
          Fix: transpose one of them (x.mT), or make the lengths agree
    """)
    with pytest.raises(ShapeError, match=r"x1.shape\[-1\] == x2.shape\[0\]  but 3 != 2"):
        zk.zeros(2, 3) @ zk.zeros(2)


def test_numbers_and_stacks_that_do_not_fit_are_refused() -> None:
    for pair in ((zk.zeros(2), zk.tensor(1.0)), (zk.tensor(1.0), zk.zeros(2)), (zk.zeros(2), 2.0)):
        with pytest.raises(ShapeError, match="matmul needs at least one axis on both sides"):
            zk.matmul(*pair)
    assert error_of(lambda: zk.zeros(2, 3, 4) @ zk.zeros(5, 4, 6), ShapeError) == message("""
        matmul: the axes before the last two do not broadcast
          x1  (2, 3, 4)
          x2  (5, 4, 6)
          of (2,) and (5,), axis -1 has 2 and 5; it must be the same, or 1
          Fix: make these axes the same, or 1
    """)


def test_the_gradient_of_a_matrix_for_a_whole_stack_is_one_product() -> None:
    """As a linear layer: its weight's gradient must not take a stack of matrices and a sum."""
    x, w = zk.ones(8, 5, 3), zk.tensor(np.ones((3, 2)), requires_grad=True)
    seen = []

    class Watch:
        def after_op(self, op: Any, backend: Any, raws: Any, ans: Any, node: Any) -> None:
            seen.append((op.name, tuple(ans.shape)))

        def after_rule(self, *_: Any) -> None: ...

    out = zk.matmul(x.astype("float64"), w)
    from zkynet.graph import WATCH

    token = WATCH.set(Watch())
    try:
        zk.grad(lambda w: zk.sum(zk.matmul(x.astype("float64"), w)))(w.detach())
        out.backward(zk.ones_like(out), create_graph=True)
    finally:
        WATCH.reset(token)
    assert ("matmul", (3, 2)) in seen
    assert ("matmul", (8, 3, 2)) not in seen
    assert w.grad.tolist() == [[40, 40]] * 3


def test_vecdot() -> None:
    x, y = zk.tensor([[1 + 1j, 2.0]]), zk.tensor([1j, 1.0])
    np.testing.assert_allclose(zk.vecdot(x, y).numpy(), [3 + 1j])
    assert zk.vecdot(zk.ones(3, 2), zk.ones(3, 1), axis=-2).tolist() == [3, 3]
    with pytest.raises(ShapeError, match="vecdot: the vectors differ in length, 3 and 1"):
        zk.vecdot(zk.ones(2, 3), zk.ones(2, 1))
    with pytest.raises(ShapeError, match="vecdot: the shapes do not broadcast"):
        zk.vecdot(zk.ones(2, 3), zk.ones(4, 3))
    with pytest.raises(AxisError):
        zk.vecdot(zk.ones(3), zk.ones(2, 3), axis=-2)


def test_tensordot_errors() -> None:
    x, y = zk.ones(2, 3), zk.ones(4, 3)
    assert zk.tensordot(x, y, axes=((1,), (1,))).shape == (2, 4)
    assert zk.tensordot(x, y, axes=(1, 1)).shape == (2, 4)
    assert zk.tensordot(x, y, ((1,), (1,))).shape == (2, 4)
    assert zk.tensordot(zk.ones(0, 3), y, axes=((1,), (1,))).shape == (0, 4)
    with pytest.raises(ShapeError, match="the axes to sum over differ in length"):
        zk.tensordot(x, y, axes=1)
    with pytest.raises(InvalidValueError, match="3 axes cannot be summed over"):
        zk.tensordot(x, y, axes=3)
    with pytest.raises(ShapeError):
        zk.tensordot(x, y, axes=((0, 1), (1,)))


def test_outer_inner_dot_and_kron_of_numbers() -> None:
    assert zk.outer(zk.tensor(2.0), zk.tensor([1.0, 2.0])).tolist() == [[2, 4]]
    assert zk.inner(zk.tensor(2.0), zk.tensor([1.0, 2.0])).tolist() == [2, 4]
    assert zk.dot(zk.tensor(2.0), 3.0).item() == 6
    assert zk.kron(zk.tensor(2.0), zk.tensor([1.0, 2.0])).tolist() == [2, 4]


# -- einsum -------------------------------------------------------------------------------------------------------


def random_equation(rng: np.random.Generator) -> tuple[str, list[np.ndarray[Any, Any]]]:
    lengths = dict(zip("abcdef", rng.integers(1, 4, 6), strict=True))
    letters = list(lengths)
    batch = tuple(rng.integers(1, 3, rng.integers(0, 3)))
    terms, arrays = [], []
    dots = rng.random() < 0.4
    for _ in range(rng.integers(1, 5)):
        names = [str(n) for n in rng.choice(letters, rng.integers(0, 4))]
        shape = [1 if rng.random() < 0.1 and names.count(n) == 1 else lengths[n] for n in names]
        if dots and rng.random() < 0.7:
            at = rng.integers(0, len(names) + 1)
            own = [n if rng.random() < 0.8 else 1 for n in batch[len(batch) - rng.integers(0, len(batch) + 1) :]]
            terms.append("".join(names[:at]) + "..." + "".join(names[at:]))
            shape = [*shape[:at], *own, *shape[at:]]
        else:
            terms.append("".join(names))
        arrays.append(rng.standard_normal(shape))
    equation = ",".join(terms)
    used = sorted({c for c in equation if c.isalpha()})
    if rng.random() < 0.8:
        out = [str(c) for c in rng.permutation([c for c in used if rng.random() < 0.5])] if used else []
        at = rng.integers(0, len(out) + 1)
        equation += "->" + "".join(out[:at]) + ("..." if "..." in equation else "") + "".join(out[at:])
    return equation, arrays


def test_einsum_is_as_in_numpy(backend: Any) -> None:
    for seed in range(300 if backend.name != "jax" else 30):
        rng = np.random.default_rng(seed)
        equation, arrays = random_equation(rng)
        expected = np.einsum(equation, *arrays)
        tensors = [zk.tensor(a, requires_grad=True) for a in arrays]
        got = zk.einsum(equation, *tensors)
        what = f"{equation} of {[a.shape for a in arrays]}"
        assert got.shape == expected.shape, what
        np.testing.assert_allclose(got.numpy(), expected, atol=1e-10, err_msg=what)
        weights = rng.standard_normal(expected.shape)
        got.backward(zk.asarray(weights))
        for i, t in enumerate(tensors):
            direction = rng.standard_normal(t.shape)
            slope = np.sum(weights * np.einsum(equation, *arrays[:i], direction, *arrays[i + 1 :]))
            np.testing.assert_allclose(np.sum(t.grad.numpy() * direction), slope, atol=1e-9, err_msg=what)


def test_einsum_contracts_in_pairs() -> None:
    """A chain of matrices whose product with all axes at once would have 10**15 elements."""
    n = 1000
    out = zk.einsum("ab,bc,cd,de,e->a", *(zk.ones(n, n) for _ in range(4)), zk.ones(n))
    assert out.shape == (n,)
    assert float(out[0]) == pytest.approx(float(n) ** 4)


def test_einsum_takes_a_list_and_spaces() -> None:
    x = zk.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert zk.einsum("ij, jk -> ik", [x, x]).tolist() == (x @ x).tolist()
    assert zk.einsum("ij->ji", x).tolist() == x.T.tolist()
    assert zk.einsum(",ij", 2.0, x).tolist() == [[2, 4], [6, 8]]
    assert zk.einsum("ij,ij", zk.zeros(0, 2), zk.zeros(1, 2)).item() == 0


def test_einsum_errors() -> None:
    x = zk.zeros(2, 3)
    assert error_of(lambda: zk.einsum("ij,jk->ik", x, x), ShapeError) == message("""
        einsum: the axis 'j' has length 3 in one place and 2 in another
          operand 0  'ij'  (2, 3)
          operand 1  'jk'  (2, 3)
          Fix: axes of one name must have one length, or 1
    """)
    assert error_of(lambda: zk.einsum("i->", x), ShapeError) == message("""
        einsum: 'i' names 1 axes, operand 0 has 2
          operand 0  (2, 3)
          Fix: name every axis by a letter, or the others by ...
    """)
    for equation in ("ii", "ii->i"):
        with pytest.raises(ShapeError, match="the axis 'i' has length"):
            zk.einsum(equation, zk.zeros(1, 3))
    with pytest.raises(ShapeError, match=r"-1 of \.\.\. has length"):
        zk.einsum("...,...", x, zk.zeros(2))
    with pytest.raises(InvalidValueError, match="is for 2 operands, received 1"):
        zk.einsum("ij,jk", x)
    for equation in ("ij->ik", "ij->ii"):
        with pytest.raises(InvalidValueError, match="must name axes of the operands"):
            zk.einsum(equation, x)
    for equation in ("i1->i", "i.j", "......", "i-j"):
        with pytest.raises(InvalidValueError, match="is not made of letters"):
            zk.einsum(equation, x)
    with pytest.raises(InvalidValueError):
        zk.einsum("ij->i.j", x)
    with pytest.raises(ArgumentError, match="the equation is a string"):
        zk.einsum(x, "ij")
