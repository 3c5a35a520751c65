"""Names that PyTorch has and zkynet has not: the error says what does it here."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import zkynet as zk

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("space", "name", "words"),
    [
        (zk, "dropout", "zk.nn.functional.dropout"),
        (zk, "Linear", "zk.nn.Linear"),
        (zk, "Adam", "zk.optim.Adam"),
        (zk, "randn", "zk.random.normal"),
        (zk.nn, "utils", "zk.nn itself"),
        (zk.nn, "LazyConv2d", "zk.nn.Conv2d with None"),
        (zk.nn, "Adam", "zk.optim.Adam"),
        (zk.nn, "cross_entropy", "zk.nn.functional.cross_entropy"),
        (zk.nn, "xavier_uniform_", "zk.nn.init.xavier_uniform_"),
        (zk.optim, "StepLR", "zk.optim.lr_scheduler.StepLR"),
        (zk.optim, "swa_utils", "zk.optim.SWA"),
    ],
)
def test_a_name_of_another_place_is_pointed_out(space: Any, name: str, words: str) -> None:
    with pytest.raises(AttributeError) as e:
        getattr(space, name)
    assert f"has no attribute {name!r}" in str(e.value)
    assert words in str(e.value)


@pytest.mark.parametrize("space", [zk.nn, zk.optim])
def test_what_nobody_has_is_a_plain_error(space: Any) -> None:
    with pytest.raises(AttributeError) as e:
        _ = space.nothing_like_this
    assert "Fix" not in str(e.value)
    assert not hasattr(space, "_private")


def test_ops_inside_rules_load_no_layers() -> None:
    code = """
import sys
import zkynet as zk
x = zk.tensor([1.0, 2.0, 3.0])
zk.hessian(lambda x: (x[zk.tensor([0, 0])] ** 3).sum())(x)
print("zkynet.nn" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
