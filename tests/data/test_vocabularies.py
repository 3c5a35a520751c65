"""Vocabularies of characters and words, their files, and what they refuse."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wording import error_of

import zkynet as zk
from zkynet.data import CharacterVocabulary, Vocabulary
from zkynet.errors import ArgumentError, FileFormatError, IndexOutOfRangeError, InvalidValueError, MissingFileError

pytestmark = pytest.mark.once

SAYING = "The cat sat on the mat; the cat didn't purr."


@given(st.text(st.characters(codec=None), min_size=1))
def test_characters_of_any_text_come_back(text: str) -> None:
    letters = CharacterVocabulary(text, specials=("<pad>", "<bos>", "<eos>"))
    ids = letters.encode(text, bos=True, eos=True)
    assert letters.decode(ids) == text
    assert ids.dtype == np.int64
    assert ids.tolist() == [letters.bos_id, *(letters[c] for c in text), letters.eos_id]
    assert list(letters)[3:] == sorted(set(text))


@given(st.text(), st.text(min_size=1))
def test_unknown_characters_become_unk_and_no_others(known: str, text: str) -> None:
    letters = CharacterVocabulary(known, specials=("<unk>",))
    assert [i == letters.unk_id for i in letters.encode(text)] == [c not in known for c in text]
    assert letters.decode(letters.encode(text)) == "".join(c for c in text if c in known)


def test_an_unknown_character_is_an_error_without_unk() -> None:
    with pytest.raises(InvalidValueError, match="'!' is not in the vocabulary") as caught:
        CharacterVocabulary("abc").encode("ab!")
    assert caught.value.token == "!"
    with pytest.raises(InvalidValueError, match="has no <unk>"):
        CharacterVocabulary("").encode("a")


def test_the_most_frequent_characters_are_kept() -> None:
    assert CharacterVocabulary("abracadabra", max_size=3).tokens == ("a", "b", "r")
    assert CharacterVocabulary("abracadabra", min_frequency=2).tokens == ("a", "b", "r")
    assert CharacterVocabulary(["abra", "cadabra"], max_size=3, specials=["<unk>"]).tokens == ("<unk>", "a", "b")


def test_special_tokens_in_a_text_are_only_its_characters() -> None:
    letters = CharacterVocabulary("<eos>", specials=("<eos>",))
    assert letters.encode("<eos>").tolist() == [letters[c] for c in "<eos>"]


def test_words_are_numbered_by_frequency_then_by_the_alphabet() -> None:
    words = Vocabulary(SAYING, lower=True)
    assert words.tokens == (*words.specials, "the", "cat", ".", ";", "didn't", "mat", "on", "purr", "sat")
    assert words.encode("the dog sat").tolist() == [words["the"], words.unk_id, words["sat"]]
    assert words.decode(words.encode(SAYING)) == "the cat sat on the mat ; the cat didn't purr ."


@given(st.lists(st.text("abc ", max_size=12), min_size=1), st.integers(1, 3), st.integers(4, 9))
def test_frequencies_and_sizes_hold_for_any_texts(texts: list[str], least: int, size: int) -> None:
    words = Vocabulary(texts, min_frequency=least, max_size=size)
    counts = Counter(" ".join(texts).split())
    kept, dropped = set(words.tokens[4:]), set(counts) - set(words.tokens)
    assert len(words) == min(size, 4 + sum(n >= least for n in counts.values()))
    assert all(counts[word] >= least for word in kept)
    assert all(counts[d] < least or (-counts[d], d) > max((-counts[k], k) for k in kept) for d in dropped if kept)


def test_texts_are_split_as_the_user_wants() -> None:
    assert "don't." in Vocabulary("don't.", tokenize="spaces")
    commas = Vocabulary("a b,c", tokenize=lambda text: text.split(","))
    assert commas.tokens[4:] == ("a b", "c")
    assert Vocabulary([["New York", "is", "big"]]).encode(["New York"]).tolist() == [4]
    assert Vocabulary("naïve Ωmega 3, x_1 l’été").split("naïve Ωmega, x_1 l’été!") == [
        "naïve", "Ωmega", ",", "x_1", "l’été", "!"
    ]  # fmt: skip


def test_a_written_unk_is_the_special_token() -> None:
    words = Vocabulary("a <unk> b <unk>", tokenize="spaces")
    assert words.tokens == (*words.specials, "a", "b")
    assert words.encode("b <unk>").tolist() == [words["b"], words.unk_id]


def test_decoding_stops_at_the_end_when_asked() -> None:
    words = Vocabulary("to be")
    ids = zk.tensor([words.bos_id, words["to"], words.eos_id, words["be"], words.pad_id])
    assert words.decode(ids) == "to be"
    assert words.decode(ids, stop_at_end=True) == "to"
    assert words.decode(ids, stop_at_end=True, keep_specials=True) == "<bos> to"
    assert words.decode([]) == ""


def test_a_token_that_is_not_there_is_named_when_asked_for() -> None:
    text = error_of(lambda: CharacterVocabulary("ab").encode("a", eos=True), InvalidValueError)
    assert text == (
        'this CharacterVocabulary has no <eos>\n  its special tokens  none\n  Fix: make it with specials=("<eos>", ...)'
    )
    assert CharacterVocabulary("ab", specials=("<mask>",))["<mask>"] == 0


MADE = [
    CharacterVocabulary("über\x00\ud800 <eos>", specials=("<pad>", "<eos>")),
    Vocabulary(SAYING, lower=True),
    Vocabulary(SAYING, tokenize="spaces", specials=()),
    Vocabulary.from_tokens(["x", "<unk>", "y"]),
]


@pytest.mark.parametrize("made", MADE, ids=repr)
def test_files_and_states_come_back_the_same(made: Any, tmp_path: Path) -> None:
    path = tmp_path / "vocabulary.json"
    made.save(path)
    loaded = type(made).load(path)
    assert loaded == made
    assert hash(loaded) == hash(made)
    assert loaded.tokens == made.tokens
    assert loaded.specials == made.specials
    assert type(made).from_state_dict(json.loads(json.dumps(made.state_dict()))) == made
    between = "" if isinstance(made, CharacterVocabulary) else " "
    text = between.join(t for t in made.tokens if t not in made.specials)
    assert loaded.encode(text).tolist() == made.encode(text).tolist()


def test_a_function_that_splits_is_not_in_a_file(tmp_path: Path) -> None:
    commas = Vocabulary("a,b", tokenize=lambda text: text.split(","))
    commas.save(tmp_path / "commas.json")
    with pytest.raises(FileFormatError, match="splits texts by 'a function'"):
        Vocabulary.load(tmp_path / "commas.json")
    again = Vocabulary.from_tokens(commas.state_dict()["tokens"], tokenize=lambda text: text.split(","))
    assert again.encode("b,a").tolist() == commas.encode("b,a").tolist()


GOOD = Vocabulary("to be").state_dict()
DAMAGED: dict[str, Any] = {
    "another kind": {**GOOD, "kind": "zkynet characters"},
    "no kind": {"tokens": []},
    "a list": [1, 2],
    "tokens no words": {**GOOD, "tokens": [1, 2]},
    "tokens a word": {**GOOD, "tokens": "abc"},
    "twice": {**GOOD, "tokens": [*GOOD["tokens"], "to"]},
    "special missing": {**GOOD, "specials": ["<mask>"]},
    "unknown way": {**GOOD, "tokenize": "__import__('os').system('true')"},
    "a way that is no word": {**GOOD, "tokenize": []},
    "lower no flag": {**GOOD, "lower": "yes"},
}


@pytest.mark.parametrize("state", DAMAGED.values(), ids=DAMAGED)
def test_damaged_files_are_refused_with_a_reason(state: Any, tmp_path: Path) -> None:
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(state))
    text = error_of(lambda: Vocabulary.load(path), FileFormatError)
    assert text.startswith(f"{path} holds no Vocabulary\n  size")
    assert "reason  " in text


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"kind": NaN'], ids=range(5))
def test_what_is_no_json_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.json"
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="holds no CharacterVocabulary"):
        CharacterVocabulary.load(path)
    with pytest.raises(MissingFileError):
        CharacterVocabulary.load(tmp_path / "nowhere.json")


def test_a_file_of_characters_has_characters_only() -> None:
    state = {"kind": "zkynet characters", "specials": [], "tokens": ["ab"]}
    with pytest.raises(InvalidValueError, match="'ab' is no character"):
        CharacterVocabulary.from_state_dict(state)


@pytest.mark.parametrize(
    ("call", "kind", "headline"),
    [
        (lambda: Vocabulary(3), ArgumentError, "Vocabulary expected a text or several, received int: 3"),  # type: ignore[arg-type]
        (lambda: Vocabulary(b"abc"), ArgumentError, "Vocabulary expected a text or several, received bytes: b'abc'"),  # type: ignore[arg-type]
        (lambda: Vocabulary([b"abc"]), ArgumentError, "Vocabulary: a text is a string, received bytes: b'abc'"),  # type: ignore[list-item]
        (lambda: Vocabulary("", min_frequency=0), InvalidValueError, "min_frequency is 1 or more, received 0"),
        (lambda: Vocabulary("", max_size=3), InvalidValueError, "Vocabulary: max_size=3 leaves no room"),
        (lambda: Vocabulary("", specials="<pad>"), ArgumentError, "specials is a tuple of words"),
        (lambda: Vocabulary("", specials=("<a>", "<a>")), InvalidValueError, "the special token <a> is there twice"),
        (lambda: Vocabulary("", specials=("",)), ArgumentError, "cannot be a special token"),
        (lambda: Vocabulary("", tokenize="wrods"), InvalidValueError, 'tokenize is "words", "spaces" or a function'),
        (
            lambda: Vocabulary("a", tokenize=len),
            ArgumentError,
            "tokenize makes a list of words of a text, it made int: 1",
        ),  # type: ignore[arg-type]
        (lambda: Vocabulary("").decode([[1]]), ValueError, "ids is one sequence of numbers"),
        (lambda: Vocabulary("").decode([0.5]), TypeError, "ids are whole numbers"),
        (lambda: Vocabulary("").decode([0, 4]), IndexOutOfRangeError, "there is no token number 4"),
        (lambda: Vocabulary("").decode([-1]), IndexOutOfRangeError, "there is no token number -1"),
        (lambda: CharacterVocabulary("a").encode(1), ArgumentError, "a text is a string, received int: 1"),  # type: ignore[arg-type]
        (lambda: CharacterVocabulary("a", specials=("a",)), InvalidValueError, "'a' is a character of the text"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(call: Any, kind: type[Exception], headline: str) -> None:
    assert headline in error_of(call, kind).splitlines()[0]
