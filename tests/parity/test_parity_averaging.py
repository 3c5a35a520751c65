"""Averages of weights and loss scaling beside PyTorch's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["ema", "swa"])
def test_averages_are_pytorchs(kind: str) -> None:
    utils = torch.optim.swa_utils
    theirs = torch.nn.Linear(3, 2, dtype=torch.float64)
    ours = zk.nn.Linear(3, 2, dtype="float64")
    if kind == "ema":
        a: Any = zk.optim.EMA(ours, decay=0.9)
        b = utils.AveragedModel(theirs, multi_avg_fn=utils.get_ema_multi_avg_fn(0.9))
    else:
        a, b = zk.optim.SWA(ours), utils.AveragedModel(theirs)
    rng = np.random.default_rng(0)
    for _ in range(7):
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            value = rng.standard_normal(p.shape)
            p.data = zk.tensor(value).data
            q.data = torch.tensor(value)
        a.update()
        b.update_parameters(theirs)
        for mine, its in zip(a.averages.values(), b.module.parameters(), strict=True):
            np.testing.assert_allclose(mine.numpy(), its.detach().numpy(), rtol=1e-13)


def test_batch_statistics_of_averages_are_pytorchs() -> None:
    data = np.random.default_rng(0).standard_normal((5, 8, 3)).astype("float32")
    ours, theirs = zk.nn.BatchNorm1d(3), torch.nn.BatchNorm1d(3)
    zk.optim.update_bn([zk.tensor(x) for x in data], ours)
    torch.optim.swa_utils.update_bn([torch.tensor(x) for x in data], theirs)
    np.testing.assert_allclose(ours.running_mean.numpy(), theirs.running_mean.numpy(), rtol=1e-5)
    np.testing.assert_allclose(ours.running_var.numpy(), theirs.running_var.numpy(), rtol=1e-5)
    assert ours.momentum == theirs.momentum == 0.1


@pytest.mark.parametrize("options", [{}, {"init_scale": 4.0, "growth_factor": 3.0, "growth_interval": 2}])
def test_scales_are_pytorchs(options: dict[str, Any]) -> None:
    w, v = zk.tensor([1.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
    a, b = zk.optim.SGD([w], lr=0.1), torch.optim.SGD([v], lr=0.1)
    s, t = zk.optim.GradScaler(**options), torch.amp.GradScaler("cpu", **options)
    rng = np.random.default_rng(0)
    for step in range(20):
        a.zero_grad()
        b.zero_grad()
        s.scale((w * w).sum()).backward()
        t.scale((v * v).sum()).backward()
        if rng.random() < 0.3:
            w.grad, v.grad = zk.tensor([float("inf")]), torch.tensor([float("inf")])
        s.step(a)
        t.step(b)
        s.update()
        t.update()
        np.testing.assert_allclose(w.item(), v.item(), rtol=1e-6, err_msg=str(step))
        assert s.state_dict() == t.state_dict()
    s.load_state_dict(t.state_dict())
