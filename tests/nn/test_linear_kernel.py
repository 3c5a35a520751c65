"""The kernel of `linear` is its generic body."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.backend.namespace import BODIES


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 4, 3), (0, 3), (2, 0, 3)], ids=str)
@pytest.mark.parametrize("biased", [False, True])
def test_a_kernel_of_linear_is_the_body(shape: tuple[int, ...], biased: bool, backend: Any) -> None:
    rng = np.random.default_rng(0)
    x, w, b = (zk.tensor(rng.standard_normal(s))._raw for s in (shape, (5, 3), (5,)))
    args = (x, w, b if biased else None)
    got, body = backend.xp.nn.linear(*args), BODIES["nn.linear"](backend.xp, *args)
    assert got.shape == body.shape
    np.testing.assert_allclose(backend.to_numpy(got), backend.to_numpy(body), rtol=1e-14)
