"""Sequence to sequence with attention.

One recurrent network reads a date as somebody wrote it, "the 3rd of May, 2004", and another one writes it anew, a
character at a time: "2004-05-03". Before attention, the reader had to pack all it had read into one vector. Here the
writer looks back before each character: it weighs the places of the text by how well they go with what it is about to
write, and takes their average. Nobody tells it where to look; the pictures show that it finds out. (Bahdanau, Cho and
Bengio, "Neural machine translation by jointly learning to align and translate", 2015, arXiv:1409.0473; D2L 11.4.)

For English to French let it be wider: `--data sentence-pairs --epochs 1 --set examples=60000 --set embedding=64 --set
hidden=128` comes to a BLEU of 20 in some 5 minutes on one core; all sentences, and more epochs, do better.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import zkynet as zk
from zkynet import nn
from zkynet.recipes import Goal, recipe
from zkynet.recipes.translation_task import in_batches, loss_and_exact, measure, padded, task, tokens_of
from zkynet.runs import Run


class Memory(NamedTuple):
    """What the reader hands to the writer, for B texts of S tokens."""

    notes: zk.Tensor  # h_1 … h_S, (B, S, 2H): what it has understood at each place
    keys: zk.Tensor  # U h_1 … U h_S, (B, S, H): the same at each step, so computed once (appendix A.1.2)
    hidden: zk.Tensor  # (B, S): 0 at a token, minus infinity at padding


class Translator(nn.Module):
    """A GRU that reads in both directions, and a GRU with attention that writes (the paper's section 3)."""

    def __init__(self, tokens: int, pad: int, embedding: int, hidden: int) -> None:
        self.pad = pad
        self.read_embedding = nn.Embedding(tokens, embedding)
        self.reader = nn.GRU(embedding, hidden, batch_first=True, bidirectional=True)
        self.first_state = nn.Linear(hidden, hidden)
        self.W = nn.Linear(hidden, hidden, bias=False)
        self.U = nn.Linear(2 * hidden, hidden)
        self.v = nn.Linear(hidden, 1, bias=False)
        self.write_embedding = nn.Embedding(tokens, embedding)
        self.writer = nn.GRUCell(embedding + 2 * hidden, hidden)
        self.scores = nn.Linear(hidden + embedding + 2 * hidden, tokens)

    def read(self, source: zk.Tensor) -> tuple[Memory, zk.Tensor]:
        """From texts (B, S) to the notes about them, and the writer's first state s_0 (B, H)."""
        real = source != self.pad
        notes, last = self.reader(self.read_embedding(source), lengths=real.sum(axis=1))
        # h_j knows what stands before place j and what comes after. The walk back ends at the first token and has then
        # seen the whole text: with that the writer begins, s_0 = tanh(W_s h_1).
        state = zk.tanh(self.first_state(last[1]))
        return Memory(notes, self.U(notes), zk.where(real, 0.0, -np.inf)), state

    def attend(self, state: zk.Tensor, memory: Memory) -> tuple[zk.Tensor, zk.Tensor]:
        """From the writer's state (B, H) to the average of the notes (B, 2H), and its weights (B, S)."""
        # e_ij = v · tanh(W s_{i-1} + U h_j)        how well place j goes with what is to be written next
        # α_ij = exp(e_ij) / Σ_k exp(e_ik)          as weights that sum to 1
        # c_i  = Σ_j α_ij h_j                       the context
        e = self.v(zk.tanh(self.W(state)[:, None] + memory.keys))[:, :, 0]
        weights = zk.softmax(e + memory.hidden, axis=-1)
        return (weights[:, None] @ memory.notes)[:, 0], weights

    def write(self, before: zk.Tensor, state: zk.Tensor, memory: Memory) -> tuple[zk.Tensor, zk.Tensor, zk.Tensor]:
        """One step: from the token before, embedded (B, E), to features of the next, the state, and the weights."""
        context, weights = self.attend(state, memory)
        seen = zk.concat([before, context], axis=1)
        state = self.writer(seen, state)  # s_i = GRU(s_{i-1}; y_{i-1}, c_i)
        return zk.concat([state, seen], axis=1), state, weights

    def forward(self, source: zk.Tensor, written: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor]:
        """For each token of `written` (B, T) the scores of the next one (B, T, tokens), and all weights (B, T, S)."""
        memory, state = self.read(source)
        features, looks = [], []
        for before in zk.unstack(self.write_embedding(written), axis=1):
            feature, state, weights = self.write(before, state, memory)
            features.append(feature)
            looks.append(weights)
        return self.scores(zk.stack(features, axis=1)), zk.stack(looks, axis=1)


def translate(model: Translator, source: zk.Tensor, vocabulary: Any, length: int) -> list[list[int]]:
    """Write the likeliest token, look at it, write the next, up to the end: texts (B, S) to lists of numbers."""
    with zk.no_grad():
        memory, state = model.read(source)

    def step(tokens: np.ndarray, state: zk.Tensor) -> tuple[zk.Tensor, zk.Tensor]:
        features, state, _ = model.write(model.write_embedding(zk.tensor(tokens[:, -1])), state, memory)
        return model.scores(features), state

    begin = [[vocabulary.bos_id]] * len(source)
    return nn.greedy_search(step, begin, state, end=vocabulary.eos_id, max_length=length)


@recipe(
    title="Sequence to sequence with attention",
    teaches="a reader, and a writer that looks back: attention before the transformer",
    source="Bahdanau, Cho & Bengio 2015; D2L 11.4",
    minutes=2,
    goal=Goal("exact match", at_least=0.99, data="dates"),
    data=("dates", "sentence-pairs"),
)
def seq2seq_attention(
    run: Run,
    *,
    data: str = "dates",
    examples: int | None = None,
    embedding: int = 32,
    hidden: int = 64,
    epochs: int = 4,
    batch_size: int = 128,
    learning_rate: float = 3e-3,
) -> None:
    """Learn to translate, translate texts not seen before, and show where it looked."""
    vocabulary, train, test, pairs = task(data, examples)
    model = Translator(len(vocabulary), vocabulary.pad_id, embedding, hidden)
    optimizer = zk.optim.Adam(model.parameters(), lr=learning_rate)
    batches = zk.data.DataLoader(zk.data.TensorDataset(*train), batch_size, shuffle=True, drop_last=True)

    def objective(model: nn.Module, batch: tuple[zk.Tensor, zk.Tensor]) -> tuple[zk.Tensor, dict[str, zk.Tensor]]:
        source, target = batch
        scores, _ = model(source, target[:, :-1])  # shown what stands before a token, it is to say the token
        return loss_and_exact(scores, target[:, 1:], vocabulary.pad_id)

    trainer = run.trainer(
        model,
        optimizer=optimizer,
        objective=objective,
        clip_norm=1.0,  # through many steps a gradient is very large now and then (appendix B.2)
        schedule=zk.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(batches)),
        schedule_per="step",
    )
    trainer.fit(batches, validation=test, epochs=epochs, batch_size=batch_size)

    model.eval()
    length = test[1].shape[1] - 1  # of the longest translation, with its end
    written: list[list[int]] = []
    for source in in_batches(batch_size, test[0]):
        written += translate(model, source, vocabulary, length)
    measure(run, pairs, [vocabulary.decode(ids) for ids in written])

    # Shown what it wrote, it looks where it looked when it wrote that.
    shown = padded([np.array([vocabulary.bos_id, *ids]) for ids in written[:batch_size]], vocabulary.pad_id, length)
    _, weights = model(zk.tensor(test[0][:batch_size]), zk.tensor(shown))
    for i in range(3):
        read, wrote = tokens_of(vocabulary, test[0][i]), tokens_of(vocabulary, [*written[i], vocabulary.eos_id])
        run.picture(
            f"attention {i + 1}",
            zk.visual.attention_map,
            weights[i, : len(wrote), : len(read)].detach().numpy(),
            read,
            wrote,
            caption="From left to right what was read, downwards what was written; dark is where it looked.",
        )


@seq2seq_attention.example
def _(data: str, examples: int | None, embedding: int, hidden: int) -> tuple[Any, ...]:
    vocabulary, _, test, _ = task(data, examples)
    model = Translator(len(vocabulary), vocabulary.pad_id, embedding, hidden)
    return model, zk.tensor(test[0][:1]), zk.tensor(test[1][:1, :-1])


@seq2seq_attention.predict
def _(model: Translator, given: str | None, data: str, examples: int | None) -> str:
    vocabulary, _, test, pairs = task(data, examples)
    source = vocabulary.encode(given or pairs[0][0], eos=True)
    return vocabulary.decode(translate(model, zk.tensor(source[None]), vocabulary, test[1].shape[1] - 1)[0])
