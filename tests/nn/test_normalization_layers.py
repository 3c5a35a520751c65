"""Normalising functions and layers: rules, kernels, running statistics, edges and mistakes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, ZkynetError
from zkynet.nn import functional as F


def draw(*shape: int, dtype: str = "float64", seed: int = 0) -> Any:
    return zk.asarray(np.random.default_rng(seed).standard_normal(shape).astype(dtype) * 2 + 1)


X, W = draw(2, 4, 3), draw(4, seed=1)

CASES = {
    "layer": (lambda x, w, b: F.layer_norm(x, (4, 3), w, b, 0.1), (X, draw(4, 3, seed=1), draw(4, 3, seed=2))),
    "rms": (lambda x, w: F.rms_norm(x, 3, w, 0.1), (X, draw(3, seed=1))),
    "group": (lambda x, w, b: F.group_norm(x, 2, w, b, 0.1), (X, W, W)),
    "instance": (lambda x, w, b: F.instance_norm(x, None, None, w, b, eps=0.1), (X, W, W)),
    "batch": (lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=0.1), (X, W, W)),
    "evaluated": (lambda x, w, b: F.batch_norm(x, zk.zeros_like(w), zk.ones_like(w), w, b), (X, W, W)),
    "response": (lambda x: F.local_response_norm(x, 3, 0.5, 0.75, 1.5), (X,)),
    "normalize": (lambda x: F.normalize(x, dim=(1, 2)), (X,)),
}


def on(backend: Any, tensors: Any) -> Any:
    return tuple(zk.asarray(t.numpy()) for t in tensors)


@pytest.mark.parametrize("name", CASES)
def test_first_and_second_derivatives(name: str, backend: Any) -> None:
    function, tensors = CASES[name]
    order = 1 if backend.name == "jax" and name != "layer" else 2
    assert zk.gradcheck(function, on(backend, tensors), order=order)


@pytest.mark.parametrize("which", [1, 2])
def test_mean_and_variance_are_differentiable_results(which: int, backend: Any) -> None:
    standardize = F.standardizing.standardize
    assert zk.gradcheck(
        lambda x: standardize(x, None, None, (1,), 0.1, True)[which], on(backend, (draw(2, 3),)), order=2
    )


def composed(x: Any, axes: Any, eps: float, centred: bool = True) -> Any:
    if not centred:
        return x / zk.sqrt(zk.mean(x * x, axis=axes, keepdims=True) + eps)
    return (x - zk.mean(x, axis=axes, keepdims=True)) / zk.sqrt(zk.var(x, axis=axes, keepdims=True) + eps)


@pytest.mark.parametrize("centred", [True, False])
def test_value_and_gradients_are_those_of_the_composition(centred: bool, backend: Any) -> None:
    if backend.name == "jax" and not centred:
        pytest.skip("what it compiles is checked on the other backends")
    values = []
    for how in ("fused", "composed"):
        x = draw(3, 5, 7).requires_grad_()
        w = draw(5, 7, seed=1).requires_grad_()
        if how == "composed":
            y = composed(x, (1, 2), 1e-5, centred) * w
        elif centred:
            y = F.layer_norm(x, (5, 7), w)
        else:
            y = F.rms_norm(x, (5, 7), w, 1e-5)
        (y * y * y).sum().backward()
        values.append((y, x.grad, w.grad))
    for a, b in zip(*values, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-11)


LAYOUTS = [
    ((70, 16, 32), (2,), (32,)),
    ((70, 16, 32), (1, 2), (16, 32)),
    ((4, 2, 8, 600), (2, 3), (2, 8, 1)),
    ((40, 8, 60), (2,), (8, 1)),
    ((2, 20000), (1,), (20000,)),
    ((2000, 3), (1,), (3,)),
    ((30, 40), (0, 1), (30, 40)),
    ((1000, 7), (0,), (7,)),
    ((60, 7, 5, 5), (0, 2, 3), (7, 1, 1)),
    ((2, 3, 100, 100), (0, 2, 3), (3, 1, 1)),
    ((60, 7, 5), (0, 2), (7, 5)),
]


@pytest.mark.parametrize(("shape", "axes", "factor"), LAYOUTS)
@pytest.mark.parametrize("centred", [True, False])
def test_kernels_equal_the_generic_body(shape: Any, axes: Any, factor: Any, centred: bool, backend: Any) -> None:
    _ = backend.xp.nn.standardize
    if "nn.standardize" not in backend.kernels:
        pytest.skip("the generic body is what runs here")
    if backend.name == "jax" and (len(shape) > 2 or shape[0] > 2 or not centred):
        pytest.skip("the same body, compiled, for all layouts")
    x, g, w, b = (draw(*s, seed=i)._raw for i, s in enumerate((shape, shape, factor, factor)))
    for weight, bias in ((w, b), (None, None), (w, None), (None, b)):
        args = (x, weight, bias, axes, 0.01, centred)
        ours, body = backend.kernels["nn.standardize"](backend.xp, *args), BODIES["nn.standardize"](backend.xp, *args)
        same(backend, ours, body)
        for wanted in ((True, True, True), (True, False, False), (False, True, True)):
            wanted = (wanted[0], wanted[1] and weight is not None, wanted[2] and bias is not None)
            back = (g, x, weight, bias, body[1], body[2], axes, 0.01, centred, wanted)
            name = "nn.standardize_gradient"
            same(backend, backend.kernels[name](backend.xp, *back), BODIES[name](backend.xp, *back))


def same(backend: Any, ours: Any, theirs: Any) -> None:
    for a, b in zip(ours, theirs, strict=True):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        np.testing.assert_allclose(backend.to_numpy(a), backend.to_numpy(b), rtol=1e-10, atol=1e-11)


def test_a_large_mean_does_not_spoil_the_variance() -> None:
    x = np.random.default_rng(0).standard_normal((64, 300)).astype("float32") + np.float32(1e4)
    expected = (x - x.mean(1, keepdims=True, dtype="float64")) / np.sqrt(
        x.var(1, keepdims=True, dtype="float64") + 1e-5
    )
    np.testing.assert_allclose(F.layer_norm(zk.asarray(x), 300).numpy(), expected, atol=0.02)
    y = F.batch_norm(zk.asarray(x.T.copy()), None, None, training=True)
    np.testing.assert_allclose(y.numpy(), expected.T, atol=0.02)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits_are_added_up_in_float32(dtype: str, backend: Any) -> None:
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip(f"{backend.name} has no {dtype}")
    if backend.name == "jax" and dtype == "float16":
        pytest.skip("compiles everything anew for each dtype")
    x = (draw(4, 600) * 100).astype(dtype).requires_grad_()  # squares overflow in float16
    wide = x.detach().astype("float32").requires_grad_()
    layer = zk.nn.LayerNorm(600, dtype=dtype)
    y, expected = layer(x), F.layer_norm(wide, 600)
    assert y.dtype == dtype
    np.testing.assert_allclose(y.detach().numpy().astype("float64"), expected.detach().numpy(), atol=0.02)
    y.sum().backward()
    assert x.grad.dtype == dtype
    assert layer.weight.grad.dtype == dtype
    batch = zk.nn.BatchNorm1d(600, dtype=dtype)
    assert batch(x).dtype == dtype
    assert batch.running_var.dtype == dtype
    assert batch.eval()(x).dtype == dtype


EMPTY = [
    ("LayerNorm", (3,), (0, 3)),
    ("RMSNorm", (3,), (0, 3)),
    ("GroupNorm", (2, 4), (0, 4, 5)),
    ("BatchNorm1d", (3,), (0, 3)),
    ("BatchNorm2d", (3,), (0, 3, 4, 4)),
    ("InstanceNorm2d", (3,), (0, 3, 4, 4)),
    ("LocalResponseNorm", (3,), (0, 3, 4, 4)),
]


@pytest.mark.parametrize(("name", "args", "shape"), EMPTY)
def test_an_empty_batch_gives_an_empty_result_and_zero_gradients(name: str, args: Any, shape: Any) -> None:
    layer = getattr(zk.nn, name)(*args)
    before = layer.state_dict()
    x = zk.zeros(shape).requires_grad_()
    y = layer(x)
    assert y.shape == shape
    y.sum().backward()
    assert x.grad.shape == shape
    for p in layer.parameters():
        assert p.grad.tolist() == zk.zeros_like(p).tolist()
    after = layer.state_dict()
    assert all(zk.array_equal(after[key], value) for key, value in before.items())


def test_running_statistics_are_new_values_and_old_arrays_stay() -> None:
    layer = zk.nn.BatchNorm1d(2)
    held, raw = layer.running_mean, layer.running_mean.data
    layer(zk.tensor([[1.0, 2.0], [3.0, 6.0]]))
    assert layer.running_mean is held
    np.testing.assert_allclose(held.numpy(), [0.2, 0.4], rtol=1e-6)
    np.testing.assert_allclose(layer.running_var.numpy(), [0.9 + 0.2, 0.9 + 0.8], rtol=1e-6)
    assert layer.num_batches_tracked.item() == 1
    assert layer.running_mean.requires_grad is False
    assert layer.running_mean.backend.to_numpy(raw).tolist() == [0.0, 0.0]


def test_without_momentum_the_running_mean_is_that_of_all_batches() -> None:
    layer = zk.nn.BatchNorm1d(1, momentum=None)
    for batch in ([1.0, 3.0], [5.0, 7.0], [0.0, 2.0]):
        layer(zk.tensor(batch)[:, None])
    np.testing.assert_allclose(layer.running_mean.numpy(), [3.0], rtol=1e-6)
    np.testing.assert_allclose(layer.running_var.numpy(), [2.0], rtol=1e-6)


def test_evaluation_leaves_the_state_alone_and_uses_it() -> None:
    layer = zk.nn.BatchNorm1d(1)
    layer.load_state_dict({**layer.state_dict(), "running_mean": zk.tensor([2.0]), "running_var": zk.tensor([4.0])})
    layer.eval()
    np.testing.assert_allclose(layer(zk.tensor([[6.0]])).detach().numpy(), [[2.0]], rtol=1e-5)
    assert layer.running_mean.item() == 2.0
    assert layer.num_batches_tracked.item() == 0


@pytest.mark.parametrize("kind", ["BatchNorm2d", "InstanceNorm2d", "GroupNorm"])
def test_the_number_of_channels_is_inferred(kind: str) -> None:
    make: Any = getattr(zk.nn, kind)
    layer = make(1, None) if kind == "GroupNorm" else make(None, affine=True, track_running_stats=True)
    layer(draw(2, 3, 4, 4, dtype="float32"))
    assert layer.weight.shape == (3,)
    assert (layer.num_channels if kind == "GroupNorm" else layer.num_features) == 3
    if kind != "GroupNorm":
        assert layer.running_mean.shape == (3,)


def test_an_input_that_is_refused_does_not_size_the_layer() -> None:
    layer = zk.nn.BatchNorm1d(None)
    with pytest.raises(InvalidValueError):
        layer(zk.ones((1, 3)))
    with pytest.raises(DTypeError):
        layer(zk.ones((4, 3), dtype="int64"))
    assert layer.num_features is None
    assert layer.running_mean is None


@pytest.mark.parametrize("affine", [True, False])
def test_a_layer_without_a_size_takes_that_of_a_saved_state(affine: bool) -> None:
    saved = zk.nn.Sequential(zk.nn.BatchNorm1d(3, affine=affine))
    saved(draw(5, 3, dtype="float32"))
    model = zk.nn.Sequential(zk.nn.BatchNorm1d(None, affine=affine))
    wrong = {**saved.state_dict(), "0.running_var": zk.ones(4)}
    with pytest.raises(ZkynetError, match="running_var"):
        model.load_state_dict(wrong)
    with pytest.raises(ZkynetError, match=r"missing     0\.running_mean"):
        model.load_state_dict({k: v for k, v in saved.state_dict().items() if k != "0.running_mean"})
    assert model[0].num_features is None
    model.load_state_dict(saved.state_dict())
    assert model[0].num_features == 3
    for name, value in saved.state_dict().items():
        assert model.state_dict()[name].tolist() == value.tolist()


MISTAKES = {
    "channels": (
        lambda: zk.nn.BatchNorm2d(3)(zk.ones((2, 4, 5, 5))),
        ShapeError,
        "4 channels, the layer was made for 3",
    ),
    "rank": (lambda: zk.nn.BatchNorm2d(3)(zk.ones((2, 3, 5))), ShapeError, "4 axes, received one of 3"),
    "integers": (lambda: zk.nn.LayerNorm(3)(zk.ones((2, 3), dtype="int64")), DTypeError, "computes with floats"),
    "integers in batch norm": (lambda: zk.nn.BatchNorm1d(3)(zk.ones((2, 3), dtype="int64")), DTypeError, "floats"),
    "single value": (
        lambda: zk.nn.BatchNorm1d(3)(zk.ones((1, 3))),
        InvalidValueError,
        "a single value for each channel",
    ),
    "single pixel": (lambda: zk.nn.InstanceNorm2d(3)(zk.ones((2, 3, 1, 1))), InvalidValueError, "a single value"),
    "single in a group": (lambda: F.group_norm(zk.ones((1, 3)), 3), InvalidValueError, "a single value for each group"),
    "groups": (lambda: zk.nn.GroupNorm(3, 4), InvalidValueError, "cannot be divided into 3 groups"),
    "no group": (lambda: F.group_norm(zk.ones((2, 4)), 0), InvalidValueError, "into 0 groups"),
    "group channels": (lambda: zk.nn.GroupNorm(2, 4)(zk.ones((2, 6))), ShapeError, "6 channels"),
    "last axes": (lambda: zk.nn.LayerNorm((4, 3))(zk.ones((2, 3, 4))), ShapeError, "are not normalized_shape"),
    "no axes": (lambda: zk.nn.LayerNorm(()), InvalidValueError, "normalized_shape is"),
    "weight": (lambda: F.layer_norm(zk.ones((2, 3)), 3, zk.ones(2)), ShapeError, "weight has the shape"),
    "eps": (lambda: zk.nn.LayerNorm(3, eps=-1e-5), InvalidValueError, "eps is a finite number from 0 on"),
    "momentum": (lambda: zk.nn.BatchNorm1d(3, momentum=1.5), InvalidValueError, "from 0 to 1, received 1.5"),
    "no statistics": (lambda: F.batch_norm(zk.ones((2, 3)), None, None), ArgumentError, "are needed"),
    "window": (lambda: F.local_response_norm(zk.ones((2, 3, 4)), 0), InvalidValueError, "size is at least 1"),
    "vector": (lambda: F.layer_norm(zk.tensor(1.0), 1), ShapeError, "are not normalized_shape"),
    "two dtypes": (lambda: zk.nn.LayerNorm(3)(zk.ones((2, 3), dtype="float64")), DTypeError, "float64"),
    "statistics": (
        lambda: F.batch_norm(zk.ones((2, 3)), zk.zeros(2), zk.ones(3), training=True),
        ShapeError,
        "running_mean has the shape",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name: str) -> None:
    call, kind, text = MISTAKES[name]
    with pytest.raises(kind) as caught:
        call()
    assert text in str(caught.value)


@pytest.mark.parametrize("bad", [(1, 3), (4, 2), (4, 3, 2, 2)])
def test_an_error_leaves_the_running_statistics_as_they_were(bad: Any) -> None:
    layer = zk.nn.BatchNorm1d(3)
    layer(draw(5, 3, dtype="float32"))
    before = layer.state_dict()
    with pytest.raises(ZkynetError):
        layer(zk.ones(bad))
    after = layer.state_dict()
    assert all(zk.array_equal(after[key], value) for key, value in before.items())


def test_gradients_of_a_frozen_layer_reach_its_input() -> None:
    layer = zk.nn.BatchNorm2d(3).eval().requires_grad_(False)
    x = draw(2, 3, 4, 4, dtype="float32").requires_grad_()
    layer(x).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.full((2, 3, 4, 4), 1 / np.sqrt(1 + 1e-5)), rtol=1e-6)
