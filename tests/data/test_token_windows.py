"""Windows of tokens, batches that continue each other, and pairs for translation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from wording import error_of

import zkynet as zk
from zkynet.data import CharacterVocabulary, ContinuedBatches, TokenWindows, TranslationPairs, Vocabulary
from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError

pytestmark = pytest.mark.once


@given(st.integers(2, 60), st.integers(1, 20), st.integers(1, 25))
def test_windows_are_all_places_of_the_text_that_hold_one(n: int, length: int, stride: int) -> None:
    assume(n > length)
    text = list(range(100, 100 + n))
    windows = TokenWindows(text, length, stride=stride)
    starts = [s for s in range(0, n, stride) if s + length + 1 <= n]
    assert len(windows) == len(starts)
    for i, s in enumerate(starts):
        x, y = windows[i]
        assert x.tolist() == text[s : s + length]
        assert y.tolist() == text[s + 1 : s + 1 + length]
    assert windows[-1][0].tolist() == windows[len(windows) - 1][0].tolist()


def test_windows_do_not_overlap_by_default_and_every_target_comes_once() -> None:
    tokens = np.arange(31)
    windows = TokenWindows(tokens, 5)
    assert np.concatenate([y for _, y in windows]).tolist() == list(range(1, 31))
    x, y = windows.__getitems__([2, 0]).content
    assert x.tolist() == [[10, 11, 12, 13, 14], [0, 1, 2, 3, 4]]
    assert y.tolist() == [[11, 12, 13, 14, 15], [1, 2, 3, 4, 5]]


@given(st.integers(20, 80), st.integers(1, 4), st.integers(1, 4))
def test_each_row_of_a_batch_continues_that_row_of_the_batch_before(n: int, length: int, rows: int) -> None:
    windows = TokenWindows(np.arange(n), length)
    batches = [[windows[i] for i in batch] for batch in ContinuedBatches(windows, rows)]
    assert len(batches) == len(ContinuedBatches(windows, rows)) == len(windows) // rows
    for row in range(rows):
        x = np.concatenate([batch[row][0] for batch in batches])
        y = np.concatenate([batch[row][1] for batch in batches])
        assert (np.diff(x) == 1).all()
        assert (y == x + 1).all()
    seen = np.concatenate([x for batch in batches for x, _ in batch])
    assert len(set(seen.tolist())) == len(seen)  # no token twice
    assert n - len(seen) <= length * rows  # and none left out but at the end


def test_pairs_have_their_ends() -> None:
    pairs = [("ab", "xyz"), ("a" * 9, "x"), ("", "")]
    ends = ("<pad>", "<bos>", "<eos>")
    source, target = CharacterVocabulary("ab", specials=ends), CharacterVocabulary("xyz", specials=ends)
    dataset = TranslationPairs(pairs, source, target, max_length=3)
    assert (len(dataset), dataset.left_out) == (2, 1)
    assert [(s.tolist(), t.tolist()) for s, t in (dataset[0], dataset[1])] == [
        ([3, 4, 2], [1, 3, 4, 5, 2]),
        ([2], [1, 2]),
    ]


@pytest.mark.parametrize(
    ("call", "kind", "headline"),
    [
        (lambda: TokenWindows([1, 2, 3], 3), InvalidValueError, "3 tokens hold no window of 3 and the token after it"),
        (lambda: TokenWindows([[1, 2, 3]], 1), ShapeError, "tokens is one row of numbers (n,)"),
        (lambda: TokenWindows([1.0, 2.0, 3.0], 1), DTypeError, "tokens are whole numbers"),
        (lambda: TokenWindows("abc", 1), ShapeError, "tokens is one row of numbers (n,)"),
        (lambda: TokenWindows([1, 2, 3], 0), InvalidValueError, "length is 1 or more, received 0"),
        (lambda: TokenWindows([1, 2, 3], 1, stride=0), InvalidValueError, "stride is 1 or more, received 0"),
        (
            lambda: TokenWindows([1, 2, 3], 1)[2],
            IndexOutOfRangeError,
            "there is no sample 2",
        ),
        (lambda: ContinuedBatches(TokenWindows([1, 2, 3], 2, stride=1), 1), InvalidValueError, "stride == length"),
        (lambda: ContinuedBatches(TokenWindows([1, 2, 3], 1), 3), InvalidValueError, "do not fill a batch of 3"),
        (lambda: TranslationPairs([("a", "b")], 1, 2), ArgumentError, "source_vocabulary is a vocabulary or tokenizer"),
        (
            lambda: TranslationPairs(["ab"], Vocabulary("a"), Vocabulary("b")),
            ArgumentError,
            "a pair is (source, target)",
        ),  # type: ignore[list-item]
        (lambda: TranslationPairs([], Vocabulary("a"), Vocabulary("b")), InvalidValueError, "there are no pairs"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(call: Any, kind: type[Exception], headline: str) -> None:
    assert headline in error_of(call, kind).splitlines()[0]


def test_tokens_may_be_a_tensor() -> None:
    assert TokenWindows(zk.arange(4), 3)[0][1].tolist() == [1, 2, 3]


@pytest.mark.parametrize("stop", [0, 1, 3])
def test_a_restored_loader_goes_on_in_the_same_text(stop: int) -> None:
    windows = TokenWindows(np.arange(100), 6)
    one, two = (zk.data.DataLoader(windows, batch_sampler=ContinuedBatches(windows, 4)) for _ in range(2))
    batches = iter(one)
    for _ in range(stop):
        next(batches)
    two.load_state_dict(one.state_dict())
    assert [x.tolist() for x, _ in two] == [x.tolist() for x, _ in batches]


def test_pairs_become_padded_batches_with_lengths() -> None:
    vocabulary = Vocabulary("a b c")
    dataset = TranslationPairs([("a", "a b c"), ("a b", "c")], vocabulary, vocabulary)
    loader = zk.data.DataLoader(dataset, 2, collate_fn=zk.data.pad_collate)
    ((source, source_lengths), (target, target_lengths)) = next(iter(loader))
    assert source.tolist() == [[4, 3, 0], [4, 5, 3]]
    assert target.tolist() == [[2, 4, 5, 6, 3], [2, 6, 3, 0, 0]]
    assert (source_lengths.tolist(), target_lengths.tolist()) == ([2, 3], [5, 3])
