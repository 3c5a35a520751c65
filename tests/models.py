"""Models of ordinary practice, written once for `torch.nn` and `zk.nn`: what one saves, the other loads by name.

Each function takes the library (``torch`` or ``zkynet``) and gives a model in the shape of the published one, with its
names, but small.
"""

from __future__ import annotations

from typing import Any


def char_lstm(lib: Any) -> Any:
    """A character model: embedding, LSTM of two layers, linear."""
    nn = lib.nn

    class CharLSTM(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(11, 6)
            self.lstm = nn.LSTM(6, 8, num_layers=2, batch_first=True)
            self.fc = nn.Linear(8, 11)

        def forward(self, tokens: Any) -> Any:
            out, _ = self.lstm(self.embedding(tokens))
            return self.fc(out)

    return CharLSTM()


def resnet18(lib: Any, width: int = 4, classes: int = 10) -> Any:
    """He et al. (2015), with the names that torchvision gives it."""
    nn = lib.nn

    class BasicBlock(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(outputs)
            self.relu = nn.ReLU()
            self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(outputs)
            self.downsample = None
            if stride != 1 or inputs != outputs:
                self.downsample = nn.Sequential(
                    nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
                )

        def forward(self, x: Any) -> Any:
            shortcut = x if self.downsample is None else self.downsample(x)
            out = self.relu(self.bn1(self.conv1(x)))
            return self.relu(self.bn2(self.conv2(out)) + shortcut)

    class ResNet(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            w = width
            self.conv1 = nn.Conv2d(3, w, 7, 2, padding=3, bias=False)
            self.bn1 = nn.BatchNorm2d(w)
            self.relu = nn.ReLU()
            self.maxpool = nn.MaxPool2d(3, 2, padding=1)
            self.layer1 = nn.Sequential(BasicBlock(w, w, 1), BasicBlock(w, w, 1))
            self.layer2 = nn.Sequential(BasicBlock(w, 2 * w, 2), BasicBlock(2 * w, 2 * w, 1))
            self.layer3 = nn.Sequential(BasicBlock(2 * w, 4 * w, 2), BasicBlock(4 * w, 4 * w, 1))
            self.layer4 = nn.Sequential(BasicBlock(4 * w, 8 * w, 2), BasicBlock(8 * w, 8 * w, 1))
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(8 * w, classes)

        def forward(self, x: Any) -> Any:
            x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
            x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(lib.flatten(self.avgpool(x), 1))

    return ResNet()


def vit(lib: Any, image: int = 16, patch: int = 4, width: int = 12, heads: int = 3, depth: int = 2) -> Any:
    """Dosovitskiy et al. (2020), with the names that torchvision gives it."""
    nn = lib.nn

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.ln_1 = nn.LayerNorm(width, eps=1e-6)
            self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
            self.ln_2 = nn.LayerNorm(width, eps=1e-6)
            self.mlp = nn.Sequential(
                nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(0.1), nn.Linear(2 * width, width), nn.Dropout(0.1)
            )

        def forward(self, x: Any) -> Any:
            y = self.ln_1(x)
            y, _ = self.self_attention(y, y, y, need_weights=False)
            x = x + y
            return x + self.mlp(self.ln_2(x))

    class Encoder(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.pos_embedding = nn.Parameter(lib.zeros(1, (image // patch) ** 2 + 1, width))
            self.layers = nn.Sequential()
            for i in range(depth):
                self.layers.add_module(f"encoder_layer_{i}", Block())
            self.ln = nn.LayerNorm(width, eps=1e-6)

        def forward(self, x: Any) -> Any:
            return self.ln(self.layers(x + self.pos_embedding))

    class ViT(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.class_token = nn.Parameter(lib.zeros(1, 1, width))
            self.conv_proj = nn.Conv2d(3, width, patch, patch)
            self.encoder = Encoder()
            self.heads = nn.Sequential()
            self.heads.add_module("head", nn.Linear(width, 10))

        def forward(self, x: Any) -> Any:
            x = self.conv_proj(x).flatten(2).swapaxes(1, 2)
            token = lib.broadcast_to(self.class_token, (x.shape[0], 1, width))
            return self.heads(self.encoder(lib.concat([token, x], 1))[:, 0])

    return ViT()


def gpt2(lib: Any, vocabulary: int = 23, context: int = 12, width: int = 16, heads: int = 4, depth: int = 2) -> Any:
    """Radford et al. (2019), with the names of the published weights; the output layer is tied to the embedding."""
    nn = lib.nn

    class Conv1D(nn.Module):  # type: ignore[misc, name-defined]
        """What the published weights call a linear layer with its weight the other way round."""

        def __init__(self, outputs: int, inputs: int) -> None:
            super().__init__()
            self.weight = nn.Parameter(lib.zeros(inputs, outputs))
            self.bias = nn.Parameter(lib.zeros(outputs))

        def forward(self, x: Any) -> Any:
            return x @ self.weight + self.bias

    class Attention(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.c_attn = Conv1D(3 * width, width)
            self.c_proj = Conv1D(width, width)

        def forward(self, x: Any) -> Any:
            n, t, _ = x.shape
            parts = self.c_attn(x).reshape(n, t, 3, heads, width // heads)
            q, k, v = (parts[:, :, i].swapaxes(1, 2) for i in range(3))
            y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.c_proj(y.swapaxes(1, 2).reshape(n, t, width))

    class MLP(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.c_fc = Conv1D(4 * width, width)
            self.act = nn.GELU(approximate="tanh")
            self.c_proj = Conv1D(width, 4 * width)

        def forward(self, x: Any) -> Any:
            return self.c_proj(self.act(self.c_fc(x)))

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.ln_1 = nn.LayerNorm(width)
            self.attn = Attention()
            self.ln_2 = nn.LayerNorm(width)
            self.mlp = MLP()

        def forward(self, x: Any) -> Any:
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class GPT2(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.transformer = nn.ModuleDict(
                {
                    "wte": nn.Embedding(vocabulary, width),
                    "wpe": nn.Embedding(context, width),
                    "h": nn.ModuleList([Block() for _ in range(depth)]),
                    "ln_f": nn.LayerNorm(width),
                }
            )
            self.lm_head = nn.Linear(width, vocabulary, bias=False)
            self.lm_head.weight = self.transformer["wte"].weight

        def forward(self, tokens: Any) -> Any:
            t = self.transformer
            x = t["wte"](tokens) + t["wpe"](lib.arange(tokens.shape[1]))
            for block in t["h"]:
                x = block(x)
            return self.lm_head(t["ln_f"](x))

    return GPT2()


MODELS = {"char_lstm": char_lstm, "resnet18": resnet18, "vit": vit, "gpt2": gpt2}
