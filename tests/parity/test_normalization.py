"""Normalising functions and layers against PyTorch: values, gradients, running statistics, weights by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

pytestmark = pytest.mark.slow

T, F = torch.nn.functional, zk.nn.functional


def pair(rng: np.random.Generator, *shape: int) -> tuple[Any, Any]:
    a = rng.standard_normal(shape) * 2 + 1
    return torch.tensor(a, requires_grad=True), zk.tensor(a, requires_grad=True)


def close(got: Any, expected: Any) -> None:
    np.testing.assert_allclose(got.detach().numpy(), expected.detach().numpy(), rtol=1e-9, atol=1e-11)


def compare(theirs: Any, ours: Any, shapes: list[tuple[int, ...]]) -> None:
    """The results of two functions, and the gradients of a loss that weighs every element."""
    rng = np.random.default_rng(0)
    pairs = [pair(rng, *shape) for shape in shapes]
    t, z = theirs(*(p[0] for p in pairs)), ours(*(p[1] for p in pairs))
    close(z, t)
    g = rng.standard_normal(t.shape)
    t.backward(torch.tensor(g))
    z.backward(zk.tensor(g))
    for a, b in pairs:
        close(b.grad, a.grad)


@pytest.mark.parametrize(
    ("shape", "axes"), [((5, 6), (6,)), ((2, 3, 4), (3, 4)), ((2, 3, 40, 7), (7,)), ((4, 300), (300,))]
)
@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_layer_and_rms_norm(shape: Any, axes: Any, eps: float) -> None:
    compare(lambda x: T.layer_norm(x, axes, None, None, eps), lambda x: F.layer_norm(x, axes, None, None, eps), [shape])
    compare(
        lambda x, w, b: T.layer_norm(x, axes, w, b, eps),
        lambda x, w, b: F.layer_norm(x, axes, w, b, eps),
        [shape, axes, axes],
    )
    compare(lambda x, w: T.rms_norm(x, axes, w, eps), lambda x, w: F.rms_norm(x, axes, w, eps), [shape, axes])
    compare(lambda x: T.rms_norm(x, axes), lambda x: F.rms_norm(x, axes), [shape])


@pytest.mark.parametrize("shape", [(3, 6), (2, 6, 5), (2, 6, 4, 3), (8, 6, 20, 20)])
@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_group_norm(shape: Any, groups: int) -> None:
    compare(
        lambda x, w, b: T.group_norm(x, groups, w, b),
        lambda x, w, b: F.group_norm(x, groups, w, b),
        [shape, (6,), (6,)],
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(7, 3), (400, 3), (4, 3, 5), (2, 3, 4, 4), (6, 3, 20, 20), (2, 3, 2, 3, 4)])
def test_batch_norm(shape: Any, training: bool) -> None:
    mean, var = [0.1, -0.2, 0.3], [1.5, 0.7, 2.0]
    tm, tv, zm, zv = (
        make(s, dtype="float64" if make is zk.tensor else torch.float64)
        for make in (torch.tensor, zk.tensor)
        for s in (mean, var)
    )
    compare(
        lambda x, w, b: T.batch_norm(x, tm, tv, w, b, training, 0.3, 1e-3),
        lambda x, w, b: F.batch_norm(x, zm, zv, w, b, training, 0.3, 1e-3),
        [shape, (3,), (3,)],
    )
    close(zm, tm)
    close(zv, tv)


@pytest.mark.parametrize("use_input_stats", [True, False])
@pytest.mark.parametrize("shape", [(4, 3, 5), (2, 3, 4, 4), (6, 3, 20, 20), (2, 3, 2, 3, 4)])
def test_instance_norm(shape: Any, use_input_stats: bool) -> None:
    mean, var = [0.1, -0.2, 0.3], [1.5, 0.7, 2.0]
    tm, tv, zm, zv = (
        make(s, dtype="float64" if make is zk.tensor else torch.float64)
        for make in (torch.tensor, zk.tensor)
        for s in (mean, var)
    )
    compare(
        lambda x, w, b: T.instance_norm(x, tm, tv, w, b, use_input_stats, 0.3, 1e-3),
        lambda x, w, b: F.instance_norm(x, zm, zv, w, b, use_input_stats, 0.3, 1e-3),
        [shape, (3,), (3,)],
    )
    close(zm, tm)
    close(zv, tv)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("shape", [(2, 4, 5), (2, 7, 3, 3), (1, 6, 2, 2, 2)])
def test_local_response_norm(shape: Any, size: int) -> None:
    compare(lambda x: T.local_response_norm(x, size), lambda x: F.local_response_norm(x, size), [shape])
    compare(
        lambda x: T.local_response_norm(x, size, 0.5, 1.25, 2.0),
        lambda x: F.local_response_norm(x, size, 0.5, 1.25, 2.0),
        [shape],
    )


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, float("inf")])
@pytest.mark.parametrize("dim", [0, 1, -1, (0, 2)])
def test_normalize(p: float, dim: Any) -> None:
    compare(lambda x: T.normalize(x, p, dim), lambda x: F.normalize(x, p, dim), [(3, 4, 5)])
    compare(lambda x: T.normalize(x, p, dim, 1e3), lambda x: F.normalize(x, p, dim, 1e3), [(3, 4, 5)])


def zero_gradient(normalize: Any, zeros: Any) -> Any:
    normalize(zeros).sum().backward()
    return zeros.grad


def test_a_vector_of_zeros_has_the_gradient_of_pytorch() -> None:
    t, z = (
        torch.zeros(2, 3, dtype=torch.float64, requires_grad=True),
        zk.zeros((2, 3), dtype="float64").requires_grad_(),
    )
    close(zero_gradient(lambda x: F.normalize(x, eps=0.1), z), zero_gradient(lambda x: T.normalize(x, eps=0.1), t))


LAYERS = [
    ("BatchNorm1d", (3,), {}, (6, 3)),
    ("BatchNorm1d", (3,), {"momentum": None}, (6, 3, 4)),
    ("BatchNorm2d", (3,), {"momentum": 0.3, "eps": 1e-2}, (6, 3, 4, 5)),
    ("BatchNorm2d", (3,), {"affine": False}, (6, 3, 4, 5)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (6, 3, 4, 5)),
    ("BatchNorm3d", (3,), {}, (2, 3, 2, 3, 4)),
    ("InstanceNorm1d", (3,), {}, (6, 3, 4)),
    ("InstanceNorm1d", (3,), {}, (3, 4)),
    ("InstanceNorm2d", (3,), {"affine": True}, (6, 3, 4, 5)),
    ("InstanceNorm2d", (3,), {"affine": True, "track_running_stats": True}, (6, 3, 4, 5)),
    ("InstanceNorm3d", (3,), {"track_running_stats": True}, (3, 2, 3, 4)),
    ("LayerNorm", ((4, 5),), {}, (2, 3, 4, 5)),
    ("LayerNorm", (5,), {"elementwise_affine": False}, (2, 3, 4, 5)),
    ("LayerNorm", (5,), {"bias": False, "eps": 1e-3}, (2, 5)),
    ("RMSNorm", ((4, 5),), {}, (2, 3, 4, 5)),
    ("RMSNorm", (5,), {"eps": 1e-3, "elementwise_affine": False}, (2, 5)),
    ("GroupNorm", (2, 4), {}, (3, 4, 5)),
    ("GroupNorm", (4, 4), {"affine": False}, (3, 4)),
    ("LocalResponseNorm", (2,), {}, (3, 4, 5)),
]


@pytest.mark.parametrize(("name", "args", "kwargs", "shape"), LAYERS)
def test_layers_train_and_evaluate_alike(name: str, args: Any, kwargs: Any, shape: Any) -> None:
    rng = np.random.default_rng(1)
    theirs = getattr(torch.nn, name)(*args, **kwargs).double()
    ours = getattr(zk.nn, name)(*args, **kwargs).double()
    assert {k: tuple(v.shape) for k, v in theirs.state_dict().items()} == {
        k: v.shape for k, v in ours.state_dict().items()
    }
    for key, value in theirs.state_dict().items():
        close(ours.state_dict()[key], value)
    with torch.no_grad():
        for p in theirs.parameters():
            p.copy_(torch.tensor(rng.standard_normal(p.shape)))
    ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    for _ in range(3):
        _same_step(theirs, ours, rng, shape)
    theirs.eval()
    ours.eval()
    _same_step(theirs, ours, rng, shape)
    state = {k: zk.asarray(v.numpy()) for k, v in theirs.state_dict().items()}
    for key, value in ours.state_dict().items():
        if not (key == "num_batches_tracked" and name.startswith("Instance")):
            close(value, torch.tensor(state[key].numpy()))
    again = getattr(zk.nn, name)(*args, **kwargs).double().eval()
    again.load_state_dict(state)
    x = rng.standard_normal(shape)
    close(again(zk.tensor(x)), theirs(torch.tensor(x)))


def _same_step(theirs: Any, ours: Any, rng: np.random.Generator, shape: Any) -> None:
    t, z = pair(rng, *shape)
    a, b = theirs(t), ours(z)
    close(b, a)
    g = rng.standard_normal(a.shape)
    theirs.zero_grad()
    ours.zero_grad()
    a.backward(torch.tensor(g))
    b.backward(zk.tensor(g))
    close(z.grad, t.grad)
    for p, q in zip(theirs.parameters(), ours.parameters(), strict=True):
        close(q.grad, p.grad)
