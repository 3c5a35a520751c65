"""The task of the two lessons on translation: texts as rows of numbers, what counts as a mistake, how it is measured.

Dates as people write them are translated to ISO 8601, character by character: "the 3rd of May, 2004" to "2004-05-03".
With `--data sentence-pairs` it is English to French, in pieces of words (Sennrich, Haddow and Birch, "Neural machine
translation of rare words with subword units", 2016, arXiv:1508.07909).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

import zkynet as zk
from zkynet.nn import functional as F
from zkynet.runs import Run

Pairs = list[tuple[str, str]]


class Task(NamedTuple):
    """Texts (n, S) and their translations (n, 1 + T) as numbers, to train on and to test with.

    Each ends with `vocabulary.eos_id`, a translation also begins with `vocabulary.bos_id`; rows are filled up with
    `vocabulary.pad_id` to one length, so that all batches have one shape.
    """

    vocabulary: Any  # one for both sides
    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]
    pairs: Pairs  # those of the test, as texts


@cache
def task(data: str, examples: int | None = None) -> Task:
    """Dates or sentences, so many of them to train on; by default 20,480 dates, and all sentences."""
    specials = ("<pad>", "<unk>", "<bos>", "<eos>")
    if data == "dates":
        n = examples or 20_480
        found = zk.data.dates(n, test=min(n, 1_024))  # no day of the test is in training, in any form
        train, test = found.train, found.test
        vocabulary: Any = zk.data.CharacterVocabulary((text for pair in train for text in pair), specials=specials)
    else:
        found = zk.data.sentence_pairs(longest=10)
        some = (text for pair in found.train[::5] for text in pair)
        vocabulary = zk.data.BytePairTokenizer.train(some, vocab_size=2_000, specials=specials)
        train, test = (
            [pair for pair in part if all(len(vocabulary.encode(text)) < 20 for text in pair)]
            for part in (found.train, found.test)
        )
        train, test = by_lot(train, examples or len(train)), by_lot(test, 1_024)
    n = len(train)
    x = padded([vocabulary.encode(text, eos=True) for text, _ in [*train, *test]], vocabulary.pad_id)
    y = padded([vocabulary.encode(text, bos=True, eos=True) for _, text in [*train, *test]], vocabulary.pad_id)
    return Task(vocabulary, (x[:n], y[:n]), (x[n:], y[n:]), test)


def by_lot(pairs: Pairs, n: int) -> Pairs:
    """So many pairs, always the same; in the file, the short ones come first."""
    return [pairs[i] for i in np.random.default_rng(0).permutation(len(pairs))[:n]]


def padded(rows: list[np.ndarray], pad: int, length: int | None = None) -> np.ndarray:
    """Rows of different lengths as one array (n, length), filled up on the right; by default as long as the longest."""
    out = np.full((len(rows), length or max(map(len, rows))), pad)
    for line, row in zip(out, rows, strict=True):
        line[: len(row)] = row[: len(line)]
    return out


def loss_and_exact(
    logits: zk.Tensor, targets: zk.Tensor, pad: int, smoothing: float = 0.0
) -> tuple[zk.Tensor, dict[str, zk.Tensor]]:
    """The mean loss of all tokens that are no padding, and the share of texts with every token right.

    In training the writer is shown the right beginning, whatever it would have written itself ("teacher forcing"). If
    it then makes no mistake, it makes none by itself either, for it then sees that same beginning.
    """
    loss = F.cross_entropy(
        logits.reshape((-1, logits.shape[-1])), targets.reshape(-1), ignore_index=pad, label_smoothing=smoothing
    )
    right = (zk.argmax(logits, axis=-1) == targets) | (targets == pad)
    return loss, {"exact match": zk.all(right, axis=1).astype("float32").mean()}


def measure(run: Run, pairs: Pairs, written: list[str], result: str = "") -> None:
    """Compare what was written with the right translations of the test.

    Args:
        run: which is told the result.
        pairs: texts and their translations.
        written: what the model made of each text.
        result: what to put before the result's name.
    """
    rows = [{"read": x, "written": text, "right": y} for (x, y), text in zip(pairs, written, strict=True)]
    wrong = [row for row in rows if row["written"] != row["right"]]
    if run.settings["data"] == "dates":
        run.result(f"{result}exact match", 1 - len(wrong) / len(rows))
    else:  # a sentence has several good translations; BLEU counts the runs of 1 to 4 words that are in one of them
        good: dict[str, list[list[str]]] = {}
        for x, y in pairs:
            good.setdefault(x, []).append(words(y))
        bleu = zk.metrics.BLEU()
        bleu.update([words(text) for text in written], [good[x] for x, _ in pairs])
        run.result(f"{result}BLEU", 100 * bleu.compute())
    if wrong:
        run.table(f"{result}mistakes", wrong[:10], caption=f"{len(wrong)} of {len(rows)} are not as in the test.")


def words(text: str) -> list[str]:
    """Words and marks."""
    return re.findall(r"\w+|[^\w\s]", text)


def in_batches(size: int, rows: np.ndarray) -> Iterable[zk.Tensor]:
    """Rows in batches, as tensors."""
    for start in range(0, len(rows), size):
        yield zk.tensor(rows[start : start + size])


def tokens_of(vocabulary: Any, ids: Any) -> list[str]:
    """What each number stands for, for the axes of pictures."""
    marks = {vocabulary.bos_id: "BEGIN", vocabulary.eos_id: "END"}
    return [marks.get(int(i)) or vocabulary.decode([i]) for i in ids if int(i) != vocabulary.pad_id]
