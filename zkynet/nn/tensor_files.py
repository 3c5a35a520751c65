"""The safetensors format: the length of a header, the header in JSON, and the values of one array after another.

Written and read one array at a time, so that a second copy of all of them is never in memory.
With checksums, words in the header's metadata cover all bytes of the file:

- ``zkynet.sha256``: by array, in the order of the values, the SHA-256 of name, dtype, shape (as JSON) and bytes;
- ``zkynet.header``: the SHA-256 of the length and the header, in which this one word stands as zeros.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import numpy as np

from zkynet import dtypes as dt
from zkynet.errors import FileFormatError, InvalidValueError
from zkynet.files import opened, replacing
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
    "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
    "C64": "complex64",
}  # fmt: skip
"""dtypes by the names that the format gives them."""

OF_DTYPE = {dtype: name for name, dtype in NAMES.items()}

CHECKSUMS, HEADER = "zkynet.sha256", "zkynet.header"

LONGEST_HEADER = 32_000_000
"""More is refused: decoded, a header takes up to fifty times its length. (The safetensors library has 100 MB.)"""

AT_ONCE = 1 << 20
"""So many bytes are written in one go; arrays of more are checked by another thread."""

ZEROS = "0" * 64

ANOTHER = "save or download it again; PyTorch makes one of a .pt file with safetensors.torch.save_file"

Values = Tensor | np.ndarray[Any, Any]


@dataclass(frozen=True)
class Entry:
    """Where the values of one array stand, counted from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    def checksum(self, data: memoryview) -> str:
        """The SHA-256 of what the array is called and is, and of its bytes."""
        sums = hashlib.sha256(json.dumps([self.name, self.dtype, self.shape], separators=(",", ":")).encode())
        sums.update(data)
        return sums.hexdigest()


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Values], metadata: Mapping[str, str], checksums: bool = False
) -> None:
    """Write a file, whole or not at all."""
    from concurrent.futures import ThreadPoolExecutor  # not needed for `import zkynet.nn`

    entries = list(_laid_out(tensors))
    words = {**metadata, CHECKSUMS: " ".join([ZEROS] * len(entries)), HEADER: ZEROS} if checksums else dict(metadata)
    head = _head(words, entries)
    if len(head) > LONGEST_HEADER:
        raise InvalidValueError(
            f"{path}: all but the arrays takes {len(head) / 1e6:.1f} MB; {LONGEST_HEADER / 1e6:.0f} MB are allowed",
            fix="make arrays of long lists of numbers",
        )
    with replacing(path, len(head) + (entries[-1].end if entries else 0)) as file:
        file.write(head)
        with ThreadPoolExecutor(1) as other:  # counts the checksum of what is being written
            found = [_write_values(file, entry, tensors[entry.name], checksums, other) for entry in entries]
        if checksums:  # they take the same room as the zeros did
            words[CHECKSUMS] = " ".join(found)
            words[HEADER] = hashlib.sha256(_head(words, entries)).hexdigest()
            file.seek(0)
            file.write(_head(words, entries))


def _write_values(file: BinaryIO, entry: Entry, values: Values, checksums: bool, other: ThreadPoolExecutor) -> str:
    """Write one array; its checksum, if that is wanted."""
    data = _bytes_of(values)
    sums = other.submit(entry.checksum, data) if checksums and len(data) > AT_ONCE else None
    for at in range(0, len(data), AT_ONCE):
        file.write(data[at : at + AT_ONCE])
    if not checksums:
        return ""
    return sums.result() if sums is not None else entry.checksum(data)


def _laid_out(tensors: Mapping[str, Values]) -> Iterator[Entry]:
    at = 0
    # wide types first, as the library has it, so that all values are aligned
    for name in sorted(tensors, key=lambda n: (-tensors[n].dtype.itemsize, n)):
        shape = tuple(tensors[name].shape)
        size = math.prod(shape) * tensors[name].dtype.itemsize
        yield Entry(name, OF_DTYPE[tensors[name].dtype.name], shape, at, at + size)
        at += size


def _head(metadata: Mapping[str, str], entries: list[Entry]) -> bytes:
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    for e in entries:
        header[e.name] = {"dtype": e.dtype, "shape": e.shape, "data_offsets": (e.begin, e.end)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _bytes_of(values: Values) -> memoryview:
    """The bytes of an array, in C order and the order of bytes of the format."""
    array = values.detach().numpy() if isinstance(values, Tensor) else values
    array = np.asarray(array, order="C").astype(array.dtype.newbyteorder("<"), copy=False)
    return array.reshape(-1).view(np.uint8).data


class TensorFile:
    """A file open for reading, whose header has been checked: all of it fits together and into the file.

    With `checksums`, only a file that carries them will do.
    """

    def __init__(self, path: str | os.PathLike[str], checksums: bool = False) -> None:
        self.path = path
        self.fix = "load an earlier one" if checksums else ANOTHER
        self.file: BinaryIO = opened(path)
        try:
            self.size = os.fstat(self.file.fileno()).st_size
            head = self._read_head(checksums)
            self.start = len(head)
            self.checked = checksums and self._check_head(head)
            self.metadata, self.entries = self._parsed(head[8:])
            self.sums = self.metadata.get(CHECKSUMS, "").split(" ") if self.checked else []
            if self.checked and len(self.sums) != max(1, len(self.entries)):
                self.refuse(f"{len(self.entries)} arrays have {len(self.sums)} checksums")
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> TensorFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def refuse(self, reason: str, headline: str = "") -> NoReturn:
        raise FileFormatError(
            headline or f"{self.path} is no intact safetensors file",
            facts=[f"size    {self.size} bytes", f"reason  {reason}"],
            fix=self.fix,
            path=str(self.path),
            reason=reason,
        )

    def _read_head(self, checksums: bool) -> bytes:
        start = self.file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8:
            self.refuse("it ends before its header")
        if length > min(self.size - 8, LONGEST_HEADER if checksums else 100_000_000):
            self.refuse(f"its header is said to have {length} bytes")
        head = start + self.file.read(length)
        if len(head) < 8 + length:
            self.refuse("it ends within its header")
        return head

    def _check_head(self, head: bytes) -> bool:
        found = list(re.finditer(rb'"' + re.escape(HEADER.encode()) + rb'":"([0-9a-f]{64})"', head))
        if len(found) != 1:
            self.refuse(
                "its header has no checksum of its own",
                f"{self.path} is no checkpoint of zkynet, or its header is damaged",
            )
        before, after = head[: found[0].start(1)], head[found[0].end(1) :]
        if hashlib.sha256(before + ZEROS.encode() + after).hexdigest().encode() != found[0][1]:
            self.refuse("its header is not what was written", f"{self.path} is damaged in its header")
        return True

    def _parsed(self, text: bytes) -> tuple[dict[str, str], list[Entry]]:
        header = strict_json(text, self.refuse)
        if not isinstance(header, dict):
            self.refuse("its header is no dict")
        metadata = header.pop("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(word, str) for word in metadata.values()):
            self.refuse("its metadata are no words")
        entries = sorted((self._entry(n, e) for n, e in header.items()), key=lambda e: (e.begin, e.end))
        at = 0
        for entry in entries:
            if entry.begin != at:
                self.refuse(f"the values of {entry.name} begin at {entry.begin}, those before end at {at}")
            at = entry.end
        if self.start + at != self.size:
            self.refuse(f"its values are said to have {at} bytes, and there are {self.size - self.start}")
        return metadata, entries

    def _entry(self, name: str, given: Any) -> Entry:
        if not isinstance(given, dict) or set(given) != {"dtype", "shape", "data_offsets"}:
            self.refuse(f"of {name!r:.60}, dtype, shape and place are to be known, and nothing else")
        dtype, shape, place = given["dtype"], given["shape"], given["data_offsets"]
        if not (isinstance(dtype, str) and dtype in NAMES):
            self.refuse(f"{name!r:.60} is {dtype!r:.30}, which zkynet does not have")
        lists = isinstance(shape, list) and isinstance(place, list) and len(place) == 2
        if not lists or len(shape) > 64 or not all(type(n) is int and 0 <= n < 2**63 for n in (*shape, *place)):
            self.refuse(f"{name!r:.60} has an impossible shape or place")
        size = math.prod(shape) * dt.as_dtype(NAMES[dtype]).itemsize
        if math.prod(n for n in shape if n) >= 2**59 or place[1] - place[0] != size:
            self.refuse(f"{name!r:.60} of shape {tuple(shape)!s:.60} cannot have {place[1] - place[0]} bytes")
        return Entry(name, dtype, tuple(shape), *place)

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """The arrays by name, each in memory of its own; all have been checked."""
        from concurrent.futures import ThreadPoolExecutor

        self.file.seek(self.start)
        out: dict[str, np.ndarray[Any, Any]] = {}
        sums = []
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as others:  # for reading is faster than checking
            for entry in self.entries:
                out[entry.name] = array = np.empty(entry.shape, dt.as_dtype(NAMES[entry.dtype]))
                data = array.reshape(-1).view(np.uint8).data
                if self.file.readinto(data) != len(data):  # type: ignore[attr-defined]
                    self.refuse(f"it ends within the values of {entry.name}")
                if self.checked:
                    large = len(data) > AT_ONCE
                    sums.append(others.submit(entry.checksum, data) if large else entry.checksum(data))
        for name, found, wanted in zip(out, sums, self.sums, strict=False):  # an empty file has a checksum too many
            if (found if isinstance(found, str) else found.result()) != wanted:
                self.refuse(
                    f"the values of {name} are not those that were written", f"{self.path} is damaged in {name}"
                )
        for name, array in out.items():
            if array.dtype == dt.bool and array.size and array.view(np.uint8).max() > 1:
                self.refuse(f"{name} is neither true nor false everywhere")
            if sys.byteorder == "big":
                array.byteswap(inplace=True)
        return out


def strict_json(text: bytes | str, refuse: Any) -> Any:
    """What JSON says, if it says each thing once, and in JSON; else `refuse` is called with the reason."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) < len(pairs):
            raise ValueError("a name stands there twice")
        return out

    def no(word: str) -> NoReturn:
        raise ValueError(f"{word} is no JSON")

    try:
        return json.loads(text if isinstance(text, str) else text.decode(), object_pairs_hook=once, parse_constant=no)
    except (ValueError, RecursionError) as e:  # wrong UTF-8 is a ValueError, too
        return refuse(f"its header cannot be read: {e!s:.100}")
