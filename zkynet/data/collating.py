"""How samples become a batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import number, whole
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = ["default_collate", "pad_collate"]


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
    return _collate("default_collate", list(samples), None, "sample")


def pad_collate(
    samples: Sequence[Any],
    padding_value: float = 0,
    length: int | None = None,
    fields: Sequence[int | str] | None = None,
) -> Any:
    """As `default_collate`, but sequences are padded to the longest of the batch, and come with their lengths.

    A sequence is an array that has an axis, or a list of numbers; the first axis may differ in length. In its place
    stands a pair: the padded array, of shape ``(batch, longest, …)``, and the lengths, of shape ``(batch,)``. Arguments
    are given to it with ``functools.partial(zk.data.pad_collate, padding_value=-1)``, say.

    Args:
        samples: as for `default_collate`.
        padding_value: what stands behind the end of the shorter ones.
        length: pad to this length instead of that of the longest, so that all batches have one shape.
        fields: which entries of a sample are sequences, by their numbers in a tuple or their keys in a dict; all others
            are stacked. By default all arrays are sequences.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> (x, lengths), y = zk.data.pad_collate([(np.array([1, 2, 3]), 0), (np.array([4]), 1)])
        >>> x.tolist(), lengths.tolist(), y.tolist()
        ([[1, 2, 3], [4, 0, 0]], [3, 1], [0, 1])
    """
    samples = list(samples)
    number("pad_collate", "padding_value", padding_value)
    if length is not None and whole("pad_collate", "length", length) < 1:
        raise InvalidValueError(f"pad_collate: length is 1 or more, received {length}", fix="pass a larger length")
    if fields is not None and samples:
        known = _fields(samples[0])
        if isinstance(fields, (str, bytes)) or not isinstance(fields, Iterable) or not set(fields) <= known:
            raise InvalidValueError(
                f"pad_collate: the samples do not have the fields {fields!r:.60}",
                facts=[f"they have  {sorted(known)}" if known else f"a sample is  {described(samples[0])}"],
                fix="pass the numbers of entries of tuples, or the keys of dicts, e.g. fields=[0]",
            )
    return _collate("pad_collate", samples, Padding(padding_value, length), "sample", fields)


@dataclass
class Padding:
    """How sequences are padded."""

    value: float
    length: int | None

    def __call__(self, sequences: list[np.ndarray[Any, Any]]) -> tuple[Any, Any]:
        """Sequences of one form as one array, and their lengths."""
        lengths = np.array([len(a) for a in sequences], dtype="int64")
        longest = int(lengths.max()) if self.length is None else self.length
        if int(lengths.max()) > longest:
            raise InvalidValueError(
                f"pad_collate: a sequence has {int(lengths.max())} entries, more than length={longest}",
                fix="shorten it, or pass a larger length",
            )
        dtype = np.result_type(*sequences)
        if dtype.kind in "iu" and self.value != int(self.value if math.isfinite(self.value) else 0):
            raise InvalidValueError(
                f"pad_collate: {self.value} cannot stand among integers", fix="pass a whole number as padding_value"
            )
        out = np.full((len(sequences), longest, *sequences[0].shape[1:]), self.value, dtype=dtype)
        for row, sequence in zip(out, sequences, strict=True):
            row[: len(sequence)] = sequence
        return out, lengths


def _fields(sample: Any) -> set[Any]:
    if isinstance(sample, Mapping):
        return set(sample)
    return set(range(len(sample))) if isinstance(sample, (tuple, list)) else set()


def _collate(name: str, samples: list[Any], pad: Padding | None, what: str, fields: Any = None) -> Any:
    if not samples:
        raise InvalidValueError(f"{name} got no samples", fix="a batch has one sample or more")
    first = samples[0]
    if isinstance(first, Tensor):
        samples = [s.detach().numpy() if isinstance(s, Tensor) else s for s in samples]
        first = samples[0]
    if isinstance(first, Mapping):
        for k, sample in enumerate(samples):
            if not isinstance(sample, Mapping) or set(sample) != set(first):
                raise _unlike(name, what, k, list(first), list(sample) if isinstance(sample, Mapping) else sample)
        return {
            key: _collate(name, [s[key] for s in samples], _of(pad, fields, key), f"{key!r} of {what}") for key in first
        }
    if pad is not None and isinstance(first, list) and all(isinstance(n, (bool, int, float)) for n in first):
        samples = [_sequence(s) for s in samples]
        first = samples[0]
    if isinstance(first, (tuple, list)):
        for k, sample in enumerate(samples):
            if not isinstance(sample, (tuple, list)) or len(sample) != len(first):
                entries = f"{len(sample)} entries" if isinstance(sample, (tuple, list)) else sample
                raise _unlike(name, what, k, f"{len(first)} entries", entries)
        columns = [
            _collate(name, [s[k] for s in samples], _of(pad, fields, k), f"entry {k} of {what}")
            for k in range(len(first))
        ]
        return type(first)(*columns) if hasattr(first, "_fields") else type(first)(columns)
    if first is None or isinstance(first, (str, bytes)):
        for k, sample in enumerate(samples):
            if not (sample is None if first is None else isinstance(sample, (str, bytes))):
                raise _unlike(name, what, k, described(first), sample)
        return samples
    if isinstance(first, (bool, int, float)) and not isinstance(first, np.generic):
        return _numbers(name, samples, what)
    if not (isinstance(first, (np.ndarray, np.generic)) or hasattr(first, "__array__")):
        raise ArgumentError(
            f"{name}: {what} 0 is {described(first)}, of which no batch can be made",
            fix="give NumPy arrays, numbers, texts, or tuples and dicts of such; or pass collate_fn to DataLoader",
        )
    return _arrays(name, samples, pad, what)


def _of(pad: Padding | None, fields: Any, key: Any) -> Padding | None:
    return pad if fields is None or key in fields else None


def _sequence(sample: Any) -> Any:
    """A list of numbers as an array."""
    if not isinstance(sample, list) or not all(isinstance(n, (bool, int, float)) for n in sample):
        return sample
    return np.asarray(sample, dtype="float32" if any(isinstance(n, float) for n in sample) else "int64")


def _numbers(name: str, samples: list[Any], what: str) -> Any:
    """Python's numbers as an array: bool, int64 or float32."""
    kinds = {
        bool if isinstance(s, (bool, np.bool_)) else int if isinstance(s, (int, np.integer)) else float for s in samples
    }
    dtype = "float32" if float in kinds else "int64" if int in kinds else "bool"
    try:
        return np.array(samples, dtype=dtype)
    except (TypeError, ValueError):
        k = next(k for k, s in enumerate(samples) if not isinstance(s, (bool, int, float, np.generic)))
        raise _unlike(name, what, k, samples[0], samples[k]) from None
    except OverflowError:
        raise InvalidValueError(
            f"{name}: a number is too large for int64",
            facts=[f"the largest  {max(samples, key=abs)}"],
            fix="give smaller numbers, or floats",
        ) from None


def _arrays(name: str, samples: list[Any], pad: Padding | None, what: str) -> Any:
    """Arrays of one shape stacked, or sequences padded."""
    scalar = type(samples[0])
    if issubclass(scalar, np.generic) and all(type(s) is scalar for s in samples):
        return np.array(samples)
    arrays = [s if isinstance(s, np.ndarray) else np.asarray(s) for s in samples if s is not None]
    if len(arrays) < len(samples):
        raise _unlike(name, what, next(k for k, s in enumerate(samples) if s is None), samples[0], None)
    kinds = {array.dtype.kind for array in arrays}
    if "O" in kinds or (len(kinds) > 1 and kinds & set("US")):
        kind = arrays[0].dtype.kind
        k = next(k for k, array in enumerate(arrays) if array.dtype.kind == "O" or array.dtype.kind != kind)
        raise _unlike(name, what, k, samples[0], samples[k])
    if pad is not None and arrays[0].ndim:
        form = (arrays[0].ndim, *arrays[0].shape[1:])
        alike = [(array.ndim, *array.shape[1:]) == form for array in arrays]
    else:
        pad = None
        alike = [array.shape == arrays[0].shape for array in arrays]
    if all(alike):
        return np.stack(arrays) if pad is None else pad(arrays)
    k = alike.index(False)
    raise ShapeError(
        f"{name}: the samples of a batch differ in shape",
        facts=[f"{what} 0: shape {arrays[0].shape}", f"{what} {k}: shape {arrays[k].shape}"],
        fix="make them alike, or pass collate_fn=zk.data.pad_collate, which pads sequences"
        if pad is None
        else "sequences may differ along their first axis alone",
    )


def _unlike(name: str, what: str, k: int, first: Any, other: Any) -> ArgumentError:
    return ArgumentError(
        f"{name}: the samples of a batch differ in form",
        facts=[
            f"{what} {n}: {each if isinstance(each, (str, list)) else described(each)}"
            for n, each in ((0, first), (k, other))
        ],
        fix="give every sample the form of the first one; a sequence of numbers is a NumPy array, and "
        "collate_fn=zk.data.pad_collate pads such",
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
