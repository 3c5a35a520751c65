"""Pictures made larger and smaller, against PyTorch's antialiased interpolation."""

from __future__ import annotations

import numpy as np
import pytest

from zkynet.data.transforms import Resize

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.mark.parametrize("size", [(1, 1), (3, 4), (7, 5), (14, 9), (16, 40), (5, 33)])
def test_sizes_of_all_kinds(size: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 14, 11))
    expected = torch.nn.functional.interpolate(
        torch.asarray(x), size=size, mode="bilinear", antialias=True, align_corners=False
    )
    np.testing.assert_allclose(Resize(size)(x), expected.numpy(), atol=1e-12)
