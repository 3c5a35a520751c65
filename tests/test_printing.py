"""How tensors are shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.tensor import wrap


@pytest.fixture
def place(backend: Any) -> str:
    """What the tensors of the backend under test say about it."""
    return "" if backend.name == "numpy" else f", backend={backend.name!r}"


def test_values_are_printed_as_numpy_does(place: str) -> None:
    assert repr(zk.tensor([1.0, 2.5])) == f"Tensor([1. , 2.5]{place})"
    assert repr(zk.tensor([1, -20])) == f"Tensor([  1, -20]{place})"
    assert repr(zk.tensor([True, False])) == f"Tensor([ True, False]{place})"
    assert repr(zk.tensor(3.0)) == f"Tensor(3.{place})"
    assert str(zk.tensor(3.0)) == f"Tensor(3.{place})"


def test_a_dtype_that_the_numbers_do_not_tell_is_shown(place: str) -> None:
    assert repr(zk.tensor([1.0], dtype="float64")) == f"Tensor([1.], dtype=float64{place})"
    assert repr(zk.tensor([1], dtype="int8")) == f"Tensor([1], dtype=int8{place})"
    assert repr(zk.tensor([1j])) == f"Tensor([0.+1.j], dtype=complex64{place})"


def test_continuation_lines_are_aligned(place: str) -> None:
    text = repr(zk.tensor([[1, 2], [3, 4]]))
    assert text == f"Tensor([[1, 2],\n        [3, 4]]{place})"


def test_notes_move_to_a_line_of_their_own_where_they_do_not_fit() -> None:
    x = zk.tensor(np.linspace(0, 1, 4), requires_grad=True)
    lines = repr(x).splitlines()
    assert max(map(len, lines)) <= 75
    assert lines[-1].startswith("       dtype=float64")
    assert lines[-1].endswith("requires_grad=True)")


def test_empty_tensors_show_shape_and_dtype(place: str) -> None:
    assert repr(zk.zeros((0, 3))) == f"Tensor([], shape=(0, 3), dtype=float32{place})"
    assert repr(zk.zeros(0, dtype="int64")) == f"Tensor([], dtype=int64{place})"


def test_the_place_in_a_graph_is_shown(place: str) -> None:
    x = zk.tensor([1.0], requires_grad=True)
    assert repr(x) == f"Tensor([1.]{place}, requires_grad=True)"
    assert repr(zk.tanh(x * 0)) == f"Tensor([0.]{place}, grad_fn=<tanh>)"
    assert repr(x.detach()) == f"Tensor([1.]{place})"


def test_large_tensors_are_summarised(place: str) -> None:
    x = zk.asarray(np.arange(3000, dtype=np.int64).reshape(60, 50))
    expected = np.array2string(x.numpy(), separator=", ", prefix="Tensor(")
    assert "..." in expected
    assert " ".join(repr(x).split()) == " ".join(f"Tensor({expected}, shape=(60, 50){place})".split())


def test_numpys_print_options_apply() -> None:
    with np.printoptions(precision=2, threshold=4, edgeitems=1):
        assert repr(zk.tensor([1 / 3])).startswith("Tensor([0.33]")
        assert repr(zk.arange(9)).startswith("Tensor([0, ..., 8], shape=(9,)")


def test_bfloat16(backend: Any) -> None:
    pytest.importorskip("ml_dtypes", reason="bfloat16 comes from ml_dtypes, which is not installed")
    dtype = zk.dtypes.as_dtype("bfloat16")
    if not backend.supports(dtype):
        pytest.skip(f"{backend.name} has no bfloat16")
    assert repr(zk.tensor([1.5, 2.0], dtype=dtype)).startswith("Tensor([1.5, 2. ], dtype=bfloat16")


def test_another_device_is_shown(backend: Any) -> None:
    if len(backend.devices()) < 2:
        pytest.skip(f"{backend.name} has one device here")
    other = backend.devices()[1]
    assert f"device={str(other)!r}" in repr(zk.ones(2, device=other))


def test_a_tensor_without_values_is_shown_too(backend: Any) -> None:
    class Traced:
        """Stands for an array whose values do not exist yet, as inside a compiled function."""

        shape = (2, 3)
        dtype = zk.float32
        device = "cpu"

        def __array__(self, *args: Any, **kwargs: Any) -> Any:
            raise TypeError("no values yet")

    text = repr(wrap(Traced(), backend, None))
    assert text.startswith("Tensor(<values unknown>, shape=(2, 3)")


@pytest.mark.slow
def test_inside_jax_jit() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    seen = []

    def f(raw: Any) -> Any:
        with zk.use_backend("jax") as backend:
            x = wrap(raw, backend, None)
            seen.append(repr(x))
            return zk.tanh(x)._raw

    jax.jit(f)(jax.numpy.ones(3, dtype="float32"))
    assert seen == ["Tensor(<values unknown>, shape=(3,), dtype=float32, backend='jax')"]


def test_format_of_a_number() -> None:
    assert f"{zk.tensor(0.5):.3f}" == "0.500"
