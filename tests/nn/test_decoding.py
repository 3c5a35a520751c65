"""Writing token by token: greedy, beam search against looking at everything, sampling against its probabilities."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import nn
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError

START, END, WORDS = 0, 3, 4


def table(seed: int, history: int = 2) -> Any:
    """A model whose scores depend on the last tokens and on how many there are: any table of random numbers."""
    scores = np.random.default_rng(seed).normal(size=(8, *[WORDS] * history, WORDS)) * 2

    def step(tokens: Any, state: Any) -> Any:
        padded = np.concatenate([np.zeros((len(tokens), history), np.int64), tokens], axis=1)
        return scores[(tokens.shape[1], *padded[:, -history:].T)], state

    return step


def log_probability(step: Any, prefix: list[int], text: tuple[int, ...]) -> float:
    total = 0.0
    for i, token in enumerate(text):
        scores = step(np.array([[*prefix, *text[:i]]]), None)[0][0]
        total += scores[token] - np.log(np.exp(scores).sum())
    return float(total)


def every_sequence(step: Any, prefix: list[int], longest: int, alpha: float) -> list[tuple[float, list[int]]]:
    """All sequences that end within `longest` tokens, the best first."""
    found = []
    for n in range(longest):
        for text in itertools.product([w for w in range(WORDS) if w != END], repeat=n):
            total = log_probability(step, prefix, (*text, END))
            found.append((total / ((5 + n + 1) / 6) ** alpha, list(text)))
    return sorted(found, reverse=True)


@pytest.mark.once
@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0, -1.0])
def test_a_wide_beam_finds_what_looking_at_everything_finds(alpha: float) -> None:
    prefixes = [[START, 1], [START, 2], [START, 0]]
    step = table(5)
    found = nn.beam_search(step, prefixes, end=END, max_length=4, beams=60, length_penalty=alpha)
    for prefix, hypotheses in zip(prefixes, found, strict=True):
        expected = every_sequence(step, prefix, 4, alpha)  # 1 + 3 + 9 + 27
        ended = [h for h in hypotheses if h.finished]
        assert [h.tokens for h in ended] == [text for _, text in expected]
        np.testing.assert_allclose([h.score for h in ended], [score for score, _ in expected])
        assert hypotheses[:40] == ended


@pytest.mark.once
def test_a_narrow_beam_is_the_search_written_plainly() -> None:
    """Keep the two best beginnings; note those that end."""
    for seed in range(20):
        step = table(seed)
        beginnings, ended = [(0.0, ())], []
        for _ in range(5):
            longer = [(*t, word) for _, t in beginnings for word in range(WORDS)]
            grown = sorted([(log_probability(step, [START], t), t) for t in longer], reverse=True)
            ended += [(p, list(t[:-1])) for p, t in grown[:4] if t[-1] == END]
            beginnings = [(p, t) for p, t in grown if t[-1] != END][:2]  # type: ignore[misc]
        [found] = nn.beam_search(step, [[START]], end=END, max_length=5, beams=2, length_penalty=0.0)
        expected = sorted(ended, reverse=True)[:2]
        assert [h.tokens for h in found] == [text for _, text in expected]
        np.testing.assert_allclose([h.log_probability for h in found], [p for p, _ in expected])


@pytest.mark.once
def test_one_beam_finds_nothing_worse_than_greedy() -> None:
    ended = 0
    for seed in range(10):
        prefix = [[START], [1], [2]]
        found = nn.beam_search(table(seed), prefix, end=END, max_length=6, beams=1, length_penalty=0.0)
        for start, [best], text in zip(
            prefix, found, nn.greedy_search(table(seed), prefix, end=END, max_length=6), strict=True
        ):
            if len(text) < 6:
                ended += 1
                assert best.log_probability >= log_probability(table(seed), start, (*text, END)) - 1e-9
    assert ended > 5


@pytest.mark.once
def test_what_has_not_ended_stands_last() -> None:
    def never(tokens: Any, state: Any) -> Any:
        ends = np.where(tokens.shape[1] == 1, -1.0, -np.inf)  # at once or not at all
        return np.tile([0.0, 0.5, 0.0, ends], (len(tokens), 1)), state

    [found] = nn.beam_search(never, [[START]], end=END, max_length=3, beams=3)
    assert found[0] == (([], found[0].score, found[0].log_probability, True))
    assert [(h.tokens, h.finished) for h in found[1:2]] == [([1, 1, 1], False)]
    assert found[1].score > found[0].score  # likelier, but not to its end
    assert nn.greedy_search(never, [[START], [1]], end=END, max_length=3) == [[1, 1, 1]] * 2


@pytest.mark.once
def test_the_search_ends_when_nothing_better_can_come() -> None:
    lengths = []

    def sure(tokens: Any, state: Any) -> Any:
        lengths.append(tokens.shape[1])
        return np.tile([-9.0, -9.0, -9.0, 9.0], (len(tokens), 1)), state

    [[best]] = nn.beam_search(sure, [[START]], end=END, max_length=100, beams=1)
    assert best.tokens == []
    assert len(lengths) == 1


def test_the_state_goes_with_the_sequences() -> None:
    """A recurrent cell that keeps its state gives what it gives when it reads everything anew."""
    zk.random.seed(3)
    look, cell, out = nn.Embedding(WORDS, 8), nn.GRUCell(8, 8), nn.Linear(8, WORDS)
    for p in (*cell.parameters(), *out.parameters()):
        nn.init.normal_(p, std=1.0)

    def step(tokens: Any, state: Any) -> Any:
        h = cell(look(zk.tensor(tokens[:, -1])), state["h"])
        return out(h), {"h": h}

    def anew(tokens: Any, state: Any) -> Any:
        h = zk.zeros((len(tokens), 8))
        for token in tokens.T:
            h = cell(look(zk.tensor(token)), h)
        return out(h), state

    prefix = [[START], [1]]
    settings: Any = {"end": END, "max_length": 4, "beams": 2}
    kept = nn.beam_search(step, prefix, {"h": zk.zeros((2, 8))}, **settings)
    for a, b in zip(kept, nn.beam_search(anew, prefix, **settings), strict=True):
        assert [h.tokens for h in a] == [h.tokens for h in b]
        np.testing.assert_allclose([h.score for h in a], [h.score for h in b], rtol=1e-4)

    def by_hand(state: Any, rows: Any) -> Any:
        return {"h": zk.take(state["h"], zk.tensor(rows), axis=0)}

    assert nn.beam_search(step, prefix, {"h": zk.zeros((2, 8))}, select=by_hand, **settings) == kept
    assert not look.weight.grad


@pytest.mark.once
def test_a_cache_goes_with_the_sequences() -> None:
    zk.random.seed(0)
    look = nn.Embedding(WORDS, 8)
    layer, out = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval(), nn.Linear(8, WORDS)
    nn.init.normal_(out.weight, std=2.0)

    def step(tokens: Any, cache: Any) -> Any:
        return out(layer(look(zk.tensor(tokens[:, -1:])), is_causal=True, cache=cache)[:, -1]), cache

    def anew(tokens: Any, state: Any) -> Any:
        return out(layer(look(zk.tensor(tokens)), is_causal=True)[:, -1]), state

    prefix = [[START], [1]]
    for way in (nn.beam_search, nn.greedy_search):
        a = way(step, prefix, nn.KeyValueCache(), end=END, max_length=5)
        b = way(anew, prefix, end=END, max_length=5)
        texts = [[[h.tokens for h in row] for row in x] if way is nn.beam_search else x for x in (a, b)]
        assert texts[0] == texts[1]


CHANCES = np.array([0.5, 0.25, 0.15, 0.1])


@pytest.mark.once
@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, CHANCES),
        ({"temperature": 0.5}, CHANCES**2 / (CHANCES**2).sum()),
        ({"temperature": 2.0}, CHANCES**0.5 / (CHANCES**0.5).sum()),
        ({"top_k": 2}, np.array([2 / 3, 1 / 3, 0, 0])),
        ({"top_k": 9}, CHANCES),
        ({"top_p": 0.76}, CHANCES * [1, 1, 1, 0] / 0.9),
        ({"top_p": 0.3}, np.array([1.0, 0, 0, 0])),
        ({"top_p": 1.0}, CHANCES),
        ({"top_k": 2, "top_p": 0.6}, np.array([1.0, 0, 0, 0])),  # of two thirds and one
        ({"top_k": 1, "temperature": 100.0}, np.array([1.0, 0, 0, 0])),
    ],
)
def test_tokens_are_drawn_by_their_chances(how: dict[str, Any], expected: Any) -> None:
    order = np.array([2, 0, 3, 1])  # likely ones do not stand first

    def step(tokens: Any, state: Any) -> Any:
        return np.tile(np.log(CHANCES)[order] + 7.0, (len(tokens), 1)), state

    n = 20_000
    drawn = nn.sample_sequences(step, [[0]] * n, max_length=1, generator=zk.random.Generator(1), **how)
    counts = np.bincount(np.ravel(drawn), minlength=4)
    wanted = expected[order] * n
    assert not counts[wanted == 0].any()
    assert np.all(np.abs(counts - wanted) <= 5 * np.sqrt(wanted))


@pytest.mark.once
def test_a_seed_repeats_what_was_drawn_and_ends_are_cut_off() -> None:
    step = table(2)
    generators = [zk.random.Generator(seed) for seed in (1, 1, 2)]
    runs = [nn.sample_sequences(step, [[0]] * 50, end=END, max_length=6, generator=g) for g in generators]
    assert runs[0] == runs[1] != runs[2]
    assert END not in itertools.chain(*runs[0])
    assert len({len(text) for text in runs[0]}) > 2
    zk.random.seed(4)
    first = nn.sample_sequences(step, zk.tensor([[0], [1]]), max_length=5)
    zk.random.seed(4)
    assert nn.sample_sequences(step, [[0], [1]], max_length=5) == first
    assert [len(text) for text in first] == [5, 5]


@pytest.mark.once
def test_mistakes_are_explained() -> None:
    step = table(0)
    with pytest.raises(ShapeError, match=r"prefix is integers of shape \(rows, length\)"):
        nn.greedy_search(step, [0, 1], max_length=3)
    with pytest.raises(ShapeError, match="prefix"):
        nn.greedy_search(step, [[0.5]], max_length=3)
    with pytest.raises(ShapeError, match=r"of shape \(2, vocabulary\)"):
        nn.greedy_search(lambda tokens, state: (np.zeros((2, 1, 4)), state), [[0], [1]], max_length=3)
    with pytest.raises(InvalidValueError, match="row 1 have no largest number: nan"):
        nn.greedy_search(lambda t, s: (np.array([[0.0, 1.0], [np.nan, 0.0]]), s), [[0], [1]], max_length=3)
    with pytest.raises(InvalidValueError, match="from 0 to 3, received 4"):
        nn.beam_search(step, [[0]], end=4, max_length=3)
    with pytest.raises(InvalidValueError, match="call greedy_search"):
        nn.sample_sequences(step, [[0]], max_length=3, temperature=0)
    with pytest.raises(InvalidValueError, match="top_p is a probability"):
        nn.sample_sequences(step, [[0]], max_length=3, top_p=0.0)
    with pytest.raises(InvalidValueError, match="top_k"):
        nn.sample_sequences(step, [[0]], max_length=3, top_k=0)
    with pytest.raises(ArgumentError, match="beams is a whole number"):
        nn.beam_search(step, [[0]], end=3, max_length=3, beams=1.5)  # type: ignore[arg-type]
