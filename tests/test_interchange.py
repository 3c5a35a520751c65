"""Tensors and arrays from one backend to another, and the dtypes of all."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from other_backends import TORCH, every_backend, needs_strict, run_python

import zkynet as zk
from zkynet import dtypes as dt
from zkynet.backend import registry
from zkynet.errors import (
    BackendError,
    DTypeError,
    GradientError,
)

ALL_DTYPES = [*dt.STANDARD, dt.float16, *([dt.as_dtype("bfloat16")] if find_spec("ml_dtypes") else [])]


# -- from one backend to another ----------------------------------------------------------------------------------


@needs_strict
def test_tensors_of_two_backends_do_not_mix() -> None:
    with zk.use_backend("numpy"):
        x = zk.ones(2)
    with zk.use_backend("strict"):
        y = zk.ones(2)
    with pytest.raises(BackendError) as caught:
        x * y
    assert str(caught.value) == (
        'multiply received tensors of two backends, numpy and strict\n  Fix: move one of them: x.to("numpy")'
    )
    assert caught.value.backends == ("numpy", "strict")


@every_backend
def test_an_array_of_another_library_does_not_mix_with_a_tensor(other: str) -> None:
    raw = registry.usable_backend(other).from_numpy(np.ones((2, 2), "float32"))
    for name in ("numpy", "strict"):
        if name == other:
            continue
        with zk.use_backend(name):
            x = zk.ones((2, 2))
        if other == "numpy":  # host data follows the tensor
            assert (x + raw).backend.name == zk.where(x > 0, x, raw).backend.name == name
            continue
        for mix in (
            lambda x=x: x * raw,
            lambda x=x: x @ raw,
            lambda x=x: zk.add(x, raw),
            lambda x=x: zk.where(x > 0, x, raw),
            lambda x=x: zk.where(raw > 0, x, x),
            lambda x=x: zk.concat([x, raw]),
            lambda x=x: zk.masked_fill(x, x > 0, raw),
            lambda x=x: zk.einsum("ij,jk", x, raw),
            lambda x=x: zk.linalg.solve(x, raw),
            lambda x=x: zk.scatter_add(x, [[0, 0]], raw),
        ):
            with pytest.raises(BackendError, match="received tensors of two backends") as caught:
                mix()
            assert set(caught.value.backends) == {name, other}


@every_backend
def test_gradients_flow_across_backends(other: str, backend_name: str) -> None:
    x = zk.tensor([1.0, 2.0, 3.0], dtype="float64", requires_grad=True)
    y = x.to(other)
    assert y.backend.name == other
    z = zk.exp(y * 2)
    assert z.backend.name == other
    back = z.to(backend_name)
    assert back.backend.name == backend_name
    zk.sum(back * x).backward()
    assert x.grad.backend.name == backend_name
    values = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(x.grad.numpy(), np.exp(2 * values) * (1 + 2 * values), rtol=1e-12)


@every_backend
def test_second_derivatives_flow_across_backends(other: str) -> None:
    x = zk.tensor([0.5, 2.0], dtype="float64", requires_grad=True)
    y = x.to(other)
    zk.sum(y * y * y).backward(create_graph=True)
    first = x.grad
    x.grad = None
    zk.sum(first).backward()
    np.testing.assert_allclose(x.grad.numpy(), [3.0, 12.0], rtol=1e-12)


@every_backend
@pytest.mark.parametrize("dtype", ALL_DTYPES, ids=str)
def test_every_dtype_survives_the_way_to_a_backend_and_back(other: str, dtype: Any) -> None:
    backend = registry.usable_backend(other)
    values = np.array([[0, 1], [2, 3]]).astype(dtype)
    if not backend.supports(dtype):
        with zk.use_backend(other), pytest.raises(DTypeError, match=f"{other} has no data type {dtype}"):
            zk.asarray(values)
        return
    with zk.use_backend(other):
        x = zk.asarray(values)
    assert x.dtype == dtype
    assert x.numpy().dtype == dtype
    np.testing.assert_array_equal(x.numpy(), values)
    assert x.tolist() == values.tolist()
    assert x[1, 1].item() == values[1, 1].item()
    assert x.to("numpy").dtype == dtype


@every_backend
def test_numpy_arrays_of_any_layout_come_in(other: str) -> None:
    base = np.arange(24.0, dtype="float32").reshape(4, 6)
    readonly = base.copy()
    readonly.flags.writeable = False
    for array in (
        base,
        base.T,
        base[::-1, ::2],
        base[:, 1:2],
        base[:0],
        np.broadcast_to(base[0], (3, 6)),
        readonly,
        base.astype(">f4"),
        np.float32(3),
        np.asarray(2.5, dtype="float32"),
        np.asfortranarray(base),
    ):
        with zk.use_backend(other):
            x = zk.asarray(array)
            again = x + 1
        assert x.dtype == np.float32
        assert x.shape == np.shape(array)
        np.testing.assert_array_equal(x.numpy(), array)
        np.testing.assert_array_equal(again.numpy(), array + 1)


@every_backend
def test_tensor_copies_and_a_leaf_never_shares_the_users_memory(other: str) -> None:
    array = np.ones(1000, dtype="float32")
    with zk.use_backend(other):
        copied, leaf = zk.tensor(array), zk.asarray(array).requires_grad_()
    array[:] = 7
    assert copied.numpy()[0] == leaf.numpy()[0] == 1


def test_jax_never_shares_the_memory_of_a_numpy_array() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("JAX is not installed")
    memory = np.zeros(8192 + 64, dtype=np.uint8)
    start = -memory.ctypes.data % 64
    aligned = memory[start : start + 8192].view(np.float64)  # which JAX would take over as it is
    with zk.use_backend("jax"):
        x, y, z = zk.asarray(aligned), zk.from_dlpack(aligned), zk.from_dlpack(aligned, copy=False)
    aligned[:] = 1
    assert x.numpy().sum() == y.numpy().sum() == 0
    assert z.numpy().sum() == 1024  # as was asked for


@pytest.mark.parametrize("other", ["jax", TORCH], indirect=True)  # NumPy and strict share memory by design
def test_numpy_gives_an_array_that_can_be_written_to_without_harm(other: str) -> None:
    with zk.use_backend(other):
        x = zk.ones(3) * 2
    array = x.numpy()
    array[0] = 5
    if other != "torch":
        assert x.tolist() == [2.0, 2.0, 2.0]


@every_backend
def test_dlpack_goes_both_ways(other: str) -> None:
    array = np.arange(6.0, dtype="float32").reshape(2, 3)
    with zk.use_backend(other):
        x = zk.from_dlpack(array)
        assert x.backend.name == other
        np.testing.assert_array_equal(x.numpy(), array)
        again = np.from_dlpack(x)
        np.testing.assert_array_equal(again, array)
        assert x.__dlpack_device__()[0] == 1


@every_backend
def test_dlpack_takes_an_array_that_must_not_be_written_to(other: str) -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    with zk.use_backend(other):
        assert zk.from_dlpack(array).tolist() == [0.0, 1.0, 2.0]


@every_backend
def test_a_leaf_made_by_dlpack_has_memory_of_its_own(other: str) -> None:
    array = np.zeros(4096, dtype="float32")
    with zk.use_backend(other):
        x = zk.from_dlpack(array).requires_grad_()
    array[:] = 1
    assert x.numpy().sum() == 0


@pytest.mark.parametrize("other", ["strict", "jax", TORCH], indirect=True)  # NumPy: the test above
def test_dlpack_joins_zkynet_with_the_library_itself(other: str) -> None:
    backend = registry.usable_backend(other)
    library = backend.xp
    x = zk.arange(4, dtype="float32")
    raw = library.from_dlpack(x)
    assert backend.is_array(raw)
    np.testing.assert_array_equal(backend.to_numpy(raw), [0, 1, 2, 3])
    back = zk.from_dlpack(raw)
    assert back.backend is zk.get_backend()
    np.testing.assert_array_equal(back.numpy(), [0, 1, 2, 3])


@every_backend
def test_a_librarys_own_array_becomes_a_tensor_of_its_backend(other: str) -> None:
    backend = registry.usable_backend(other)
    raw = backend.from_numpy(np.array([1.0, 2.0]))
    with zk.use_backend("numpy"):  # NumPy's own arrays are host data, which goes to the current backend
        x = zk.asarray(raw)
        assert x.backend is backend
        assert zk.exp(raw).backend is backend
    assert backend.is_array(x.data)
    assert not backend.is_array(x)


@every_backend
def test_a_tensor_with_a_graph_is_refused_where_its_gradient_would_be_lost(other: str) -> None:
    with zk.use_backend(other):
        x = zk.ones(3).requires_grad_()
        y = x * 2
        for t in (x, y):
            with pytest.raises(GradientError, match="handed to NumPy"):
                np.asarray(t)
            with pytest.raises(GradientError, match="handed to DLPack"):
                np.from_dlpack(t)
            with pytest.raises(GradientError, match="handed to DLPack"):
                zk.from_dlpack(t)
            assert t.numpy().shape == np.asarray(t.detach()).shape == (3,)


@pytest.mark.slow
def test_a_torch_tensor_with_a_graph_of_its_own_is_refused() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    x = torch.ones(3, requires_grad=True)
    for use in (zk.asarray, zk.exp, lambda x: zk.ones(3).to("torch") + x):
        with pytest.raises(GradientError, match=r"x\.detach\(\)"):
            use(x)
    assert zk.asarray(x.detach()).backend.name == "torch"


@pytest.mark.slow
def test_what_torch_has_no_function_for_is_a_dtype_error() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    with zk.use_backend("torch"):
        x = zk.ones(3, dtype="uint16")
        with pytest.raises(DTypeError, match="add does not take uint16 on the backend torch\n  x1  \\(3,\\) uint16"):
            x + x


# -- dtypes -------------------------------------------------------------------------------------------------------


@every_backend
def test_promotion_is_the_same_on_every_backend(other: str) -> None:
    backend = registry.usable_backend(other)
    with zk.use_backend(other):
        arrays = {d: zk.ones((2,), dtype=d) for d in ALL_DTYPES if backend.supports(d)}
        assert {d: x.dtype for d, x in arrays.items()} == {d: d for d in arrays}
        for a, x in arrays.items():
            for b, y in arrays.items():
                try:
                    expected = dt.promote(a, b)
                except DTypeError:
                    with pytest.raises(DTypeError, match="no common integer type"):
                        zk.concat([x, y])
                    continue
                if not backend.supports(expected):
                    continue
                assert zk.concat([x, y]).dtype == expected, (a, b)
                assert zk.where(x == x, x, y).dtype == expected, (a, b)


@every_backend
def test_a_number_never_widens_a_float(other: str) -> None:
    backend = registry.usable_backend(other)
    with zk.use_backend(other):
        for dtype in filter(dt.is_differentiable, ALL_DTYPES):
            if not backend.supports(dtype) or (other, dtype.name) == ("numpy", "bfloat16"):
                continue  # beside bfloat16, Python numbers are not weak in NumPy itself
            x = zk.ones(2, dtype=dtype).requires_grad_()
            for y in (x + 1, 1 + x, x * 2.5, 2.5 / x, x**2, x**0.5, 2.0**x, x - True, zk.where(x == 1, x, 0.0)):
                assert y.dtype == dtype
            z = zk.sum(2.5 * x / 3 + x**2)
            z.backward(zk.ones_like(z))
            assert z.dtype == x.grad.dtype == dtype
        for name in ("int32", "int64", "uint8"):
            x = zk.ones(2, dtype=name)
            assert (x + 1).dtype == (2 * x).dtype == name
            assert (x * 1.5).dtype == (x / 2).dtype == zk.exp(x).dtype == np.float32
            assert (x * 1j).dtype == np.complex64


def test_float64_stays_float64_on_jax_and_float32_is_the_default() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("JAX is not installed")
    with zk.use_backend("jax"):
        x = zk.asarray(np.array([1 / 3]))
        assert x.dtype == np.float64
        assert (x * 3 - 1).dtype == np.float64
        assert x.item() == 1 / 3
        assert zk.ones(2).dtype == zk.tensor([1.5]).dtype == zk.arange(1.0, 2.0).dtype == np.float32
        assert zk.asarray(2**40).item() == 2**40


def test_jax_narrows_nothing_when_its_64_bits_are_switched_off_behind_our_back() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("jax is not installed")
    out = run_python(
        "import zkynet as zk, numpy as np, jax\n"
        "x = zk.asarray(np.array([1 / 3, 2.0])).requires_grad_()\n"
        "y = zk.sum(zk.exp(x))\n"
        "uses = [lambda: x * 2, lambda: x + x, lambda: zk.sum(x), lambda: zk.stack([x, x]), lambda: x[0],\n"
        "        lambda: zk.where(x > 0, x, 0.0), lambda: zk.from_dlpack(np.ones(2)), lambda: zk.tensor(2**40),\n"
        "        lambda: zk.softmax(x, axis=0), lambda: y.backward(), lambda: zk.asarray(np.ones(2))]\n"
        "def refused():\n"
        "    for use in uses:\n"
        "        try: print(use())\n"
        "        except zk.errors.DTypeError as e: assert 'would silently make' in e.headline, e\n"
        "with jax.enable_x64(False):\n"
        "    refused()\n"
        "    print((zk.ones(2) * 2.5).dtype)\n"
        "jax.config.update('jax_enable_x64', False)\n"
        "refused()\n"
        "print(x.dtype, x.tolist()[0] == 1 / 3)\n"
        "jax.config.update('jax_enable_x64', True)\n"
        "y.backward()\n"
        "print(x.grad.dtype)\n",
        ZKYNET_BACKEND="jax",
    )
    assert out.splitlines() == ["float32", "float64 True", "float64"]


def test_without_64_bits_jax_refuses_what_it_would_narrow() -> None:
    if registry.find_backend("jax").why_unavailable():
        pytest.skip("JAX is not installed")
    out = run_python(
        "import zkynet as zk, numpy as np\n"
        "print(zk.ones(2).dtype, (zk.ones(2) * 2.5).dtype)\n"
        "for make in (lambda: zk.ones(2, dtype='float64'), lambda: zk.asarray(np.arange(3)),\n"
        "             lambda: zk.ones(2).astype('complex128'), lambda: zk.ones(2).double()):\n"
        "    try: print(make())\n"
        "    except zk.errors.DTypeError as e: print(e.headline)\n",
        ZKYNET_BACKEND="jax",
        ZKYNET_JAX_X64="0",
    )
    lines = out.splitlines()
    assert lines[0] == "float32 float32"
    assert [line.partition(",")[0] for line in lines[1:]] == [
        "JAX would silently make float32 of float64",
        "JAX would silently make int32 of int64",
        "JAX would silently make complex64 of complex128",
        "JAX would silently make float32 of float64",
    ]
