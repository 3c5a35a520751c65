"""Saving and loading 100 MB of weights, with checksums and down to the disk, beside safetensors and PyTorch."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

ROUNDS = 15


def measure() -> list[Line]:
    """The table: saving and loading, and what the checksums alone take."""
    import hashlib

    import safetensors.numpy
    import torch

    import zkynet as zk

    zk.set_backend("numpy")
    rng = np.random.default_rng(0)
    arrays = {f"layer.{k}.weight": rng.standard_normal((1000, 1000), dtype=np.float32) for k in range(25)}
    tensors: dict[str, Any] = {name: torch.from_numpy(a) for name, a in arrays.items()}
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs, torchs = (Path(folder, name) for name in ("ours", "theirs", "torchs"))
        saving = {
            "safetensors": lambda: safetensors.numpy.save_file(arrays, theirs),
            "torch.save": lambda: torch.save(tensors, torchs),
            "save_weights": lambda: zk.nn.save_weights(arrays, ours),
            "save_checkpoint": lambda: zk.train.save_checkpoint(ours, arrays),
        }
        loading = {
            "safetensors": lambda: safetensors.numpy.load_file(theirs),
            "torch.load": lambda: torch.load(torchs, weights_only=True),
            "load_weights": lambda: zk.nn.load_weights(ours),
            "load_checkpoint": lambda: zk.train.load_checkpoint(ours),
        }
        lines = compare("save 100 MB", saving, "safetensors", ROUNDS)
        lines += compare("load 100 MB", loading, "safetensors", ROUNDS)
    lines += compare(
        "checksums of 100 MB",
        {
            name: lambda f=f: [f(a) for a in arrays.values()]
            for name, f in (("SHA-256", hashlib.sha256), ("BLAKE2b", hashlib.blake2b))
        },
        "SHA-256",
        ROUNDS,
    )
    return lines
