"""Pooling and resizing, forward and backward on one thread, of batches of small images as in a CNN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

RNG = np.random.default_rng(0)
WORK: dict[str, tuple[Callable[[Any, Any], Any], tuple[int, ...]]] = {
    "max_pool2d(2), 64 x 16 x 28 x 28": (lambda F, x: F.max_pool2d(x, 2), (64, 16, 28, 28)),
    "max_pool2d(3, 2, 1), 64 x 16 x 28 x 28": (lambda F, x: F.max_pool2d(x, 3, 2, 1), (64, 16, 28, 28)),
    "avg_pool2d(2), 64 x 16 x 28 x 28": (lambda F, x: F.avg_pool2d(x, 2), (64, 16, 28, 28)),
    "adaptive_avg_pool2d(1), 64 x 64 x 14 x 14": (lambda F, x: F.adaptive_avg_pool2d(x, 1), (64, 64, 14, 14)),
    "bilinear interpolation by 2, 16 x 16 x 32 x 32": (
        lambda F, x: F.interpolate(x, scale_factor=2, mode="bilinear"),
        (16, 16, 32, 32),
    ),
}


def on_zkynet(work: Callable[[Any, Any], Any], x: Any, g: Any) -> Callable[[], Any]:
    import zkynet as zk

    data, cotangent = zk.tensor(x, requires_grad=True), zk.tensor(g)

    def run() -> Any:
        data.grad = None
        work(zk.nn.functional, data).backward(cotangent)
        return data.grad.numpy()

    return run


def on_torch(work: Callable[[Any, Any], Any], x: Any, g: Any) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    data, cotangent = torch.tensor(x, requires_grad=True), torch.tensor(g)

    def run() -> Any:
        data.grad = None
        work(torch.nn.functional, data).backward(cotangent)
        return data.grad.numpy()

    return run


def measure() -> list[Line]:
    """The table: zkynet over NumPy beside PyTorch eager."""
    import zkynet as zk

    lines = []
    for name, (work, shape) in WORK.items():
        x = np.maximum(RNG.standard_normal(shape), 0).astype(np.float32)  # as a ReLU leaves them, with many ties
        g = RNG.standard_normal(work(zk.nn.functional, zk.tensor(x)).shape).astype(np.float32)
        ways = {"PyTorch eager": on_torch(work, x, g), "zkynet (NumPy)": on_zkynet(work, x, g)}
        np.testing.assert_allclose(
            ways["zkynet (NumPy)"](), ways["PyTorch eager"](), rtol=1e-4, atol=1e-5, err_msg=name
        )
        lines += compare(name, ways, "PyTorch eager", rounds=100)
    return lines
