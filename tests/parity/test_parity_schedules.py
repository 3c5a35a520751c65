"""Every schedule, step by step beside PyTorch's: rates, momenta, states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from schedule_cases import CASES, PLATEAU, STEPS, figure

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*has no effect.*:UserWarning"),
]


def optimizers(kind: str) -> tuple[Any, Any]:
    """Two groups with rates of their own; one step is made."""
    made = []
    for optim, tensor in ((zk.optim, zk.tensor), (torch.optim, torch.tensor)):
        groups = []
        for lr in (0.1, 0.05):
            p = tensor([1.0, 2.0], requires_grad=True)
            p.sum().backward()
            groups.append({"params": [p], "lr": lr})
        made.append(getattr(optim, kind)(groups, **({"momentum": 0.9} if kind == "SGD" else {})))
        made[-1].step()
    return made[0], made[1]


def same(a: Any, b: Any, what: str) -> None:
    for group, other in zip(a.param_groups, b.param_groups, strict=True):
        for key in ("lr", "momentum", "betas"):
            if key in group:
                np.testing.assert_allclose(group[key], other[key], rtol=1e-13, atol=1e-17, err_msg=f"{key}, {what}")


@pytest.mark.parametrize("kind", ["SGD", "AdamW"])
@pytest.mark.parametrize("case", CASES)
def test_fifty_steps_are_pytorchs(case: str, kind: str) -> None:
    a, b = optimizers(kind)
    s, t = CASES[case](zk.optim.lr_scheduler, a), CASES[case](torch.optim.lr_scheduler, b)
    same(a, b, "at first")
    for step in range(STEPS):
        s.step()
        t.step()
        same(a, b, f"step {step}")
        np.testing.assert_allclose(s.get_last_lr(), t.get_last_lr(), rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize("case", [case for case in CASES if "sequen" not in case and "chain" not in case])
def test_a_state_of_pytorch_is_continued(case: str) -> None:
    a, b = optimizers("SGD")
    t = CASES[case](torch.optim.lr_scheduler, b)
    for _ in range(13):
        t.step()
    s = CASES[case](zk.optim.lr_scheduler, a)
    s.load_state_dict(t.state_dict())
    a.load_state_dict(b.state_dict())
    for step in range(20):
        s.step()
        t.step()
        same(a, b, f"step {step}")


@pytest.mark.parametrize("case", PLATEAU)
def test_plateaus_are_pytorchs(case: str) -> None:
    a, b = optimizers("SGD")
    s = zk.optim.lr_scheduler.ReduceLROnPlateau(a, **PLATEAU[case])
    t = torch.optim.lr_scheduler.ReduceLROnPlateau(b, **PLATEAU[case])
    for step in range(STEPS):
        sign = -1 if "up" in case else 1
        s.step(zk.tensor(sign * figure(step)))
        t.step(sign * torch.tensor(figure(step)))
        same(a, b, f"step {step}")
        assert s.num_bad_epochs == t.num_bad_epochs


@pytest.mark.parametrize("options", [{}, {"T_mult": 2}, {"T_mult": 3, "eta_min": 0.01}])
def test_restarts_at_points_between_steps_are_pytorchs(options: dict[str, Any]) -> None:
    a, b = optimizers("SGD")
    s = zk.optim.lr_scheduler.CosineAnnealingWarmRestarts(a, 4, **options)
    t = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(b, 4, **options)
    for step in range(STEPS):
        s.step(step * 0.3)
        t.step(step * 0.3)
        same(a, b, f"step {step}")


@pytest.mark.parametrize("options", [{}, {"anneal_strategy": "linear", "anneal_epochs": 5}, {"anneal_epochs": 0}])
def test_the_schedule_of_averaged_weights_is_pytorchs(options: dict[str, Any]) -> None:
    a, b = optimizers("SGD")
    s = zk.optim.lr_scheduler.SWALR(a, [0.02, 0.3], **options)
    t = torch.optim.swa_utils.SWALR(b, [0.02, 0.3], **options)
    same(a, b, "at first")
    for step in range(20):
        s.step()
        t.step()
        same(a, b, f"step {step}")


@pytest.mark.parametrize("case", ["step", "cosine", "linear", "exponential", "polynomial", "restarts"])
def test_last_epoch_starts_in_the_middle_as_pytorch_does(case: str) -> None:
    a, b = optimizers("SGD")
    for optimizer in (a, b):
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"] * 2
    kinds = {
        "step": ("StepLR", (4,)),
        "cosine": ("CosineAnnealingLR", (9,)),
        "linear": ("LinearLR", ()),
        "exponential": ("ExponentialLR", (0.9,)),
        "polynomial": ("PolynomialLR", (20,)),
        "restarts": ("CosineAnnealingWarmRestarts", (8,)),
    }
    name, args = kinds[case]
    s = getattr(zk.optim.lr_scheduler, name)(a, *args, last_epoch=2)
    t = getattr(torch.optim.lr_scheduler, name)(b, *args, last_epoch=2)
    same(a, b, "at first")
    for step in range(10):
        s.step()
        t.step()
        same(a, b, f"step {step}")
