"""Tensors carried between backends: values, gradients, and a change in between."""

from __future__ import annotations

import pytest

import zkynet as zk
from zkynet.errors import GradientError


def test_a_change_between_transfer_and_backward_is_seen_by_those_who_saved_the_value() -> None:
    x = zk.tensor([1.0, 2.0], requires_grad=True)
    other = "strict" if zk.get_backend().name != "strict" else "numpy"
    y = x.to(other)
    x.data = x.data * 2
    y.sum().backward()  # the transfer saved nothing, so its gradient stands
    assert x.grad.tolist() == [1.0, 1.0]
    z = (x * x).to(other)
    x.data = x.data * 2
    with pytest.raises(GradientError, match="changed in place"):
        z.sum().backward()
