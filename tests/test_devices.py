"""Devices. array-api-strict plays a machine with three of them, whose arrays do not come to the host unasked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from table import Row, all_rows

import zkynet as zk
from zkynet.backend import registry
from zkynet.errors import DeviceError, DTypeError
from zkynet.graph import walk_back

ROWS = all_rows()

pytestmark = pytest.mark.skipif(
    registry.find_backend("strict").why_unavailable() is not None, reason="array-api-strict is not installed"
)


@pytest.fixture(autouse=True)
def strict(_backend: Any) -> Iterator[Any]:
    """Every test here runs on strict, whatever the backend under test."""
    with zk.use_backend("strict") as backend:
        yield backend


@pytest.fixture
def hidden_transfers_are_refused(strict: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by way of the backend may a value come to the host from device1 or device2."""

    def refuse(raw: Any) -> Any:
        assert strict.device_of(raw) == "cpu", "a value was brought to the host behind the user's back"
        return type(strict).to_numpy(strict, raw)

    monkeypatch.setattr(strict, "to_numpy", refuse)


# -- where tensors are --------------------------------------------------------------------------------------------


def test_creation_functions_take_a_device() -> None:
    made = [
        zk.ones(2, device="device1"),
        zk.zeros((2, 3), device="device1"),
        zk.full(2, 7, device="device1"),
        zk.empty(2, device="device1"),
        zk.arange(3, device="device1"),
        zk.arange(0.0, 1.0, 0.25, device="device1"),
        zk.linspace(0, 1, 3, device="device1"),
        zk.eye(2, device="device1"),
        zk.asarray([1.0], device="device1"),
        zk.tensor([1.0], device="device1", requires_grad=True),
        zk.Tensor([1.0], device="device1"),
    ]
    assert [x.device for x in made] == ["device1"] * len(made)
    for x in made:
        for like in (zk.ones_like(x), zk.zeros_like(x), zk.full_like(x, 3), zk.empty_like(x)):
            assert like.device == "device1"
        assert zk.ones_like(x, device="device2").device == "device2"


def test_a_device_that_a_backend_has_not_is_refused_by_every_creation_function() -> None:
    x = zk.ones(2)
    makers = [
        lambda d: zk.ones(2, device=d),
        lambda d: zk.full(2, 1.0, device=d),
        lambda d: zk.arange(3, device=d),
        lambda d: zk.linspace(0, 1, 3, device=d),
        lambda d: zk.eye(2, device=d),
        lambda d: zk.asarray([1.0], device=d),
        lambda d: zk.asarray(np.ones(2), device=d),
        lambda d: zk.tensor([1.0], device=d),
        lambda d: zk.zeros_like(x, device=d),
        lambda d: x.to(device=d) if d is not None else x.to_device(d),
        lambda d: zk.fft.fftfreq(3, device=d),
    ]
    for backend in ("numpy", "strict"):
        with zk.use_backend(backend):
            x = zk.ones(2)
            for make in makers:
                for wrong in ("cuda:0", "", 0, ["cpu"], np.ones(2), x):
                    with pytest.raises(DeviceError, match=f"{backend} has no device"):
                        make(wrong)


def test_the_kind_of_a_device_alone_means_the_first_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with zk.use_backend("numpy") as backend:
        monkeypatch.setattr(type(backend), "devices", lambda self: ("cuda:0", "cuda:1", "cpu"))
        assert backend.device_name("cuda") == backend.device_name("cuda:0") == zk.device("cuda") == "cuda:0"
        assert zk.ones(2).to("cuda").backend is backend
        for wrong in ("cud", "cuda:", "cuda:7", "CUDA", "", None, 0):
            with pytest.raises(DeviceError, match="numpy has no device"):
                backend.device_name(wrong)


def test_the_same_device_object_may_be_entered_twice() -> None:
    one = zk.device("device1")
    with one, one:
        assert zk.ones(1).device == "device1"
    with one:
        with zk.device("device2"), one:
            assert zk.ones(1).device == "device1"
        assert zk.ones(1).device == "device1"
    assert zk.ones(1).device == "cpu"


def test_data_for_another_backend_does_not_follow_the_device_of_the_block() -> None:
    with zk.device("device1"):
        assert zk.asarray([1.0], backend="numpy").device == "cpu"
        assert (zk.ones(2).to("numpy") + [1.0, 2.0]).tolist() == [2.0, 3.0]  # noqa: RUF005


def test_a_block_chooses_the_device_of_new_tensors() -> None:
    assert zk.ones(1).device == zk.device() == "cpu"
    with zk.device("device1"):
        assert zk.ones(1).device == zk.device() == "device1"
        assert zk.tensor([1.0]).device == zk.arange(2).device == zk.eye(2).device == "device1"
        with zk.device("device2"):
            assert zk.zeros(1).device == "device2"
        assert zk.zeros(1).device == "device1"
        assert zk.zeros(1, device="cpu").device == "cpu"
        with zk.use_backend("numpy"):
            assert zk.zeros(1).device == "cpu"
    assert zk.ones(1).device == "cpu"


def test_an_unknown_device_is_answered_with_the_known_ones() -> None:
    for use in (
        lambda: zk.ones(2, device="cuda:0"),
        lambda: zk.device("cuda:0"),
        lambda: zk.ones(2).to_device("cuda:0"),
    ):
        with pytest.raises(DeviceError) as caught:
            use()
        assert str(caught.value) == (
            "strict has no device 'cuda:0'\n"
            "  devices of strict: cpu, device1, device2\n"
            "  Fix: pass one of these as device="
        )
    with pytest.raises(DeviceError, match="a device is a name"):
        zk.device(1)  # type: ignore[arg-type]


def test_to_device_carries_the_gradient_back() -> None:
    x = zk.tensor([1.0, 2.0], dtype="float64", requires_grad=True)
    y = x.to_device("device1")
    assert y.device == "device1"
    z = (y * y).to("device2")
    assert z.device == "device2"
    zk.sum(z * 3).backward(create_graph=True)
    first = x.grad
    assert first.device == "cpu"
    assert first.tolist() == [6.0, 12.0]
    x.grad = None
    zk.sum(first).backward()
    assert x.grad.tolist() == [6.0, 6.0]
    assert x.to_device("cpu") is x


def test_to_names_a_device_a_backend_a_dtype_or_a_tensor_to_be_like() -> None:
    x = zk.ones(2, device="device1")
    assert x.to("device2").device == "device2"
    assert x.to("numpy").backend.name == "numpy"
    assert x.to("float64").dtype == x.to(zk.float64).dtype == x.to(float).double().dtype == np.float64
    like = x.to(zk.zeros(1, dtype="float64", device="device2"))
    assert (like.device, like.dtype) == ("device2", np.float64)
    assert x.to("numpy", dtype="float64").to(x).device == "device1"
    assert x.cpu().device == "cpu"
    assert x.to(device="device2", dtype="int32").device == "device2"
    with pytest.raises(TypeError, match="no backend, device or dtype") as caught:
        x.to("cuda:0")
    assert "devices of strict: cpu, device1, device2" in str(caught.value)


def test_values_come_to_the_host_when_the_user_asks() -> None:
    x = zk.tensor([[1.0, 2.0]], device="device1")
    np.testing.assert_array_equal(x.numpy(), [[1, 2]])
    assert x.tolist() == [[1.0, 2.0]]
    assert x[0, 1].item() == 2.0
    assert x.to_device("cpu").device == "cpu"
    assert "device1" in repr(x)
    assert zk.allclose(x, x)


def test_values_do_not_come_to_the_host_unseen() -> None:
    x = zk.tensor([1, 2], device="device1")
    for ask in (bool, int, float, complex, range, hex):
        with pytest.raises(DeviceError, match="was to be brought to the host by"):
            ask(x[0])
    for ask_all in (list, np.asarray, np.from_dlpack, lambda x: [0, 1, 2][x[0]]):
        with pytest.raises(DeviceError, match="was to be brought to the host by"):
            ask_all(x)
    assert float(zk.tensor(2.0)) == 2.0
    assert zk.stack(x).tolist() == zk.concat(zk.unstack(x[:, None])).tolist() == [1, 2]


def test_raw_arrays_of_a_device_refuse_what_would_make_it_wait() -> None:
    raw = zk.ones(3, dtype="int64", device="device1").data
    for ask in (bool, int, float, complex, range):
        with pytest.raises(DeviceError, match="was to be brought to the host"):
            ask(raw[0])
    for ask_all in (list, np.asarray, np.from_dlpack):
        with pytest.raises(DeviceError, match="was to be brought to the host"):
            ask_all(raw)
    assert int(zk.ones(1).data[0]) == 1


# -- what meets what ----------------------------------------------------------------------------------------------


def test_tensors_of_two_devices_do_not_mix() -> None:
    x, y = zk.ones(2, device="device1"), zk.ones(2)
    with pytest.raises(DeviceError) as caught:
        x * y
    assert str(caught.value) == (
        "multiply received tensors on different devices\n"
        "  x1  device1\n"
        "  x2  cpu\n"
        "  Fix: move them to one device: x.to_device(...)"
    )
    assert caught.value.devices == ("device1", "cpu")
    for mix in (
        lambda: zk.concat([x, y]),
        lambda: zk.stack([x, y]),
        lambda: zk.where(x > 0, x, y),
        lambda: zk.matmul(x, y),
        lambda: zk.maximum(x, y),
        lambda: zk.clip(x, y, 2.0),
        lambda: zk.searchsorted(x, y),
    ):
        with pytest.raises(DeviceError, match="on different devices"):
            mix()


def test_numbers_and_host_data_follow_the_tensor_they_meet() -> None:
    x = zk.ones(2, device="device1")
    for y in (
        x + 1,
        2.0 * x,
        x + [1.0, 2.0],  # noqa: RUF005
        np.ones(2, dtype="float32") * x,
        zk.maximum(x, 0.5),
        zk.where(x > 0, x, 0.0),
    ):
        assert y.device == "device1"
        assert y.dtype == np.float32


def test_a_cotangent_follows_its_tensor() -> None:
    x = zk.ones(2, device="device1").requires_grad_()
    (x * x).backward(np.array([1.0, 10.0], dtype="float32"))
    assert x.grad.device == "device1"
    assert x.grad.tolist() == [2.0, 20.0]


# -- every op -----------------------------------------------------------------------------------------------------


def flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, (tuple, list)) else [result]


LOOKS = {
    "unstack:iteration": "iteration is refused: on a GPU it is a launch for every element",
    "repeat:each": "how often decides how long the result is",
    "bincount": "the values decide how long the result is",
    "bincount:weights": "the values decide how long the result is",
    "histogram": "the values decide where the edges are",
    "histogram:edges": "edges have to ascend",
}
"""Rows of ops that cannot but look at values on the host, and why."""


@pytest.mark.usefixtures("hidden_transfers_are_refused")
@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.name not in LOOKS and "strict" not in r.skip], ids=lambda row: row.name
)
def test_no_op_and_no_gradient_leaves_its_device_or_waits_for_it(row: Row, strict: Any) -> None:
    rng = np.random.default_rng(0)
    arrays = [sample(rng) for sample in row.inputs]
    tensors = [zk.tensor(a, device="device1", requires_grad=row.order > 0 and a.dtype.kind in "fc") for a in arrays]
    with zk.device("device1"):
        results = flat(row(zk, *tensors))
        assert {r.device for r in results} == {"device1"}
        roots = [(r.node, zk.ones_like(r)) for r in results if r.node is not None]
        if row.order == 0 or not roots:
            return
        leaves = {t.node for t in tensors if t.node is not None}
        first = walk_back(roots, record=True, retain=True)
        for leaf, g in first.items():
            assert leaf in leaves
            assert g.device == "device1"
        raw = walk_back([(node, g._raw) for node, g in roots], retain=True)
        assert {strict.device_of(g) for g in raw.values()} <= {"device1"}
        again = [(g.node, zk.ones_like(g)._raw) for g in first.values() if g.node is not None]
        if row.order > 1 and again:
            second = walk_back(again)
            assert {strict.device_of(g) for g in second.values()} <= {"device1"}


def test_what_a_device_cannot_hold_is_a_dtype_error() -> None:
    for dtype in ("float16", "bfloat16"):
        with pytest.raises(DTypeError, match=f"strict has no data type {dtype}"):
            zk.ones(2, dtype=dtype, device="device1")


# -- JAX on several devices ---------------------------------------------------------------------------------------

JAX_DEVICES = """
import numpy as np, zkynet as zk
zk.set_backend("jax")
print(zk.get_backend().devices())
x = zk.tensor([1.0, 2.0], device="cpu:1", requires_grad=True)
y = x.to_device("cpu:3")
z = zk.sum(y * y).to_device("cpu")
print(x.device, y.device, z.device)
z.backward()
print(x.grad.device, x.grad.tolist())
with zk.device("cpu:2"):
    print(zk.ones(2).device, zk.arange(3).device, zk.eye(2).device, zk.asarray([1.0]).device)
print(zk.zeros_like(x).device, (x * 2).device, (x + [1.0, 2.0]).device)
try:
    x + y
except zk.errors.DeviceError as e:
    print(e)
try:
    zk.ones(2, device="cpu:7")
except zk.errors.DeviceError as e:
    print(e.headline)
import jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec
mesh = Mesh(np.array(jax.devices()), ("batch",))
s = zk.asarray(jax.device_put(np.arange(8.0), NamedSharding(mesh, PartitionSpec("batch")))).requires_grad_()
t = zk.sum(s * s + zk.ones_like(s) * zk.ones(8, dtype="float64") + [0.0] * 8 + np.zeros(8))
t.backward()
print(t.item(), s.grad.tolist() == (2 * np.arange(8.0)).tolist(), s.device)
zk.get_backend().synchronize()
"""

JAX_DEVICES_SAY = """
('cpu', 'cpu:1', 'cpu:2', 'cpu:3')
cpu:1 cpu:3 cpu
cpu:1 [2.0, 4.0]
cpu:2 cpu:2 cpu:2 cpu:2
cpu:1 cpu:1 cpu:1
add received tensors on different devices
  x1  cpu:1
  x2  cpu:3
  Fix: move them to one device: x.to_device(...)
jax has no device 'cpu:7'
148.0 True cpu
"""


def test_jax_on_four_devices() -> None:
    if registry.find_backend("jax").why_unavailable() is not None:
        pytest.skip("jax is not installed")
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
    }
    done = subprocess.run(
        [sys.executable, "-c", JAX_DEVICES], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == JAX_DEVICES_SAY.strip()
