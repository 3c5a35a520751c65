"""Recurrent layers over 64 steps (batch 32, 64 features, 128 hidden): forward and backward, and forward alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

STEPS, BATCH, FEATURES, HIDDEN = 64, 32, 64, 128
PADDED = np.random.default_rng(1).integers(8, STEPS + 1, BATCH)


def input_and_state(kind: str) -> tuple[Any, dict[str, Any]]:
    """The same sequences and weights for all."""
    import torch

    torch.manual_seed(0)
    state = {name: p.detach().numpy() for name, p in getattr(torch.nn, kind)(FEATURES, HIDDEN).state_dict().items()}
    return np.random.default_rng(0).standard_normal((STEPS, BATCH, FEATURES), np.float32), state


def on_zkynet(kind: str, lengths: Any = None) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A training step that returns the gradient of the recurrent weights, and the forward pass alone."""
    import zkynet as zk

    zk.set_backend("numpy")
    array, state = input_and_state(kind)
    layer, x = getattr(zk.nn, kind)(FEATURES, HIDDEN), zk.tensor(array)
    layer.load_state_dict({name: zk.tensor(p) for name, p in state.items()})

    def step() -> Any:
        for p in layer.parameters():
            p.grad = None
        out, _ = layer(x, lengths=lengths)
        zk.sum(out * out).backward()
        return layer.weight_hh_l0.grad.numpy()

    def forward() -> Any:
        with zk.no_grad():
            return layer(x, lengths=lengths)[0].numpy()

    return step, forward


def on_torch(kind: str, lengths: Any = None) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """The same in PyTorch; there, lengths need packed sequences."""
    import torch
    from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

    torch.set_num_threads(1)
    array, state = input_and_state(kind)
    layer, x = getattr(torch.nn, kind)(FEATURES, HIDDEN), torch.tensor(array)
    layer.load_state_dict({name: torch.tensor(p) for name, p in state.items()})

    def outputs() -> Any:
        if lengths is None:
            return layer(x)[0]
        packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
        return pad_packed_sequence(layer(packed)[0], total_length=STEPS)[0]

    def step() -> Any:
        for p in layer.parameters():
            p.grad = None
        out = outputs()
        torch.sum(out * out).backward()
        return layer.weight_hh_l0.grad.numpy()

    def forward() -> Any:
        with torch.no_grad():
            return outputs().numpy()

    return step, forward


def measure() -> list[Line]:
    """The table: each kind of layer on zkynet over NumPy, ratios to PyTorch eager; each is checked to agree."""
    lines = []
    for kind in ("LSTM", "GRU", "RNN"):
        for lengths in (None, PADDED):
            if lengths is not None and kind == "RNN":
                continue
            theirs, ours = on_torch(kind, lengths), on_zkynet(kind, lengths)
            what = f"{kind}, {STEPS} steps" + ("" if lengths is None else f", lengths from {PADDED.min()}")
            for i, part in enumerate(("forward and backward", "forward")):
                ways = {"PyTorch eager": theirs[i], "zkynet (NumPy)": ours[i]}
                expected = theirs[i]()
                np.testing.assert_allclose(ours[i](), expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())
                lines += compare(f"{what}: {part}", ways, "PyTorch eager", rounds=60)
    return lines
