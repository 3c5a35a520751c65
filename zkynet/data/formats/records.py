"""Lines of a CSV file, cut into fields; a field may stand in quotes, and then hold separators and ends of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from zkynet.data.formats.sources import damaged


class Record(NamedTuple):
    """The fields of a line, and where it begins: which line it is, counted from 1, and at which byte."""

    fields: list[bytes]
    line: int
    at: int


def records(data: bytes, name: str, separator: bytes) -> Iterator[Record]:
    """The records of a CSV file (RFC 4180); empty lines are passed over.

    Args:
        data: what the file holds.
        name: what it is called in errors.
        separator: what stands between fields.

    Example:
        >>> [record.fields for record in records(b'a,b\\r\\n"x, y",2', "a.csv", b",")]
        [[b'a', b'b'], [b'x, y', b'2']]
    """
    escaped = re.escape(separator)
    field = re.compile(rb'"((?:[^"]++|"")*+)"|([^"' + escaped + rb"\r\n]*+)")
    at, line = 0, 1
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        plain = data[at:end].removesuffix(b"\r")
        if b'"' not in plain:  # the usual case, and the quick one
            if b"\r" in plain:
                where = at + plain.index(b"\r")
                raise damaged(name, "a line ends within itself", f"line {line}, byte {where}: found \\r without \\n")
            if plain:
                yield Record(plain.split(separator), line, at)
            at, line = end + 1, line + 1
            continue
        begin, first, fields = at, line, []
        while True:
            match = field.match(data, at)
            assert match is not None, "the second half of the pattern fits the empty field"
            if match[1] is None and data[at : at + 1] == b'"':
                raise damaged(
                    name,
                    "a quote that opens is never closed",
                    f"line {line}, byte {at}: the field begins with {data[at : at + 20]!r}",
                )
            quoted = match[1]
            fields.append(match[2] if quoted is None else quoted.replace(b'""', b'"'))
            line += 0 if quoted is None else quoted.count(b"\n")
            at = match.end()
            if data.startswith(separator, at):
                at += len(separator)
                continue
            if at == len(data) or data[at : at + 1] == b"\n" or data[at : at + 2] == b"\r\n":
                break
            raise damaged(
                name,
                "a field goes on behind its quote" if quoted is not None else "there is a quote within a field",
                f"line {line}, byte {at}: expected {separator.decode()!r} or the end of the line",
                f"found {data[at : at + 20]!r}",
            )
        yield Record(fields, first, begin)
        at, line = data.find(b"\n", at) + 1 or len(data), line + 1
