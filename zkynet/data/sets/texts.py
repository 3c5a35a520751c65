"""Texts that are downloaded when asked for: tiny Shakespeare, and sentences in English and French."""

from __future__ import annotations

import zlib

from zkynet.data.download.fetching import contents
from zkynet.data.sets.bundled import at_least
from zkynet.data.sets.collection import PairCollection, TextCollection
from zkynet.data.sets.remote_files import SENTENCE_PAIRS, SHAKESPEARE

__all__ = ["sentence_pairs", "shakespeare"]


def shakespeare(*, progress: bool = True) -> TextCollection:
    """Tiny Shakespeare: 1,115,394 characters of his plays; the first nine tenths are for training.

    The file (1.1 MB) is downloaded at the first call, and kept in `data_folder`. Karpathy: The unreasonable
    effectiveness of recurrent neural networks, 2015.

    Args:
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.shakespeare().train[:14]  # doctest: +SKIP
        'First Citizen:'
    """
    (data,) = contents(SHAKESPEARE, progress)
    text = data.decode("ascii")
    cut = len(text) * 9 // 10
    return TextCollection(
        name="shakespeare",
        train=text[:cut],
        validation=text[cut:],
        source="W. Shakespeare, chosen by A. Karpathy, https://github.com/karpathy/char-rnn",
        licence="public domain",
    )


def sentence_pairs(*, longest: int | None = None, progress: bool = True) -> PairCollection:
    """English sentences and their translation to French: 167,130 pairs, the short ones first.

    One sentence in 20 is set aside with all its translations, by its CRC-32, for testing: no English sentence is in
    both parts. The two kinds of space that do not break, before French marks, are made plain spaces. The file (3.4 MB)
    is downloaded at the first call, and kept in `data_folder`.

    Args:
        longest: leave out pairs with more words than these in one of the two languages.
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.sentence_pairs().train[0]  # doctest: +SKIP
        ('Hi.', 'Salut !')
    """
    words = None if longest is None else at_least("sentence_pairs", "longest", longest, 1)
    (data,) = contents(SENTENCE_PAIRS, progress)
    train: list[tuple[str, str]] = []
    test: list[tuple[str, str]] = []
    for line in data.decode().replace("\u202f", " ").replace("\xa0", " ").split("\n")[:-1]:
        english, french = line.split("\t")
        if words is None or max(len(english.split()), len(french.split())) <= words:
            (train if zlib.crc32(english.encode()) % 20 else test).append((english, french))
    return PairCollection(
        name="sentence_pairs",
        train=train,
        test=test,
        source="https://tatoeba.org, by way of https://www.manythings.org/anki, 2019-04-07",
        licence="CC BY 2.0 FR",
    )
