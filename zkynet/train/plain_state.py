"""A state (nested dicts and lists) taken apart into arrays and JSON, and put together again.

JSON has it as it is, but for what JSON does not know: that is a dict of one name that begins with ``$``.

- ``{"$tensor": name}``, ``{"$array": name}``: an array; with ``"complex": true``, in pairs of real and imaginary part
- ``{"$scalar": [dtype, hex]}``: a NumPy scalar by its bytes, low ones first
- ``{"$int": hex}``: a whole number of more than 64 bits; ``{"$float": hex}``: an infinity or NaN by its bits
- ``{"$complex": [re, im]}``, ``{"$tuple": [...]}``
- ``{"$dict": [[key, value], ...]}``: a dict with a key that is no string, or begins with ``$``
"""

from __future__ import annotations

import json
import math
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from zkynet.dtypes import as_dtype
from zkynet.errors import ArgumentError, ZkynetError, described
from zkynet.nn.tensor_files import OF_DTYPE, Values
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

DEEPEST = 100
"""Lists in lists beyond this are a mistake, or an attack."""

SCALARS = {*OF_DTYPE, "complex128"}


class Apart:
    """What a state is made of: arrays by name, and its frame in JSON."""

    def __init__(self, state: Any) -> None:
        self.arrays: dict[str, Values] = {}
        self.text = json.dumps(self._frame(state, "state", "", 0), separators=(",", ":"), allow_nan=False)

    def _frame(self, value: Any, place: str, name: str, depth: int) -> Any:
        """The frame of one part; `place` is how a person writes it, `name` what arrays in it are called."""
        if depth > DEEPEST:
            raise ArgumentError(
                f"save_checkpoint: the state is nested more than {DEEPEST} deep",
                facts=[f"at  {place:.200}…"],
                fix="look for a list or dict that contains itself",
            )
        if isinstance(value, (Tensor, np.ndarray)):
            return self._reference(value, place, name)
        if value is None or isinstance(value, (str, np.str_)):
            return None if value is None else str(value)
        if isinstance(value, np.generic):
            if value.dtype.name not in SCALARS:
                raise _unknown(place, value)
            return {"$scalar": [value.dtype.name, _low_first(np.asarray(value)).tobytes().hex()]}
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            return int(value) if -(2**63) <= value < 2**64 else {"$int": hex(value)}
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {"$float": struct.pack(">d", value).hex()}
        if isinstance(value, complex):
            return {"$complex": [self._frame(part, place, name, depth) for part in (value.real, value.imag)]}
        if isinstance(value, (list, tuple)):
            parts = [self._frame(part, f"{place}[{k}]", _join(name, k), depth + 1) for k, part in enumerate(value)]
            return {"$tuple": parts} if isinstance(value, tuple) else parts
        if isinstance(value, Mapping):
            return self._frame_of_dict(value, place, name, depth)
        raise _unknown(place, value)

    def _frame_of_dict(self, value: Mapping[Any, Any], place: str, name: str, depth: int) -> Any:
        pairs = []
        for key, part in value.items():
            if not isinstance(key, (str, int, float, tuple, type(None))):
                raise _unknown(f"a key of {place}", key)
            frame = self._frame(part, f"{place}[{key!r:.80}]", _join(name, key), depth + 1)
            pairs.append((self._frame(key, f"a key of {place}", name, depth + 1), frame))
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return dict(pairs)
        return {"$dict": pairs}

    def _reference(self, value: Values, place: str, name: str) -> dict[str, Any]:
        kind = "$tensor" if isinstance(value, Tensor) else "$array"
        if kind == "$array" and type(value) not in (np.ndarray, np.memmap):
            raise _unknown(place, value)  # a masked array would lose its mask
        paired = value.dtype.name == "complex128"  # which the format does not have
        if not paired and value.dtype.name not in OF_DTYPE:
            raise _unknown(place, value)
        name = name or "value"
        while name in self.arrays or name == "__metadata__":
            name += "'"
        self.arrays[name] = _as_pairs(value) if paired else value
        return {kind: name, "complex": True} if paired else {kind: name}


def _low_first(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """On a machine of the other kind, with the bytes of each number turned round."""
    return array if sys.byteorder == "little" else array.byteswap()


def _made(array: np.ndarray[Any, Any], tag: str, paired: bool) -> Any:
    if paired:
        if array.dtype != np.float64 or array.shape[-1:] != (2,):
            raise ValueError
        array = array.reshape(-1).view("complex128").reshape(array.shape[:-1])
    return asarray(array) if tag == "$tensor" else array


def _scalar(dtype: str, data: str) -> Any:
    if dtype not in SCALARS:
        raise ValueError
    kind = as_dtype(dtype)
    (number,) = _low_first(np.frombuffer(bytes.fromhex(data), kind))
    if kind == np.bool_ and data not in ("00", "01"):
        raise ValueError
    return number


def _as_pairs(value: Values) -> Values:
    array = value.detach().numpy() if isinstance(value, Tensor) else value
    array = np.asarray(array, dtype="complex128", order="C")
    return array.reshape(-1).view("float64").reshape(*array.shape, 2)


def _join(name: str, key: Any) -> str:
    word = str(key).encode("utf-8", "backslashreplace").decode()
    return f"{name}.{word}" if name else word


def _unknown(place: str, value: Any) -> ArgumentError:
    return ArgumentError(
        f"save_checkpoint cannot keep {place:.200}",
        facts=[f"received  {described(value)}"],
        fix="a state is made of dicts, lists, tensors, NumPy arrays, numbers, strings, True, False and None",
    )


def together(frame: Any, arrays: Mapping[str, Any], refuse: Callable[[str], NoReturn]) -> Any:
    """The state again; `refuse` is called with the reason where a frame is none that `Apart` makes.

    Args:
        frame: what was in JSON.
        arrays: what the names of arrays stand for.
        refuse: raises the error.
    """
    unused = dict(arrays)

    def build(part: Any, depth: int) -> Any:
        if depth > DEEPEST + 10:
            refuse("its state is nested too deep")
        if isinstance(part, list):
            return [build(item, depth + 1) for item in part]
        if not isinstance(part, dict):
            return part
        tag = next(iter(part), "")
        if not tag.startswith("$"):
            if any(key.startswith("$") for key in part):
                refuse("a dict of its state mixes names and marks")
            return {key: build(item, depth + 1) for key, item in part.items()}
        try:
            return special(tag, part[tag], part, depth)
        except ZkynetError:
            raise
        except (ValueError, TypeError, KeyError, OverflowError, struct.error):
            return refuse(f"a {tag:.20} of its state is none")

    def special(tag: str, content: Any, part: dict[str, Any], depth: int) -> Any:
        if tag in ("$tensor", "$array"):
            if set(part) - {tag, "complex"} or part.get("complex", True) is not True:
                raise ValueError
            return _made(unused.pop(content), tag, "complex" in part)
        if len(part) > 1:
            raise ValueError
        if tag == "$scalar":
            return _scalar(*content)
        if tag == "$int":
            return int(content, 16)
        if tag == "$float":
            return struct.unpack(">d", bytes.fromhex(content))[0]
        if tag == "$complex":
            real, imaginary = build(content, depth)
            if isinstance(real, float) and isinstance(imaginary, float):
                return complex(real, imaginary)
        if tag == "$tuple" and isinstance(content, list):
            return tuple(build(content, depth))
        if tag == "$dict" and isinstance(content, list):
            pairs = [(build(key, depth + 1), build(item, depth + 1)) for key, item in content]
            if len(dict(pairs)) == len(pairs):
                return dict(pairs)
        raise ValueError

    out = build(frame, 0)
    if unused:
        refuse(f"its state does not name the array {next(iter(unused))}")
    return out
