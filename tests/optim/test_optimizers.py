"""Each optimiser: where it arrives, how it starts again, what it remembers."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from optim_cases import CASES, STEPS, gradient, start

import zkynet as zk

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "optim.json").read_text())["parameters"]
SOME = ["sgd, nesterov", "adam, amsgrad", "nadam", "adafactor, settings"]


def leaves(name: str, dtype: str = "float64") -> list[Any]:
    return [zk.tensor(x, dtype=dtype, requires_grad=True) for x in start(name)]


def advance(optimizer: Any, params: list[Any], steps: range) -> None:
    for step in steps:
        for p in params:
            p.grad = zk.tensor(gradient(p.numpy(), step), dtype=p.dtype)
        optimizer.step()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """JAX compiles each set of options anew: it runs the last one of each optimiser here, all in the slow tests."""
    if "golden" in metafunc.fixturenames:
        last = {name: case for case, (name, _) in CASES.items()}
        jax = metafunc.config.getoption("--backend") == "jax"
        metafunc.parametrize("golden", last.values() if jax else CASES)


def test_twenty_steps_arrive_where_pytorch_does(golden: str) -> None:
    name, options = CASES[golden]
    params = leaves(name)
    optimizer = getattr(zk.optim, name)(params, **options)
    advance(optimizer, params, range(STEPS))
    for p, expected in zip(params, GOLDEN[golden], strict=True):
        np.testing.assert_allclose(p.numpy().ravel(), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", SOME)
def test_a_loaded_state_goes_on_where_it_was_saved(case: str) -> None:
    name, options = CASES[case]
    params = leaves(name)
    first = getattr(zk.optim, name)(params, **options)
    advance(first, params, range(STEPS // 2))
    saved = first.state_dict()
    copies = [zk.tensor(p.numpy(), requires_grad=True) for p in params]
    advance(first, params, range(STEPS // 2, STEPS))  # what was saved keeps its values meanwhile
    second = getattr(zk.optim, name)(copies, lr=123.0)
    second.load_state_dict(saved)
    assert second.param_groups[0]["lr"] == first.param_groups[0]["lr"]
    advance(second, copies, range(STEPS // 2, STEPS))
    for p, q in zip(params, copies, strict=True):
        np.testing.assert_array_equal(p.numpy(), q.numpy())


@pytest.mark.parametrize("case", SOME[1::2])
def test_float32_stays_float32(case: str) -> None:
    name, options = CASES[case]
    params = leaves(name, "float32")
    optimizer = getattr(zk.optim, name)(params, **options)
    advance(optimizer, params, range(3))
    assert {p.dtype.name for p in params} == {"float32"}
    remembered = [v for state in optimizer.state.values() for v in state.values() if isinstance(v, zk.Tensor)]
    assert {v.dtype.name for v in remembered} == {"float32"}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("case", SOME[1::2])
def test_sixteen_bits_are_computed_in_float32_and_rounded(backend: Any, case: str, dtype: str) -> None:
    if not backend.supports(np.dtype(dtype) if dtype == "float16" else zk.bfloat16):
        pytest.skip(f"{backend.name} has no {dtype}")
    name, options = CASES[case]
    halves = leaves(name, dtype)
    wide = [zk.tensor(p.numpy().astype("float32"), requires_grad=True) for p in halves]
    for params in (halves, wide):
        optimizer = getattr(zk.optim, name)(params, **options)
        for p, h in zip(params, halves, strict=True):
            p.grad = zk.tensor(gradient(np.arange(float(h.size)).reshape(h.shape), 0), dtype=dtype).astype(p.dtype)
        optimizer.step()
    for h, w in zip(halves, wide, strict=True):
        assert h.dtype.name == dtype
        assert h.tolist() == w.astype(dtype).tolist()


def test_large_and_small_and_empty_parameters_are_updated_alike() -> None:
    rng = np.random.default_rng(0)
    whole = rng.standard_normal(300_000)
    cuts = [0, 5, 5, 3000, 3010, 290_000, 290_001, 300_000]
    shapes = [(5,), (0, 3), (5, 599), (10,), (10, 28_699), (), (9999,)]
    pieces = [whole[a:b] for a, b in pairwise(cuts)]
    parts = [zk.tensor(x.reshape(s), requires_grad=True) for x, s in zip(pieces, shapes, strict=True)]
    one = zk.tensor(whole, requires_grad=True)
    for params in (parts, [one]):
        advance(zk.optim.AdamW(params, lr=0.1), params, range(3))
    np.testing.assert_allclose(np.concatenate([p.numpy().ravel() for p in parts]), one.numpy(), rtol=1e-13)


def test_memory_layout_does_not_matter(backend: Any) -> None:
    x = np.random.default_rng(0).standard_normal((300, 400))
    plain = zk.tensor(x, requires_grad=True)
    turned = zk.tensor(np.asfortranarray(x), requires_grad=True)
    slanted = zk.tensor(x, requires_grad=True)
    for p, g in ((plain, zk.tensor(x)), (turned, zk.tensor(np.asfortranarray(x))), (slanted, zk.tensor(x.T.copy()).T)):
        p.grad = g
        zk.optim.Adam([p], lr=0.1).step()
    assert (turned == plain).all()
    assert (slanted == plain).all()


# -- what Lion and LAMB are, from the papers ----------------------------------------------------------------------


def lion(p: Any, state: dict[str, Any], g: Any, lr: float, b1: float, b2: float, decay: float) -> Any:
    """Chen et al., 2023, Program 1."""
    m = state.get("m", np.zeros_like(p))
    update = np.sign(b1 * m + (1 - b1) * g)
    state["m"] = b2 * m + (1 - b2) * g
    return p - lr * (update + decay * p)


def lamb(p: Any, state: dict[str, Any], g: Any, lr: float, b1: float, b2: float, decay: float) -> Any:
    """You et al., 2020, Algorithm 2, with the identity for phi."""
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = b1 * state.get("m", np.zeros_like(p)) + (1 - b1) * g
    v = state["v"] = b2 * state.get("v", np.zeros_like(p)) + (1 - b2) * g * g
    r = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + 1e-6)
    u = r + decay * p
    of_p, of_u = np.linalg.norm(p), np.linalg.norm(u)
    return p - lr * (of_p / of_u if of_p > 0 and of_u > 0 else 1.0) * u


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("name", ["Lion", "LAMB"])
def test_optimizers_that_pytorch_lacks_are_those_of_their_papers(name: str, maximize: bool) -> None:
    decay = 0.3
    rule = {"Lion": lion, "LAMB": lamb}[name]
    values = [*start(name), np.zeros((2, 2))]  # a parameter without a norm
    params = [zk.tensor(x, requires_grad=True) for x in values]
    states: list[dict[str, Any]] = [{} for _ in values]
    kind = getattr(zk.optim, name)
    optimizer = kind(params, lr=0.05, betas=(0.8, 0.95), weight_decay=decay, maximize=maximize)
    for step in range(STEPS):
        sign = -1 if maximize else 1
        grads = [gradient(x, step) for x in values]
        for p, g in zip(params, grads, strict=True):
            p.grad = zk.tensor(g)
        optimizer.step()
        values = [
            rule(x, state, sign * g, 0.05, 0.8, 0.95, decay) for x, state, g in zip(values, states, grads, strict=True)
        ]
    for p, x in zip(params, values, strict=True):
        np.testing.assert_allclose(p.numpy(), x, rtol=1e-11, atol=1e-12)


def test_a_gradient_of_zeros_moves_nothing_in_lamb() -> None:
    p = zk.ones(3, requires_grad=True)
    p.grad = zk.zeros(3)
    zk.optim.LAMB([p], lr=1.0).step()
    assert p.tolist() == [1.0, 1.0, 1.0]


def test_muon_brings_singular_values_near_one() -> None:
    rng = np.random.default_rng(0)
    for shape in ((8, 5),):
        p = zk.tensor(np.zeros(shape), requires_grad=True)
        p.grad = zk.tensor(rng.standard_normal(shape))
        zk.optim.Muon([p], lr=1.0, adjust_lr_fn="match_rms_adamw", weight_decay=0.0).step()
        sizes = np.linalg.svd(p.numpy() / (0.2 * 8**0.5), compute_uv=False)
        assert (sizes > 0.5).all()
        assert (sizes < 1.3).all()
