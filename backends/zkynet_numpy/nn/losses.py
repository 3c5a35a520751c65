"""Losses over classes in few passes, and the paths of connectionist temporal classification in memory of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from zkynet.backend.namespace import BODIES

KERNELS: dict[str, Callable[..., Any]] = {}


def _powers(x: Any) -> tuple[Any, Any]:
    """Scores (N, C) less the largest of each row, and the same as powers of e."""
    largest = x.max(axis=1, keepdims=True)
    shifted = x - np.maximum(largest, np.finfo(x.dtype).min, out=largest)
    return shifted, np.exp(shifted)


def _own(labels: Any, weight: Any, ignore_index: Any, dtype: Any) -> tuple[Any, Any]:
    """Labels with a real class in place of the ignored one, and how much each example counts; None if all count 1."""
    if ignore_index is None:
        return labels, None if weight is None else weight[labels]
    counted = labels != ignore_index
    safe = labels * counted
    return safe, counted.astype(dtype) if weight is None else weight[safe] * counted


def _label_cross_entropy(
    xp: Any, x: Any, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any
) -> Any:
    if x.ndim != 2 or smoothing or x.dtype not in (np.float32, np.float64) or not x.size:
        body = BODIES["nn.label_cross_entropy"]
        return body(xp, x, labels, weight, ignore_index, smoothing, reduction)
    shifted, powers = _powers(x)
    safe, counts = _own(labels, weight, ignore_index, x.dtype)
    losses = np.log(powers.sum(axis=1)) - shifted[np.arange(len(x)), safe]
    if counts is not None:
        losses = np.where(counts == 0, x.dtype.type(0), losses * counts)
    if reduction == "none":
        return losses
    total = losses.sum()
    if reduction == "sum":
        return total
    divisor = len(x) if counts is None else counts.sum()
    return total / x.dtype.type(divisor or 1)


KERNELS["nn.label_cross_entropy"] = _label_cross_entropy


def _slope(xp: Any, g: Any, x: Any, labels: Any, weight: Any, ignore_index: Any, smoothing: Any, reduction: Any) -> Any:
    if x.ndim != 2 or smoothing or x.dtype not in (np.float32, np.float64) or not x.size:
        body = BODIES["nn.label_cross_entropy_slope"]
        return body(xp, g, x, labels, weight, ignore_index, smoothing, reduction)
    powers = _powers(x)[1]
    safe, counts = _own(labels, weight, ignore_index, x.dtype)
    if reduction == "mean":
        g = g / x.dtype.type((len(x) if counts is None else counts.sum()) or 1)
    factor = g if counts is None else g * counts  # one number, or one for each example
    powers *= (factor / powers.sum(axis=1))[:, None]
    powers[np.arange(len(x)), safe] -= factor
    return powers


KERNELS["nn.label_cross_entropy_slope"] = _slope


# -- paths --------------------------------------------------------------------------------------------------------


class _Adder:
    """``log(exp(a) + exp(b) + exp(c))`` again and again, in the same memory."""

    def __init__(self, shape: Any, dtype: Any) -> None:
        self.largest, self.part, self.total = (np.empty(shape, dtype) for _ in range(3))
        self.lowest = np.finfo(dtype).min

    def __call__(self, a: Any, b: Any, c: Any, out: Any) -> Any:
        largest, part, total = self.largest, self.part, self.total
        np.maximum(a, b, out=largest)
        np.maximum(largest, c, out=largest)
        np.maximum(largest, self.lowest, out=largest)  # minus infinity less itself would be NaN
        np.exp(np.subtract(a, largest, out=total), out=total)
        for x in (b, c):
            total += np.exp(np.subtract(x, largest, out=part), out=part)
        return np.add(np.log(total, out=total), largest, out=out)


def _alphas(emissions: Any, starts: Any, skips: Any, lengths: Any) -> Any:
    """All alphas (T, N, 2 + L): two states in front that no path is in."""
    times, n, width = emissions.shape
    alphas = np.full((times, n, width + 2), -np.inf, emissions.dtype)
    np.add(starts, emissions[0], out=alphas[0, :, 2:])
    two, add = np.empty((n, width), emissions.dtype), _Adder((n, width), emissions.dtype)
    shortest = lengths.min(initial=times)
    for t in range(1, times):
        before, now = alphas[t - 1], alphas[t, :, 2:]
        np.add(before[:, :-2], skips, out=two)
        add(before[:, 2:], before[:, 1:-1], two, now)
        now += emissions[t]
        if t >= shortest:
            over = t >= lengths
            now[over] = before[over, 2:]
    return alphas


def _likelihood(alpha: Any, ends: Any) -> Any:
    last = alpha + ends
    largest = np.maximum(last.max(axis=1, keepdims=True), np.finfo(last.dtype).min)
    return np.log(np.exp(last - largest).sum(axis=1)) + largest[:, 0]


def _paths(xp: Any, emissions: Any, starts: Any, skips: Any, ends: Any, lengths: Any) -> Any:
    return -_likelihood(_alphas(emissions, starts, skips, lengths)[-1, :, 2:], ends)


KERNELS["nn.ctc_paths"] = _paths


def _posteriors(xp: Any, emissions: Any, starts: Any, skips: Any, ends: Any, lengths: Any) -> Any:
    times, n, width = emissions.shape
    alphas = _alphas(emissions, starts, skips, lengths)
    total = -_likelihood(alphas[-1, :, 2:], ends)
    total = np.where(total == np.inf, 0, total).astype(emissions.dtype)[:, None]
    out = np.empty_like(emissions)
    after = np.full((n, width + 2), -np.inf, emissions.dtype)  # two states behind that no path is in
    beta, jump = np.array(ends), np.full((n, width + 2), -np.inf, emissions.dtype)
    add = _Adder((n, width), emissions.dtype)
    for t in range(times - 1, -1, -1):
        np.exp(np.add(np.add(alphas[t, :, 2:], beta, out=out[t]), total, out=out[t]), out=out[t])
        over = t >= lengths
        if over.any():
            out[t][over] = 0
        if t:
            np.add(beta, emissions[t], out=after[:, :-2])
            np.add(after[:, :-2], skips, out=jump[:, :-2])
            add(after[:, :-2], after[:, 1:-1], jump[:, 2:], beta)
            if over.any():
                beta[over] = ends[over]
    return out


KERNELS["nn.ctc_posteriors"] = _posteriors
