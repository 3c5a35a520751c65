"""Windows of a long row of tokens, from which a language model learns to say what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from zkynet.data.dataset import Batch, Dataset, place
from zkynet.data.samplers import Sampler
from zkynet.data.text.special_tokens import Ids
from zkynet.errors import DTypeError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import whole
from zkynet.tensor import Tensor

__all__ = ["ContinuedBatches", "TokenWindows"]


class TokenWindows(Dataset):
    """A dataset of windows of a row of tokens: x, and y, which is x one token later.

    Window number i has ``x = tokens[s : s + length]`` and ``y = tokens[s + 1 : s + length + 1]``, with s = i * stride.
    Windows that would go beyond the end are left out. With ``stride=1`` and a loader that shuffles, windows begin
    anywhere; for batches that each continue the text of the one before, see `ContinuedBatches`.

    Args:
        tokens: whole numbers (n,), as a vocabulary's `encode` gives them.
        length: how many tokens x and y have.
        stride: how far a window begins after the one before; by default `length`, so that they do not overlap.

    Example:
        >>> import zkynet as zk
        >>> letters = zk.data.CharacterVocabulary("to be or not to be")
        >>> windows = zk.data.TokenWindows(letters.encode("to be or not to be"), 5)
        >>> [(letters.decode(x), letters.decode(y)) for x, y in windows]
        [('to be', 'o be '), (' or n', 'or no'), ('ot to', 't to ')]
    """

    def __init__(self, tokens: Any, length: int, *, stride: int | None = None) -> None:
        self.tokens = _token_row(tokens)
        self.length = _at_least_one("TokenWindows", "length", length)
        self.stride = self.length if stride is None else _at_least_one("TokenWindows", "stride", stride)
        if len(self.tokens) <= self.length:
            raise InvalidValueError(
                f"TokenWindows: {len(self.tokens)} tokens hold no window of {self.length} and the token after it",
                fix="pass more text, or a smaller length",
            )

    def __len__(self) -> int:
        return (len(self.tokens) - 1 - self.length) // self.stride + 1

    def __getitem__(self, index: int) -> tuple[Ids, Ids]:
        start = place("TokenWindows", index, len(self)) * self.stride
        return self.tokens[start : start + self.length], self.tokens[start + 1 : start + self.length + 1]

    def __getitems__(self, indices: Sequence[int]) -> Batch:
        starts = [place("TokenWindows", i, len(self)) * self.stride for i in indices]
        rows = self.tokens[np.array(starts, np.intp)[:, None] + np.arange(self.length + 1)]
        return Batch((rows[:, :-1].copy(), rows[:, 1:].copy()))

    def __repr__(self) -> str:
        return f"TokenWindows({len(self)} windows of {self.length} of {len(self.tokens)} tokens, stride={self.stride})"


class ContinuedBatches(Sampler):
    """Batches of windows in which each row continues the text of that row in the batch before.

    The text is cut into `batch_size` long pieces; batch number t has window t of each. A recurrent network can so keep
    its state from batch to batch. Pass it to a loader as `batch_sampler`. Windows that are left over at the end, fewer
    than `batch_size`, are left out.

    Args:
        windows: windows that do not overlap (``stride == length``).
        batch_size: how many rows a batch has.

    Example:
        >>> import zkynet as zk
        >>> letters = zk.data.CharacterVocabulary("to be or not to be, that")
        >>> windows = zk.data.TokenWindows(letters.encode("to be or not to be, that"), 3)
        >>> for batch in zk.data.ContinuedBatches(windows, 2):
        ...     print([letters.decode(windows[i][0]) for i in batch])
        ['to ', 'not']
        ['be ', ' to']
        ['or ', ' be']
    """

    def __init__(self, windows: TokenWindows, batch_size: int) -> None:
        if not isinstance(windows, TokenWindows) or windows.stride != windows.length:
            raise InvalidValueError(
                f"ContinuedBatches: windows are TokenWindows with stride == length, received {described(windows)}",
                fix="leave stride out where the windows are made",
            )
        self.batch_size = _at_least_one("ContinuedBatches", "batch_size", batch_size)
        self._steps = len(windows) // self.batch_size
        if not self._steps:
            raise InvalidValueError(
                f"ContinuedBatches: {len(windows)} windows do not fill a batch of {self.batch_size}",
                fix="pass a smaller batch_size, or shorter windows",
            )

    def __len__(self) -> int:
        return self._steps

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self._steps):
            yield [row * self._steps + step for row in range(self.batch_size)]


def _at_least_one(name: str, argument: str, value: Any) -> int:
    n = whole(name, argument, value)
    if n < 1:
        raise InvalidValueError(f"{name}: {argument} is 1 or more, received {n}", fix=f"pass a larger {argument}")
    return n


def _token_row(tokens: Any) -> Ids:
    array = tokens.detach().numpy() if isinstance(tokens, Tensor) else np.asarray(tokens)
    if array.ndim != 1:
        raise ShapeError(
            f"TokenWindows: tokens is one row of numbers (n,), received {described(array)}",
            fix="join texts first: np.concatenate([vocabulary.encode(t, eos=True) for t in texts])",
        )
    if array.dtype.kind not in "iu":
        raise DTypeError(
            f"TokenWindows: tokens are whole numbers, received {described(array)}", fix="pass vocabulary.encode(text)"
        )
    return array.astype(np.int64, copy=False)
