"""Write small models with PyTorch's weights, an input, and its answer: ``python -m golden.make_models`` in tests/."""

from __future__ import annotations

from pathlib import Path

import torch
from models import MODELS
from safetensors.torch import save_file

INPUTS = {
    "char_lstm": lambda: torch.randint(0, 11, (3, 7)),
    "resnet18": lambda: torch.randn(2, 3, 40, 40),
    "vit": lambda: torch.randn(2, 3, 16, 16),
    "gpt2": lambda: torch.randint(0, 23, (2, 9)),
}


def main() -> None:
    """Make all files anew."""
    for name, make in MODELS.items():
        torch.manual_seed(0)
        model = make(torch)
        for p in model.parameters():
            if not torch.any(p):  # zeros would hide mistakes
                torch.nn.init.normal_(p, std=0.3)
        x = INPUTS[name]()
        if name == "resnet18":  # running statistics other than those it was made with
            model(torch.randn(4, 3, 40, 40))
        model.eval()
        with torch.no_grad():
            y = model(x)
        state = {n: t.clone().contiguous() for n, t in model.state_dict().items()}
        file = Path(__file__).parent / f"model_{name}.safetensors"
        save_file({**{f"model.{n}": t for n, t in state.items()}, "input": x, "output": y}, file)
        print(f"{name}: {sum(p.numel() for p in model.parameters())} parameters, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
