"""Convolutions forward and backward beside PyTorch: those of a small network, a residual block's, depthwise ones.

Single layers are measured with their gradients by weight, bias and input; the input and the cotangent are in plain
order, (N, C, H, W) in memory, though between zkynet's own layers they come in an order that costs less.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

Arrays = dict[str, Any]


def normal(*shape: int) -> Any:
    """Standard normal numbers, the same for the same shape."""
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


def network(images: Any, w1: Any, b1: Any, w2: Any, b2: Any, F: Any) -> Any:
    """conv 5x5x16, pool, conv 5x5x32, pool"""
    x = F.max_pool2d(F.conv2d(images, w1, b1), 2)
    return F.max_pool2d(F.conv2d(x, w2, b2), 2)


NETWORK = (normal(64, 1, 28, 28), normal(16, 1, 5, 5), normal(16), normal(32, 16, 5, 5), normal(32))

LAYERS = {
    # work: images, weight, and how it is called
    "conv 5x5, 16 to 32 channels, 12x12, batch 64": (normal(64, 16, 12, 12), normal(32, 16, 5, 5), {}),
    "conv 3x3, 64 channels, 16x16, batch 32": (normal(32, 64, 16, 16), normal(64, 64, 3, 3), {"padding": 1}),
    "the same with a stride of 2": (normal(32, 64, 16, 16), normal(64, 64, 3, 3), {"padding": 1, "stride": 2}),
    "the same, one image": (normal(1, 64, 16, 16), normal(64, 64, 3, 3), {"padding": 1}),
    "depthwise conv 3x3, 64 channels, 16x16, batch 32": (
        normal(32, 64, 16, 16),
        normal(64, 1, 3, 3),
        {"padding": 1, "groups": 64},
    ),
    "depthwise conv 3x3, 512 channels, 7x7, batch 32": (
        normal(32, 512, 7, 7),
        normal(512, 1, 3, 3),
        {"padding": 1, "groups": 512},
    ),
}


def on_zkynet(function: Any, arrays: Any, learned: int) -> Callable[[], Any]:
    import zkynet as zk

    tensors = [zk.tensor(a, requires_grad=i >= learned) for i, a in enumerate(arrays)]
    cotangent = None

    def run() -> Any:
        nonlocal cotangent
        y = function(*tensors, zk.nn.functional)
        if cotangent is None:
            cotangent = zk.tensor(normal(*y.shape))
        for t in tensors:
            t.grad = None
        y.backward(cotangent)
        return [t.grad.numpy() for t in tensors[learned:]]

    return run


def on_torch(function: Any, arrays: Any, learned: int) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    tensors = [torch.tensor(a, requires_grad=i >= learned) for i, a in enumerate(arrays)]
    cotangent = None

    def run() -> Any:
        nonlocal cotangent
        y = function(*tensors, torch.nn.functional)
        if cotangent is None:
            cotangent = torch.tensor(normal(*y.shape))
        for t in tensors:
            t.grad = None
        y.backward(cotangent)
        return [t.grad.numpy() for t in tensors[learned:]]

    return run


def measure() -> list[Line]:
    """The table, ratios to PyTorch eager; gradients are checked to be the same. Set OMP_NUM_THREADS=1."""
    works: list[tuple[str, Any, Any, int]] = [(f"{network.__doc__}, 28x28, batch 64", network, NETWORK, 1)]
    for work, (images, weight, options) in LAYERS.items():

        def layer(x: Any, w: Any, b: Any, F: Any, options: Any = options) -> Any:
            return F.conv2d(x, w, b, **options)

        works.append((work, layer, (images, weight, normal(len(weight))), 0))
    lines = []
    for work, function, arrays, learned in works:
        ways = {
            "PyTorch eager": on_torch(function, arrays, learned),
            "zkynet (NumPy)": on_zkynet(function, arrays, learned),
        }
        for a, b in zip(*[way() for way in ways.values()], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3 * np.abs(a).max(), err_msg=work)
        lines += compare(work, ways, "PyTorch eager", rounds=60)
    return lines
