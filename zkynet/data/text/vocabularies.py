"""Vocabularies of characters and of words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from zkynet.data.text.special_tokens import SPECIALS, Ids
from zkynet.data.text.token_table import TokenTable, by_frequency, limits, texts_of
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import flag

__all__ = ["CharacterVocabulary", "Vocabulary"]


class CharacterVocabulary(TokenTable):
    """The characters of a text, numbered by their code points, after the special tokens.

    Args:
        texts: one text, or several.
        min_frequency: how often a character has to be there to get a number.
        max_size: how many tokens there are at most, special ones included: the most frequent characters are kept.
        specials: tokens that stand for no character; `<unk>` is what an unknown character becomes, which otherwise is
            an error.

    Example:
        >>> import zkynet as zk
        >>> letters = zk.data.CharacterVocabulary("banana", specials=("<pad>", "<bos>", "<eos>"))
        >>> letters.tokens
        ('<pad>', '<bos>', '<eos>', 'a', 'b', 'n')
        >>> ids = letters.encode("nab", bos=True, eos=True)
        >>> ids.tolist(), letters.decode(ids)
        ([1, 5, 3, 4, 2], 'nab')
    """

    _kind = "zkynet characters"

    def __init__(
        self,
        texts: str | Iterable[str],
        *,
        min_frequency: int = 1,
        max_size: int | None = None,
        specials: Sequence[str] = (),
    ) -> None:
        name = "CharacterVocabulary"
        min_frequency, room, specials = limits(name, min_frequency, max_size, specials)
        counts: Counter[str] = Counter()
        for text in texts_of(name, texts):
            counts.update(_text(name, text))
        kept = by_frequency(counts, min_frequency)[:room]
        clash = set(kept) & set(specials)
        if clash:
            raise InvalidValueError(
                f"{name}: the special token {min(clash)!r} is a character of the text", fix="give it a longer name"
            )
        self._number([*specials, *sorted(kept)], specials)
        self._index()

    def _index(self) -> None:
        """Tables with which a text of any length is converted at once."""
        texts = [(ord(t), i) for t, i in self._ids.items() if t not in self._special_ids]
        self._code_points = np.array([code for code, _ in sorted(texts)], np.uint32)
        self._numbers = np.array([i for _, i in sorted(texts)], np.int64)

    def _restore(self, state: Mapping[str, Any]) -> None:
        longer = [t for t in self._tokens if len(t) != 1 and t not in self._special_ids]
        if longer:
            raise InvalidValueError(
                "CharacterVocabulary: a token is no character", facts=[f"reason  {longer[0]!r:.60} is no character"]
            )
        self._index()

    def encode(self, text: str, *, bos: bool = False, eos: bool = False) -> Ids:
        """The numbers of the characters of a text, int64.

        Args:
            text: the text; special tokens in it are read as characters.
            bos: whether to begin with `<bos>`.
            eos: whether to end with `<eos>`.

        Example:
            >>> import zkynet as zk
            >>> zk.data.CharacterVocabulary("banana").encode("nab").tolist()
            [2, 0, 1]
        """
        codes = np.frombuffer(_text("CharacterVocabulary.encode", text).encode("utf-32-le", "surrogatepass"), "<u4")
        known = len(self._code_points)
        place = np.minimum(np.searchsorted(self._code_points, codes), max(known - 1, 0))
        found = self._code_points[place] == codes if known else np.zeros(len(codes), bool)
        ids = self._numbers[place] if known else np.zeros(len(codes), np.int64)
        if not found.all():
            if "<unk>" not in self._special_ids:
                raise self._unknown(text[int(np.argmin(found))])
            ids[~found] = self.unk_id
        return self._between_ends(ids, bos, eos)

    def decode(self, ids: Any, *, keep_specials: bool = False, stop_at_end: bool = False) -> str:
        """The text of such numbers.

        Args:
            ids: a sequence of whole numbers: a list, an array or a tensor (n,).
            keep_specials: whether to write special tokens, too, instead of leaving them out.
            stop_at_end: whether to read up to the first `<eos>` only.

        Example:
            >>> import zkynet as zk
            >>> zk.data.CharacterVocabulary("banana").decode([1, 0, 2, 0, 2, 0])
            'banana'
        """
        chosen = self._to_decode(ids, keep_specials, stop_at_end)
        return "".join([self._tokens[i] for i in chosen.tolist()])


class Vocabulary(TokenTable):
    """The words of a text, frequent ones first, after the special tokens.

    Words are runs of letters, digits and apostrophes between them; any other mark is a token of its own. A word that
    reads as a special token is that token.

    Args:
        texts: one text, or several; a text may also be a list of its words.
        min_frequency: how often a word has to be there to get a number.
        max_size: how many tokens there are at most, special ones included: the most frequent words are kept.
        lower: whether capital letters are made small.
        tokenize: how a text is split: "words" as above, "spaces" at white space alone, or a function from a text to a
            list of words.
        specials: tokens that stand for no word; `<unk>` is what an unknown word becomes, which otherwise is an error.

    Example:
        >>> import zkynet as zk
        >>> words = zk.data.Vocabulary(["To be, or not to be?", "Not to be."], lower=True, min_frequency=2)
        >>> words.tokens
        ('<pad>', '<unk>', '<bos>', '<eos>', 'be', 'to', 'not')
        >>> ids = words.encode("Is it to be?", eos=True)
        >>> ids.tolist(), words.decode(ids, keep_specials=True)
        ([1, 1, 5, 4, 1, 3], '<unk> <unk> to be <unk> <eos>')
    """

    _kind = "zkynet words"

    def __init__(
        self,
        texts: str | Iterable[str | Sequence[str]],
        *,
        min_frequency: int = 1,
        max_size: int | None = None,
        lower: bool = False,
        tokenize: str | Callable[[str], Sequence[str]] = "words",
        specials: Sequence[str] = SPECIALS,
    ) -> None:
        name = "Vocabulary"
        min_frequency, room, specials = limits(name, min_frequency, max_size, specials)
        self._lower = flag(name, "lower", lower)
        self._tokenize = tokenize if callable(tokenize) else _known_way(tokenize)
        counts: Counter[str] = Counter()
        for text in texts_of(name, texts):
            counts.update(self.split(text))
        for token in specials:
            counts.pop(token, None)
        self._number([*specials, *by_frequency(counts, min_frequency)[:room]], specials)

    @classmethod
    def from_tokens(
        cls,
        tokens: Iterable[str],
        *,
        lower: bool = False,
        tokenize: str | Callable[[str], Sequence[str]] = "words",
        specials: Sequence[str] | None = None,
    ) -> Self:
        """A vocabulary of given words, numbered as they come.

        Args:
            tokens: all words, special tokens included, each once.
            lower: whether capital letters of texts are made small.
            tokenize: how a text is split, as in `Vocabulary`.
            specials: which of them are special; by default `<pad>`, `<unk>`, `<bos>` and `<eos>`, where they are there.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary.from_tokens(["<unk>", "be", "to"]).encode("to be or").tolist()
            [2, 1, 0]
        """
        tokens = list(texts_of("Vocabulary.from_tokens", tokens))
        chosen = [t for t in SPECIALS if t in tokens] if specials is None else list(specials)
        way = "words" if callable(tokenize) else tokenize
        state = {"kind": cls._kind, "specials": chosen, "tokens": tokens, "lower": lower, "tokenize": way}
        out = cls.from_state_dict(state)
        out._tokenize = tokenize if callable(tokenize) else out._tokenize
        return out

    def state_dict(self) -> dict[str, Any]:
        """All there is to know about it, as JSON has it; `from_state_dict` makes it again.

        A function of one's own for `tokenize` is not in it: set it again with `from_tokens`.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be", specials=()).state_dict()
            {'kind': 'zkynet words', 'specials': [], 'tokens': ['be', 'to'], 'lower': False, 'tokenize': 'words'}
        """
        ways = {way: name for name, way in SPLITTING.items()}
        return {**super().state_dict(), "lower": self._lower, "tokenize": ways.get(self._tokenize, "a function")}

    def _restore(self, state: Mapping[str, Any]) -> None:
        way = state.get("tokenize")
        if not isinstance(way, str) or way not in SPLITTING:
            raise InvalidValueError(
                "Vocabulary: how it splits texts is not known",
                facts=[f"reason  it splits texts by {way!r:.60}, which is not kept in a state or file"],
                fix="make it with from_tokens(state['tokens'], tokenize=...)",
            )
        if not isinstance(state.get("lower"), bool):
            raise InvalidValueError("Vocabulary: lower is True or False", facts=["reason  lower is no True or False"])
        self._tokenize, self._lower = SPLITTING[way], state["lower"]

    def split(self, text: str | Sequence[str]) -> list[str]:
        """The words of a text.

        Args:
            text: the text, or a list of its words, which stays as it is but for capital letters.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("", lower=True).split("Don't panic: it's 4 o'clock.")
            ["don't", 'panic', ':', "it's", '4', "o'clock", '.']
        """
        words: Any = text
        if not isinstance(text, (list, tuple)):
            words = self._tokenize(_text("Vocabulary", text))
            if not isinstance(words, (list, tuple)):
                raise ArgumentError(
                    f"Vocabulary: tokenize makes a list of words of a text, it made {described(words)}",
                    fix="return a list of strings",
                )
        words = [_text("Vocabulary", word) for word in words]
        return [word.lower() for word in words] if self._lower else words

    def encode(self, text: str | Sequence[str], *, bos: bool = False, eos: bool = False) -> Ids:
        """The numbers of the words of a text, int64.

        Args:
            text: the text, or a list of its words.
            bos: whether to begin with `<bos>`.
            eos: whether to end with `<eos>`.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").encode("not to be", bos=True, eos=True).tolist()
            [2, 6, 5, 4, 3]
        """
        words, unknown = self.split(text), self._special_ids.get("<unk>", -1)
        ids = np.fromiter((self._ids.get(word, unknown) for word in words), np.int64, len(words))
        if unknown < 0 and (ids < 0).any():
            raise self._unknown(words[int(np.argmin(ids))])
        return self._between_ends(ids, bos, eos)

    def decode(self, ids: Any, *, keep_specials: bool = False, stop_at_end: bool = False) -> str:
        """The words of such numbers, with spaces between them.

        Args:
            ids: a sequence of whole numbers: a list, an array or a tensor (n,).
            keep_specials: whether to write special tokens, too, instead of leaving them out.
            stop_at_end: whether to read up to the first `<eos>` only.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").decode([2, 5, 4, 3, 0, 0])
            'to be'
        """
        chosen = self._to_decode(ids, keep_specials, stop_at_end)
        return " ".join([self._tokens[i] for i in chosen.tolist()])


def _words_and_marks(text: str) -> list[str]:
    return re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", text)


SPLITTING: dict[str, Callable[[str], Sequence[str]]] = {"words": _words_and_marks, "spaces": str.split}
"""Ways to split a text, by name."""


def _known_way(tokenize: Any) -> Callable[[str], Sequence[str]]:
    if not isinstance(tokenize, str) or tokenize not in SPLITTING:
        raise InvalidValueError(
            f'Vocabulary: tokenize is "words", "spaces" or a function, received {described(tokenize)}',
            fix='pass "words", or a function from a text to a list of words',
        )
    return SPLITTING[tokenize]


def _text(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise ArgumentError(
            f"{name}: a text is a string, received {described(text)}", fix='decode bytes first: data.decode("utf-8")'
        )
    return text
