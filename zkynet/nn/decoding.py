"""Writing sequences token by token with a model that scores the next one: greedily, by beam search, by lot.

All three ask a function ``step(tokens, state) -> (logits, state)``. `tokens` is what has been written so far, a NumPy
array of integers (rows, length), for tokens are chosen on the host; what of it the step needs is up to the model: a
recurrent one, or one with a `KeyValueCache`, takes the last column, a transformer without a cache all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from zkynet import random
from zkynet.autodiff.modes import no_grad
from zkynet.autodiff.tree import tree_map
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.caches import KeyValueCache
from zkynet.nn.sizes import check_size
from zkynet.ops.arguments import number, whole
from zkynet.ops.creation import asarray
from zkynet.ops.selecting import take
from zkynet.random import Generator
from zkynet.tensor import Tensor

__all__ = ["Hypothesis", "beam_search", "greedy_search", "sample_sequences"]

Tokens = np.ndarray[Any, np.dtype[np.int64]]
Step = Callable[[Tokens, Any], tuple[Any, Any]]


class Hypothesis(NamedTuple):
    """A sequence that `beam_search` has found.

    Args:
        tokens: what was written after the prefix, without the token that ends it.
        score: the logarithm of its probability, divided by the length penalty.
        log_probability: the logarithm of its probability, with that of the token that ends it.
        finished: whether it has come to its end.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Hypothesis([4, 2], -0.5, -0.6, True).tokens
        [4, 2]
    """

    tokens: list[int]
    score: float
    log_probability: float
    finished: bool


def greedy_search(
    step: Step, prefix: Any, state: Any = None, *, max_length: int, end: int | None = None
) -> list[list[int]]:
    """The most likely token, again and again.

    Args:
        step: ``step(tokens, state) -> (logits, state)``: the tokens so far, a NumPy array of integers (rows, length),
            and the state that the step before returned; to the scores of the next token, (rows, vocabulary), and the
            new state.
        prefix: integers (rows, length): what each sequence begins with, usually one token that means the beginning.
        state: the state for the first step.
        max_length: how many tokens are written at most.
        end: the token that ends a sequence; without one, all are of `max_length`.

    Returns:
        For each row the tokens after the prefix, without the one that ends it.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> def count(tokens, state):  # a model that is sure of the next number
        ...     return 5.0 * np.eye(6)[(tokens[:, -1] + 1) % 6], state
        >>> zk.nn.greedy_search(count, [[0], [2]], max_length=9, end=5)
        [[1, 2, 3, 4], [3, 4]]
    """
    return _one_by_one("greedy_search", step, prefix, state, max_length, end, lambda scores: scores.argmax(axis=1))


def sample_sequences(
    step: Step,
    prefix: Any,
    state: Any = None,
    *,
    max_length: int,
    end: int | None = None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: Generator | None = None,
) -> list[list[int]]:
    """Tokens drawn by the model's own probabilities, ``softmax(logits / temperature)``, again and again.

    Args:
        step: ``step(tokens, state) -> (logits, state)``, as in `greedy_search`.
        prefix: integers (rows, length): what each sequence begins with.
        state: the state for the first step.
        max_length: how many tokens are written at most.
        end: the token that ends a sequence; without one, all are of `max_length`.
        temperature: below 1 likely tokens become likelier still; above 1 all become more alike.
        top_k: draw from this many of the likeliest tokens only (Fan, Lewis and Dauphin, 2018).
        top_p: draw from the fewest tokens only that have this probability together (Holtzman et al., 2020); after
            `top_k`, if both are given.
        generator: where the random numbers come from, by default `zk.random.default_generator`.

    Returns:
        For each row the tokens after the prefix, without the one that ends it.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> def coin(tokens, state):
        ...     return np.zeros((len(tokens), 2)), state
        >>> [throws] = zk.nn.sample_sequences(coin, [[0]], max_length=1000)
        >>> 400 < sum(throws) < 600
        True
    """
    name = "sample_sequences"
    temperature = float(number(name, "temperature", temperature))
    if not 0 < temperature < np.inf:
        raise InvalidValueError(
            f"{name}: temperature is a number above 0, received {temperature}",
            fix="call greedy_search for the likeliest token each time" if temperature == 0 else "1 changes nothing",
        )
    top_k = None if top_k is None else check_size(name, "top_k", top_k)
    top_p = None if top_p is None else float(number(name, "top_p", top_p))
    if top_p is not None and not 0 < top_p <= 1:
        raise InvalidValueError(f"{name}: top_p is a probability above 0, received {top_p}", fix="0.9 is usual")

    def draw(scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        chances = _chances(scores, temperature, top_k, top_p)
        lot = random.uniform(shape=(len(chances), 1), dtype="float32", generator=generator).numpy()
        upto = np.cumsum(chances, axis=1)
        return (upto <= lot * upto[:, -1:]).sum(axis=1)  # the first token whose cumulated chance is above the lot

    return _one_by_one(name, step, prefix, state, max_length, end, draw)


def beam_search(
    step: Step,
    prefix: Any,
    state: Any = None,
    *,
    end: int,
    max_length: int,
    beams: int = 4,
    length_penalty: float = 0.6,
    select: Callable[[Any, Any], Any] | None = None,
) -> list[list[Hypothesis]]:
    """The likeliest sequences, looked for by keeping the best few beginnings at each length.

    Sequences are compared by ``log P(y) / ((5 + |y|) / 6)**length_penalty``, where the length ``|y|`` counts the token
    that ends them (Wu et al., Google's neural machine translation system, 2016): without a penalty, a search prefers
    short ones, for each token more makes a sequence less likely. The search for a row ends when no beginning that is
    left can become one of its best `beams` any more.

    Args:
        step: ``step(tokens, state) -> (logits, state)``, as in `greedy_search`. It is called with one row for each row
            of the prefix first, then with `beams` rows for each, those of one row next to each other.
        prefix: integers (rows, length): what each sequence begins with.
        state: the state for the first step: all that differs from row to row.
        end: the token that ends a sequence.
        max_length: how many tokens are written at most, with the one that ends them.
        beams: how many beginnings are kept.
        length_penalty: the exponent; 0.6 as in Vaswani et al. (2017), 0 for none.
        select: ``select(state, rows)``: the state for other rows, in any order and number, given as a NumPy array
            of integers. By default, tensors in nested lists, tuples and dicts are taken at these places of their first
            axis, and a `KeyValueCache` selects for itself.

    Returns:
        For each row up to `beams` hypotheses, the best first; those that have not come to their end stand last.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> chances = np.array([[0.0, 0.6, 0.4, 0.0], [0.0, 0.3, 0.3, 0.4], [0.0, 0.0, 0.1, 0.9]])
        >>> def step(tokens, state):  # from 0, token 1 is the likelier, but 2 has the likelier end
        ...     with np.errstate(divide="ignore"):
        ...         return np.log(chances[tokens[:, -1]]), state
        >>> zk.nn.greedy_search(step, [[0]], end=3, max_length=5)
        [[1]]
        >>> [found] = zk.nn.beam_search(step, [[0]], end=3, max_length=5, beams=2)
        >>> found[0].tokens, round(float(np.exp(found[0].log_probability)), 2)
        ([2], 0.36)
    """
    name = "beam_search"
    tokens, beams = _start(name, prefix), check_size(name, "beams", beams)
    max_length = check_size(name, "max_length", max_length)
    end, alpha = whole(name, "end", end), float(number(name, "length_penalty", length_penalty))
    pick = _rows_of if select is None else select
    examples, before = tokens.shape
    done: list[list[Hypothesis]] = [[] for _ in range(examples)]
    sums = np.zeros((examples, 1))  # log P of each beginning; -inf where there is none
    for length in range(1, max_length + 1):
        with no_grad():
            logits, state = step(tokens, state)
        scores = _log_softmax(_on_host(name, logits, len(tokens)))
        width, vocabulary = sums.shape[1], scores.shape[1]
        _check_end(name, end, vocabulary)
        sums = (sums[:, :, None] + scores.reshape(examples, width, vocabulary)).reshape(examples, -1)
        order = np.argsort(-sums, axis=1, kind="stable")[:, : 2 * beams]  # at most one in two of them ends here
        kept, written = np.full((examples, beams), -np.inf), np.full((examples, beams), end)
        rows = np.repeat(np.arange(examples)[:, None] * width, beams, axis=1)
        for i in range(examples):
            alive = 0
            for candidate in order[i]:
                total, (beam, token) = float(sums[i, candidate]), divmod(int(candidate), vocabulary)
                if total == -np.inf:
                    break
                if token == end:
                    text = tokens[i * width + beam, before:].tolist()
                    done[i].append(Hypothesis(text, total / _penalty(length, alpha), total, True))
                elif alive < beams:
                    kept[i, alive], written[i, alive], rows[i, alive] = total, token, i * width + beam
                    alive += 1
            done[i] = sorted(done[i], key=lambda found: -found.score)[:beams]
            best = max(kept[i, 0] / _penalty(n, alpha) for n in (length + 1, max(length + 1, max_length)))
            if len(done[i]) == beams and best <= done[i][-1].score:
                kept[i] = -np.inf
        sums = kept
        tokens = np.concatenate([tokens[rows.ravel()], written.reshape(-1, 1)], axis=1)
        if length == max_length or not np.isfinite(sums).any():
            break
        with no_grad():
            state = pick(state, rows.ravel())
    unfinished = tokens.reshape(examples, beams, -1)[:, :, before:]
    for i, found in enumerate(done):
        for text, total in zip(unfinished[i].tolist(), sums[i].tolist(), strict=True):
            if len(found) < beams and total > -np.inf:
                found.append(Hypothesis(text, total / _penalty(len(text), alpha), total, False))
    return done


def _penalty(length: int, alpha: float) -> float:
    return ((5 + length) / 6) ** alpha


def _rows_of(state: Any, rows: Any) -> Any:
    """The state for other rows: of every tensor in it, of every cache."""

    def pick(leaf: Any) -> Any:
        if isinstance(leaf, KeyValueCache):
            leaf.select(rows)
        if isinstance(leaf, Tensor):
            return take(leaf, asarray(rows, device=leaf.device, backend=leaf.backend), axis=0)
        return leaf

    return tree_map(pick, state)


def _one_by_one(
    name: str,
    step: Step,
    prefix: Any,
    state: Any,
    max_length: int,
    end: int | None,
    choose: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]],
) -> list[list[int]]:
    """Each row by itself, a token at a time, until all have come to their end."""
    tokens, max_length = _start(name, prefix), check_size(name, "max_length", max_length)
    end = None if end is None else whole(name, "end", end)
    before, ended = tokens.shape[1], np.zeros(len(tokens), bool)
    for _ in range(max_length):
        with no_grad():
            logits, state = step(tokens, state)
        scores = _on_host(name, logits, len(tokens))
        if end is not None:
            _check_end(name, end, scores.shape[1])
        new = choose(scores).astype(np.int64)
        if end is not None:
            new = np.where(ended, end, new)  # what has ended goes on ending, so that the rows stay together
            ended |= new == end
        tokens = np.concatenate([tokens, new[:, None]], axis=1)
        if ended.all() and end is not None:
            break
    rows = tokens[:, before:].tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


def _start(name: str, prefix: Any) -> Tokens:
    """What the sequences begin with, as an array of the host."""
    tokens = np.asarray(prefix.numpy() if isinstance(prefix, Tensor) else prefix)
    if tokens.ndim != 2 or 0 in tokens.shape or tokens.dtype.kind not in "iu":
        raise ShapeError(
            f"{name}: prefix is integers of shape (rows, length), at least one of each",
            facts=[f"prefix  {tokens.shape} of {tokens.dtype}"],
            fix="pass one token for each row that means the beginning: [[start]] * rows",
        )
    return tokens.astype(np.int64)


def _on_host(name: str, logits: Any, rows: int) -> np.ndarray[Any, Any]:
    """What a step has returned, checked, as float64."""
    scores = np.asarray(logits.numpy() if isinstance(logits, Tensor) else logits).astype(np.float64)
    if scores.ndim != 2 or scores.shape[0] != rows:
        raise ShapeError(
            f"{name}: step returns the scores of the next token, of shape ({rows}, vocabulary)",
            facts=[f"logits  {scores.shape}"],
            fix="return those of the last token only: logits[:, -1]",
        )
    best = scores.max(axis=1)
    if not np.isfinite(best).all():
        row = int(np.argmin(np.isfinite(best)))
        raise InvalidValueError(
            f"{name}: the scores of row {row} have no largest number: {best[row]} among them, or all of them minus "
            "infinity",
            fix="look for the step that makes NaN with zk.debug_nans()",
        )
    return scores


def _check_end(name: str, end: int, vocabulary: int) -> None:
    if not 0 <= end < vocabulary:
        raise InvalidValueError(
            f"{name}: end is a token, from 0 to {vocabulary - 1}, received {end}",
            fix="pass the number of the token that ends a sequence",
        )


def _log_softmax(scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _chances(
    scores: np.ndarray[Any, Any], temperature: float, top_k: int | None, top_p: float | None
) -> np.ndarray[Any, Any]:
    """The probabilities by which tokens are drawn, 0 for those left out; not all divided by their sum."""
    chances = np.exp(_log_softmax((scores - scores.max(axis=1, keepdims=True)) / temperature))
    if top_k is None and top_p is None:
        return chances
    order = np.argsort(-chances, axis=1, kind="stable")
    ranked = np.take_along_axis(chances, order, axis=1)
    if top_k is not None:
        ranked[:, top_k:] = 0.0
    if top_p is not None:
        share = ranked / ranked.sum(axis=1, keepdims=True)
        ranked[np.cumsum(share, axis=1) - share >= top_p] = 0.0  # what comes before it has the probability already
    np.put_along_axis(chances, order, ranked, axis=1)
    return chances
