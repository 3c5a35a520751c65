"""What a parser reads: bytes, or a file."""

from __future__ import annotations

import gzip
import os
import zlib

from zkynet.errors import ArgumentError, FileFormatError, described
from zkynet.files import read_file


def taken(function: str, source: str | os.PathLike[str] | bytes) -> tuple[bytes, str]:
    """The bytes to parse, and what to call them in errors; a file compressed by gzip is decompressed.

    Args:
        function: the function that asks, for the error.
        source: a path, or the bytes themselves.

    Example:
        >>> taken("read_idx", gzip.compress(b"abc"))
        (b'abc', 'these bytes')
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, name = bytes(source), "these bytes"
    elif isinstance(source, (str, os.PathLike)):
        data, name = read_file(source), os.fspath(source)
    else:
        raise ArgumentError(
            f"{function} expected a path or bytes, received {described(source)}", fix="pass the path of the file"
        )
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as e:
            raise damaged(name, "it cannot be decompressed", f"reason  {e}") from None
    return data, name


def damaged(name: str, headline: str, *facts: str, fix: str = "") -> FileFormatError:
    """The error of a file that is not as it should be.

    Args:
        name: the file.
        headline: what is wrong.
        facts: where, what was expected, what was found.
        fix: the way out.

    Example:
        >>> print(damaged("a.csv", "it is empty"))
        a.csv: it is empty
          Fix: fetch the file again
    """
    return FileFormatError(f"{name}: {headline}", facts=facts, fix=fix or "fetch the file again", path=name)
