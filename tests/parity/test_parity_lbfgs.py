"""L-BFGS beside PyTorch's, evaluation by evaluation; clipping."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = pytest.mark.slow


def rosenbrock(a: Any, b: Any) -> Any:
    return ((1 - a) ** 2).sum() + (100 * (b - a**2) ** 2).sum()


def waves(a: Any, b: Any) -> Any:
    return ((3 * a).sin() + 0.1 * a**2).sum() + ((a * b).cos() * 2 + b**4 * 0.01).sum()


def bowl(a: Any, b: Any) -> Any:
    return (a**2 * 5).sum() + (b**2 + a * b).sum()


OPTIONS: list[dict[str, Any]] = [
    {},
    {"lr": 0.3, "max_iter": 5},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 2},
    {"line_search_fn": "strong_wolfe", "max_eval": 7, "lr": 1.5},
    {"lr": 0.1, "tolerance_grad": 1e-2},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("function", [rosenbrock, waves, bowl])
def test_steps_and_evaluations_are_pytorchs(function: Any, options: dict[str, Any]) -> None:
    if function is not bowl and "line_search_fn" not in options:
        options = {**options, "lr": 1e-3}  # long steps without a search go anywhere, and rounding decides where
    rng = np.random.default_rng(3)
    values = [rng.standard_normal(4), rng.standard_normal((4,))]
    ours = [zk.tensor(x, requires_grad=True) for x in values]
    theirs = [torch.tensor(x, requires_grad=True) for x in values]
    seen: dict[str, list[float]] = {"ours": [], "theirs": []}
    pair = {"ours": (zk.optim.LBFGS(ours, **options), ours), "theirs": (torch.optim.LBFGS(theirs, **options), theirs)}
    for _ in range(5):
        for who, (optimizer, params) in pair.items():

            def closure(optimizer: Any = optimizer, params: Any = params, who: str = who) -> Any:
                optimizer.zero_grad()
                loss = function(*params)
                loss.backward()
                seen[who].append(loss.item())
                return loss

            optimizer.step(closure)
    n = min(len(seen["ours"]), 40)  # rounding grows from step to step
    np.testing.assert_allclose(seen["ours"][:n], seen["theirs"][:n], rtol=1e-6, atol=1e-12)
    assert len(seen["ours"]) == len(seen["theirs"])
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-5, atol=1e-7)


def test_a_state_of_pytorch_is_continued() -> None:
    x = np.random.default_rng(0).standard_normal((2, 4))
    a, b = torch.tensor(x[0], requires_grad=True), torch.tensor(x[1], requires_grad=True)
    t = torch.optim.LBFGS([a, b], max_iter=4, line_search_fn="strong_wolfe")

    def step(optimizer: Any, params: Any) -> float:
        def closure() -> Any:
            optimizer.zero_grad()
            loss = waves(*params)
            loss.backward()
            return loss

        return float(optimizer.step(closure).item())

    step(t, (a, b))
    ours = [zk.tensor(p.detach().numpy(), requires_grad=True) for p in (a, b)]
    s = zk.optim.LBFGS(ours)
    s.load_state_dict(t.state_dict())
    assert s.param_groups[0]["max_iter"] == 4
    for _ in range(3):
        np.testing.assert_allclose(step(s, ours), step(t, (a, b)), rtol=1e-9)


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.5, float("inf")])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clipping_is_pytorchs(norm_type: float, max_norm: float) -> None:
    rng = np.random.default_rng(0)
    grads = [rng.standard_normal(shape) for shape in ((3, 4), (), (5,))]
    ours = [zk.tensor(np.zeros_like(g), requires_grad=True) for g in grads]
    theirs = [torch.tensor(np.zeros_like(g), requires_grad=True) for g in grads]
    for p, q, g in zip(ours, theirs, grads, strict=True):
        p.grad, q.grad = zk.tensor(g), torch.tensor(g)
    a = zk.nn.clip_grad_norm_(ours, max_norm, norm_type)
    b = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-13)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-13)
    zk.nn.clip_grad_value_(ours, 0.1)
    torch.nn.utils.clip_grad_value_(theirs, 0.1)
    for p, q in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-13)
