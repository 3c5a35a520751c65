"""What the engine costs: 100 ops on 4 floats, forward and backward, where arithmetic hardly counts.

Several chains, because they weigh the parts differently: additions have the cheapest gradients, products and tanh
need more NumPy calls, numbers as operands cost NumPy extra. Each way is checked to reach the same gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

START = np.array([0.1, 0.2, 0.3, 0.4], np.float32)


def scale_and_shift(x: Any, tanh: Any) -> Any:
    """50 times: multiply by a number, add a number."""
    y = x
    for _ in range(50):
        y = y * 1.01 + 0.01
    return y


def affine_tanh(x: Any, tanh: Any) -> Any:
    """33 times: tanh(y * x + x), and one addition."""
    y = x
    for _ in range(33):
        y = tanh(y * x + x)
    return y + x


def additions(x: Any, tanh: Any) -> Any:
    """100 times: add the input."""
    y = x
    for _ in range(100):
        y = y + x
    return y


CHAINS = (scale_and_shift, affine_tanh, additions)


def on_zkynet(chain: Any) -> Callable[[], Any]:
    import zkynet as zk

    def run() -> Any:
        x = zk.tensor(START, requires_grad=True)
        zk.sum(chain(x, zk.tanh)).backward()
        return x.grad.numpy()

    return run


def on_torch(chain: Any) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)

    def run() -> Any:
        x = torch.tensor(START, requires_grad=True)
        torch.sum(chain(x, torch.tanh)).backward()
        return x.grad.numpy()

    return run


def on_mygrad(chain: Any) -> Callable[[], Any]:
    import mygrad

    def run() -> Any:
        x = mygrad.tensor(START)
        mygrad.sum(chain(x, mygrad.tanh)).backward()
        return x.grad

    return run


def on_autograd(chain: Any) -> Callable[[], Any]:
    import autograd.numpy as anp
    from autograd import grad

    gradient = grad(lambda x: anp.sum(chain(x, anp.tanh)))
    return lambda: gradient(START)


def measure() -> list[Line]:
    """The table: each chain on zkynet over NumPy and on its peers, ratios to PyTorch eager."""
    lines = []
    for chain in CHAINS:
        ways = {
            "PyTorch eager": on_torch(chain),
            "zkynet (NumPy)": on_zkynet(chain),
            "MyGrad": on_mygrad(chain),
            "autograd": on_autograd(chain),
        }
        expected = ways["PyTorch eager"]()
        for name, way in ways.items():
            np.testing.assert_allclose(way(), expected, rtol=1e-4, err_msg=name)
        lines += compare(f"100 ops: {chain.__doc__.strip(' .')}", ways, "PyTorch eager")  # type: ignore[union-attr]
    return lines
