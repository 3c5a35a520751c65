"""NumPy is silent about infinities and NaN, in every thread, and the user's own NumPy code is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from zkynet_numpy import silence

import zkynet as zk


@pytest.fixture(autouse=True)
def _numpy() -> object:
    with zk.use_backend("numpy") as backend:
        yield backend


BIG = 3e38


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x + x,
        lambda x: x - x * 2,
        lambda x: x * x - x * x,
        lambda x: x * 0.0 / 0.0,
        lambda x: 1.0 / (x - x),
        lambda x: zk.exp(x),
        lambda x: zk.sqrt(-x),
        lambda x: zk.remainder(x, 0.0),
        lambda x: zk.power(x, 3),
        lambda x: zk.sigmoid(-x),
        lambda x: x * 1e300,
        lambda x: zk.matmul(x, x),
        lambda x: zk.sum(x),
        lambda x: zk.hypot(x, x),
    ],
)
def test_no_op_warns(call: object) -> None:
    x = zk.tensor([BIG, BIG], requires_grad=True)
    y = call(x)  # type: ignore[operator]
    if y.requires_grad:
        zk.sum(y).backward()


def test_the_users_own_code_still_warns() -> None:
    zk.tensor([BIG]) * 2
    with pytest.warns(RuntimeWarning, match="overflow"):
        np.float32(BIG) * np.ones(2, np.float32) * np.float32(10)


def test_a_context_that_is_taken() -> None:
    """As when another thread is just computing: the longer way is taken, to the same end."""
    x = zk.tensor([BIG, 1.0])
    y = silence._SILENT_CONTEXT.run(lambda: (x + x, zk.exp(x)))
    assert y[0].tolist() == [np.inf, 2.0]
    assert y[1].tolist()[0] == np.inf


def test_threads_do_not_disturb_each_other() -> None:
    start = Barrier(4)
    x = zk.full((1 << 16,), BIG)  # long enough for NumPy to let other threads run

    def work(_: int) -> bool:
        start.wait()
        return all(bool(zk.all(zk.isinf(x + x))) for _ in range(50))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))
