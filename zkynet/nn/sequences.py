"""Sequences of different lengths in one tensor: padded, or packed without the padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from zkynet._typing import Array
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.graph import Recording
from zkynet.nn.functional.sequence_checks import check_lengths
from zkynet.ops.arguments import flag, number, whole
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = [
    "PackedSequence",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpad_sequence",
]


class PackedSequence(NamedTuple):
    """Sequences of different lengths without padding: the first elements of all, the second ones, and so on.

    Made by `pack_padded_sequence` or `pack_sequence`, taken and returned by `RNN`, `LSTM` and `GRU`. Within each time
    the longest sequence comes first.

    Attributes:
        data: all elements, (sum of lengths, ...).
        batch_sizes: how many sequences have an element at each time, in Python numbers.
        sorted_indices: which sequence is the longest, the second longest, ...; None if they came in that order.
        unsorted_indices: the way back: the place of each sequence among the sorted ones.

    Example:
        >>> import zkynet as zk
        >>> packed = zk.nn.pack_sequence([zk.tensor([1.0, 2.0, 3.0]), zk.tensor([4.0])])
        >>> packed.data, packed.batch_sizes
        (Tensor([1., 4., 2., 3.]), (2, 1, 1))
    """

    data: Tensor
    batch_sizes: tuple[int, ...]
    sorted_indices: Tensor | None = None
    unsorted_indices: Tensor | None = None


def _host(indices: Any) -> np.ndarray[Any, Any]:
    return np.asarray(indices.numpy() if isinstance(indices, Tensor) else indices)


def lengths_of(packed: PackedSequence) -> list[int]:
    """The lengths of packed sequences, in the order in which they were packed."""
    sizes = np.asarray(packed.batch_sizes)
    lengths = (sizes[:, np.newaxis] > np.arange(sizes[0])).sum(axis=0)
    if packed.unsorted_indices is not None:
        lengths = lengths[_host(packed.unsorted_indices)]
    return lengths.tolist()


def _places(lengths: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
    """Of each packed element its time and its sequence, for lengths from the longest to the shortest."""
    return np.nonzero(np.arange(lengths[0])[:, np.newaxis] < lengths)


def _on(x: Tensor, indices: np.ndarray[Any, Any]) -> Tensor:
    return asarray(indices.astype("int64"), device=x.device, backend=x.backend)


def pack_padded_sequence(
    input: Array, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Padded sequences without their padding.

    Args:
        input: (T, N, ...), or (N, T, ...) with `batch_first`.
        lengths: how many elements each has, N whole numbers from 1 to T.
        batch_first: whether the batch is the first axis.
        enforce_sorted: True to insist on lengths from the longest to the shortest; False for any order, which the
            result remembers.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]])
        >>> zk.nn.pack_padded_sequence(x, [3, 1], batch_first=True).data
        Tensor([1., 4., 2., 3.])
    """
    name = "pack_padded_sequence"
    x = input if isinstance(input, Tensor) else asarray(input)
    batch_first, enforce_sorted = flag(name, "batch_first", batch_first), flag(name, "enforce_sorted", enforce_sorted)
    if len(x.shape) < 2:
        raise ShapeError(
            f"{name} takes padded sequences of at least 2 axes, received the shape {x.shape}",
            fix="stack the sequences first: zk.nn.pad_sequence",
            op=name,
        )
    steps, batch = (x.shape[1], x.shape[0]) if batch_first else x.shape[:2]
    if batch == 0:
        raise ShapeError(
            f"{name}: there are no sequences to pack",
            facts=[f"input  {x.shape}"],
            fix="pass a batch of at least one; RNN, LSTM and GRU take an empty batch with lengths=[]",
            op=name,
        )
    known = check_lengths(name, lengths, batch, steps)
    if isinstance(known, Tensor):  # the shape of the result depends on them
        known = check_lengths(name, known.numpy().tolist(), batch, steps)
    found = np.array(known)
    order = None
    if enforce_sorted:
        wrong = np.flatnonzero(np.diff(found) > 0)
        if len(wrong):
            i = int(wrong[0])
            raise InvalidValueError(
                f"{name}: lengths[{i + 1}] is {known[i + 1]}, more than lengths[{i}], which is {known[i]}",
                facts=["enforce_sorted=True asks for the longest sequence first"],
                fix="pass enforce_sorted=False, which takes them in any order",
                op=name,
                index=i + 1,
            )
    else:
        order = np.argsort(-found, kind="stable")
        found = found[order]
    time, sequence = _places(found)
    if order is not None:
        sequence = order[sequence]
    xp = Recording.namespace
    places = sequence * steps + time if batch_first else time * batch + sequence
    data = xp.take(xp.reshape(x, (steps * batch, *x.shape[2:])), _on(x, places), axis=0)
    sizes = tuple(np.bincount(time).tolist())
    if order is None:
        return PackedSequence(data, sizes)
    return PackedSequence(data, sizes, _on(x, order), _on(x, np.argsort(order, kind="stable")))


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Packed sequences as padded ones, in the order in which they were packed.

    Args:
        sequence: what `pack_padded_sequence` or a recurrent layer returned.
        batch_first: whether the batch is to be the first axis.
        padding_value: what to put behind the end of each sequence.
        total_length: the length to pad to, by default that of the longest one.

    Returns:
        The sequences (T, N, ...), or (N, T, ...), and their lengths (N,), int64.

    Example:
        >>> import zkynet as zk
        >>> packed = zk.nn.pack_sequence([zk.tensor([1.0, 2.0, 3.0]), zk.tensor([4.0])])
        >>> padded, lengths = zk.nn.pad_packed_sequence(packed, batch_first=True)
        >>> padded, lengths
        (Tensor([[1., 2., 3.],
                [4., 0., 0.]]), Tensor([3, 1]))
    """
    name = "pad_packed_sequence"
    if not isinstance(sequence, PackedSequence):
        raise ArgumentError(
            f"{name} takes a PackedSequence, received {described(sequence)}",
            fix="pack the sequences first: zk.nn.pack_padded_sequence",
            op=name,
        )
    batch_first, fill = flag(name, "batch_first", batch_first), number(name, "padding_value", padding_value)
    steps = len(sequence.batch_sizes)
    if total_length is not None:
        total_length = whole(name, "total_length", total_length)
        if total_length < steps:
            raise InvalidValueError(
                f"{name}: total_length is {total_length}, but the longest sequence has {steps} steps",
                fix="pass at least that, or leave total_length out",
                op=name,
            )
        steps = total_length
    lengths = lengths_of(sequence)
    return padded(sequence, lengths, steps, batch_first, fill), _on(sequence.data, np.array(lengths))


def padded(packed: PackedSequence, lengths: list[int], steps: int, batch_first: bool, fill: float = 0.0) -> Tensor:
    """Packed sequences of known lengths in a tensor of so many steps."""
    data = packed.data
    order = None if packed.sorted_indices is None else _host(packed.sorted_indices)
    found = np.array(lengths) if order is None else np.array(lengths)[order]
    time, sequence = _places(found)
    if order is not None:
        sequence = order[sequence]
    batch = len(lengths)
    source = np.full((batch, steps) if batch_first else (steps, batch), len(time))  # a row behind all is the padding
    source[(sequence, time) if batch_first else (time, sequence)] = np.arange(len(time))
    xp = Recording.namespace
    behind = xp.broadcast_to(asarray(fill, dtype=data.dtype, device=data.device, backend=data.backend), data.shape[1:])
    rows = xp.concat([data, xp.expand_dims(behind, axis=0)], axis=0)
    out = xp.take(rows, _on(data, source.ravel()), axis=0)
    return xp.reshape(out, (*source.shape, *data.shape[1:]))


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences of different lengths in one tensor, the shorter ones padded.

    Args:
        sequences: a list of tensors (length, ...), equal in all axes but the first.
        batch_first: whether the batch is to be the first axis.
        padding_value: what to fill up with.
        padding_side: ``"right"`` to put it behind the sequences, ``"left"`` in front of them.

    Returns:
        (T, N, ...), or (N, T, ...) with `batch_first`, where T is the greatest length.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.pad_sequence([zk.tensor([1.0, 2.0, 3.0]), zk.tensor([4.0])], batch_first=True)
        Tensor([[1., 2., 3.],
                [4., 0., 0.]])
    """
    name = "pad_sequence"
    found = _sequences(name, sequences)
    batch_first, fill = flag(name, "batch_first", batch_first), number(name, "padding_value", padding_value)
    if padding_side not in ("right", "left"):
        raise InvalidValueError(
            f"{name}: padding_side is 'right' or 'left', received {padding_side!r}", fix="use one of these", op=name
        )
    xp = Recording.namespace
    steps = max(s.shape[0] for s in found)
    rows = []
    for s in found:
        if s.shape[0] < steps:
            missing = (steps - s.shape[0], *s.shape[1:])
            behind = xp.broadcast_to(asarray(fill, dtype=s.dtype, device=s.device, backend=s.backend), missing)
            s = xp.concat([s, behind] if padding_side == "right" else [behind, s], axis=0)
        rows.append(s)
    return xp.stack(rows, axis=0 if batch_first else 1)


def _sequences(name: str, sequences: Any) -> list[Tensor]:
    """A list of tensors that differ in their first axis alone."""
    if not isinstance(sequences, (list, tuple)) or isinstance(sequences, PackedSequence):
        raise ArgumentError(
            f"{name} takes a list of tensors, received {described(sequences)}", fix="pass a list", op=name
        )
    if not sequences:
        raise ArgumentError(f"{name} received an empty list", fix="pass at least one sequence", op=name)
    found = [s if isinstance(s, Tensor) else asarray(s) for s in sequences]
    for i, s in enumerate(found):
        if not s.shape or s.shape[1:] != found[0].shape[1:]:
            raise ShapeError(
                f"{name}: sequences may differ in length alone, but sequence {i} does not fit the first one",
                facts=[f"sequence 0  {found[0].shape}", f"sequence {i}  {s.shape}"],
                fix="bring the further axes to one shape",
                op=name,
            )
    return found


def unpad_sequence(padded_sequences: Array, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """The sequences in a padded tensor, without their padding.

    Args:
        padded_sequences: (T, N, ...), or (N, T, ...) with `batch_first`.
        lengths: how many elements each has, N whole numbers from 1 to T.
        batch_first: whether the batch is the first axis.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.unpad_sequence(zk.tensor([[1.0, 2.0, 3.0], [4.0, 0.0, 0.0]]), [3, 1], batch_first=True)
        [Tensor([1., 2., 3.]), Tensor([4.])]
    """
    name = "unpad_sequence"
    x = padded_sequences if isinstance(padded_sequences, Tensor) else asarray(padded_sequences)
    if len(x.shape) < 2:
        raise ShapeError(
            f"{name} takes padded sequences of at least 2 axes, received the shape {x.shape}",
            fix="pass what pad_sequence returned",
            op=name,
        )
    batch_first = flag(name, "batch_first", batch_first)
    steps, batch = (x.shape[1], x.shape[0]) if batch_first else x.shape[:2]
    known = check_lengths(name, lengths, batch, steps)
    if isinstance(known, Tensor):  # the shapes of the results depend on them
        known = check_lengths(name, known.numpy().tolist(), batch, steps)
    return [x[i, :n, ...] if batch_first else x[:n, i, ...] for i, n in enumerate(known)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences of different lengths, packed.

    Args:
        sequences: a list of tensors (length, ...), equal in all axes but the first.
        enforce_sorted: True to insist on the longest sequence first; False for any order, which the result remembers.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.pack_sequence([zk.tensor([4.0]), zk.tensor([1.0, 2.0])], enforce_sorted=False).data
        Tensor([1., 4., 2.])
    """
    found = _sequences("pack_sequence", sequences)
    lengths = [s.shape[0] for s in found]
    return pack_padded_sequence(pad_sequence(found), lengths, enforce_sorted=enforce_sorted)
