"""Pairs of sentences as numbers, from which a model learns to translate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zkynet.data.dataset import Dataset, place
from zkynet.data.text.special_tokens import Ids, SpecialTokens
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import whole

__all__ = ["TranslationPairs"]


class TranslationPairs(Dataset):
    """A dataset of pairs of texts as numbers: the source with its end, the target between beginning and end.

    A sample is ``(source, target)``, int64, of lengths of their own: ``source = [..., <eos>]`` and
    ``target = [<bos>, ..., <eos>]``. The decoder is given ``target[:-1]`` and has to say ``target[1:]``.
    Texts are encoded once, when the dataset is made. A loader makes padded batches with their lengths of it, if it is
    given ``collate_fn=zk.data.pad_collate``.

    Args:
        pairs: pairs of texts (source, target).
        source_vocabulary: a vocabulary or tokenizer with `<eos>`.
        target_vocabulary: one with `<bos>` and `<eos>`.
        max_length: pairs of which one text has more tokens than that, ends not counted, are left out.

    Example:
        >>> import zkynet as zk
        >>> pairs = [("go .", "va !"), ("i am .", "je suis .")]
        >>> english, french = (zk.data.Vocabulary(texts) for texts in zip(*pairs))
        >>> dataset = zk.data.TranslationPairs(pairs, english, french)
        >>> source, target = dataset[1]
        >>> english.decode(source, keep_specials=True), french.decode(target, keep_specials=True)
        ('i am . <eos>', '<bos> je suis . <eos>')
    """

    def __init__(
        self,
        pairs: Iterable[tuple[str, str]],
        source_vocabulary: Any,
        target_vocabulary: Any,
        *,
        max_length: int | None = None,
    ) -> None:
        for argument, vocabulary in (("source", source_vocabulary), ("target", target_vocabulary)):
            if not isinstance(vocabulary, SpecialTokens):
                raise ArgumentError(
                    f"TranslationPairs: {argument}_vocabulary is a vocabulary or tokenizer, "
                    f"received {described(vocabulary)}",
                    fix="make one of the texts: zk.data.Vocabulary(texts)",
                )
        longest = None if max_length is None else whole("TranslationPairs", "max_length", max_length)
        self.left_out = 0
        self._samples: list[tuple[Ids, Ids]] = []
        for pair in pairs:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise ArgumentError(
                    f"TranslationPairs: a pair is (source, target), received {described(pair)}",
                    fix="pass two texts for each",
                )
            source: Ids = source_vocabulary.encode(pair[0], eos=True)
            target: Ids = target_vocabulary.encode(pair[1], bos=True, eos=True)
            if longest is not None and max(len(source) - 1, len(target) - 2) > longest:
                self.left_out += 1
            else:
                self._samples.append((source, target))
        if not self._samples:
            raise InvalidValueError(
                "TranslationPairs: there are no pairs",
                facts=[f"left out as too long  {self.left_out}"],
                fix="pass pairs of texts, or a larger max_length",
            )
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> tuple[Ids, Ids]:
        return self._samples[place("TranslationPairs", index, len(self))]
