"""How windows slide over the last axes of an array: which elements each offset of a kernel meets.

An axis is first put into a frame, by `padding` at both its ends: zeros where that is positive, cut where it is
negative. Along an axis of the frame, window `p` begins at ``p * stride``, and its offset `k` stands at
``p * stride + k * dilation``.
"""

from __future__ import annotations

from itertools import product
from typing import Any

Numbers = tuple[int, ...]
Pairs = tuple[tuple[int, int], ...]


def counts(sizes: Any, kernel: Any, stride: Numbers, padding: Pairs, dilation: Numbers) -> Numbers:
    """How many windows there are along each axis."""
    return tuple(
        [
            (n + before + after - d * (k - 1) - 1) // s + 1
            for n, k, s, (before, after), d in zip(sizes, kernel, stride, padding, dilation, strict=True)
        ]
    )


def frame_sizes(sizes: Any, padding: Pairs) -> Numbers:
    """The lengths of the axes with their padding."""
    return tuple([n + before + after for n, (before, after) in zip(sizes, padding, strict=True)])


def overlap(sizes: Any, padding: Pairs) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where the elements lie that are in the array and in its frame: in the array, and in the frame."""
    inside, framed = [], []
    for n, (before, after) in zip(sizes, padding, strict=True):
        first = max(0, -before)
        last = max(min(n, n + after), first)
        inside.append(slice(first, last))
        framed.append(slice(first + before, last + before))
    return tuple(inside), tuple(framed)


def offsets(kernel: Any) -> list[Numbers]:
    """Every place in a kernel, the last axis first to change."""
    return list(product(*[range(k) for k in kernel]))


def met(offset: Numbers, lengths: Numbers, stride: Numbers, dilation: Numbers) -> tuple[slice, ...]:
    """The elements of the frame that one offset of the kernel meets, one for each window."""
    return tuple(
        [
            slice(k * d, k * d + (n - 1) * s + 1 if n else k * d, s)
            for k, n, s, d in zip(offset, lengths, stride, dilation, strict=True)
        ]
    )


def framed(xp: Any, x: Any, padding: Pairs) -> Any:
    """`x` with its last axes padded or cut."""
    if not any(n for pair in padding for n in pair):
        return x
    lead = len(x.shape) - len(padding)
    sizes = tuple(x.shape[lead:])
    inside, place = overlap(sizes, padding)
    every = (slice(None),) * lead
    return xp.put_into_zeros(x[every + inside], (*x.shape[:lead], *frame_sizes(sizes, padding)), every + place)


def unframed(xp: Any, frame: Any, sizes: Any, padding: Pairs) -> Any:
    """The way back of `framed`: what of a frame belongs to the elements of an array of those sizes."""
    if not any(n for pair in padding for n in pair):
        return frame
    lead = len(frame.shape) - len(padding)
    inside, place = overlap(sizes, padding)
    every = (slice(None),) * lead
    part = frame[every + place]
    if part.shape[lead:] == tuple(sizes):
        return part
    return xp.put_into_zeros(part, (*frame.shape[:lead], *sizes), every + inside)
