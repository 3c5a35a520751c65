"""The CuPy backend on a GPU: ``pytest --backend cupy tests/test_cupy_gpu.py``. Skipped elsewhere."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import DeviceError, IndexOutOfRangeError, LinAlgError

pytestmark = pytest.mark.usefixtures("cupy")
HALVES = ("float16", "bfloat16")
TOLERANCE = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 1e-5, "float64": 1e-12, "complex64": 1e-5}


@pytest.fixture
def cupy(request: pytest.FixtureRequest) -> Any:
    if request.config.getoption("--backend") != "cupy":
        pytest.skip("these need a GPU: pytest --backend cupy")
    import cupy

    return cupy


def normal(*shape: int, dtype: str = "float32") -> Any:
    numbers = np.random.default_rng(7).standard_normal(shape)
    return numbers.astype(zk.dtypes.as_dtype(dtype))


def wide(x: Any) -> Any:
    x = x.numpy() if isinstance(x, zk.Tensor) else np.asarray(x)
    return x.astype(complex if x.dtype.kind == "c" else float)


def close(got: Any, expected: Any, dtype: str) -> None:
    assert got.dtype == zk.dtypes.as_dtype(dtype)
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(wide(got), wide(expected), rtol=tolerance, atol=tolerance)


# -- indices ------------------------------------------------------------------------------------------------------


def test_an_index_out_of_range_raises() -> None:
    x = zk.zeros(3, 4)
    for key in ([3], ([0, 1], [0, 4]), (slice(None), [-5])):
        with pytest.raises(IndexOutOfRangeError):
            x[key]
    with pytest.raises(IndexOutOfRangeError):
        zk.take(x, zk.asarray([0, 7]), axis=1)
    with pytest.raises(IndexOutOfRangeError):
        x[[9]] = 1.0


@pytest.mark.parametrize("dtype", [*HALVES, "float32", "float64", "complex64", "int8", "int64", "uint32"])
def test_repeated_indices_accumulate(backend: Any, cupy: Any, dtype: str) -> None:
    kind = zk.dtypes.as_dtype(dtype)
    index = np.array([0, 2, 2, -1, 2])
    raw = cupy.asarray(np.ones((3, 2)).astype(kind))
    values = cupy.asarray(np.full((5, 2), 2).astype(kind))
    got = backend.index_add(raw, cupy.asarray(index), values)
    assert got.dtype == kind
    np.testing.assert_array_equal(wide(got.get()), [[3, 3], [1, 1], [9, 9]])
    np.testing.assert_array_equal(wide(raw.get()), 1)


@pytest.mark.parametrize("dtype", [*HALVES, "float32", "float64"])
def test_the_gradient_of_an_embedding(dtype: str) -> None:
    table = zk.tensor(normal(5, 3, dtype=dtype), requires_grad=True)
    table[[1, 1, 4]].sum().backward()
    close(table.grad, np.array([0, 2, 0, 0, 1])[:, None] * np.ones(3), dtype)


def test_many_halves_are_added_in_float32(backend: Any, cupy: Any) -> None:
    ones, index = cupy.ones(4096, "float16"), cupy.zeros(4096, int)
    assert backend.index_add(cupy.zeros(1, "float16"), index, ones)[0] == 4096


def test_of_values_for_one_place_the_last_wins(backend: Any, cupy: Any) -> None:
    n = 100_000
    index = np.random.default_rng(0).integers(0, 50, n)
    expected = np.zeros(50)
    expected[index] = np.arange(n)
    got = backend.index_set(cupy.zeros(50), cupy.asarray(index), cupy.arange(n, dtype=float))
    np.testing.assert_array_equal(got.get(), expected)
    x = zk.zeros(2, 50, dtype="float64")
    x[:, index] = zk.stack([zk.arange(n, dtype="float64")] * 2)
    np.testing.assert_array_equal(x.numpy(), [expected, expected])


# -- matrix products ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*HALVES, "float32", "float64", "complex64"])
@pytest.mark.parametrize("transposed", ["", "x", "y", "xy"])
def test_batched_products_of_every_layout(dtype: str, transposed: str) -> None:
    x, y = normal(4, 3, 5, dtype=dtype), normal(4, 5, 2, dtype=dtype)
    a, b = zk.tensor(x), zk.tensor(y)
    if "x" in transposed:
        a = zk.tensor(np.ascontiguousarray(np.swapaxes(x, -1, -2))).mT
    if "y" in transposed:
        b = zk.tensor(np.ascontiguousarray(np.swapaxes(y, -1, -2))).mT
    close(a @ b, np.matmul(wide(x), wide(y)), dtype)


@pytest.mark.parametrize("dtype", [*HALVES, "float32"])
@pytest.mark.parametrize(
    "shapes",
    [
        ((2, 1, 3, 4), (5, 4, 6)),
        ((3, 4), (6, 4, 2)),
        ((6, 3, 4), (4, 2)),
        ((4,), (6, 4, 2)),
        ((6, 3, 4), (4,)),
        ((2, 3, 0), (2, 0, 4)),
        ((40, 1, 2, 3), (1, 35, 3, 2)),
        ((1, 4096), (4096, 1)),
        ((8, 64, 64), (8, 64, 64)),
    ],
    ids=str,
)
def test_products_that_broadcast(dtype: str, shapes: Any) -> None:
    x, y = (normal(*s, dtype=dtype) for s in shapes)
    expected = np.matmul(wide(x), wide(y))
    scale = np.sqrt(shapes[0][-1] + 1)
    close(zk.tensor(x) @ zk.tensor(y) / float(scale), expected / scale, dtype)


def test_a_product_of_halves_does_not_overflow_inside() -> None:
    x = zk.tensor(np.array([[300.0, 300.0]], "float16"))
    y = zk.tensor(np.array([[300.0], [-300.0]], "float16"))
    assert (x @ y).item() == 0
    assert (x[None] @ y[None]).item() == 0


@pytest.mark.parametrize("dtype", HALVES)
def test_attention_in_half_precision(dtype: str) -> None:
    q, k, v = (zk.tensor(normal(2, 7, 3, 8, dtype=dtype), requires_grad=True) for _ in range(3))

    def by_numpy(q: Any, k: Any, v: Any) -> Any:
        q, k, v = (np.swapaxes(a, 1, 2) for a in (q, k, v))
        weights = np.exp(q @ np.swapaxes(k, -1, -2))
        return weights / weights.sum(-1, keepdims=True) @ v

    heads = [zk.permute_dims(a, (0, 2, 1, 3)) for a in (q, k, v)]
    out = zk.softmax(heads[0] @ heads[1].mT) @ heads[2]
    expected = by_numpy(*(wide(a.detach()) for a in (q, k, v)))
    np.testing.assert_allclose(wide(out.detach()), expected, rtol=0.05, atol=0.05)
    out.sum().backward()
    for a in (q, k, v):
        assert a.grad.dtype == a.dtype
        assert np.isfinite(wide(a.grad)).all()


# -- kernels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [*HALVES, "float32", "float64"])
@pytest.mark.parametrize(
    "name", ["sigmoid", "log_sigmoid", "softplus", "silu", "mish", "gelu", "gelu:tanh", "gelu_slope"]
)
def test_activation_kernels_agree_with_the_generic_bodies(backend: Any, cupy: Any, name: str, dtype: str) -> None:
    name, _, variant = name.partition(":")
    extra = ((variant or "none"),) if "gelu" in name else ()
    x = cupy.asarray(np.concatenate([np.linspace(-15, 15, 301), [np.inf, -np.inf, np.nan, 100, -100]]))
    x = x.astype(zk.dtypes.as_dtype(dtype))
    got = backend.kernels[name](backend.xp, x, *extra)
    expected = BODIES[name](backend.xp, x.astype(float), *extra)
    tolerance = TOLERANCE[dtype]
    np.testing.assert_allclose(wide(got.get()), expected.get(), rtol=tolerance, atol=tolerance)
    assert got.dtype == x.dtype


@pytest.mark.parametrize("dtype", [*HALVES, "float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((5, 7), -1),
        ((5, 7), 0),
        ((2, 3, 4), 1),
        ((3, 5000), 1),
        ((300, 33), -1),
        ((2, 3, 4), (0, 2)),
        ((4, 6), None),
        ((1,), 0),
    ],
)
def test_softmax_and_its_kin(shape: Any, axis: Any, dtype: str) -> None:
    x = normal(*shape, dtype=dtype)
    values = wide(x)
    top = values.max(axis=axis, keepdims=True)
    exps = np.exp(values - top)
    total = exps.sum(axis=axis, keepdims=True)
    t = zk.tensor(x)
    close(zk.softmax(t, axis), exps / total, dtype)
    close(zk.log_softmax(t, axis), values - top - np.log(total), dtype)
    expected = top + np.log(total)
    close(zk.logsumexp(t, axis, keepdims=True), expected, dtype)
    close(zk.logsumexp(t, axis), np.squeeze(expected, axis), dtype)


def test_softmax_of_infinities() -> None:
    inf, nan = np.inf, np.nan
    x = zk.tensor(np.array([[-inf, 0, 0], [-inf, -inf, -inf], [1e4, -1e4, 0], [nan, 0, 0]], "float32"))
    np.testing.assert_array_equal(zk.softmax(x).numpy()[[0, 2]], [[0, 0.5, 0.5], [1, 0, 0]])
    lse = zk.logsumexp(x, -1).numpy()
    np.testing.assert_allclose(lse[:3], [np.log(2), -inf, 1e4], rtol=1e-6)
    assert np.isnan(lse[3])
    assert zk.logsumexp(zk.tensor([inf, 0.0])).item() == inf


# -- the standard namespace ---------------------------------------------------------------------------------------


def test_minus_zero_keeps_its_sign(backend: Any) -> None:
    assert np.signbit(zk.full((2, 2), -0.0).numpy()).all()
    assert np.signbit(backend.xp.full_like(zk.ones(2).data, -0.0).get()).all()
    x = zk.ones(3)
    x[1] = -0.0
    assert np.signbit(x.numpy()).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_clip_sign_and_division_with_a_floor(backend: Any, cupy: Any, dtype: str) -> None:
    values = np.array([0.0, -0.0, 1.0, -1.0, 0.1, -0.3, 7.5, np.inf, -np.inf, np.nan], dtype)
    x, y = (a.ravel() for a in np.meshgrid(values, values[values != 0]))
    a, b, xp = cupy.asarray(x), cupy.asarray(y), backend.xp
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(xp.remainder(a, b).get(), np.remainder(x, y))
        finite = np.isfinite(x) & np.isfinite(y)
        np.testing.assert_array_equal(xp.floor_divide(a, b).get()[finite], np.floor_divide(x, y)[finite])
    np.testing.assert_array_equal(xp.clip(a, -0.5, 2.0).get(), np.clip(x, -0.5, 2.0))
    np.testing.assert_array_equal(xp.clip(a, None, b).get(), np.clip(x, None, y))
    np.testing.assert_array_equal(xp.sign(a).get(), np.sign(x))
    np.testing.assert_array_equal(xp.clip(cupy.arange(5, dtype="uint8"), -7, 3).get(), [0, 1, 2, 3, 3])


def test_extremes_of_infinities(backend: Any, cupy: Any) -> None:
    xp = backend.xp
    for size in (1, 1000):
        for sign in (1.0, -1.0):
            x = cupy.full((3, size), sign * np.inf, "float32")
            for name in ("max", "min"):
                assert (getattr(xp, name)(x, axis=1) == sign * np.inf).all()
                assert getattr(xp, name)(x) == sign * np.inf
            assert xp.argmax(x) == xp.argmin(x) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda xp, x: xp.sort(x),
        lambda xp, x: xp.where(x > 0, x, xp.zeros_like(x)),
        lambda xp, x: xp.where(x > 0, x, 0.5),
        lambda xp, x: xp.clip(x, -1.0, 1.0),
        lambda xp, x: xp.cumulative_sum(x, axis=0),
        lambda xp, x: xp.var(x),
        lambda xp, x: xp.mean(x),
        lambda xp, x: xp.round(x),
        lambda xp, x: xp.tril(xp.reshape(x, (4, 4))),
        lambda xp, x: xp.unique_values(x),
        lambda xp, x: xp.vecdot(x, x),
        lambda xp, x: xp.max(x),
    ],
)
@pytest.mark.parametrize("dtype", HALVES)
def test_half_precision_stays(backend: Any, cupy: Any, call: Any, dtype: str) -> None:
    x = cupy.asarray(normal(16, dtype=dtype))
    got = call(backend.xp, x)
    assert got.dtype == x.dtype
    expected = call(backend.xp, x.astype("float32"))
    np.testing.assert_allclose(wide(got.get()), expected.get(), rtol=0.02, atol=0.02)


@pytest.mark.parametrize("dtype", HALVES)
def test_variances_of_halves_do_not_overflow_inside(dtype: str) -> None:
    x = zk.tensor(np.array([-200.0, 200.0] * 500).astype(zk.dtypes.as_dtype(dtype)))
    assert (zk.std(x).dtype, zk.std(x).item()) == (x.dtype, 200)
    assert (zk.var(x).dtype, zk.mean(x + 200).item()) == (x.dtype, 200)


def test_matrices_without_an_answer_are_refused(backend: Any, cupy: Any) -> None:
    singular = zk.ones(2, 2)
    for call in (zk.linalg.inv, zk.linalg.cholesky, lambda a: zk.linalg.solve(a, zk.ones(2, 1))):
        with pytest.raises(LinAlgError):
            call(zk.tensor([[0.0, 0.0], [0.0, 0.0]]) if call is not zk.linalg.cholesky else -singular)
    a, b = normal(1, 3, 3, dtype="float64") + 4 * np.eye(3), normal(5, 3, 2, dtype="float64")
    np.testing.assert_allclose(backend.xp.linalg.solve(cupy.asarray(a), cupy.asarray(b)).get(), np.linalg.solve(a, b))


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", *HALVES, "float32", "float64", "complex64", "complex128"])
def test_there_and_back(backend: Any, dtype: str) -> None:
    array = np.arange(-3, 3).reshape(2, 3).astype(zk.dtypes.as_dtype(dtype))
    raw = backend.from_numpy(array.T, "cuda:0")
    assert (backend.dtype_of(raw), backend.device_of(raw)) == (array.dtype, "cuda:0")
    np.testing.assert_array_equal(wide(backend.to_numpy(raw)), wide(array.T))


# -- devices, memory, waiting -------------------------------------------------------------------------------------


def test_devices(backend: Any) -> None:
    names = backend.devices()
    assert names[0] == "cuda:0"
    x = zk.ones(3, device="cuda:0")
    assert x.device == "cuda:0"
    with zk.device("cuda:0"):
        assert zk.zeros(2).device == "cuda:0"
    for wrong in ("cpu", f"cuda:{len(names)}", "gpu"):
        with pytest.raises(DeviceError, match="cuda:0"):
            zk.ones(2, device=wrong)


def test_a_second_device(backend: Any, cupy: Any) -> None:
    if len(backend.devices()) < 2:
        pytest.skip("there is one GPU only")
    x = zk.ones(3, device="cuda:1")
    assert [zk.full_like(x, 2.0).device, zk.arange(3, device="cuda:1").device] == ["cuda:1", "cuda:1"]
    y = zk.tensor([1.0, 2.0], requires_grad=True)
    z = y.to_device("cuda:1")
    assert z.device == "cuda:1"
    z.to_device("cuda:0").sum().backward()
    assert y.grad.device == "cuda:0"
    np.testing.assert_array_equal(y.grad.numpy(), 1)
    with cupy.cuda.Device(1):
        w = zk.tensor(normal(3, 2), requires_grad=True)
        (zk.softmax(x @ w) * w).sum().backward()
        assert w.device == w.grad.device == "cuda:1"


def test_memory_figures(backend: Any) -> None:
    before = backend.memory()
    assert set(before) == {"used", "reserved", "peak"}
    x = zk.zeros(1 << 20)
    during = backend.memory("cuda:0")
    assert during["used"] >= before["used"] + x.nbytes
    assert during["reserved"] >= during["used"]
    y = x + 1
    del x, y
    after = backend.memory()
    assert after["used"] < during["used"]
    assert after["peak"] >= during["used"] + 4 * (1 << 20)


def test_a_training_step_waits_for_nothing(backend: Any, cupy: Any) -> None:
    import cupyx

    x, target = zk.tensor(normal(8, 5)), zk.tensor(normal(8, 3))
    w1, w2 = (zk.tensor(normal(*s), requires_grad=True) for s in ((5, 6), (6, 3)))
    mask = x > 0

    def step() -> Any:
        hidden = zk.gelu(zk.where(mask, x, 0.0) @ w1)
        scores = zk.log_softmax(zk.clip(hidden, -3.0, 3.0) @ w2)
        loss = -(scores * target).mean() + (w1 * w1).sum() * 0.01
        loss.backward()
        for w in (w1, w2):
            w.data = w.data - 0.1 * w.grad.data
            w.grad = None
        return loss

    step()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # CuPy warns that it does not see every wait
        with cupyx.allow_synchronize(False):
            loss = step()
    assert np.isfinite(loss.item())


def test_synchronize(backend: Any) -> None:
    x = zk.ones(1000)
    backend.synchronize(x.data)
    backend.synchronize()


# -- neighbours ---------------------------------------------------------------------------------------------------


def test_dlpack_with_numpy_and_cupy(cupy: Any) -> None:
    np.testing.assert_array_equal(zk.from_dlpack(np.arange(3.0)).numpy(), [0, 1, 2])
    with pytest.raises(zk.errors.InvalidValueError):
        zk.from_dlpack(np.arange(3.0), copy=False)
    raw = cupy.arange(4.0)
    shared = zk.from_dlpack(raw)
    raw += 1
    np.testing.assert_array_equal(shared.numpy(), [1, 2, 3, 4])
    copied = zk.from_dlpack(raw, copy=True)
    raw += 1
    np.testing.assert_array_equal(copied.numpy(), [1, 2, 3, 4])
    np.testing.assert_array_equal(cupy.from_dlpack(zk.ones(2)).get(), 1)


def test_dlpack_with_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    if not torch.cuda.is_available():
        pytest.skip("this PyTorch has no CUDA")
    for kind in (torch.float32, torch.bfloat16):
        theirs = torch.ones(3, dtype=kind, device="cuda")
        ours = zk.from_dlpack(theirs)
        assert ours.device == "cuda:0"
        theirs += 1
        torch.cuda.synchronize()
        np.testing.assert_array_equal(wide(ours), 2)
        back = torch.from_dlpack(zk.full((2,), 3.0))
        assert back.is_cuda
        assert back.tolist() == [3.0, 3.0]


def test_dlpack_with_jax() -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    if jax.default_backend() != "gpu":
        pytest.skip("this JAX has no CUDA")
    np.testing.assert_array_equal(zk.from_dlpack(jax.numpy.arange(3.0)).numpy(), [0, 1, 2])
    np.testing.assert_array_equal(np.asarray(jax.dlpack.from_dlpack(zk.ones(2))), 1)
