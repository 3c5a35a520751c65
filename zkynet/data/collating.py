"""How samples become a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = ["default_collate", "pad_collate"]

Join = Callable[[list[Any]], Any]


def default_collate(samples: Sequence[Any]) -> Any:
    """Samples of one form as a batch of that form: arrays are stacked along a new first axis.

    Python numbers become arrays of int64, float32 or bool; texts, and None, stay lists. What is returned lives in the
    host's memory; the loader makes tensors of it.

    Args:
        samples: arrays, numbers, texts, or tuples, lists and dicts of such.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> zk.data.default_collate([(np.zeros(2), 1), (np.ones(2), 0)])
        (array([[0., 0.],
               [1., 1.]]), array([1, 0]))
    """
    return _collate("default_collate", list(samples), _stacked, "sample")


def pad_collate(samples: Sequence[Any], padding_value: float = 0, length: int | None = None) -> Any:
    """As `default_collate`, but arrays that differ in length are padded, and come with their lengths.

    In the place of each array whose first axis differs among the samples stands a pair: the padded array, of shape
    ``(batch, longest, …)``, and the lengths, of shape ``(batch,)``. With `length` given, all arrays that have an axis
    are padded to it, so that batches do not differ in shape.

    Args:
        samples: as for `default_collate`.
        padding_value: what stands behind the end of the shorter ones.
        length: pad to this length instead of that of the longest.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> (x, lengths), y = zk.data.pad_collate([(np.array([1, 2, 3]), 0), (np.array([4]), 1)])
        >>> x.tolist(), lengths.tolist(), y.tolist()
        ([[1, 2, 3], [4, 0, 0]], [3, 1], [0, 1])
    """

    def join(arrays: list[Any]) -> Any:
        if arrays[0].ndim == 0:
            return np.stack(arrays)
        lengths = np.array([len(a) for a in arrays], dtype="int64")
        if length is None and (lengths == lengths[0]).all() and not _sequences(samples, arrays):
            return np.stack(arrays)
        longest = int(lengths.max()) if length is None else length
        if int(lengths.max()) > longest:
            raise InvalidValueError(
                f"pad_collate: a sequence has {int(lengths.max())} entries, more than length={longest}",
                fix="shorten it, or pass a larger length",
            )
        out = np.full((len(arrays), longest, *arrays[0].shape[1:]), padding_value, dtype=arrays[0].dtype)
        for row, array in zip(out, arrays, strict=True):
            row[: len(array)] = array
        return out, lengths

    return _collate("pad_collate", list(samples), join, "sample")


def _sequences(samples: Sequence[Any], arrays: list[Any]) -> bool:
    """Whether arrays of one length are a batch of sequences all the same: integers in rows, as texts are."""
    return arrays[0].ndim == 1 and arrays[0].dtype.kind in "iu"


def _collate(name: str, samples: list[Any], join: Join, what: str) -> Any:
    if not samples:
        raise InvalidValueError(f"{name} got no samples", fix="a batch has one sample or more")
    first = samples[0]
    if isinstance(first, Tensor):
        samples = [s.numpy() if isinstance(s, Tensor) else s for s in samples]
        first = samples[0]
    if isinstance(first, Mapping):
        for k, sample in enumerate(samples):
            if not isinstance(sample, Mapping) or set(sample) != set(first):
                raise _unlike(name, what, k, list(first), list(sample) if isinstance(sample, Mapping) else sample)
        return {key: _collate(name, [s[key] for s in samples], join, f"{key!r} of sample") for key in first}
    if isinstance(first, (tuple, list)):
        for k, sample in enumerate(samples):
            if not isinstance(sample, (tuple, list)) or len(sample) != len(first):
                entries = f"{len(sample)} entries" if isinstance(sample, (tuple, list)) else sample
                raise _unlike(name, what, k, f"{len(first)} entries", entries)
        columns = [_collate(name, [s[k] for s in samples], join, f"entry {k} of sample") for k in range(len(first))]
        return type(first)(*columns) if hasattr(first, "_fields") else type(first)(columns)
    if first is None or isinstance(first, (str, bytes)):
        return samples
    if isinstance(first, (bool, int, float)) and not isinstance(first, np.generic):
        kind = "bool" if isinstance(first, bool) else "int64" if all(isinstance(s, int) for s in samples) else "float32"
        try:
            return np.array(samples, dtype=kind)
        except (TypeError, ValueError):
            k = next(k for k, s in enumerate(samples) if not isinstance(s, (bool, int, float)))
            raise _unlike(name, what, k, first, samples[k]) from None
    if not isinstance(first, (np.ndarray, np.generic)):
        raise ArgumentError(
            f"{name}: {what} 0 is {described(first)}, of which no batch can be made",
            fix="give NumPy arrays, numbers, texts, or tuples and dicts of such; or pass collate_fn to DataLoader",
        )
    try:
        arrays = [np.asarray(s) for s in samples]
    except ValueError:
        arrays = [np.asarray(s, dtype=object) for s in samples]
    for k, array in enumerate(arrays):
        trailing = (array.ndim, *array.shape[1:]) if join is not _stacked else array.shape
        expected = (arrays[0].ndim, *arrays[0].shape[1:]) if join is not _stacked else arrays[0].shape
        if trailing != expected:
            raise ShapeError(
                f"{name}: the samples of a batch differ in shape",
                facts=[f"{what} 0: shape {arrays[0].shape}", f"{what} {k}: shape {array.shape}"],
                fix="make them alike, or pass collate_fn=zk.data.pad_collate, which pads sequences",
            )
    return join(arrays)


def _stacked(arrays: list[Any]) -> Any:
    return np.stack(arrays)


def _unlike(name: str, what: str, k: int, first: Any, other: Any) -> ArgumentError:
    return ArgumentError(
        f"{name}: the samples of a batch differ in form",
        facts=[f"{what} 0: {first}", f"{what} {k}: {other if isinstance(other, (str, list)) else described(other)}"],
        fix="every sample has the form of the first one",
    )


def as_tensors(content: Any, device: Any) -> Any:
    """The arrays in a batch as tensors on the current backend.

    Args:
        content: arrays in tuples, lists and dicts.
        device: where they are to live; None for the default.
    """
    if isinstance(content, np.ndarray):
        return content if content.dtype.kind in "OUSMm" else asarray(content, device=device)
    if isinstance(content, np.generic):
        return asarray(np.asarray(content), device=device)
    if isinstance(content, Tensor):
        return content if device is None else content.to_device(device)
    if isinstance(content, Mapping):
        return {key: as_tensors(value, device) for key, value in content.items()}
    if isinstance(content, (tuple, list)):
        parts = [as_tensors(value, device) for value in content]
        return type(content)(*parts) if hasattr(content, "_fields") else type(content)(parts)
    return content
