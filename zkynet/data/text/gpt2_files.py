"""The two files in which GPT-2 keeps its byte pairs, read into the state of a `BytePairTokenizer`."""

from __future__ import annotations

import json
import os
from typing import Any

from zkynet.errors import FileFormatError
from zkynet.files import read_file


def read_gpt2_files(vocabulary: str | os.PathLike[str], merges: str | os.PathLike[str]) -> dict[str, Any]:
    """The state of the tokenizer in "vocab.json" and "merges.txt"."""
    table = _vocabulary(vocabulary)
    spelled = sign_of_byte()
    tokens = [spelled[b] for b in range(256)]
    number = {token: i for i, token in enumerate(tokens)}
    pairs: list[list[int]] = []
    for k, line in enumerate(_lines(merges)):
        if not line or (k == 0 and line.startswith("#version")):
            continue
        pair = line.split(" ")
        if len(pair) != 2 or pair[0] not in number or pair[1] not in number:
            raise damaged(merges, f"line {k + 1} joins no two tokens that are there before it: {line!r:.60}")
        pairs.append([number[pair[0]], number[pair[1]]])
        token = pair[0] + pair[1]
        if token not in number:
            number[token] = len(tokens)
            tokens.append(token)
    missing = [token for token in tokens if token not in table]
    if missing:
        raise damaged(vocabulary, f"it has no number for {missing[0]!r:.60}")
    specials = sorted(set(table) - set(tokens), key=lambda token: table[token])
    if "<|endoftext|>" in specials:
        table["<eos>"] = table["<|endoftext|>"]
        specials[specials.index("<|endoftext|>")] = "<eos>"
    numbers = [table[token] for token in [*tokens, *specials]]
    return {"kind": "zkynet byte pairs", "specials": specials, "merges": pairs, "numbers": numbers}


def sign_of_byte() -> dict[int, str]:
    """The visible sign that stands for each byte in these files.

    A byte that is a visible character of Latin-1 is that character; the others are those from U+0100 on.

    Example:
        >>> signs = sign_of_byte()
        >>> signs[ord("A")], signs[ord(" ")], signs[0]
        ('A', 'Ġ', 'Ā')
    """
    visible = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [b for b in range(256) if b not in visible]
    return {b: chr(b) if b in visible else chr(0x100 + others.index(b)) for b in range(256)}


def _vocabulary(path: str | os.PathLike[str]) -> dict[str, int]:
    data = read_file(path)
    try:
        table = json.loads(data)
    except (ValueError, RecursionError) as e:
        raise damaged(path, str(e)) from None
    if not isinstance(table, dict) or not all(type(n) is int for n in table.values()):
        raise damaged(path, "it is no table of numbers by tokens")
    if sorted(table.values()) != list(range(len(table))):
        raise damaged(path, f"it does not have each number from 0 to {len(table) - 1} once")
    if "" in table:
        raise damaged(path, "it has an empty token")
    return table


def _lines(path: str | os.PathLike[str]) -> list[str]:
    try:
        return [line.rstrip("\r") for line in read_file(path).decode("utf-8").split("\n")]
    except UnicodeDecodeError as e:
        raise damaged(path, str(e)) from None


def damaged(path: str | os.PathLike[str], reason: str) -> FileFormatError:
    """The error that says what is wrong with one of the files."""
    return FileFormatError(
        f"{path} is no intact file of a byte-pair tokenizer",
        facts=[f"reason  {reason}"],
        fix="download vocab.json and merges.txt again, both of the same model",
        path=str(path),
    )
