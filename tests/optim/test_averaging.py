"""Averaged weights, accumulated gradients, clipping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from wording import error_of, message

import zkynet as zk
from zkynet.errors import ArgumentError, InvalidValueError, NonFiniteError, ShapeError


def walk(seed: int, steps: int = 6) -> list[Any]:
    return list(np.random.default_rng(seed).standard_normal((steps, 3)))


def follow(average: Any, w: Any, values: list[Any]) -> None:
    for value in values:
        w.data = zk.tensor(value, dtype=w.dtype).data
        average.update()


# -- averages ---------------------------------------------------------------------------------------------------------


def test_exponential_averages_begin_with_the_first_value() -> None:
    w = zk.tensor(np.zeros(3), requires_grad=True)
    average = zk.optim.EMA([w], decay=0.8)
    values = walk(0)
    follow(average, w, values)
    expected = values[0]
    for value in values[1:]:
        expected = 0.8 * expected + 0.2 * value
    np.testing.assert_allclose(average.averages["0"].numpy(), expected, rtol=1e-13)
    assert average.n_averaged == 6


def test_means_are_means() -> None:
    w = zk.tensor(np.zeros(3), requires_grad=True)
    average = zk.optim.SWA([("w", w)])
    values = walk(1)
    follow(average, w, values)
    np.testing.assert_allclose(average.averages["w"].numpy(), np.mean(values, 0), rtol=1e-13)


def test_applied_puts_averages_in_and_restores_to_the_last_bit() -> None:
    model = zk.nn.Linear(3, 2)
    average = zk.optim.EMA(model, decay=0.5)
    average.update()
    old = model.weight.numpy().copy()
    optimizer = zk.optim.SGD(model.parameters(), lr=1.0)
    model(zk.ones((4, 3))).sum().backward()
    optimizer.step()
    average.update()
    new = model.weight.numpy().copy()

    def use() -> None:
        with average.applied():
            np.testing.assert_allclose(model.weight.numpy(), (old + new) / 2, rtol=1e-6)
            assert "would be averaged again" in error_of(average.update, InvalidValueError)
            raise KeyError

    with pytest.raises(KeyError):
        use()
    assert model.weight.numpy().tobytes() == new.tobytes()
    average.update()
    average.copy_to()
    kept = average.averages["weight"].numpy().copy()
    optimizer.zero_grad()
    model(zk.ones((4, 3))).sum().backward()
    optimizer.step()  # goes on from the averages, and leaves them alone
    assert average.averages["weight"].numpy().tobytes() == kept.tobytes()


def test_averages_of_sixteen_bit_weights_are_kept_in_float32() -> None:
    w = zk.tensor([1.0], dtype="float16" if zk.get_backend() != "strict" else "float32", requires_grad=True)
    average = zk.optim.EMA([w], decay=0.9999)
    average.update()
    w.data = zk.tensor([2.0], dtype=w.dtype).data
    for _ in range(10):
        average.update()
    assert average.averages["0"].dtype == "float32"
    np.testing.assert_allclose(average.averages["0"].tolist(), [2 - 0.9999**10], rtol=1e-6)
    with average.applied():
        assert w.dtype.name in ("float16", "float32")


def test_a_saved_average_goes_on() -> None:
    w = zk.tensor(np.zeros(3), requires_grad=True)
    first, second = zk.optim.SWA([w]), zk.optim.SWA([w])
    values = walk(2)
    follow(first, w, values[:3])
    second.load_state_dict(first.state_dict())
    saved = first.state_dict()["averages"]["0"]
    before = saved.tolist()
    follow(first, w, values[3:])
    assert saved.tolist() == before
    follow(second, w, values[3:])
    assert first.averages["0"].tolist() == second.averages["0"].tolist()


def test_buffers_are_averaged_when_asked_for_and_counters_copied() -> None:
    model = zk.nn.BatchNorm1d(2)
    average = zk.optim.SWA(model, use_buffers=True)
    for x in ([[0.0, 0.0], [2.0, 4.0]], [[4.0, 4.0], [2.0, 0.0]]):
        model(zk.tensor(x))
        average.update()
    first, second = np.array([0.1, 0.2]), np.array([0.1, 0.2]) * 0.9 + 0.1 * np.array([3.0, 2.0])
    np.testing.assert_allclose(average.averages["running_mean"].tolist(), (first + second) / 2, rtol=1e-6)
    assert average.averages["num_batches_tracked"].item() == 2


def test_batch_statistics_are_computed_anew_and_modes_restored() -> None:
    model = zk.nn.Sequential(zk.nn.BatchNorm1d(2), zk.nn.Linear(2, 2))
    model[1].eval()
    data = np.random.default_rng(0).standard_normal((4, 8, 2)).astype("float32")
    zk.optim.update_bn(((zk.tensor(x), None) for x in data), model)
    np.testing.assert_allclose(model[0].running_mean.tolist(), data.mean(1).mean(0), atol=1e-6)
    np.testing.assert_allclose(model[0].running_var.tolist(), data.var(1, ddof=1).mean(0), rtol=1e-5)
    assert (model[0].momentum, model[0].training, model[1].training) == (0.1, True, False)


def test_mistakes_with_averages_are_named() -> None:
    w = zk.ones(2, requires_grad=True)
    average = zk.optim.SWA([w])
    assert "decay is between 0 and 1" in error_of(lambda: zk.optim.EMA([w], decay=2.0), InvalidValueError)
    assert "was given no parameters" in error_of(lambda: zk.optim.SWA([]), InvalidValueError)
    assert "use_buffers needs the model" in error_of(lambda: zk.optim.SWA([w], use_buffers=True), ArgumentError)
    other = zk.optim.SWA([("a", w)]).state_dict()
    assert "of other weights" in error_of(lambda: average.load_state_dict(other), InvalidValueError)
    wrong = {"n_averaged": 1, "averages": {"0": zk.ones(3)}}
    assert "another shape" in error_of(lambda: average.load_state_dict(wrong), ShapeError)
    assert average.n_averaged == 0


# -- accumulation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_four_small_batches_equal_a_large_one(kind: str) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((3, 16, 4)), rng.standard_normal((3, 16, 1))
    results = []
    for parts in (1, 4):
        w = zk.tensor(np.ones((4, 1)), requires_grad=True)
        optimizer = getattr(zk.optim, kind)([w], lr=0.1)
        accumulation = zk.optim.GradientAccumulation(optimizer, parts)
        steps = 0
        for batch, target in zip(x, y, strict=True):
            for a, b in zip(np.split(batch, parts), np.split(target, parts), strict=True):
                accumulation.backward(((zk.tensor(a) @ w - zk.tensor(b)) ** 2).mean())
                steps += accumulation.step()
        assert steps == 3
        assert not accumulation.flush()
        results.append(w.numpy())
    np.testing.assert_allclose(*results, rtol=1e-12)


def test_the_pattern_without_a_helper_is_the_same() -> None:
    w, v = zk.ones(2, requires_grad=True), zk.ones(2, requires_grad=True)
    a, b = zk.optim.SGD([w], lr=0.5), zk.optim.SGD([v], lr=0.5)
    accumulation = zk.optim.GradientAccumulation(b, 2)
    for i, scale in enumerate((1.0, 2.0, 3.0, 4.0)):
        ((w * w).sum() * scale / 2).backward()
        if i % 2:
            a.step()
            a.zero_grad()
        accumulation.backward((v * v).sum() * scale)
        accumulation.step()
    assert w.tolist() == v.tolist()


# -- clipping ---------------------------------------------------------------------------------------------------------


def with_gradients(*grads: Any, dtype: str = "float32") -> list[Any]:
    out = []
    for g in grads:
        p = zk.tensor(np.zeros_like(g), dtype=dtype, requires_grad=True)
        p.grad = zk.tensor(g, dtype=dtype)
        out.append(p)
    return out


@pytest.mark.parametrize(("norm_type", "norm"), [(2.0, 13.0), (1.0, 19.0), (float("inf"), 12.0)])
def test_the_norm_is_that_of_all_gradients(norm_type: float, norm: float) -> None:
    params = with_gradients(np.array([3.0, 0.0]), np.array([[4.0], [-12.0]]))
    params.append(zk.zeros(3, requires_grad=True))
    assert zk.nn.clip_grad_norm_(params, 1.0, norm_type).item() == norm
    np.testing.assert_allclose(params[1].grad.tolist(), np.array([[4.0], [-12.0]]) / norm, rtol=1e-5)
    assert params[2].grad is None
    assert zk.nn.clip_grad_norm_(params[:2], 2.0, norm_type).item() < 1.01
    np.testing.assert_allclose(params[0].grad.tolist(), np.array([3.0, 0.0]) / norm, rtol=1e-5)  # small ones stay


def test_clipping_changes_no_array_that_others_hold() -> None:
    (p,) = with_gradients(np.array([3.0, 4.0]))
    held = p.grad.detach()
    zk.nn.clip_grad_norm_([p], 1.0)
    zk.nn.clip_grad_value_([p], 0.1)
    assert held.tolist() == [3.0, 4.0]
    np.testing.assert_allclose(p.grad.tolist(), [0.1, 0.1], rtol=1e-6)


def test_sixteen_bits_do_not_overflow_in_the_norm(backend: Any) -> None:
    if not backend.supports(zk.float16):
        pytest.skip(f"{backend.name} has no float16")
    params = with_gradients(np.array([3000.0, 4000.0]), dtype="float16")
    norm = zk.nn.clip_grad_norm_(params, 100.0)
    assert (norm.dtype, norm.item()) == ("float32", 5000.0)
    assert params[0].grad.dtype == "float16"
    np.testing.assert_allclose(params[0].grad.tolist(), [60.0, 80.0], rtol=1e-3)


def test_an_error_says_which_gradient_is_not_finite() -> None:
    a, b = with_gradients(np.array([1.0]), np.array([[np.nan, np.inf, 1.0]]))
    text = error_of(
        lambda: zk.nn.clip_grad_norm_([("fc.w", a), ("fc.b", b)], 1.0, error_if_nonfinite=True), NonFiniteError
    )
    assert text == message("""
        clip_grad_norm_: the norm of the gradients is not finite
          parameter 'fc.b': 1 NaN and 1 infinities in its gradient
          Fix: look for the place with zk.debug_nans(), lower the learning rate, or use zk.optim.GradScaler in 16 bits
    """)
    text = error_of(lambda: zk.nn.clip_grad_norm_([a, b], 1.0, error_if_nonfinite=True), NonFiniteError)
    assert "parameter 1 of shape (1, 3): 1 NaN" in text
    assert a.grad.item() == 1.0
    assert np.isnan(zk.nn.clip_grad_norm_([a, b], 1.0).item())


def test_complex_gradients_have_real_norms() -> None:
    p = zk.tensor([0j], dtype="complex64", requires_grad=True)
    p.grad = zk.tensor([3 + 4j], dtype="complex64")
    norm = zk.nn.clip_grad_norm_([p], 1.0)
    assert (norm.dtype, norm.item()) == ("float32", 5.0)
    np.testing.assert_allclose(p.grad.numpy(), [0.6 + 0.8j], rtol=1e-5)


def test_no_gradients_have_the_norm_zero() -> None:
    assert zk.nn.clip_grad_norm_([zk.ones(2, requires_grad=True)], 1.0).item() == 0.0
    assert zk.nn.clip_grad_norm_(zk.nn.Linear(2, 1), 1.0).item() == 0.0


def test_mistakes_in_clipping_are_named() -> None:
    (p,) = with_gradients(np.ones(1))
    clip = zk.nn.clip_grad_norm_
    assert "max_norm is above 0, received -1.0" in error_of(lambda: clip([p], -1.0), InvalidValueError)
    assert "clip_value is above 0" in error_of(lambda: zk.nn.clip_grad_value_([p], 0), InvalidValueError)
    assert "takes parameters, received int" in error_of(lambda: clip(3, 1.0), ArgumentError)  # type: ignore[arg-type]
    assert "takes tensors, received int" in error_of(lambda: clip([3], 1.0), ArgumentError)  # type: ignore[list-item]
