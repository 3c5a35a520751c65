"""Loss scaling, and training in 16 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from wording import error_of

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, GradientError, InvalidValueError
from zkynet.optim import GradScaler, MixedPrecision


def weight(value: float = 1.0) -> Any:
    return zk.tensor([value], requires_grad=True)


# -- the scale --------------------------------------------------------------------------------------------------------


def test_the_scale_shrinks_after_an_overflow_and_grows_after_a_while() -> None:
    w = weight()
    optimizer = zk.optim.SGD([w], lr=0.0)
    scaler = GradScaler(init_scale=8.0, growth_factor=4.0, backoff_factor=0.25, growth_interval=2)
    scales = []
    for g in (1.0, 1.0, 1.0, float("inf"), 1.0, float("nan"), 1.0, 1.0):
        w.grad = zk.tensor([g])
        scaler.step(optimizer)
        scaler.update()
        scales.append(scaler.get_scale())
    assert scales == [8.0, 32.0, 32.0, 8.0, 8.0, 2.0, 2.0, 8.0]


def test_a_step_with_infinities_is_left_out_whole() -> None:
    w, v = weight(), weight()
    optimizer = zk.optim.Adam([w, v], lr=0.5)
    scaler = GradScaler()
    w.grad, v.grad = zk.tensor([1.0]), zk.tensor([float("inf")])
    scaler.step(optimizer)
    assert (w.item(), v.item()) == (1.0, 1.0)
    assert optimizer.state_dict()["state"] == {}
    schedule = zk.optim.lr_scheduler.StepLR(optimizer, 1)
    schedule.step()  # it was the optimiser's turn, so this is the right order


def test_gradients_are_scaled_back_once_and_can_be_clipped_before_the_step() -> None:
    w = weight(3.0)
    optimizer, scaler = zk.optim.SGD([w], lr=1.0), GradScaler(init_scale=1024.0)
    scaler.scale((w * w).sum()).backward()
    assert w.grad.item() == 6 * 1024.0
    scaler.unscale_(optimizer)
    assert w.grad.item() == 6.0
    zk.nn.clip_grad_norm_([w], 1.0)
    scaler.step(optimizer)
    scaler.update()
    np.testing.assert_allclose(w.item(), 2.0, rtol=1e-6)


def test_several_losses_and_optimizers() -> None:
    w, v = weight(3.0), weight(2.0)
    a, b = zk.optim.SGD([w], lr=0.25), zk.optim.SGD([v], lr=0.25)
    scaler = GradScaler(init_scale=4.0)
    for loss in scaler.scale([(w * w).sum(), (v * v).sum()]):
        loss.backward()
    w.grad = zk.tensor([float("inf")])
    scaler.step(a)
    scaler.step(b)
    scaler.update()
    assert (w.item(), v.item(), scaler.get_scale()) == (3.0, 1.0, 2.0)


def test_a_scaler_that_is_not_enabled_does_nothing() -> None:
    w = weight()
    optimizer, scaler = zk.optim.SGD([w], lr=0.5), GradScaler(enabled=False)
    scaler.scale((w * w).sum()).backward()
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    assert (w.item(), scaler.get_scale(), scaler.state_dict()) == (0.0, 1.0, {})


def test_a_saved_scaler_goes_on() -> None:
    first, second = GradScaler(init_scale=2.0, growth_interval=3), GradScaler()
    w = weight()
    optimizer = zk.optim.SGD([w], lr=0.0)

    def step(scaler: Any) -> float:
        w.grad = zk.tensor([1.0])
        scaler.step(optimizer)
        scaler.update()
        return float(scaler.get_scale())

    step(first)
    second.load_state_dict(first.state_dict())
    assert [step(first) for _ in range(5)] == [step(second) for _ in range(5)] == [2.0, 4.0, 4.0, 4.0, 8.0]


def test_mistakes_with_a_scaler_are_named() -> None:
    w = weight()
    optimizer, scaler = zk.optim.SGD([w]), GradScaler()
    assert "before any step" in error_of(scaler.update, GradientError)
    w.grad = zk.tensor([1.0])
    scaler.unscale_(optimizer)
    assert "called twice" in error_of(lambda: scaler.unscale_(optimizer), InvalidValueError)
    scaler.step(optimizer)
    assert "called twice" in error_of(lambda: scaler.step(optimizer), InvalidValueError)
    assert "takes no closure" in error_of(lambda: GradScaler().step(optimizer, lambda: 1), ArgumentError)
    assert "takes tensors" in error_of(lambda: scaler.scale(3.0), ArgumentError)
    assert "growth_factor is above 1" in error_of(lambda: GradScaler(growth_factor=1.0), InvalidValueError)
    assert "what state_dict() gave" in error_of(lambda: scaler.load_state_dict({}), ArgumentError)


# -- 16 bits ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def sixteen(backend: Any) -> Any:
    if not backend.supports(zk.float16):
        pytest.skip(f"{backend.name} has no 16-bit floats")
    return backend


class Net(zk.nn.Module):
    def __init__(self) -> None:
        zk.random.seed(0)
        self.hidden = zk.nn.Linear(4, 16)
        self.out = zk.nn.Linear(16, 1)

    def forward(self, x: Any) -> Any:
        return self.out(zk.tanh(self.hidden(x)))


def data() -> tuple[Any, Any]:
    x = np.random.default_rng(0).standard_normal((64, 4)).astype("float32")
    return x, np.sin(x[:, :1]) + 0.5 * x[:, 1:2]


def mean_square(a: Any, b: Any) -> Any:
    return ((a.astype("float32") - b) ** 2).mean()


def train_in_float32(steps: int, lr: float) -> list[float]:
    x, y = map(zk.tensor, data())
    model = Net()
    optimizer = zk.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = mean_square(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_a_net_in_sixteen_bits_learns_as_well_as_in_float32(sixteen: Any, dtype: str) -> None:
    steps, lr = 60, 0.01
    expected = train_in_float32(steps, lr)
    x, y = map(zk.tensor, data())
    model = Net()
    training = MixedPrecision(model, lambda params: zk.optim.Adam(params, lr=lr), dtype=dtype)
    losses = []
    for _ in range(steps):
        training.zero_grad()
        out = model(x.astype(dtype))
        assert out.dtype.name == dtype
        loss = mean_square(out, y)
        training.backward(loss)
        training.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]
    np.testing.assert_allclose(losses[-1], expected[-1], rtol=0.05 if dtype == "float16" else 0.15)


def test_updates_too_small_for_sixteen_bits_add_up(sixteen: Any) -> None:
    plain = zk.tensor([1.0], dtype="float16", requires_grad=True)
    optimizer = zk.optim.SGD([plain], lr=1e-4)
    w = zk.tensor([1.0], requires_grad=True)
    training = MixedPrecision([w], lambda params: zk.optim.SGD(params, lr=1e-4))
    for _ in range(100):
        plain.grad = zk.ones(1, dtype="float16")
        optimizer.step()
        training.zero_grad()
        training.backward(w.sum())
        assert training.step()
    assert plain.item() == 1.0
    np.testing.assert_allclose(w.item(), 0.99, rtol=1e-3)


def test_gradients_too_small_for_sixteen_bits_arrive(sixteen: Any) -> None:
    for scale, arrives in ((1.0, False), (2.0**12, True)):
        w = zk.tensor([1.0], requires_grad=True)
        scaler = GradScaler(init_scale=scale)
        training = MixedPrecision([w], lambda params: zk.optim.SGD(params, lr=1.0), scaler=scaler)
        training.backward((w.astype("float32") * 1e-8).sum())
        training.unscale_()
        assert (training.masters[0].grad.item() > 0) == arrives


def test_an_overflow_changes_neither_model_nor_copies(sixteen: Any) -> None:
    w = zk.tensor([1.0], requires_grad=True)
    training = MixedPrecision([w], lambda params: zk.optim.Adam(params, lr=0.5), scaler=GradScaler(init_scale=2.0**17))
    training.backward(w.sum())
    assert not training.step()
    assert (w.item(), training.masters[0].item(), training.scaler.get_scale()) == (1.0, 1.0, 2.0**16)


def test_gradients_add_up_in_float32(sixteen: Any) -> None:
    w = zk.tensor([1.0], requires_grad=True)
    training = MixedPrecision([w], lambda params: zk.optim.SGD(params, lr=1.0), scaler=GradScaler(1.0))
    for _ in range(4):
        training.backward((w * 2049.0).sum())
    assert w.grad is None
    assert training.masters[0].grad.item() == 8192.0  # 2049 is 2048 in float16


def test_groups_names_and_frozen_parameters(sixteen: Any) -> None:
    model = zk.nn.Linear(2, 1)
    model.bias.requires_grad_(False)
    training = MixedPrecision(
        [{"params": [model.weight], "lr": 0.5}, {"params": [model.bias]}], lambda p: zk.optim.SGD(p, lr=0.1)
    )
    assert [group["lr"] for group in training.param_groups] == [0.5, 0.1]
    named = MixedPrecision(zk.nn.Linear(2, 1), lambda p: zk.optim.SGD(p, lr=0.1))
    assert named.param_groups[0]["param_names"] == ["weight", "bias"]
    training.backward(model(zk.ones((1, 2), dtype="float16")).sum())
    bias = model.bias.item()
    assert training.step()
    assert (model.bias.item(), model.bias.dtype.name) == (bias, "float16")


def test_a_saved_training_goes_on(sixteen: Any) -> None:
    def run(training: Any, w: Any, steps: int) -> None:
        for _ in range(steps):
            training.zero_grad()
            training.backward((w.astype("float32") ** 2).sum())
            training.step()

    w, v = zk.tensor([1.0, 3.0], requires_grad=True), zk.tensor([0.0, 0.0], requires_grad=True)
    first = MixedPrecision([w], lambda p: zk.optim.Adam(p, lr=0.01))
    second = MixedPrecision([v], lambda p: zk.optim.Adam(p))
    run(first, w, 3)
    second.load_state_dict(first.state_dict())
    run(first, w, 5)
    run(second, v, 5)
    assert first.masters[0].tolist() == second.masters[0].tolist()
    assert w.tolist() == v.tolist()
    other = MixedPrecision([zk.ones(3, requires_grad=True)], lambda p: zk.optim.Adam(p)).state_dict()
    assert "the parameters are others" in error_of(lambda: first.load_state_dict(other), InvalidValueError)


def test_mistakes_in_mixed_precision_are_named(sixteen: Any) -> None:
    w = weight()
    assert "dtype is float16 or bfloat16" in error_of(
        lambda: MixedPrecision([w], lambda p: zk.optim.SGD(p), dtype="float32"), DTypeError
    )
    assert "a function that makes one" in error_of(lambda: MixedPrecision([w], zk.optim.SGD([w])), ArgumentError)  # type: ignore[arg-type]
    assert w.dtype == "float32"
    half = zk.tensor([1.0], dtype="float16", requires_grad=True)
    half.grad = zk.ones(1, dtype="float16")
    optimizer = zk.optim.SGD([("w", half)])
    assert "parameter 'w' back: they are float16" in error_of(lambda: GradScaler().unscale_(optimizer), DTypeError)
