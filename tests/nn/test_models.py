"""Models whose weights PyTorch wrote load by name and answer as there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models import MODELS

import zkynet as zk

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("name", MODELS)
def test_weights_of_pytorch_load_by_name_and_give_the_same_outputs(name: str, backend: Any) -> None:
    file = zk.nn.load_weights(GOLDEN / f"model_{name}.safetensors")
    model = MODELS[name](zk)
    state = {n.removeprefix("model."): t for n, t in file.items() if n.startswith("model.")}
    assert list(model.load_state_dict(state)) == [[], []]
    out = model.eval()(file["input"])
    expected = file["output"].numpy()
    np.testing.assert_allclose(out.numpy(), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())
    out.sum().backward()
    assert all(p.grad is not None for p in model.parameters())
