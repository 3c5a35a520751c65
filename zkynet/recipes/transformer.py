"""Attention is all you need.

The same task as in seq2seq-attention, without any recurrence: all tokens of a text look at each other at once. What
the GRU had to carry from step to step, attention fetches from wherever it stands; what is left is one product of
matrices after another, and all places of a text are worked on together. (Vaswani, Shazeer, Parmar, Uszkoreit, Jones,
Gomez, Kaiser and Polosukhin, "Attention is all you need", 2017, arXiv:1706.03762; D2L 11.5 to 11.7.)

The model of the paper, small: encoder and decoder of 2 layers instead of 6, 64 features instead of 512, 4 heads. For
English to French let it be wider: `--data sentence-pairs --epochs 2 --set width=128 --set inner=256 --set warmup=800`
comes to a BLEU of 37 in some 20 minutes on one core.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.nn import functional as F
from zkynet.recipes import Goal, recipe
from zkynet.recipes.translation_task import in_batches, loss_and_exact, measure, padded, task, tokens_of
from zkynet.runs import Run


class MultiHeadAttention(nn.Module):
    """Each query's average of the values, by how well their keys go with it, in several heads (section 3.2).

    Attention(Q, K, V) = softmax(Q Kᵀ / √d_k) V,  head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V),
    MultiHead(Q, K, V) = Concat(head_1, …, head_h) W^O. One matrix each holds the W_i of all heads, side by side.
    """

    def __init__(self, width: int, heads: int) -> None:
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.heads = heads

    def split(self, x: zk.Tensor) -> zk.Tensor:
        """(B, length, heads * d_k) as (B, heads, length, d_k)."""
        return zk.permute_dims(x.reshape((*x.shape[:2], self.heads, -1)), (0, 2, 1, 3))

    def forward(self, x: zk.Tensor, memory: zk.Tensor, mask: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor]:
        """What `x` (B, L, width) finds in `memory` (B, S, width), and the weights of all heads (B, heads, L, S)."""
        q, k, v = self.split(self.query(x)), self.split(self.key(memory)), self.split(self.value(memory))
        found, weights = F.scaled_dot_product_attention(q, k, v, mask, return_weights=True)
        return self.out(zk.permute_dims(found, (0, 2, 1, 3)).reshape(x.shape)), weights


class Layer(nn.Module):
    """A layer of the encoder, or with `cross` of the decoder: parts, each with a way around it (section 3.1)."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float, pre_norm: bool, cross: bool) -> None:
        self.own = MultiHeadAttention(width, heads)
        self.cross = MultiHeadAttention(width, heads) if cross else None
        # FFN(x) = max(0, x W_1 + b_1) W_2 + b_2, the same at each place (section 3.3)
        self.feed_forward = nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))
        self.norms = [nn.LayerNorm(width) for _ in range(3 if cross else 2)]
        self.dropout, self.pre_norm = nn.Dropout(dropout), pre_norm

    def around(self, norm: nn.Module, x: zk.Tensor, part: Any) -> zk.Tensor:
        """LayerNorm(x + Sublayer(x)), or x + Sublayer(LayerNorm(x))."""
        # The paper's way puts a norm into the path that gradients take from layer to layer: deep models then need the
        # warm-up. Before the part (Xiong et al. 2020, arXiv:2002.04745), the path is free, and they train without.
        return x + self.dropout(part(norm(x))) if self.pre_norm else norm(x + self.dropout(part(x)))

    def forward(self, x: zk.Tensor, mask: zk.Tensor, memory: Any = None, memory_mask: Any = None) -> zk.Tensor:
        """From (B, L, width) to (B, L, width)."""
        x = self.around(self.norms[0], x, lambda x: self.own(x, x, mask)[0])
        if self.cross is not None:
            x = self.around(self.norms[2], x, lambda x: self.cross(x, memory, memory_mask)[0])
        return self.around(self.norms[1], x, self.feed_forward)


class Transformer(nn.Module):
    """Encoder and decoder (figure 1 of the paper)."""

    def __init__(
        self, tokens: int, pad: int, width: int, heads: int, layers: int, inner: int, dropout: float, pre_norm: bool
    ) -> None:
        # One table for what is read and what is written, and for telling the next token (section 3.4)
        self.embedding = nn.Embedding(tokens, width)
        # PE(p, 2i) = sin(p / 10000^(2i / width)), PE(p, 2i + 1) = cos of the same (section 3.5): without it, attention
        # would not know one order of the tokens from another.
        self.positions = nn.SinusoidalEncoding(width, dropout, batch_first=True)
        make = partial(Layer, width, heads, inner, dropout, pre_norm)
        self.encoder = [make(cross=False) for _ in range(layers)]
        self.decoder = [make(cross=True) for _ in range(layers)]
        # If norms stand before the parts, the sum that comes out at the end needs one more.
        self.norms = [nn.LayerNorm(width) if pre_norm else nn.Identity() for _ in range(2)]
        self.pad, self.width = pad, width
        for p in self.parameters():
            if p.ndim == 2:
                nn.init.xavier_uniform_(p)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)

    def embed(self, tokens: zk.Tensor) -> zk.Tensor:
        """Numbers (B, L) as vectors (B, L, width) that know their place."""
        return self.positions(self.embedding(tokens) * math.sqrt(self.width))

    def encode(self, source: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor]:
        """From texts (B, S) to the memory of them (B, S, width), and where it may be looked at (B, 1, 1, S)."""
        mask = (source != self.pad)[:, None, None]
        x = self.embed(source)
        for layer in self.encoder:
            x = layer(x, mask)
        return self.norms[0](x), mask

    def decode(self, written: zk.Tensor, memory: zk.Tensor, mask: zk.Tensor) -> zk.Tensor:
        """For each token of `written` (B, T) the scores of the next one (B, T, tokens)."""
        causal = F.causal_mask(written.shape[1])  # no token sees those after it, which it is to foretell
        x = self.embed(written)
        for layer in self.decoder:
            x = layer(x, causal, memory, mask)
        return F.linear(self.norms[1](x), self.embedding.weight)

    def forward(self, source: zk.Tensor, written: zk.Tensor) -> zk.Tensor:
        """Texts (B, S) and beginnings of their translations (B, T) to scores (B, T, tokens)."""
        return self.decode(written, *self.encode(source))


def translate(model: Transformer, source: zk.Tensor, vocabulary: Any, length: int, beams: int) -> list[list[int]]:
    """Texts (B, S) to the likeliest translations that are found with so many beginnings kept at each step."""
    with zk.no_grad():
        memory = model.encode(source)

    def step(tokens: np.ndarray, memory: Any) -> tuple[zk.Tensor, Any]:
        # Filled up to one length: what stands behind a token does not change its scores, and all steps have one shape.
        # (The recipe gpt keeps keys and values instead of computing them anew.)
        written = np.pad(tokens, ((0, 0), (0, length - tokens.shape[1])), constant_values=vocabulary.pad_id)
        return model.decode(zk.tensor(written), *memory)[:, tokens.shape[1] - 1], memory

    begin, end = [[vocabulary.bos_id]] * len(source), vocabulary.eos_id
    if beams == 1:
        return nn.greedy_search(step, begin, memory, end=end, max_length=length)
    # Section 6.1: 4 beams and a length penalty of 0.6
    found = nn.beam_search(step, begin, memory, end=end, max_length=length, beams=beams, length_penalty=0.6)
    return [hypotheses[0].tokens for hypotheses in found]


def looks(model: Transformer, source: zk.Tensor, written: zk.Tensor) -> dict[str, np.ndarray]:
    """The weights of every attention, (B, heads, L, S), by its name in the model."""
    maps = {}
    hooks = [
        part.register_forward_hook(lambda part, given, out, name=name: maps.update({name: out[1].detach().numpy()}))
        for name, part in model.named_modules()
        if isinstance(part, MultiHeadAttention)
    ]
    model(source, written)
    for hook in hooks:
        hook.remove()
    return maps


@recipe(
    title="Attention is all you need",
    teaches="the transformer: multi-head attention, positions, warm-up, label smoothing, beam search",
    source="Vaswani et al. 2017; D2L 11.5–11.7",
    minutes=3,
    goal=Goal("exact match", at_least=0.99, data="dates"),
    data=("dates", "sentence-pairs"),
)
def transformer(
    run: Run,
    *,
    data: str = "dates",
    examples: int | None = None,
    width: int = 64,
    heads: int = 4,
    layers: int = 2,
    inner: int = 128,
    dropout: float = 0.1,
    pre_norm: bool = False,
    warmup: int = 300,
    smoothing: float = 0.1,
    beams: int = 4,
    epochs: int = 5,
    batch_size: int = 64,
) -> None:
    """Learn to translate, translate texts not seen before, and show where each head looked."""
    vocabulary, train, test, pairs = task(data, examples)
    model = Transformer(len(vocabulary), vocabulary.pad_id, width, heads, layers, inner, dropout, pre_norm)
    batches = zk.data.DataLoader(zk.data.TensorDataset(*train), batch_size, shuffle=True, drop_last=True)
    # Section 5.3: rate = width^-0.5 · min(step^-0.5, step · warmup^-1.5). It rises while Adam's averages are young and
    # the norms' gradients large, then falls with the root of the step.
    optimizer = zk.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    schedule = zk.optim.lr_scheduler.NoamLR(optimizer, width, warmup)

    def objective(model: nn.Module, batch: tuple[zk.Tensor, zk.Tensor]) -> tuple[zk.Tensor, dict[str, zk.Tensor]]:
        source, target = batch
        scores = model(source, target[:, :-1])  # shown what stands before a token, it is to say the token: all at once
        # Label smoothing (section 5.4): a tenth of the probability is to go to all tokens alike. The model learns to
        # be less sure, and the loss cannot fall to 0.
        return loss_and_exact(scores, target[:, 1:], vocabulary.pad_id, smoothing)

    # The paper averages the weights of the last checkpoints (section 6.1); here a running average does that: the rate
    # is still high at the end, and the last steps lead a little astray.
    averages = zk.optim.EMA(model, decay=0.99)
    trainer = run.trainer(model, optimizer=optimizer, objective=objective, schedule=schedule, ema=averages)
    trainer.fit(batches, validation=test, epochs=epochs, batch_size=batch_size)
    averages.copy_to()

    model.eval()
    length = test[1].shape[1] - 1  # of the longest translation, with its end
    written: dict[int, list[list[int]]] = {1: [], beams: []}
    for source in in_batches(batch_size, test[0]):
        for each, found in written.items():
            found += translate(model, source, vocabulary, length, each)
    measure(run, pairs, [vocabulary.decode(ids) for ids in written[1]], "greedy ")
    measure(run, pairs, [vocabulary.decode(ids) for ids in written[beams]])

    # Row by row what looks, column by column what is looked at. Behind each token written, the next one is told: the
    # last picture names its rows by that.
    first = [np.array([vocabulary.bos_id, *ids]) for ids in written[beams][:batch_size]]
    maps = looks(model, zk.tensor(test[0][:batch_size]), zk.tensor(padded(first, vocabulary.pad_id, length)))
    read, shown = tokens_of(vocabulary, test[0][0]), tokens_of(vocabulary, first[0])
    told = tokens_of(vocabulary, [*first[0][1:], vocabulary.eos_id])
    for side, kind, rows, columns, caption in (
        ("encoder", "own", read, read, "The text looks at itself."),
        ("decoder", "own", shown, shown, "What is written looks at what was written before."),
        ("decoder", "cross", told, read, "To tell the next token (rows), the text is looked at (columns)."),
    ):
        chosen = [
            weights[0, :, : len(rows), : len(columns)]
            for name, weights in maps.items()
            if name.startswith(side) and name.endswith(kind)
        ]
        run.picture(f"{side} {kind}", zk.visual.attention_grid, chosen, columns, rows, caption=caption)


@transformer.example
def _(
    data: str, examples: int | None, width: int, heads: int, layers: int, inner: int, dropout: float, pre_norm: bool
) -> tuple[Any, ...]:
    vocabulary, _, test, _ = task(data, examples)
    model = Transformer(len(vocabulary), vocabulary.pad_id, width, heads, layers, inner, dropout, pre_norm)
    return model, zk.tensor(test[0][:1]), zk.tensor(test[1][:1, :-1])


@transformer.predict
def _(model: Transformer, given: str | None, data: str, examples: int | None, beams: int) -> str:
    vocabulary, _, test, pairs = task(data, examples)
    source = vocabulary.encode(given or pairs[0][0], eos=True)
    return vocabulary.decode(translate(model, zk.tensor(source[None]), vocabulary, test[1].shape[1] - 1, beams)[0])
