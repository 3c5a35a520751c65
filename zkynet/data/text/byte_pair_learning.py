"""Which byte pairs to join, learned from a text (Sennrich et al. 2016, section 3.2, on bytes)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import heapify, heappop, heappush

Pair = tuple[int, int]

LONGEST = 1024
"""Bytes of the longest token: pairs of pairs of pairs would soon be longer than memory."""


def learned_merges(pieces: Mapping[bytes, int], size: int, min_frequency: int) -> list[Pair]:
    """The pairs to join, in the order in which they were found most frequent.

    Tokens 0 to 255 are the bytes, and each joined pair that spells something new is the next token. Of pairs that are
    equally frequent the one with the smaller numbers is joined first.

    Args:
        pieces: how often each piece of text is there; no pair reaches beyond its piece.
        size: how many tokens there are to be.
        min_frequency: pairs that are rarer are not joined.

    Example:
        >>> learned_merges({b"aaabdaaabac": 1}, 259, 2)  # aa, then ab, then aaab
        [(97, 97), (97, 98), (256, 257)]
    """
    text = _LinkedText(pieces)
    tokens = [bytes([b]) for b in range(256)]
    number = {token: i for i, token in enumerate(tokens)}
    merges: dict[Pair, None] = {}
    # Counts in the heap may be out of date. One that has grown was pushed again; one that has shrunk is pushed again
    # when it comes to the top.
    heap = [(-count, pair) for pair, count in text.counts.items()]
    heapify(heap)
    while heap and len(tokens) < size:
        count, pair = heappop(heap)
        now = text.counts.get(pair, 0)
        if now < min_frequency:
            continue
        if now != -count:
            heappush(heap, (-now, pair))
            continue
        token = tokens[pair[0]] + tokens[pair[1]]
        if len(token) > LONGEST:
            continue
        if token not in number:  # else it is spelled by another pair already
            number[token] = len(tokens)
            tokens.append(token)
        merges[pair] = None
        for grown in text.join(pair, number[token]):
            heappush(heap, (-text.counts[grown], grown))
    return list(merges)


class _LinkedText:
    """Pieces of text as one row of tokens that know their neighbours, with counts of all pairs and where they are."""

    def __init__(self, pieces: Mapping[bytes, int]) -> None:
        self.tokens: list[int] = []
        self.before: list[int] = []
        self.after: list[int] = []
        self.weight: list[int] = []
        self.counts: dict[Pair, int] = defaultdict(int)
        self.places: dict[Pair, set[int]] = defaultdict(set)
        for piece, count in pieces.items():
            start, n = len(self.tokens), len(piece)
            self.tokens += piece
            self.before += [-1, *range(start, start + n - 1)][:n]
            self.after += [*range(start + 1, start + n), -1][-n:] if n else []
            self.weight += [count] * n
            for i in range(n - 1):
                self._gain((piece[i], piece[i + 1]), start + i)

    def _gain(self, pair: Pair, place: int) -> None:
        self.counts[pair] += self.weight[place]
        self.places[pair].add(place)

    def _lose(self, pair: Pair, place: int) -> None:
        if place in self.places.get(pair, ()):
            self.counts[pair] -= self.weight[place]
            self.places[pair].remove(place)

    def join(self, pair: Pair, token: int) -> set[Pair]:
        """Put a token in place of a pair, wherever it is; the pairs that there are more of now."""
        left, right = pair
        grown: set[Pair] = set()
        del self.counts[pair]
        for i in sorted(self.places.pop(pair)):  # from left to right: of "aaa" the first two are joined
            j = self.after[i]
            if j < 0 or self.tokens[i] != left or self.tokens[j] != right:
                continue  # its first token has gone into the pair before
            h, k = self.before[i], self.after[j]
            if h >= 0:
                self._lose((self.tokens[h], left), h)
                grown.add((self.tokens[h], token))
                self._gain((self.tokens[h], token), h)
            if k >= 0:
                self._lose((right, self.tokens[k]), j)
                grown.add((token, self.tokens[k]))
                self._gain((token, self.tokens[k]), i)
                self.before[k] = i
            self.tokens[i], self.tokens[j], self.after[i] = token, -1, k
        return {each for each in grown if self.counts[each]}
