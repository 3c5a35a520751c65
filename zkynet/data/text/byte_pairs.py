"""A tokenizer that joins frequent pairs of bytes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any, Self

import numpy as np

from zkynet.data.text.byte_pair_learning import LONGEST, Pair, learned_merges
from zkynet.data.text.special_tokens import Ids, SpecialTokens, checked_specials
from zkynet.data.text.splitting import pieces
from zkynet.data.text.token_table import from_json_file, texts_of, write_json
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import whole

__all__ = ["BytePairTokenizer"]

KIND = "zkynet byte pairs"
REMEMBERED = 2**16
"""How many pieces of text keep their tokens, so that a word is worked out once."""


class BytePairTokenizer(SpecialTokens):
    """Text as tokens that are bytes, or joined pairs of tokens: frequent words are one token, and nothing is unknown.

    Tokens 0 to 255 are the bytes, then come the pairs in the order they are joined, then special tokens. A text is cut
    into words with the space before them, numbers, marks and white space, as GPT-2 does it; in each piece the pair
    that was learned first is joined, until there is none.

    Args:
        merges: pairs of tokens to join, by their numbers: pair number k makes token 256 + k. `train` learns them.
        specials: tokens that stand for no text.

    Example:
        >>> import zkynet as zk
        >>> tokenizer = zk.data.BytePairTokenizer.train("low low low lower lower newest newest", vocab_size=270)
        >>> tokenizer.pieces("lowest new")
        [b'low', b'est', b' new']
        >>> ids = tokenizer.encode("schön, low")
        >>> len(ids), tokenizer.decode(ids)
        (8, 'schön, low')
    """

    def __init__(self, merges: Iterable[Sequence[int]] = (), *, specials: Sequence[str] = ()) -> None:
        name = "BytePairTokenizer"
        if isinstance(merges, (str, bytes)) or not isinstance(merges, Iterable):
            raise ArgumentError(f"{name}: merges is a list of pairs, received {described(merges)}", fix="use train")
        wrong = self._build(list(merges), checked_specials(name, specials))
        if wrong:
            raise InvalidValueError(f"{name}: {wrong}", fix="pass pairs of tokens that are there already, or use train")

    def _build(self, merges: Sequence[Any], specials: Sequence[str], numbers: Sequence[int] | None = None) -> str:
        """Make all tables; what is wrong with the pairs, or nothing."""
        tokens = [bytes([b]) for b in range(256)]
        number = {token: i for i, token in enumerate(tokens)}
        self._joins: dict[Pair, tuple[int, int]] = {}  # by the pair: when it is joined, and what it makes
        for rank, pair in enumerate(merges):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not all(type(t) is int for t in pair):
                return f"{pair!r:.60} is no pair of tokens"
            if not all(0 <= t < len(tokens) for t in pair):
                return f"pair {rank} joins {tuple(pair)}, and there are {len(tokens)} tokens before it"
            if tuple(pair) in self._joins:
                return f"the pair {tuple(pair)} is there twice"
            token = tokens[pair[0]] + tokens[pair[1]]
            if len(token) > LONGEST:
                return f"pair {rank} makes a token of {len(token)} bytes, and {LONGEST} are the most"
            if token not in number:
                number[token] = len(tokens)
                tokens.append(token)
            self._joins[pair[0], pair[1]] = (rank, number[token])
        self._text_tokens = len(tokens)
        self._tokens = (*tokens, *(token.encode("utf-8", "surrogatepass") for token in specials))
        # another numbering than ours, in a tokenizer that comes from elsewhere, and back from it
        self._numbers = np.arange(len(self._tokens)) if numbers is None else np.array(numbers, np.int64)
        self._inverse = np.argsort(self._numbers)
        self._special_ids = dict(zip(specials, self._numbers[len(tokens) :].tolist(), strict=True))
        self._remembered: dict[bytes, list[int]] = {}
        return ""

    @classmethod
    def train(
        cls,
        texts: str | bytes | Iterable[str | bytes],
        vocab_size: int,
        *,
        min_frequency: int = 2,
        specials: Sequence[str] = (),
    ) -> Self:
        """Learn from a text which pairs to join: again and again the most frequent one, until there are enough tokens.

        Of pairs that are equally frequent the one with the smaller numbers comes first, so the same text gives the
        same tokenizer everywhere.

        Args:
            texts: one text, or several.
            vocab_size: how many tokens there are to be, bytes and special ones included; a short text may give fewer.
            min_frequency: pairs that are rarer are not joined.
            specials: tokens that stand for no text, such as "<eos>".

        Example:
            >>> import zkynet as zk
            >>> tokenizer = zk.data.BytePairTokenizer.train("aaabdaaabac", vocab_size=260, specials=("<eos>",))
            >>> tokenizer.tokens[256:]
            (b'aa', b'ab', b'aaab', b'<eos>')
            >>> tokenizer.encode("aaab", eos=True).tolist()
            [258, 259]
        """
        name = "BytePairTokenizer.train"
        specials = checked_specials(name, specials)
        size, least = whole(name, "vocab_size", vocab_size), whole(name, "min_frequency", min_frequency)
        if size < 256 + len(specials):
            raise InvalidValueError(
                f"{name}: vocab_size={size} leaves no room for the bytes",
                facts=[f"bytes           256, special tokens  {len(specials)}"],
                fix=f"pass {256 + len(specials)} or more",
            )
        if least < 1:
            raise InvalidValueError(f"{name}: min_frequency is 1 or more, received {least}", fix="pass 2")
        counts: Counter[bytes] = Counter()
        for text in (texts,) if isinstance(texts, bytes) else texts_of(name, texts):
            counts.update(_pieces(name, text))
        return cls(learned_merges(counts, size - len(specials), least), specials=specials)

    # -- texts ----------------------------------------------------------------------------------------------------

    def encode(self, text: str | bytes, *, bos: bool = False, eos: bool = False) -> Ids:
        """The tokens of a text, int64.

        Args:
            text: the text, or any bytes; special tokens in it are read as text.
            bos: whether to begin with `<bos>`.
            eos: whether to end with `<eos>`.

        Example:
            >>> import zkynet as zk
            >>> zk.data.BytePairTokenizer().encode("abc").tolist()
            [97, 98, 99]
        """
        out: list[int] = []
        for piece in _pieces("BytePairTokenizer.encode", text):
            ids = self._remembered.get(piece)
            if ids is None:
                if len(self._remembered) >= REMEMBERED:
                    self._remembered.clear()
                ids = self._remembered[piece] = self._joined(piece)
            out += ids
        return self._between_ends(self._numbers[np.array(out, np.int64)], bos, eos)

    def _joined(self, piece: bytes) -> list[int]:
        """The tokens of a piece: the pair learned first is joined, the leftmost of several, until there is none."""
        tokens, joins, n = list(piece), self._joins, len(piece)
        before, after = list(range(-1, n - 1)), list(range(1, n + 1))
        found = ((i, (tokens[i], tokens[i + 1])) for i in range(n - 1))
        heap = [(joins[pair][0], i, pair) for i, pair in found if pair in joins]
        heapify(heap)
        while heap:
            _, i, pair = heappop(heap)
            j = after[i]
            if j >= n or (tokens[i], tokens[j]) != pair:
                continue  # one of the two has been joined to another since
            tokens[i], tokens[j], after[i] = joins[pair][1], -1, after[j]
            if after[i] < n:
                before[after[i]] = i
            for left, right in ((before[i], i), (i, after[i])):
                if left >= 0 and right < n and (pair := (tokens[left], tokens[right])) in joins:
                    heappush(heap, (joins[pair][0], left, pair))
        return [token for token in tokens if token >= 0]

    def pieces(self, text: str | bytes) -> list[bytes]:
        """What the tokens of a text spell, to look at.

        Args:
            text: the text, or any bytes.

        Example:
            >>> import zkynet as zk
            >>> zk.data.BytePairTokenizer().pieces("é!")
            [b'\\xc3', b'\\xa9', b'!']
        """
        return [self._tokens[i] for i in self._inverse[self.encode(text)].tolist()]

    def decode(self, ids: Any, *, keep_specials: bool = False, stop_at_end: bool = False) -> str:
        """The text of such tokens; bytes that are no UTF-8 become the sign �.

        Args:
            ids: a sequence of whole numbers: a list, an array or a tensor (n,).
            keep_specials: whether to write special tokens, too, instead of leaving them out.
            stop_at_end: whether to read up to the first `<eos>` only.

        Example:
            >>> import zkynet as zk
            >>> tokenizer = zk.data.BytePairTokenizer()
            >>> tokenizer.decode(tokenizer.encode("crème"))
            'crème'
        """
        data = self.decode_bytes(ids, keep_specials=keep_specials, stop_at_end=stop_at_end)
        for errors in (
            "strict",
            "surrogatepass",
        ):  # a string may hold half a pair of UTF-16, which is no UTF-8
            try:
                return data.decode("utf-8", errors)
            except UnicodeDecodeError:
                continue
        return data.decode("utf-8", "replace")

    def decode_bytes(self, ids: Any, *, keep_specials: bool = False, stop_at_end: bool = False) -> bytes:
        """The bytes of such tokens: what was encoded, also where it is no text.

        Args:
            ids: a sequence of whole numbers: a list, an array or a tensor (n,).
            keep_specials: whether to write special tokens, too, instead of leaving them out.
            stop_at_end: whether to read up to the first `<eos>` only.

        Example:
            >>> import zkynet as zk
            >>> tokenizer = zk.data.BytePairTokenizer()
            >>> tokenizer.decode_bytes(tokenizer.encode(bytes([255, 0, 254])))
            b'\\xff\\x00\\xfe'
        """
        chosen = self._to_decode(ids, keep_specials, stop_at_end)
        return b"".join([self._tokens[i] for i in self._inverse[chosen].tolist()])

    # -- what it is -----------------------------------------------------------------------------------------------

    @property
    def tokens(self) -> tuple[bytes, ...]:
        """What each token spells, in the order of their numbers.

        Example:
            >>> import zkynet as zk
            >>> zk.data.BytePairTokenizer([(97, 98)], specials=("<eos>",)).tokens[255:]
            (b'\\xff', b'ab', b'<eos>')
        """
        return tuple(self._tokens[i] for i in self._inverse.tolist())

    @property
    def merges(self) -> tuple[tuple[bytes, bytes], ...]:
        """The pairs that are joined, in their order.

        Example:
            >>> import zkynet as zk
            >>> zk.data.BytePairTokenizer.train("aaabdaaabac", vocab_size=259).merges
            ((b'a', b'a'), (b'a', b'b'), (b'aa', b'ab'))
        """
        return tuple((self._tokens[a], self._tokens[b]) for a, b in self._joins)

    def __len__(self) -> int:
        return len(self._tokens)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.state_dict() == self.state_dict()

    def __hash__(self) -> int:
        return hash((type(self), self._tokens))

    def __repr__(self) -> str:
        return f"BytePairTokenizer({len(self)} tokens, specials={self.specials})"

    # -- files ----------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All there is to know about it, as JSON has it; `from_state_dict` makes it again.

        Example:
            >>> import zkynet as zk
            >>> zk.data.BytePairTokenizer([(97, 98)]).state_dict()
            {'kind': 'zkynet byte pairs', 'specials': [], 'merges': [[97, 98]], 'numbers': None}
        """
        own = (self._numbers == np.arange(len(self))).all()
        numbers = None if own else self._numbers.tolist()
        merges = [list(pair) for pair in self._joins]
        return {"kind": KIND, "specials": list(self.specials), "merges": merges, "numbers": numbers}

    @classmethod
    def from_state_dict(cls, state: Mapping[str, Any]) -> Self:
        """One made again of what `state_dict` gave.

        Args:
            state: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> tokenizer = zk.data.BytePairTokenizer.train("to be or not to be", vocab_size=260)
            >>> zk.data.BytePairTokenizer.from_state_dict(tokenizer.state_dict()) == tokenizer
            True
        """
        out = cls.__new__(cls)
        wrong = out._fill(state)
        if wrong:
            raise InvalidValueError(f"{cls.__name__}: this is not the state of one", facts=[f"reason  {wrong}"])
        return out

    def _fill(self, state: Any) -> str:
        if not isinstance(state, Mapping) or state.get("kind") != KIND:
            return f"its kind is not {KIND!r}"
        merges, specials, numbers = state.get("merges"), state.get("specials"), state.get("numbers")
        if not isinstance(merges, (list, tuple)):
            return "merges is no list of pairs"
        if not isinstance(specials, (list, tuple)) or not all(isinstance(t, str) and t for t in specials):
            return "specials is no list of words"
        if len(set(specials)) < len(specials):
            return "a special token is there twice"
        if wrong := self._build(merges, specials):
            return wrong
        if numbers is None:
            return ""
        if not isinstance(numbers, (list, tuple)) or not all(type(n) is int for n in numbers):
            return "numbers is no list of whole numbers"
        if sorted(numbers) != list(range(len(self))):
            return f"numbers does not have each from 0 to {len(self) - 1} once"
        return self._build(merges, specials, numbers)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file of JSON, whole or not at all.

        Args:
            path: the file; its folder has to exist.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> tokenizer = zk.data.BytePairTokenizer.train("to be or not to be", vocab_size=260)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     tokenizer.save(f"{folder}/tokenizer.json")
            ...     zk.data.BytePairTokenizer.load(f"{folder}/tokenizer.json") == tokenizer
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
            ...     zk.data.BytePairTokenizer([(97, 98)]).save(f"{folder}/tokenizer.json")
            ...     zk.data.BytePairTokenizer.load(f"{folder}/tokenizer.json").encode("abc").tolist()
            [256, 99]
        """
        return from_json_file(cls, path)

    @classmethod
    def from_gpt2_files(cls, vocabulary: str | os.PathLike[str], merges: str | os.PathLike[str]) -> Self:
        """A tokenizer in the two files that GPT-2 and its kin come with; the numbers of tokens are those of the files.

        Args:
            vocabulary: the file "vocab.json" (or "encoder.json"): numbers by tokens.
            merges: the file "merges.txt" (or "vocab.bpe"): a pair a line.

        Example:
            >>> import zkynet as zk
            >>> try:
            ...     zk.data.BytePairTokenizer.from_gpt2_files("vocab.json", "merges.txt")
            ... except FileNotFoundError as error:
            ...     print(error.headline)
            there is no file vocab.json
        """
        from zkynet.data.text.gpt2_files import damaged, read_gpt2_files

        out = cls.__new__(cls)
        if wrong := out._fill(read_gpt2_files(vocabulary, merges)):
            raise damaged(merges, wrong)
        return out


def _pieces(name: str, text: Any) -> Iterable[bytes]:
    """The pieces of a text or of any bytes, as bytes."""
    if isinstance(text, str):
        return (piece.encode("utf-8", "surrogatepass") for piece in pieces(text))
    if isinstance(text, bytes):
        return (piece.encode("utf-8", "surrogateescape") for piece in pieces(text.decode("utf-8", "surrogateescape")))
    raise ArgumentError(f"{name}: a text is a string or bytes, received {described(text)}", fix="pass a string")
