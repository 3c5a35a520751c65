"""Attention and the blocks of a GPT-2: width 128, 4 heads, 64 tokens, batch 16, forward and backward, one thread.

The same weights on both sides, and each way is checked to reach the same gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

BATCH, TOKENS, WIDTH, HEADS, LAYERS, VOCABULARY = 16, 64, 128, 4, 2, 65
HEAD_SHAPE = (BATCH, HEADS, TOKENS, WIDTH // HEADS)


def _heads(rng: Any) -> list[Any]:
    return [rng.standard_normal(HEAD_SHAPE).astype(np.float32) for _ in range(4)]


def function_on_zkynet(arrays: list[Any], backward: bool) -> Callable[[], Any]:
    import zkynet as zk

    q, k, v = (zk.tensor(a, requires_grad=backward) for a in arrays[:3])
    cotangent = zk.tensor(arrays[3])

    def run() -> Any:
        out = zk.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        if not backward:
            return [out.numpy()]
        for x in (q, k, v):
            x.grad = None
        out.backward(cotangent)
        return [x.grad.numpy() for x in (q, k, v)]

    return run


def function_on_torch(arrays: list[Any], backward: bool) -> Callable[[], Any]:
    import torch

    torch.set_num_threads(1)
    q, k, v = (torch.tensor(a, requires_grad=backward) for a in arrays[:3])
    cotangent = torch.tensor(arrays[3])

    def run() -> Any:
        out = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        if not backward:
            return [out.numpy()]
        for x in (q, k, v):
            x.grad = None
        out.backward(cotangent)
        return [x.grad.numpy() for x in (q, k, v)]

    return run


def tanh_gelu(nn: Any) -> Callable[[Any], Any]:
    """The activation of GPT-2: GELU by the formula with tanh."""
    return partial(nn.functional.gelu, approximate="tanh")


def gpt(nn: Any) -> Any:
    """Token and position embeddings, blocks with norms first, a norm, and the scores of the next token."""

    class GPT(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(VOCABULARY, WIDTH)
            self.positions = nn.Embedding(TOKENS, WIDTH)
            block = nn.TransformerEncoderLayer(
                WIDTH, HEADS, 4 * WIDTH, 0.0, tanh_gelu(nn), batch_first=True, norm_first=True
            )
            self.blocks = nn.ModuleList([block if i == 0 else deepcopy(block) for i in range(LAYERS)])
            self.norm = nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

        def forward(self, ids: Any, places: Any, mask: Any) -> Any:
            x = self.tokens(ids) + self.positions(places)
            for block in self.blocks:
                x = block(x, src_mask=mask, is_causal=True)
            return self.head(self.norm(x))

    return GPT()


def model_on(nn: Any, tensor: Any, cross_entropy: Any, mask: Any, state: dict[str, Any], ids: Any) -> Any:
    """A model with given weights, and its step: loss, and gradients of all parameters."""
    model = gpt(nn)
    model.load_state_dict({name: tensor(a) for name, a in state.items()})
    inputs, targets, places = tensor(ids[:, :-1]), tensor(ids[:, 1:].reshape(-1)), tensor(np.arange(TOKENS))

    def step() -> Any:
        model.zero_grad()
        scores = model(inputs, places, mask)
        loss = cross_entropy(scores.reshape(-1, VOCABULARY), targets)
        loss.backward()
        return model

    return step


def block_on(nn: Any, tensor: Any, mask: Any, state: dict[str, Any], x: Any, exact: bool) -> Any:
    """One block alone, as `model_on`."""
    activation = "gelu" if exact else tanh_gelu(nn)
    block = nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, 0.0, activation, batch_first=True, norm_first=True)
    block.load_state_dict({name: tensor(a) for name, a in state.items()})
    inputs = tensor(x, requires_grad=True)
    cotangent = tensor(np.cos(x))

    def step() -> Any:
        block.zero_grad()
        inputs.grad = None
        block(inputs, src_mask=mask, is_causal=True).backward(cotangent)
        return block

    return step


def _gradients(module: Any) -> list[Any]:
    return [p.grad.numpy() for _, p in sorted(module.named_parameters())]


def _check(ways: dict[str, Callable[[], Any]], arrays_of: Callable[[Any], list[Any]]) -> None:
    expected, *others = (arrays_of(way()) for way in ways.values())
    for other in others:
        for a, b in zip(other, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-2, atol=1e-4 * float(np.abs(b).max()))


def measure() -> list[Line]:
    """The table: the function alone, a block, and a whole model's step, ratios to PyTorch eager."""
    import torch

    import zkynet as zk

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    size = f"batch {BATCH}, {HEADS} heads, {TOKENS} tokens"
    lines = []
    arrays = _heads(rng)
    for backward in (False, True):
        ways = {
            "PyTorch eager": function_on_torch(arrays, backward),
            "zkynet (NumPy)": function_on_zkynet(arrays, backward),
        }
        _check(ways, list)
        what = "forward and backward" if backward else "forward"
        lines += compare(f"causal attention, {what}: {size}", ways, "PyTorch eager", rounds=100)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(TOKENS)
    torch.manual_seed(0)
    reference = gpt(torch.nn)
    state = {name: t.detach().numpy() for name, t in reference.state_dict().items()}
    inner = {n.removeprefix("blocks.0."): a for n, a in state.items() if n.startswith("blocks.0.")}
    x = rng.standard_normal((BATCH, TOKENS, WIDTH)).astype(np.float32)
    for exact, gelu in ((False, "tanh"), (True, "erf")):
        ways = {
            "PyTorch eager": block_on(torch.nn, torch.tensor, mask, inner, x, exact),
            "zkynet (NumPy)": block_on(zk.nn, zk.tensor, None, inner, x, exact),
        }
        _check(ways, _gradients)
        lines += compare(f"GPT block, {gelu} GELU: forward and backward", ways, "PyTorch eager", rounds=60)
    ids = rng.integers(0, VOCABULARY, (BATCH, TOKENS + 1))
    ways = {
        "PyTorch eager": model_on(torch.nn, torch.tensor, torch.nn.functional.cross_entropy, mask, state, ids),
        "zkynet (NumPy)": model_on(zk.nn, zk.tensor, zk.nn.functional.cross_entropy, None, state, ids),
    }
    _check(ways, _gradients)
    lines += compare(f"GPT of {LAYERS} layers, tanh GELU: loss and gradients", ways, "PyTorch eager", rounds=40)
    return lines
