"""Text cut into pieces before byte pairs are joined: no token reaches from one word into the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category

WHITE_SPACE = frozenset(
    [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
)
"""Unicode's property White_Space; `str.isspace` takes four control characters more."""


class _Kinds(dict[int, str]):
    """One character for each kind of code point, found when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if "a" <= char <= "z" or char in " '":
            kind = char  # of which the endings of contractions are made
        elif code in WHITE_SPACE:
            kind = "\n"
        else:
            kind = {"L": "A", "N": "0"}.get(category(char)[0], ".")
        self[code] = kind
        return kind


_KINDS = _Kinds()

# Radford et al. 2019 (GPT-2), section 2.2, as their code has it: 's and its like; letters, numbers or marks, each with
# the space before them; white space, whose last character is left to the word behind it.
_PIECES = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[a-zA]+| ?0+| ?[.']+|\s+(?!\S)|\s+")


def pieces(text: str) -> Iterator[str]:
    """The pieces of a text, which joined are the text.

    Python's `re` knows no classes of Unicode, so the expression reads a string of kinds, as long as the text.

    Example:
        >>> list(pieces("It's 3  o'clock, Zoë!"))
        ['It', "'s", ' 3', ' ', ' o', "'", 'clock', ',', ' Zoë', '!']
    """
    for match in _PIECES.finditer(text.translate(_KINDS)):
        yield text[match.start() : match.end()]
