"""The byte-pair tokenizer against worked examples, a slow and simple reference, and what may not be lost: the text."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wording import error_of

import zkynet as zk
from zkynet.data import BytePairTokenizer
from zkynet.data.text.byte_pair_learning import learned_merges
from zkynet.data.text.splitting import pieces
from zkynet.errors import ArgumentError, FileFormatError, IndexOutOfRangeError, InvalidValueError, MissingFileError

pytestmark = pytest.mark.once

TEXT = "she sells sea shells by the sea shore; the shells she sells are sea shells, I'm sure. " * 3 + "größe 日本 12"


def spelled(merges: list[tuple[int, int]]) -> list[tuple[bytes, bytes]]:
    tokens = [bytes([b]) for b in range(256)]
    out = []
    for a, b in merges:
        out.append((tokens[a], tokens[b]))
        if tokens[a] + tokens[b] not in tokens:
            tokens.append(tokens[a] + tokens[b])
    return out


def joined_once(word: list[bytes], pair: tuple[bytes, bytes]) -> list[bytes]:
    out: list[bytes] = []
    i = 0
    while i < len(word):
        here = tuple(word[i : i + 2]) == pair
        out.append(word[i] + word[i + 1] if here else word[i])
        i += 1 + here
    return out


def learned_slowly(counts: dict[bytes, int], size: int) -> list[tuple[bytes, bytes]]:
    """All pairs counted anew for each token."""
    words = {piece: [bytes([b]) for b in piece] for piece in counts}
    tokens = [bytes([b]) for b in range(256)]
    merges: list[tuple[bytes, bytes]] = []
    while len(tokens) < size:
        pairs: Counter[tuple[bytes, bytes]] = Counter()
        for piece, word in words.items():
            for i in range(len(word) - 1):
                # of "aaa" both pairs count, as in the published algorithm
                pairs[word[i], word[i + 1]] += counts[piece]
        frequent = [pair for pair, n in pairs.items() if n >= 2]
        if not frequent:
            break
        best = min(frequent, key=lambda pair: (-pairs[pair], tokens.index(pair[0]), tokens.index(pair[1])))
        words = {piece: joined_once(word, best) for piece, word in words.items()}
        if best not in merges:
            merges.append(best)
        if best[0] + best[1] not in tokens:
            tokens.append(best[0] + best[1])
    return merges


def encoded_slowly(piece: bytes, merges: list[tuple[bytes, bytes]]) -> list[bytes]:
    word = [bytes([b]) for b in piece]
    while pairs := [pair for pair in pairwise(word) if pair in merges]:
        word = joined_once(word, min(pairs, key=merges.index))
    return word


def test_the_example_of_sennrich_haddow_and_birch() -> None:
    """Section 3.2 (2016): the dictionary of the algorithm, with "." for the end of a word."""
    counts = {b"low.": 5, b"lower.": 2, b"newest.": 6, b"widest.": 3}
    merges = spelled(learned_merges(counts, 266, 1))
    # Worked by hand. e+s, s+t and t+. are there 9 times each; l+o and o+w 7; then n+e, e+w and w+est. 6; low+. 5; and
    # of d+est., i+d and w+i, 3 each, the one with the smallest numbers.
    assert merges[:5] == [(b"e", b"s"), (b"t", b"."), (b"es", b"t."), (b"l", b"o"), (b"lo", b"w")]
    assert merges[5:] == [(b"e", b"w"), (b"n", b"ew"), (b"new", b"est."), (b"low", b"."), (b"d", b"est.")]


def test_the_example_of_the_encyclopedia() -> None:
    """Wikipedia, "Byte-pair encoding": aaabdaaabac becomes XdXac, with Z=aa, Y=ab, X=ZY."""
    tokenizer = BytePairTokenizer.train("aaabdaaabac", 1000)
    assert tokenizer.merges == ((b"a", b"a"), (b"a", b"b"), (b"aa", b"ab"))
    assert tokenizer.encode("aaabdaaabac").tolist() == [258, ord("d"), 258, ord("a"), ord("c")]


words = st.lists(st.text("abc", min_size=1, max_size=9), min_size=1, max_size=8)


@settings(deadline=None)
@given(words, st.integers(257, 275))
def test_what_is_learned_and_encoded_agrees_with_a_simple_reference(texts: list[str], size: int) -> None:
    counts = Counter(text.encode() for text in texts)
    tokenizer = BytePairTokenizer.train(texts, size)
    merges = learned_slowly(counts, size)
    assert list(tokenizer.merges) == merges
    for text in {*texts, "".join(texts), "abcabcaabbcc" * 3}:
        assert tokenizer.pieces(text) == encoded_slowly(text.encode(), merges)


TRAINED = BytePairTokenizer.train(TEXT, 330, specials=("<pad>", "<bos>", "<eos>"))


@given(st.text(st.characters(codec=None)))
def test_any_text_comes_back(text: str) -> None:
    ids = TRAINED.encode(text, bos=True, eos=True)
    assert TRAINED.decode(ids) == text
    assert TRAINED.decode_bytes(ids) == text.encode("utf-8", "surrogatepass")
    assert b"".join(TRAINED.pieces(text)) == text.encode("utf-8", "surrogatepass")
    assert "".join(pieces(text)) == text


@given(st.binary())
def test_any_bytes_come_back(data: bytes) -> None:
    assert TRAINED.decode_bytes(TRAINED.encode(data)) == data
    assert BytePairTokenizer().encode(data).tolist() == list(data)


def test_bytes_that_are_text_are_encoded_as_the_text() -> None:
    assert TRAINED.encode(TEXT.encode()).tolist() == TRAINED.encode(TEXT).tolist()
    assert BytePairTokenizer.train(TEXT.encode(), 300) == BytePairTokenizer.train([TEXT], 300)


def test_what_is_no_text_is_decoded_with_a_sign_for_it() -> None:
    plain = BytePairTokenizer()
    assert plain.decode([0xFF, ord("a")]) == "�a"
    assert plain.decode(plain.encode("\ud800x")) == "\ud800x"
    assert plain.decode([]) == ""


def test_no_token_reaches_over_the_edge_of_a_word() -> None:
    assert all(b" " not in token[1:] for token in TRAINED.tokens[:-3])
    assert len(TRAINED.encode(TEXT)) < len(TEXT) / 2


def test_pieces_are_those_of_gpt2() -> None:
    """Each by the expression in the paper's code, read by hand."""
    assert list(pieces("I'll  we've\n\n x2 ½ a_b ''s ٣Ⅷ!?\t")) == [
        "I", "'ll", " ", " we", "'ve", "\n\n", " x", "2", " ½", " a", "_", "b", " ''", "s", " ٣Ⅷ", "!?", "\t"
    ]  # fmt: skip
    assert list(pieces("a\x1cb\u3000c")) == ["a", "\x1c", "b", "\u3000", "c"]  # a control character is no white space


def test_special_tokens_come_last_and_never_from_a_text() -> None:
    assert TRAINED.tokens[-3:] == (b"<pad>", b"<bos>", b"<eos>")
    n = len(TRAINED)
    assert (TRAINED.pad_id, TRAINED.bos_id, TRAINED.eos_id) == (n - 3, n - 2, n - 1)
    ids = TRAINED.encode("the <eos>", bos=True, eos=True)
    assert (ids == TRAINED.eos_id).sum() == 1
    assert TRAINED.decode([*ids, TRAINED.pad_id, 0], stop_at_end=True, keep_specials=True) == "<bos>the <eos>"
    assert TRAINED.decode(zk.tensor(ids)) == "the <eos>"


def test_a_short_text_gives_fewer_tokens_and_rare_pairs_are_left() -> None:
    assert len(BytePairTokenizer.train("abcd", 1000)) == 256
    assert BytePairTokenizer.train("abab cd", 1000, min_frequency=1).merges[0] == (b"a", b"b")
    assert BytePairTokenizer.train("", 256).encode("a").tolist() == [97]


def test_a_long_run_of_one_letter_takes_no_more_than_its_length() -> None:
    text = "a" * 20_000
    tokenizer = BytePairTokenizer.train(text, 1000)
    assert max(map(len, tokenizer.tokens)) == 1024
    ids = tokenizer.encode(text)
    assert len(ids) < 30
    assert tokenizer.decode(ids) == text


def test_files_states_and_copies_come_back_the_same(tmp_path: Path) -> None:
    TRAINED.save(tmp_path / "tokenizer.json")
    for again in (
        BytePairTokenizer.load(tmp_path / "tokenizer.json"),
        BytePairTokenizer.from_state_dict(json.loads(json.dumps(TRAINED.state_dict()))),
        pickle.loads(pickle.dumps(TRAINED)),  # as worker processes get it
    ):
        assert again == TRAINED
        assert hash(again) == hash(TRAINED)
        assert again.tokens == TRAINED.tokens
        assert again.encode(TEXT, eos=True).tolist() == TRAINED.encode(TEXT, eos=True).tolist()


GOOD = TRAINED.state_dict()
DAMAGED: dict[str, Any] = {
    "another kind": {**GOOD, "kind": "zkynet words"},
    "no dict": [1],
    "no merges": {**GOOD, "merges": None},
    "a merge of three": {**GOOD, "merges": [[1, 2, 3]]},
    "a merge of words": {**GOOD, "merges": [["a", "b"]]},
    "a merge of flags": {**GOOD, "merges": [[True, False]]},
    "a token to come": {**GOOD, "merges": [[97, 256]]},
    "a negative token": {**GOOD, "merges": [[97, -1]]},
    "a pair twice": {**GOOD, "merges": [[97, 98], [97, 98]]},
    "doubling until memory is full": {**GOOD, "merges": [[97, 97], *([256 + k, 256 + k] for k in range(60))]},
    "specials no words": {**GOOD, "specials": [1]},
    "specials twice": {**GOOD, "specials": ["<pad>", "<pad>"]},
    "numbers no list": {**GOOD, "numbers": "abc"},
    "numbers with a hole": {**GOOD, "numbers": [*range(len(TRAINED) - 1), len(TRAINED)]},
}


@pytest.mark.parametrize("state", DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_refused_with_a_reason(state: Any, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(state))
    text = error_of(lambda: BytePairTokenizer.load(path), FileFormatError)
    assert text.startswith(f"{path} holds no BytePairTokenizer\n  size")
    assert "reason  " in text
    with pytest.raises(InvalidValueError, match="this is not the state of one"):
        BytePairTokenizer.from_state_dict(state)


def gpt2_files(folder: Path, vocabulary: dict[str, int], merges: str) -> tuple[Path, Path]:
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text(merges, encoding="utf-8")
    return folder / "vocab.json", folder / "merges.txt"


SIGNS = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
OTHERS = [b for b in range(256) if b not in SIGNS]
TABLE = {
    **{chr(b): i for i, b in enumerate(SIGNS)},
    **{chr(256 + i): len(SIGNS) + i for i in range(len(OTHERS))},
    "Ġt": 256,
    "he": 257,
    "Ġthe": 258,
    "<|endoftext|>": 259,
}
"""The first tokens of GPT-2, numbered as there: visible bytes, the others, pairs, the end of a text."""


def test_files_of_gpt2_are_read_with_their_numbers(tmp_path: Path) -> None:
    tokenizer = BytePairTokenizer.from_gpt2_files(*gpt2_files(tmp_path, TABLE, "#version: 0.2\nĠ t\nh e\nĠt he\n"))
    ids = tokenizer.encode("At the hat", eos=True)
    assert ids.tolist() == [
        ord("A") - 33,
        ord("t") - 33,
        258,
        188 + 32,
        ord("h") - 33,
        ord("a") - 33,
        ord("t") - 33,
        259,
    ]
    assert tokenizer.decode(ids) == "At the hat"
    assert tokenizer.pieces("the then") == [b"t", b"he", b" the", b"n"]
    assert tokenizer.tokens[256:] == (b" t", b"he", b" the", b"<eos>")
    assert BytePairTokenizer.from_state_dict(json.loads(json.dumps(tokenizer.state_dict()))) == tokenizer


@pytest.mark.parametrize(
    ("vocabulary", "merges", "reason"),
    [
        (TABLE, "Ġ t\nh e\nĠt hh\n", "line 3 joins no two tokens that are there before it: 'Ġt hh'"),
        (TABLE, "Ġ t x\n", "line 1 joins no two tokens"),
        (TABLE, "Ġ t\nĠ t\n", "the pair (32, 116) is there twice"),
        ({k: v for k, v in TABLE.items() if k != "A"}, "", "it does not have each number from 0 to 258 once"),
        ({("B" * 2 if k == "A" else k): v for k, v in TABLE.items()}, "", "it has no number for 'A'"),
        ({**TABLE, "x": "1"}, "", "it is no table of numbers by tokens"),
        ({**TABLE, "": 260}, "", "it has an empty token"),
    ],
)
def test_damaged_files_of_gpt2_are_refused(vocabulary: Any, merges: str, reason: str, tmp_path: Path) -> None:
    paths = gpt2_files(tmp_path, vocabulary, merges)
    text = error_of(lambda: BytePairTokenizer.from_gpt2_files(*paths), FileFormatError)
    assert reason in text
    (tmp_path / "vocab.json").write_text("{")
    with pytest.raises(FileFormatError, match="is no intact file"):
        BytePairTokenizer.from_gpt2_files(*paths)
    (tmp_path / "vocab.json").write_text(json.dumps(TABLE))
    (tmp_path / "merges.txt").write_bytes(b"\xff")
    with pytest.raises(FileFormatError, match="is no intact file"):
        BytePairTokenizer.from_gpt2_files(*paths)


@pytest.mark.parametrize(
    ("call", "kind", "headline"),
    [
        (lambda: BytePairTokenizer.train(3, 300), ArgumentError, "expected a text or several, received int: 3"),  # type: ignore[arg-type]
        (lambda: BytePairTokenizer.train([3], 300), ArgumentError, "a text is a string or bytes, received int: 3"),  # type: ignore[list-item]
        (lambda: BytePairTokenizer.train("", 255), InvalidValueError, "vocab_size=255 leaves no room for the bytes"),
        (lambda: BytePairTokenizer.train("", 300.5), ArgumentError, "vocab_size is a whole number"),  # type: ignore[arg-type]
        (lambda: BytePairTokenizer.train("", 300, min_frequency=0), InvalidValueError, "min_frequency is 1 or more"),
        (lambda: BytePairTokenizer("ab"), ArgumentError, "merges is a list of pairs"),  # type: ignore[arg-type]
        (lambda: BytePairTokenizer([(97, 300)]), InvalidValueError, "pair 0 joins (97, 300)"),
        (lambda: BytePairTokenizer(specials="<eos>"), ArgumentError, "specials is a tuple of words"),
        (lambda: BytePairTokenizer().encode("a", eos=True), InvalidValueError, "this BytePairTokenizer has no <eos>"),
        (lambda: BytePairTokenizer().encode(1), ArgumentError, "a text is a string or bytes"),  # type: ignore[arg-type]
        (lambda: BytePairTokenizer().decode([256]), IndexOutOfRangeError, "there is no token number 256"),
        (lambda: BytePairTokenizer.load("nowhere.json"), MissingFileError, "there is no file nowhere.json"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(call: Any, kind: type[Exception], headline: str) -> None:
    assert headline in error_of(call, kind).splitlines()[0]


def test_tokens_are_whole_numbers_for_a_loss() -> None:
    assert TRAINED.encode("the sea").dtype == np.int64
    assert TRAINED.encode("").shape == (0,)
