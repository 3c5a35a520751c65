"""What all vocabularies have: tokens numbered from 0, and a file of JSON."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

from zkynet.data.text.special_tokens import SPECIALS, SpecialTokens, checked_specials
from zkynet.errors import ArgumentError, FileFormatError, InvalidValueError, described
from zkynet.files import read_file, write_atomically
from zkynet.ops.arguments import whole


class TokenTable(SpecialTokens):
    """Tokens numbered from 0, the special ones first."""

    _kind: ClassVar[str] = ""

    def _number(self, tokens: Iterable[str], specials: Iterable[str]) -> None:
        self._tokens = tuple(tokens)
        self._ids = {token: i for i, token in enumerate(self._tokens)}
        self._special_ids = {token: self._ids[token] for token in specials}

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens, in the order of their numbers.

        Example:
            >>> import zkynet as zk
            >>> zk.data.CharacterVocabulary("banana").tokens
            ('a', 'b', 'n')
        """
        return self._tokens

    def __len__(self) -> int:
        return len(self._tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._tokens)

    def __getitem__(self, token: str) -> int:
        number = self._ids.get(token, self._special_ids.get("<unk>"))
        if number is None or not isinstance(token, str):
            raise self._unknown(token)
        return number

    def _unknown(self, token: object) -> InvalidValueError:
        return InvalidValueError(
            f"{type(self).__name__}: {token!r} is not in the vocabulary, which has no <unk> for what it does not know",
            fix='make it of texts that have it, or with specials=("<unk>",)',
            token=token,
        )

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.state_dict() == self.state_dict()

    def __hash__(self) -> int:
        return hash((type(self), self._tokens))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} tokens, specials={self.specials})"

    # -- files ----------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All there is to know about it, as JSON has it; `from_state_dict` makes it again.

        Example:
            >>> import zkynet as zk
            >>> zk.data.CharacterVocabulary("banana").state_dict()
            {'kind': 'zkynet characters', 'specials': [], 'tokens': ['a', 'b', 'n']}
        """
        return {"kind": self._kind, "specials": list(self.specials), "tokens": list(self._tokens)}

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> Self:
        """One made again of what `state_dict` gave.

        Args:
            state: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> letters = zk.data.CharacterVocabulary("banana")
            >>> zk.data.CharacterVocabulary.from_state_dict(letters.state_dict()) == letters
            True
        """
        wrong = _fault(state, cls._kind)
        if wrong:
            raise InvalidValueError(f"{cls.__name__}: this is not the state of one", facts=[f"reason  {wrong}"])
        out = cls.__new__(cls)
        out._number(state["tokens"], state["specials"])
        out._restore(state)
        return out

    def _restore(self, state: Mapping[str, Any]) -> None:
        """Take over what the state of this kind of vocabulary has besides tokens."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file of JSON, whole or not at all.

        Args:
            path: the file; its folder has to exist.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> letters = zk.data.CharacterVocabulary("banana")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     letters.save(f"{folder}/letters.json")
            ...     zk.data.CharacterVocabulary.load(f"{folder}/letters.json") == letters
            True
        """
        write_json(path, self.state_dict())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote; nothing in the file is executed.

        Args:
            path: the file.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     zk.data.Vocabulary("to be or not to be").save(f"{folder}/words.json")
            ...     zk.data.Vocabulary.load(f"{folder}/words.json").encode("not to be").tolist()
            [6, 5, 4]
        """
        return from_json_file(cls, path)


def _fault(state: Any, kind: str) -> str:
    """What is wrong with the state of a vocabulary; nothing if it is sound."""
    if not isinstance(state, Mapping):
        return f"it is no dict: {described(state)}"
    if state.get("kind") != kind:
        return f"its kind is {state.get('kind')!r:.60}, not {kind!r}"
    tokens, specials = state.get("tokens"), state.get("specials")
    for name, words in (("tokens", tokens), ("specials", specials)):
        if not isinstance(words, (list, tuple)) or not all(isinstance(word, str) and word for word in words):
            return f"{name} is no list of words"
        if len(set(words)) < len(words):
            return f"{name} has {Counter(words).most_common(1)[0][0]!r} twice"
    missing = set(specials) - set(tokens)  # type: ignore[arg-type]
    return f"the special token {min(missing)!r} is not among its tokens" if missing else ""


def write_json(path: str | os.PathLike[str], state: Mapping[str, Any]) -> None:
    """Write a state to a file of JSON, one entry a line, so that a person and a comparison of versions can read it."""
    write_atomically(path, json.dumps(state, indent=1).encode("ascii") + b"\n")


def from_json_file(cls: Any, path: str | os.PathLike[str]) -> Any:
    """An object of the class made of the state in a file of JSON; what is wrong with the file is said as a sentence."""
    data = read_file(path)
    try:
        return cls.from_state_dict(json.loads(data))
    except (InvalidValueError, ValueError, RecursionError) as e:  # damaged JSON and wrong UTF-8 are ValueErrors, too
        reason = e.facts[0].removeprefix("reason  ") if isinstance(e, InvalidValueError) and e.facts else str(e)
        raise FileFormatError(
            f"{path} holds no {cls.__name__}",
            facts=[f"size    {len(data)} bytes", f"reason  {reason}"],
            fix=f"pass a file that {cls.__name__}.save wrote",
            path=str(path),
        ) from None


def by_frequency(counts: Mapping[str, int], min_frequency: int) -> list[str]:
    """Tokens that are there often enough, frequent ones first, and by the alphabet where that is equal."""
    return sorted((t for t, n in counts.items() if n >= min_frequency), key=lambda t: (-counts[t], t))


def limits(name: str, min_frequency: Any, max_size: Any, specials: Any) -> tuple[int, int | None, tuple[str, ...]]:
    """How rare a token may be and how many there may be, less the special ones, as a user passed them."""
    min_frequency, specials = whole(name, "min_frequency", min_frequency), checked_specials(name, specials)
    if min_frequency < 1:
        raise InvalidValueError(f"{name}: min_frequency is 1 or more, received {min_frequency}", fix="pass 1 for all")
    if max_size is None:
        return min_frequency, None, specials
    max_size = whole(name, "max_size", max_size)
    if max_size < max(len(specials), 1):
        raise InvalidValueError(
            f"{name}: max_size={max_size} leaves no room",
            facts=[f"special tokens  {len(specials)}"],
            fix="pass a larger one; the special tokens count",
        )
    return min_frequency, max_size - len(specials), specials


def texts_of(name: str, texts: Any) -> Iterable[Any]:
    """One text or several, as a user passed them."""
    if isinstance(texts, str):
        return (texts,)
    if isinstance(texts, (bytes, Mapping)) or not isinstance(texts, Iterable):
        raise ArgumentError(
            f"{name} expected a text or several, received {described(texts)}",
            fix='open files with open(path, encoding="utf-8").read()',
        )
    return texts


__all__ = ["SPECIALS", "TokenTable"]
