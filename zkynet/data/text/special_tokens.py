"""Tokens that stand for no text: padding, unknown, beginning and end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import flag
from zkynet.tensor import Tensor

SPECIALS = ("<pad>", "<unk>", "<bos>", "<eos>")
"""Padding, a token that is not known, the beginning and the end of a sequence."""

Ids = np.ndarray[Any, np.dtype[np.int64]]


class SpecialTokens:
    """The special tokens of a vocabulary or tokenizer, and their numbers."""

    _special_ids: dict[str, int]

    @abstractmethod
    def __len__(self) -> int:
        """How many tokens there are."""

    @property
    def specials(self) -> tuple[str, ...]:
        """The special tokens.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").specials
            ('<pad>', '<unk>', '<bos>', '<eos>')
        """
        return tuple(self._special_ids)

    @property
    def pad_id(self) -> int:
        """The number of `<pad>`, with which shorter sequences of a batch are filled up.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").pad_id
            0
        """
        return self._special_id("<pad>")

    @property
    def unk_id(self) -> int:
        """The number of `<unk>`, which stands for what is not known.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").unk_id
            1
        """
        return self._special_id("<unk>")

    @property
    def bos_id(self) -> int:
        """The number of `<bos>`, the beginning of a sequence.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").bos_id
            2
        """
        return self._special_id("<bos>")

    @property
    def eos_id(self) -> int:
        """The number of `<eos>`, the end of a sequence.

        Example:
            >>> import zkynet as zk
            >>> zk.data.Vocabulary("to be or not to be").eos_id
            3
        """
        return self._special_id("<eos>")

    def _special_id(self, token: str) -> int:
        if token not in self._special_ids:
            has = " ".join(self._special_ids) or "none"
            raise InvalidValueError(
                f"this {type(self).__name__} has no {token}",
                facts=[f"its special tokens  {has}"],
                fix=f'make it with specials=("{token}", ...)',
            )
        return self._special_ids[token]

    def _between_ends(self, ids: Ids, bos: bool, eos: bool) -> Ids:
        """The numbers of a text with those of its beginning and end, where they are wanted."""
        parts = [[self.bos_id]] if bos else []
        return np.concatenate([*parts, ids, *([[self.eos_id]] if eos else [])]) if bos or eos else ids

    def _to_decode(self, ids: Any, keep_specials: Any, stop_at_end: bool) -> Ids:
        """Of the numbers that a user passed to `decode`, those that are to be read."""
        ids = checked_ids(f"{type(self).__name__}.decode", ids, len(self))
        keep = flag("decode", "keep_specials", keep_specials)
        if stop_at_end:
            ends = np.flatnonzero(ids == self.eos_id)
            ids = ids[: ends[0]] if len(ends) else ids
        return ids if keep else ids[~np.isin(ids, list(self._special_ids.values()))]


def checked_specials(name: str, specials: Any) -> tuple[str, ...]:
    """Special tokens as a user passed them: words, each once."""
    if isinstance(specials, str) or not isinstance(specials, Iterable):
        raise ArgumentError(
            f"{name}: specials is a tuple of words, received {described(specials)}", fix='pass specials=("<pad>",)'
        )
    specials = tuple(specials)
    for token in specials:
        if not isinstance(token, str) or not token:
            raise ArgumentError(f"{name}: {described(token)} cannot be a special token", fix="pass words")
        if specials.count(token) > 1:
            raise InvalidValueError(f"{name}: the special token {token} is there twice", fix="name each once")
    return specials


def checked_ids(name: str, ids: Any, size: int) -> Ids:
    """Numbers of tokens as a user passed them: one sequence of whole numbers, each below the size."""
    array = ids.detach().numpy() if isinstance(ids, Tensor) else np.asarray(ids)
    if array.ndim != 1:
        raise ShapeError(
            f"{name}: ids is one sequence of numbers, received {described(array)}",
            fix="decode the rows of a batch one by one",
        )
    if not array.size:
        return np.zeros(0, np.int64)
    if array.dtype.kind not in "iu":
        raise DTypeError(f"{name}: ids are whole numbers, received {described(ids)}", fix="pass integers")
    if array.min() < 0 or array.max() >= size:
        wrong = int(array[(array < 0) | (array >= size)][0])
        raise IndexOutOfRangeError(
            f"{name}: there is no token number {wrong}",
            facts=[f"tokens  {size}, numbered from 0"],
            fix="decode what came from this vocabulary, and give the model as many outputs as it has tokens",
        )
    return array.astype(np.int64, copy=False)
