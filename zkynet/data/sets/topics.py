"""A text for models of characters that is on every machine with Python."""

from __future__ import annotations

import platform
import unicodedata
from itertools import accumulate

from zkynet.data.sets.collection import TextCollection
from zkynet.errors import MissingFileError

__all__ = ["topics_text"]

PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "ß": "ss"})


def topics_text() -> TextCollection:
    """Python's own help on its language: 370,000 to 410,000 characters of English prose and code, on every machine.

    It is what ``help("topics")`` shows, the texts in the alphabetical order of their names. A paragraph that occurs
    in several texts is kept once, so that none of the validation part is in the training part. Typographic quotes and
    dashes are made plain, other characters outside of ASCII are left out: the alphabet is the same for all versions
    of Python, 96 characters at most. The text is that of the Python it runs on: it differs between versions (3.11.2
    and 3.11.7 too), and is always the same for one. The last tenth, from the beginning of a paragraph, is for
    validation.

    Example:
        >>> import zkynet as zk
        >>> text = zk.data.topics_text()
        >>> text.characters.isascii(), len(text.train) > 200_000
        (True, True)
    """
    try:
        from pydoc_data.topics import topics
    except ImportError:
        raise MissingFileError(
            "topics_text: this Python came without the module pydoc_data, which holds the text",
            fix="install Python's whole standard library (Debian: libpython3-stdlib), or use zk.data.shakespeare()",
        ) from None
    kept = dict.fromkeys(
        paragraph.strip("\n") for name in sorted(topics) for paragraph in plain(topics[name]).split("\n\n")
    )
    kept.pop("", None)
    paragraphs = [f"{paragraph}\n\n" for paragraph in kept]
    ends = list(accumulate(map(len, paragraphs)))
    cut = sum(end <= 0.9 * ends[-1] for end in ends)
    return TextCollection(
        name="topics_text",
        train="".join(paragraphs[:cut]),
        validation="".join(paragraphs[cut:]),
        source=f"pydoc_data.topics of Python {platform.python_version()}, © Python Software Foundation",
        licence="PSF-2.0",
    )


def plain(text: str) -> str:
    """A text in ASCII, without control characters but for the ends of lines."""
    text = unicodedata.normalize("NFKD", text.expandtabs(8).translate(PLAIN))
    return "".join(c for c in text if c == "\n" or " " <= c <= "~")
