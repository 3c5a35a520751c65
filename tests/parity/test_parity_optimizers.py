"""Every optimiser, step by step beside PyTorch's, and its state in PyTorch's layout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from optim_cases import CASES, STEPS, gradient, start

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _double_precision(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """PyTorch keeps step counters in its default dtype, and Muon computes in bfloat16."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    yield
    torch.set_default_dtype(before)


def pair(case: str) -> tuple[Any, Any, list[Any], list[Any]]:
    name, options = CASES[case]
    ours = [zk.tensor(x, requires_grad=True) for x in start(name)]
    theirs = [torch.tensor(x, requires_grad=True) for x in start(name)]
    return getattr(zk.optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options), ours, theirs


def steps(a: Any, b: Any, ours: list[Any], theirs: list[Any], which: range) -> None:
    """The same gradients to both, computed from PyTorch's values; the second parameter has none in some steps."""
    for step in which:
        for k, (p, q) in enumerate(zip(ours, theirs, strict=True)):
            g = gradient(q.detach().numpy(), step)
            if k == 1 and step % 3 == 0:
                p.grad = q.grad = None
                continue
            p.grad, q.grad = zk.tensor(g), torch.tensor(g)
        a.step()
        b.step()
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("case", CASES)
def test_each_of_twenty_steps_is_pytorchs(case: str) -> None:
    steps(*pair(case), range(STEPS))


@pytest.mark.parametrize("case", CASES)
def test_the_state_is_laid_out_as_pytorch_does(case: str) -> None:
    a, b, ours, theirs = pair(case)
    steps(a, b, ours, theirs, range(4))
    mine, its = a.state_dict(), b.state_dict()
    for group, other in zip(mine["param_groups"], its["param_groups"], strict=True):
        assert group["params"] == other["params"]
        assert {k: v for k, v in other.items() if k in group} == group
        assert other.keys() - group.keys() <= {"foreach", "fused", "capturable", "differentiable"}
    for number, entries in its["state"].items():
        remembered = {k: v for k, v in entries.items() if v is not None}
        assert mine["state"].get(number, {}).keys() == remembered.keys()
        for key, value in remembered.items():
            have = mine["state"][number][key]
            have = have.numpy() if isinstance(have, zk.Tensor) else have
            np.testing.assert_allclose(have, value.numpy(), rtol=1e-12, atol=1e-14, err_msg=key)


@pytest.mark.parametrize("case", CASES)
def test_a_state_of_pytorch_is_continued(case: str) -> None:
    a, b, ours, theirs = pair(case)
    steps(a, b, ours, theirs, range(10))
    c, _, news, _ = pair(case)
    for p, q in zip(news, theirs, strict=True):
        p.data = zk.tensor(q.detach().numpy().copy()).data
    c.load_state_dict(b.state_dict())
    steps(c, b, news, theirs, range(10, STEPS))


@pytest.mark.parametrize("case", ["sgd, nesterov", "adam, amsgrad", "nadam", "asgd"])
def test_pytorch_continues_a_state_of_ours(case: str) -> None:
    a, b, ours, theirs = pair(case)
    steps(a, b, ours, theirs, range(5))
    given = a.state_dict()
    for entries in given["state"].values():
        for key, value in entries.items():
            entries[key] = torch.tensor(value.numpy().copy() if isinstance(value, zk.Tensor) else float(value))
    _, d, _, news = pair(case)
    for p, q in zip(news, theirs, strict=True):
        p.data.copy_(q.data)
    d.load_state_dict(given)
    steps(a, d, ours, news, range(5, 12))


def test_groups_with_settings_of_their_own() -> None:
    values = start("Adam")
    ours = [zk.tensor(x, requires_grad=True) for x in values]
    theirs = [torch.tensor(x, requires_grad=True) for x in values]

    def grouped(p: list[Any]) -> list[dict[str, Any]]:
        return [{"params": p[:1], "lr": 0.05}, {"params": p[1:], "betas": (0.5, 0.9), "amsgrad": True}]

    a, b = zk.optim.Adam(grouped(ours), lr=0.01), torch.optim.Adam(grouped(theirs), lr=0.01)
    steps(a, b, ours, theirs, range(STEPS))


def test_groups_added_later() -> None:
    values = start("SGD")
    ours = [zk.tensor(x, requires_grad=True) for x in values]
    theirs = [torch.tensor(x, requires_grad=True) for x in values]
    a, b = zk.optim.SGD(ours[:1], momentum=0.9, lr=0.1), torch.optim.SGD(theirs[:1], momentum=0.9, lr=0.1)
    steps(a, b, ours, theirs, range(3))
    a.add_param_group({"params": ours[1:], "momentum": 0.5})
    b.add_param_group({"params": theirs[1:], "momentum": 0.5})
    steps(a, b, ours, theirs, range(3, STEPS))


def test_float32_agrees_to_its_rounding() -> None:
    for name in ("SGD", "Adam", "AdamW"):
        ours = [zk.tensor(x, dtype="float32", requires_grad=True) for x in start(name)]
        theirs = [torch.tensor(x, dtype=torch.float32, requires_grad=True) for x in start(name)]
        a, b = getattr(zk.optim, name)(ours), getattr(torch.optim, name)(theirs)
        for step in range(STEPS):
            for p, q in zip(ours, theirs, strict=True):
                g = gradient(q.detach().numpy(), step)
                p.grad, q.grad = zk.tensor(g), torch.tensor(g)
            a.step()
            b.step()
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=2e-6, atol=1e-7)


COMPLEX = [
    "sgd, nesterov",
    "adagrad, start",
    "rmsprop, centred",
    "adadelta",
    "adam, amsgrad",
    "adamax",
    "nadam",
    "rprop",
]


@pytest.mark.parametrize("case", COMPLEX)
def test_complex_parameters_are_updated_as_in_pytorch(case: str) -> None:
    name, options = CASES[case]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4)) + 1j * rng.standard_normal((3, 4))
    p, q = zk.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    a, b = getattr(zk.optim, name)([p], **options), getattr(torch.optim, name)([q], **options)
    for step in range(STEPS):
        values = q.detach().numpy()
        g = gradient(values.real, step) + 1j * gradient(values.imag, step + 1)
        p.grad, q.grad = zk.tensor(g.conj()), torch.tensor(g)  # PyTorch's gradients are the conjugates of ours
        a.step()
        b.step()
        np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-12, atol=1e-13)
