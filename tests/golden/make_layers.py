"""Write what PyTorch answers to the rows of the layer table to ``layers_<topic>.npz``.

``python -m golden.make_layers convolution pooling`` in tests/ makes two files; without a topic, all are made.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from layers import all_layer_rows, golden_key, torch_answers


def main(topics: list[str]) -> None:
    """Make the files of some topics anew."""
    rows = all_layer_rows()
    for topic in topics or sorted({row.topic for row in rows}):
        arrays = {}
        for row in (row for row in rows if row.topic == topic and row.torch is not None):
            for training in row.training:
                for name, a in torch_answers(row, torch, training).items():
                    arrays[golden_key(row, training, name)] = a
        file = Path(__file__).parent / f"layers_{topic}.npz"
        np.savez_compressed(file, **arrays)
        print(f"{topic}: {len(arrays)} arrays, {file.stat().st_size} bytes, by PyTorch {torch.__version__}")


if __name__ == "__main__":
    main(sys.argv[1:])
