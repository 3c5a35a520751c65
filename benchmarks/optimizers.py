"""What a step of an optimiser costs, gradients given.

The parameters are those of an MLP 784-256-128-10 (235,146 floats, 6 arrays), and those of a small transformer (76
arrays, most of them small).

Each way is checked to reach the same parameters after three steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

MLP = [(256, 784), (256,), (128, 256), (128,), (10, 128), (10,)]
BLOCK = [(384, 128), (384,), (128, 128), (128,), (512, 128), (512,), (128, 512), (128,), (128,), (128,), (128,), (128,)]
TRANSFORMER = [(65, 128), (64, 128), *BLOCK * 6, (128,), (128,)]

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.01, "momentum": 0.9},
    "Adam": {"lr": 0.001},
    "AdamW": {"lr": 0.001},
}
PEERS = {"for-loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def values(shapes: list[Any], seed: int) -> list[Any]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype("float32") for shape in shapes]


def on_zkynet(backend: str, name: str, shapes: list[Any]) -> tuple[Callable[[], Any], Callable[[], list[Any]]]:
    import zkynet as zk

    with zk.use_backend(backend):
        params = [zk.tensor(x, requires_grad=True) for x in values(shapes, 0)]
        for p, g in zip(params, values(shapes, 1), strict=True):
            p.grad = zk.tensor(g)
        optimizer = getattr(zk.optim, name)(params, **OPTIMIZERS[name])

    def step() -> None:
        optimizer.step()
        for p in params:
            p.backend.synchronize(p.data)

    return optimizer.step if backend == "numpy" else step, lambda: [p.numpy() for p in params]


def on_torch(name: str, how: dict[str, Any], shapes: list[Any]) -> tuple[Callable[[], Any], Callable[[], list[Any]]]:
    import torch

    torch.set_num_threads(1)
    params = [torch.tensor(x, requires_grad=True) for x in values(shapes, 0)]
    for p, g in zip(params, values(shapes, 1), strict=True):
        p.grad = torch.tensor(g)
    optimizer = getattr(torch.optim, name)(params, **OPTIMIZERS[name], **how)
    return optimizer.step, lambda: [p.detach().numpy() for p in params]


def measure() -> list[Line]:
    """The table: each optimiser on zkynet and in PyTorch's three ways, ratios to foreach, its own choice on GPUs."""
    lines = []
    for model, shapes in (("MLP", MLP), ("transformer", TRANSFORMER)):
        for name in OPTIMIZERS:
            made = {f"PyTorch {how}": on_torch(name, options, shapes) for how, options in PEERS.items()}
            made |= {f"zkynet ({label})": on_zkynet(label.lower(), name, shapes) for label in ("NumPy", "JAX")}
            for step, _ in made.values():
                for _ in range(3):
                    step()
            expected = made["PyTorch for-loop"][1]()
            for who, (_, params) in made.items():
                for a, b in zip(params(), expected, strict=True):
                    np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6, err_msg=who)
            ways = {who: step for who, (step, _) in made.items()}
            what = f"{name}{' with momentum' if name == 'SGD' else ''}: a step, {model}"
            lines += compare(what, ways, "PyTorch foreach", rounds=100)
    return lines
