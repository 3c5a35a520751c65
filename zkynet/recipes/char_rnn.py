"""Recurrent networks that write.

A network reads a text character by character and says at each what comes next. Nothing else is told to it; words,
brackets and the form of a page it has to find out by itself. (Karpathy, "The unreasonable effectiveness of recurrent
neural networks", 2015.) What it has read, it can only know from its state, one vector. Three ways to keep one:

- rnn: the state is made anew at each character, ``h = tanh(W x + U h)`` (Elman, "Finding structure in time", 1990).
  What is to be remembered has to survive that each time, and so has the gradient on its way back.
- lstm: a cell to which is added, ``c = f c + i g``, with gates that say what is kept, written and shown (Hochreiter
  and Schmidhuber, "Long short-term memory", 1997).
- gru: the same idea with two gates and without the cell, ``h = (1 - z) n + z h`` (Cho et al. 2014, arXiv:1406.1078).

All three get as many parameters, the same text and the same optimiser. With gates it goes better (Karpathy, Johnson
and Fei-Fei, "Visualizing and understanding recurrent networks", 2015, table 1; Chung et al. 2014, arXiv:1412.3555).
The LSTM is the slowest to begin: it needs many steps, so that a batch has few rows here. With twice as many rows, and
so half the steps, it is still behind the plain network where that one has long found its way.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.nn import functional as F
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run

KINDS: dict[str, Any] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
PARTS = {"rnn": 1, "gru": 3, "lstm": 4}  # the new state, and the gates: each has its own weights


@cache
def corpus(data: str) -> tuple[Any, np.ndarray, np.ndarray]:
    """The characters and their numbers, the text to learn from and that to test with, as rows of numbers."""
    text = zk.data.shakespeare() if data == "shakespeare" else zk.data.topics_text()
    vocabulary = zk.data.CharacterVocabulary(text.train, specials=("<unk>",))
    return vocabulary, vocabulary.encode(text.train), vocabulary.encode(text.validation)


class CharRNN(nn.Module):
    """Characters (B, T) and a state to scores of the next characters (B, T, characters), and the state after them."""

    def __init__(self, kind: str, characters: int, embedding: int, hidden: int) -> None:
        self.embedding = nn.Embedding(characters, embedding)
        self.recurrent = KINDS[kind](embedding, hidden, batch_first=True)
        self.out = nn.Linear(hidden, characters)

    def forward(self, x: zk.Tensor, state: Any = None) -> tuple[zk.Tensor, Any]:
        """Without a state it begins with zeros."""
        h, state = self.recurrent(self.embedding(x), state)
        return self.out(h), state


def hidden_for(kind: str, characters: int, embedding: int, parameters: int) -> int:
    """How long the state may be for a model of so many parameters."""
    # With n parts: n (h h + h embedding + 2 h) in the recurrence, h characters + characters at the end
    n = PARTS[kind]
    linear, rest = n * (embedding + 2) + characters, characters * (embedding + 1) - parameters
    return int((math.sqrt(linear**2 - 4 * n * rest) - linear) / (2 * n))


class Continued(zk.train.Callback):
    """The objective of a text that goes on from batch to batch: truncated backpropagation through time.

    A text of 300,000 characters is too long to go back through. So it goes on in pieces: the state is handed on to the
    next piece, the gradient is not (Williams and Peng 1990; Sutskever 2013, section 2.8.6). As a callback, it begins
    an epoch without a state, and its states are part of a checkpoint: a run resumed in the middle of an epoch goes on
    with the very same numbers.
    """

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}

    def __call__(self, model: CharRNN, batch: Any) -> zk.Tensor:
        """The mean loss of a batch (B, T) of characters x and those that follow each, y."""
        x, y = batch
        text = "training" if model.training else "validation"
        scores, state = model(x, self.states.get(text))
        self.states[text] = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        return F.cross_entropy(scores.reshape((-1, scores.shape[-1])), y.reshape(-1))

    def on_epoch_start(self, trainer: Any) -> None:
        """Each epoch reads the texts from their beginning."""
        self.states = {}

    def state_dict(self) -> dict[str, Any]:
        """The states, for a checkpoint."""
        return {text: list(s) if isinstance(s, tuple) else s for text, s in self.states.items()}

    def load_state_dict(self, state_dict: Any) -> None:
        """Take them over."""
        self.states = {text: tuple(s) if isinstance(s, list) else s for text, s in state_dict.items()}


def continued(tokens: np.ndarray, length: int, rows: int) -> zk.data.DataLoader:
    """The text in `rows` long pieces that are read side by side, `length` characters in a batch."""
    windows = zk.data.TokenWindows(tokens, length)
    return zk.data.DataLoader(windows, batch_sampler=zk.data.ContinuedBatches(windows, rows))


def write(model: CharRNN, begin: np.ndarray, length: int, temperature: float) -> np.ndarray:
    """So many characters after a beginning; the lower the temperature, the more of them are the likeliest ones."""
    state: Any = None
    with zk.no_grad():
        for character in begin[:-1]:
            _, state = model(zk.tensor([[character]]), state)

    def step(tokens: np.ndarray, state: Any) -> tuple[zk.Tensor, Any]:
        scores, state = model(zk.tensor(tokens[:, -1:]), state)
        return scores[:, -1], state

    [written] = nn.sample_sequences(step, begin[None], state, max_length=length, temperature=temperature)
    return np.array(written)


@recipe(
    title="Recurrent networks that write",
    teaches="RNN, LSTM and GRU; truncated backpropagation through time; clipped gradients; sampling",
    source="Karpathy 2015; Elman 1990; Hochreiter & Schmidhuber 1997; Cho et al. 2014",
    minutes=2,
    goal=[
        Goal("bits per character of the lstm", at_most=2.3, data="topics"),
        Goal("rnn minus lstm", at_least=0.0),
        Goal("rnn minus gru", at_least=0.0),
    ],
    data=("topics", "shakespeare"),
)
def char_rnn(
    run: Run,
    *,
    data: str = "topics",
    parameters: int = 100_000,
    embedding: int = 32,
    epochs: int = 4,
    rows: int = 8,
    length: int = 64,
    rnn_rate: float = 0.006,
    gru_rate: float = 0.006,
    lstm_rate: float = 0.02,
    clip_norm: float = 1.0,
    written: int = 300,
) -> None:
    """Train the three, compare their losses, and let them write."""
    vocabulary, train, test = corpus(data)
    batches, test_batches = continued(train, length, rows), continued(test, length, rows)

    # Each learns at its own rate, the best of three that were tried on a part of the text to learn from
    rates = {"rnn": rnn_rate, "gru": gru_rate, "lstm": lstm_rate}
    histories, table, bits, samples = {}, [], {}, []
    for kind in KINDS:
        model = CharRNN(kind, len(vocabulary), embedding, hidden_for(kind, len(vocabulary), embedding, parameters))
        optimizer = zk.optim.Adam(model.parameters(), lr=rates[kind])
        # Small steps until it has found its way, then large ones, small ones at the end (Loshchilov & Hutter 2017)
        steps = epochs * len(batches)
        schedule = zk.optim.lr_scheduler.WarmupCosineLR(optimizer, steps // 10, steps)
        objective = Continued()
        # Now and then a gradient explodes on its way back through 64 characters. Its direction is still of use, its
        # length is not: it is cut (Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063).
        trainer = run.trainer(
            model,
            optimizer=optimizer,
            objective=objective,
            callbacks=[objective],
            schedule=schedule,
            clip_norm=clip_norm,
            name=kind,
        )
        histories[kind] = trainer.fit(batches, validation=test_batches, epochs=epochs)

        # The loss is -ln p of the right character, on average. In bits: that many yes-or-no questions are left.
        bits[kind] = histories[kind]["val_loss"][-1] / math.log(2)
        size = sum(p.size for p in model.parameters())
        table.append(
            {
                "model": kind,
                "state": model.recurrent.hidden_size,
                "parameters": size,
                "training loss": round(histories[kind]["loss"][-1], 3),
                "validation loss": round(histories[kind]["val_loss"][-1], 3),
                "bits per character": round(bits[kind], 3),
            }
        )
        run.result(f"bits per character of the {kind}", bits[kind])

        model.eval()
        for temperature in (0.5, 0.8, 1.0):
            text = vocabulary.decode(write(model, test[:length], written, temperature))
            samples.append(f"--- {kind}, temperature {temperature}\n{text}")

    run.table("comparison", table)
    run.result("rnn minus lstm", bits["rnn"] - bits["lstm"])
    run.result("rnn minus gru", bits["rnn"] - bits["gru"])
    run.picture("losses", zk.visual.compare_histories, histories, title="Loss on the text that they have not seen")
    run.text(
        "samples",
        f"--- they go on from here\n{vocabulary.decode(test[:length])}\n" + "\n".join(samples),
        caption="A low temperature is careful and repeats itself, a high one is bold and makes mistakes.",
    )


@char_rnn.example
def _(data: str, parameters: int, embedding: int, length: int, name: str = "lstm") -> tuple[nn.Module, zk.Tensor]:
    n = len(corpus(data)[0])
    model = CharRNN(name, n, embedding, hidden_for(name, n, embedding, parameters))
    return model, zk.zeros((1, length), dtype="int64")


@char_rnn.predict
def _(model: CharRNN, given: str | None, data: str, length: int, written: int) -> str:
    vocabulary, _, test = corpus(data)
    begin = vocabulary.encode(given) if given else test[:length]
    return vocabulary.decode(begin) + vocabulary.decode(write(model, begin, written, 0.8))
