"""A GPT: attention that writes.

The task of the lesson char-rnn, what comes next in a text, without a state that is handed on: each character looks at
those before it, and takes from them what it needs. The decoder of the transformer alone is enough for that (Radford et
al., "Language models are unsupervised multitask learners", 2019, which is GPT-2), with norms before the parts (Xiong et
al. 2020, arXiv:2002.04745). An LSTM of as many parameters learns from as many characters beside it. At first it is
ahead; at the end, on the bundled text, the GPT is. (On Shakespeare the two are level after as many epochs.)

Positions are not added to the characters, as in GPT-2, but turned into queries and keys, as in newer models (Su et al.,
"RoFormer", 2021, arXiv:2104.09864): what counts then is how far apart two characters are, wherever they stand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.nn import functional as F
from zkynet.recipes import Goal, recipe
from zkynet.recipes.char_rnn import CharRNN, Continued, continued, corpus, hidden_for
from zkynet.recipes.char_rnn import write as write_recurrently
from zkynet.runs import Run


class Cache:
    """The keys and values of the last characters, of every block: room for so many, the oldest is overwritten.

    To write the next character, only its own query is needed, but the keys and values of all before it. These do not
    change any more (nothing looks ahead), so they are kept instead of being computed anew for each character: work in
    proportion to the length of the text, not to its square.
    """

    def __init__(self, room: int) -> None:
        self.room, self.length = room, 0
        self.kept: dict[Any, tuple[zk.Tensor, zk.Tensor]] = {}

    def add(self, block: Any, key: zk.Tensor, value: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor, zk.Tensor]:
        """Those of one more character, (B, heads, 1, d), to all (B, heads, room, d), and which places are in use."""
        places = zk.arange(self.room)
        here = (places == self.length % self.room)[:, None]
        empty = zk.zeros((*key.shape[:2], self.room, key.shape[-1]))
        keys, values = self.kept.get(block, (empty, empty))
        self.kept[block] = keys, values = zk.where(here, key, keys), zk.where(here, value, values)
        return keys, values, places <= self.length


class Block(nn.Module):
    """Attention to what came before, then a network for each place by itself; x + f(norm(x)) each (GPT-2, section 2.3).

    The sum x goes through all blocks untouched: the way back for the gradient.
    """

    def __init__(self, width: int, heads: int) -> None:
        self.norms = [nn.LayerNorm(width) for _ in range(2)]
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.rotary = nn.RotaryEncoding(width // heads)
        self.out = nn.Linear(width, width)
        self.feed_forward = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width))
        self.heads = heads

    def attention(self, x: zk.Tensor, cache: Cache | None) -> zk.Tensor:
        """softmax(Q Kᵀ / √d) V in several heads, of characters that look at themselves and those before."""
        rows, length, width = x.shape
        parts = self.queries_keys_values(x).reshape((rows, length, 3, self.heads, width // self.heads))
        q, k, v = zk.unstack(zk.permute_dims(parts, (2, 0, 3, 1, 4)))  # each (B, heads, length, d)
        if cache is None:
            found = F.scaled_dot_product_attention(self.rotary(q), self.rotary(k), v, is_causal=True)
        else:
            place = zk.tensor([cache.length])
            k, v, used = cache.add(self, self.rotary(k, positions=place), v)
            found = F.scaled_dot_product_attention(self.rotary(q, positions=place), k, v, used)
        return self.out(zk.permute_dims(found, (0, 2, 1, 3)).reshape(x.shape))

    def forward(self, x: zk.Tensor, cache: Cache | None = None) -> zk.Tensor:
        """From (B, length, width) to (B, length, width)."""
        x = x + self.attention(self.norms[0](x), cache)
        return x + self.feed_forward(self.norms[1](x))


class GPT(nn.Module):
    """Characters (B, length) to scores of the next ones (B, length, characters)."""

    def __init__(self, characters: int, width: int, heads: int, layers: int) -> None:
        self.embedding = nn.Embedding(characters, width)
        self.blocks = [Block(width, heads) for _ in range(layers)]
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, characters, bias=False)
        # One table for reading and writing: characters that are alike to read are alike to foretell (Press and Wolf
        # 2017, arXiv:1608.05859).
        self.out.weight = self.embedding.weight
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        # 2 * layers parts are added up on the way; so that the sum does not grow with depth (GPT-2, section 2.3):
        for block in self.blocks:
            for part in (block.out, block.feed_forward[2]):
                part.weight = nn.Parameter(part.weight.detach() / math.sqrt(2 * layers))

    def forward(self, x: zk.Tensor, cache: Cache | None = None) -> zk.Tensor:
        """With a cache, x is the one character (B, 1) that comes after those in it."""
        h = self.embedding(x)
        for block in self.blocks:
            h = block(h, cache)
        if cache is not None:
            cache.length += 1
        return self.out(self.norm(h))


def write(model: GPT, begin: np.ndarray, length: int, room: int, temperature: float) -> np.ndarray:
    """So many characters after a beginning, with a cache: each step reads one character."""
    cache = Cache(room)
    with zk.no_grad():
        for character in begin[:-1]:
            model(zk.tensor([[character]]), cache)

    def step(tokens: np.ndarray, cache: Cache) -> tuple[zk.Tensor, Cache]:
        return model(zk.tensor(tokens[:, -1:]), cache)[:, -1], cache

    [written] = nn.sample_sequences(step, begin[None], cache, max_length=length, temperature=temperature)
    return np.array(written)


def write_anew(model: GPT, begin: np.ndarray, length: int, room: int, temperature: float) -> np.ndarray:
    """The same without a cache: each step reads everything again, up to `room` characters in all."""

    def step(tokens: np.ndarray, state: None) -> tuple[zk.Tensor, None]:
        # Filled up to one length; what stands behind a character does not change its scores
        padded = np.pad(tokens, ((0, 0), (0, room - tokens.shape[1])))
        return model(zk.tensor(padded))[:, tokens.shape[1] - 1], None

    [written] = nn.sample_sequences(step, begin[None], max_length=length, temperature=temperature)
    return np.array(written)


def size_of(model: nn.Module) -> int:
    """How many numbers it learns; a table that is used twice counts once."""
    return sum(p.size for p in model.parameters())


@recipe(
    title="A GPT",
    teaches="the decoder-only transformer: pre-norm, rotary positions, tied weights, AdamW, key/value cache",
    source="Radford et al. 2019; Su et al. 2021; Karpathy's nanoGPT",
    minutes=2,
    goal=[
        Goal("validation loss of the gpt", at_most=1.45, data="topics"),
        Goal("lstm minus gpt", at_least=0.0, data="topics"),
        Goal("same text with and without a cache", at_least=1.0),
    ],
    data=("topics", "shakespeare"),
)
def gpt(
    run: Run,
    *,
    data: str = "topics",
    width: int = 64,
    heads: int = 4,
    layers: int = 3,
    epochs: int = 3,
    rows: int = 8,
    length: int = 64,
    learning_rate: float = 0.008,
    lstm_rate: float = 0.01,
    weight_decay: float = 0.1,
    written: int = 300,
) -> None:
    """Train a GPT and an LSTM of its size, compare them, and let the GPT write with and without a cache."""
    vocabulary, train, test = corpus(data)
    side_by_side, test_side_by_side = continued(train, length, rows), continued(test, length, rows)
    steps = len(side_by_side)

    # A GPT has no state to carry: its windows may begin anywhere. An epoch has as many as that of the LSTM.
    windows = zk.data.TokenWindows(train, length, stride=1)
    anywhere = zk.data.RandomSampler(windows, replacement=True, num_samples=steps * rows)
    batches = zk.data.DataLoader(windows, batch_size=rows, sampler=anywhere)
    # At the beginning of a window it can only guess. When it writes, it has the characters before; so it is tested on
    # the second half of windows that overlap by half, and the LSTM with its state of the whole text so far.
    test_windows = zk.data.TokenWindows(test, length, stride=length // 2)
    test_batches = zk.data.DataLoader(test_windows, batch_size=rows, drop_last=True)

    def objective(model: GPT, batch: Any) -> zk.Tensor:
        x, y = batch
        scores = model(x)
        if not model.training:
            scores, y = scores[:, length // 2 :], y[:, length // 2 :]
        return F.cross_entropy(scores.reshape((-1, scores.shape[-1])), y.reshape(-1))

    model = GPT(len(vocabulary), width, heads, layers)
    # Decay pulls the matrices towards zero, beside the gradient and not through it (Loshchilov & Hutter 2019,
    # arXiv:1711.05101); norms and biases are left alone.
    optimizer = zk.optim.AdamW(
        [
            {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},
        ],
        lr=learning_rate,
        betas=(0.9, 0.99),
    )
    # A fifth of the way up to the full rate, then down along a cosine; with a tenth it learns a little less.
    schedule = zk.optim.lr_scheduler.WarmupCosineLR(optimizer, epochs * steps // 5, epochs * steps)
    trainer = run.trainer(model, None, optimizer, objective=objective, schedule=schedule, clip_norm=1.0, name="gpt")
    histories = {"gpt": trainer.fit(batches, validation=test_batches, epochs=epochs)}

    # The LSTM as in its own lesson, at the better one of two rates that were tried on a part of the text to learn from:
    # it keeps its state over the whole text, in training and in the test.
    lstm = CharRNN("lstm", len(vocabulary), width, hidden_for("lstm", len(vocabulary), width, size_of(model)))
    carried = Continued()
    adam = zk.optim.Adam(lstm.parameters(), lr=lstm_rate)
    schedule = zk.optim.lr_scheduler.WarmupCosineLR(adam, epochs * steps // 10, epochs * steps)
    trainer = run.trainer(
        lstm, None, adam, objective=carried, callbacks=[carried], schedule=schedule, clip_norm=1.0, name="lstm"
    )
    histories["lstm"] = trainer.fit(side_by_side, validation=test_side_by_side, epochs=epochs)

    losses = {name: history["val_loss"][-1] for name, history in histories.items()}
    table = [
        {
            "model": name,
            "parameters": size_of(each),
            "training loss": round(histories[name]["loss"][-1], 3),
            "validation loss": round(losses[name], 3),
            "bits per character": round(losses[name] / math.log(2), 3),
        }
        for name, each in (("gpt", model), ("lstm", lstm))
    ]
    run.table("comparison", table, caption=f"Each learned from {epochs * steps * rows * length:,} characters.")
    run.picture("losses", zk.visual.compare_histories, histories, title="Loss on the text that they have not seen")
    run.result("validation loss of the gpt", losses["gpt"])
    run.result("lstm minus gpt", losses["lstm"] - losses["gpt"])

    # With the same random numbers, the same text: nothing is lost by keeping keys and values.
    model.eval()
    begin, texts = test[: length // 4], []
    for way in (write, write_anew):
        zk.random.seed(run.seed)
        texts.append(way(model, begin, length - len(begin), length, 1.0))
    run.result("same text with and without a cache", np.array_equal(texts[0], texts[1]))

    samples = [f"--- they go on from here\n{vocabulary.decode(begin)}"]
    for temperature in (0.5, 0.8, 1.0):
        text = vocabulary.decode(write(model, begin, written, length, temperature))
        samples.append(f"--- temperature {temperature}\n{text}")
    run.text("samples", "\n".join(samples))


@gpt.example
def _(data: str, width: int, heads: int, layers: int, length: int, name: str = "gpt") -> tuple[nn.Module, zk.Tensor]:
    n = len(corpus(data)[0])
    model: nn.Module = GPT(n, width, heads, layers)
    if name == "lstm":
        model = CharRNN("lstm", n, width, hidden_for("lstm", n, width, size_of(model)))
    return model, zk.zeros((1, length), dtype="int64")


@gpt.predict
def _(model: Any, given: str | None, data: str, length: int, written: int) -> str:
    vocabulary, _, test = corpus(data)
    begin = vocabulary.encode(given) if given else test[:length]
    if isinstance(model, CharRNN):
        return vocabulary.decode(begin) + vocabulary.decode(write_recurrently(model, begin, written, 0.8))
    return vocabulary.decode(begin) + vocabulary.decode(write(model, begin, written, length, 0.8))
