"""Connectionist temporal classification: the likelihood of a text, whatever the time at which each letter is said.

Graves et al., Connectionist temporal classification (2006). For a text of S letters a path goes through the states
"blank, first letter, blank, second letter, ..., blank", L = 2 S + 1 of them. It stays, goes on by one, or leaves out a
blank between two different letters. ``alpha[t, s]`` is the logarithm of the probability of all beginnings that end in
state s at time t, ``beta[t, s]`` that of all continuations from there on. All are computed for the whole batch at once.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import Array, ArrayLike
from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.nn.functional.class_labels import NOTICE
from zkynet.nn.functional.classification_losses import LOG_SOFTMAX
from zkynet.nn.functional.loss_arguments import (
    needs_examples,
    on_raw,
    operand,
    prediction,
    reduced,
    reduction_of,
)
from zkynet.ops.along_axis import take_along_axis
from zkynet.ops.arguments import flag, whole
from zkynet.ops.casting import cast
from zkynet.ops.define import op
from zkynet.ops.extrema import maximum
from zkynet.ops.selecting import where
from zkynet.ops.shaping import broadcast_to, reshape
from zkynet.tensor import Tensor

__all__ = ["ctc_loss"]


# -- paths through the states -------------------------------------------------------------------------------------
#
# emissions (T, N, L): the logarithm of the probability of each state's letter. starts, skips, ends (N, L): 0 for a
# state where a path may start, that may be reached from the last but one, where a path may end; else minus infinity.


@op(name="nn.ctc_paths", kinds="real float")
def _paths(xp: Any, emissions: Array, starts: Any, skips: Any, ends: Any, lengths: Any) -> Array:
    """Minus the logarithm of the probability of all paths, (N,)."""
    return -likelihood(xp, _alphas(xp, emissions, starts, skips, lengths)[-1], ends)


@_paths.gradient("emissions")
def _(xp: Any, g: Any, emissions: Any, starts: Any, skips: Any, ends: Any, lengths: Any) -> Any:
    if isinstance(g, Tensor):  # to be differentiated again: step by step
        starts, skips, ends, lengths = (on_raw(g, a) for a in (starts, skips, ends, lengths))
        return _posteriors(xp, emissions, starts, skips, ends, lengths) * -xp.reshape(g, (1, -1, 1))
    return xp.nn.ctc_posteriors(emissions, starts, skips, ends, lengths) * -xp.reshape(g, (1, -1, 1))


@op(name="nn.ctc_posteriors", kinds="real float", differentiable=False)
def _posteriors_op(xp: Any, emissions: Array, starts: Any, skips: Any, ends: Any, lengths: Any) -> Array:
    """The probability of each state at each time, given the text: (T, N, L)."""
    return _posteriors(xp, emissions, starts, skips, ends, lengths)


def _alphas(xp: Any, emissions: Any, starts: Any, skips: Any, lengths: Any) -> list[Any]:
    alphas = [starts + emissions[0, ...]]
    for t in range(1, emissions.shape[0]):
        alphas.append(onwards(xp, alphas[-1], emissions[t, ...], skips, t < lengths))
    return alphas


def _posteriors(xp: Any, emissions: Any, starts: Any, skips: Any, ends: Any, lengths: Any) -> Any:
    alphas = _alphas(xp, emissions, starts, skips, lengths)
    beta, betas = ends, [ends]
    for t in range(emissions.shape[0] - 1, 0, -1):
        beta = backwards(xp, beta, emissions[t, ...], skips, ends, t < lengths)
        betas.append(beta)
    total = -likelihood(xp, alphas[-1], ends)
    return shares(xp, xp.stack(alphas), xp.stack(betas[::-1]), total, lengths)


def onwards(xp: Any, alpha: Any, emission: Any, skips: Any, goes_on: Any) -> Any:
    """The next alpha; that of before for sequences that are over.

    Args:
        xp: the namespace.
        alpha: (N, L).
        emission: (N, L), at the next time.
        skips: (N, L).
        goes_on: (N,), whether the sequence is that long.
    """
    width = alpha.shape[1]
    never = xp.full_like(alpha[:, : min(2, width)], -math.inf)
    one = xp.concat([never[:, :1], alpha[:, : width - 1]], axis=1)
    two = xp.concat([never, alpha[:, : max(width - 2, 0)]], axis=1) + skips
    return xp.where(goes_on[:, None], _add_up(xp, alpha, one, two) + emission, alpha)


def backwards(xp: Any, beta: Any, emission: Any, skips: Any, ends: Any, goes_on: Any) -> Any:
    """The beta of the time before; `ends` for sequences that were over by then.

    Args:
        xp: the namespace.
        beta: (N, L).
        emission: (N, L), at the time of `beta`.
        skips: (N, L).
        ends: (N, L).
        goes_on: (N,), whether the sequence is long enough for that time.
    """
    width = beta.shape[1]
    after = beta + emission
    never = xp.full_like(after[:, : min(2, width)], -math.inf)
    one = xp.concat([after[:, 1:], never[:, :1]], axis=1)
    two = xp.concat([(after + skips)[:, min(2, width) :], never], axis=1)
    return xp.where(goes_on[:, None], _add_up(xp, after, one, two), ends)


def _add_up(xp: Any, a: Any, b: Any, c: Any) -> Any:
    return xp.logsumexp(xp.stack([a, b, c]), axis=0)


def likelihood(xp: Any, alpha: Any, ends: Any) -> Any:
    """The logarithm of the probability of all paths, (N,): those that end where they may.

    Args:
        xp: the namespace.
        alpha: (N, L), the last one.
        ends: (N, L).
    """
    return xp.logsumexp(alpha + ends, axis=1)


def shares(xp: Any, alphas: Any, betas: Any, total: Any, lengths: Any) -> Any:
    """The probability of each state at each time among the paths of the text; 0 where there are none, or time is over.

    Args:
        xp: the namespace.
        alphas: (T, N, L).
        betas: (T, N, L).
        total: (N,), minus the logarithm of the probability of all paths.
        lengths: (N,).
    """
    total = xp.where(total == math.inf, 0.0, total)
    times = xp.cumulative_sum(xp.ones_like(alphas[:, :1, :1]), axis=0)  # 1, 2, ...
    inside = times <= xp.reshape(xp.astype(lengths, total.dtype), (1, -1, 1))
    return xp.where(inside, xp.exp(alphas + betas + xp.reshape(total, (1, -1, 1))), 0.0)


# -- what users call ----------------------------------------------------------------------------------------------


def ctc_loss(
    log_probs: Array,
    targets: ArrayLike,
    input_lengths: ArrayLike,
    target_lengths: ArrayLike,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """Minus the logarithm of the probability of texts, given probabilities of letters at each time.

    The sum is over all ways to say the letters in time, with blanks between them where one likes (Graves et al., 2006).

    Args:
        log_probs: what `log_softmax` gives, (T, N, C) or (T, C): times, examples, letters.
        targets: the letters of each text, integers (N, S), or those of all texts one after the other, (number,).
        input_lengths: how many times each example has, (N,) or ().
        target_lengths: how many letters each text has, (N,) or ().
        blank: the letter that says nothing.
        reduction: "mean" divides each loss by the length of its text (by 1 if that is 0), and averages; "sum", "none".
        zero_infinity: give texts that are too long for their time the loss 0, not infinity. Their gradient is 0.

    Gradient: minus the probability of each letter at each time, given the text. PyTorch adds the softmax, which makes
    no difference behind `log_softmax`.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.nn import functional as F
        >>> x = zk.log(zk.full((2, 1, 2), 0.5))  # two times, a blank and one letter, all equally likely
        >>> loss = F.ctc_loss(x, zk.tensor([[1]]), [2], [1])  # "a-", "-a" and "aa" say "a"
        >>> round(zk.exp(-loss).item(), 4)
        0.75
    """
    name = "ctc_loss"
    x = prediction(name, "log_probs", log_probs)
    reduction = reduction_of(name, reduction)
    if x.ndim not in (2, 3) or 0 in (x.shape[0], x.shape[-1]):
        raise ShapeError(
            f"{name}: log_probs has the shape (times, examples, letters), or without examples, received {x.shape}",
            fix="transpose the first two axes of what has the examples first",
            op=name,
            shape=x.shape,
        )
    single = x.ndim == 2
    x = reshape(x, (x.shape[0], 1, x.shape[1])) if single else x
    times, examples, letters = x.shape
    blank = whole(name, "blank", blank)
    if not 0 <= blank < letters:
        raise InvalidValueError(
            f"{name}: blank is one of {letters} letters, received {blank}", fix="0 is the usual one", op=name
        )
    before = _lengths(name, "input_lengths", input_lengths, x, 1, times, "log_probs has so many times")
    after, texts = _texts(name, targets, target_lengths, x, blank)
    NOTICE.look(name, x[0], "logarithms of probabilities", LOG_SOFTMAX)
    losses = _losses(x, texts, before, after, blank)
    if flag(name, "zero_infinity", zero_infinity):
        losses = where(losses.detach() == math.inf, 0.0, losses)
    if reduction == "mean":
        needs_examples(name, (examples,))
        losses = losses / cast(maximum(after, 1), x.dtype)
    out = reduced(name, losses, reduction)
    return reshape(out, ()) if single else out


def _losses(x: Tensor, texts: Tensor, before: Tensor, after: Tensor, blank: int) -> Tensor:
    """The loss of each example; `texts` (N, S) are filled up with anything."""
    name = "ctc_loss"
    host, long = _host(texts), _host(after)
    if host is None or long is None:
        states, *allowed = _states(Recording.namespace, texts, after, operand(name, _places(texts), x), blank)
    else:
        states, *allowed = _states(np, host, long, _places(host), blank)
        allowed = [a.astype("float32") for a in allowed]
    wide = x if x.dtype.itemsize > 2 else cast(x, dt.float32)
    states = broadcast_to(operand(name, states, x), (x.shape[0], *states.shape))
    emissions = take_along_axis(wide, states, axis=2)
    starts, skips, ends = (cast(operand(name, a, x), wide.dtype)._raw for a in allowed)
    return cast(_paths(emissions, starts, skips, ends, before._raw), x.dtype)


def _places(texts: Any) -> Any:
    """The numbers of the states."""
    return np.arange(2 * texts.shape[1] + 1)


def _states(xp: Any, texts: Any, after: Any, place: Any, blank: int) -> Any:
    """The letter of each state (N, L); for starts, skips and ends 0 where it may be one, minus infinity elsewhere."""
    examples, letters = texts.shape
    between = xp.reshape(xp.stack([xp.full_like(texts, blank), texts], axis=-1), (examples, 2 * letters))
    states = xp.concat([between, xp.full_like(after[:, None], blank)], axis=1)
    never = states != states
    last = 2 * after[:, None]
    different = xp.concat([never[:, :2], states[:, 2:] != states[:, :-2]], axis=1) if letters else never
    masks = (place < 2) | never, different & (states != blank), (place == last) | (place == last - 1)
    return states, *(xp.where(mask, 0.0, -math.inf) for mask in masks)


def _host(t: Tensor) -> Any:
    """The values of a tensor if they may be looked at, else None."""
    return t.backend.to_numpy(t._raw) if t.backend.can_look(t._raw) else None


def _lengths(name: str, what: str, value: Any, x: Tensor, least: int, most: int, why: str) -> Tensor:
    t = operand(name, value, x)
    if t.shape == () and x.shape[1] == 1:
        t = reshape(t, (1,))
    if dt.kind_rank(t.dtype) != 1 and t.size:
        raise DTypeError(
            f"{name}: {what} are whole numbers, received {t.dtype}", fix=f"{what}.astype(zk.int64)", op=name
        )
    if t.shape != (x.shape[1],):
        raise ShapeError(
            f"{name}: there are {x.shape[1]} examples, and {what} of shape {t.shape}",
            fix="pass one length for each example",
            op=name,
            shape=t.shape,
        )
    host = _host(t)
    if host is not None and host.size and (host.min() < least or host.max() > most):
        i = int(np.argmax((host < least) | (host > most)))
        raise InvalidValueError(
            f"{name}: {what}[{i}] is {int(host[i])}, which is not from {least} to {most}",
            facts=[why],
            fix="pass the lengths before padding",
            op=name,
            position=(i,),
        )
    return cast(t, dt.int64)


def _texts(name: str, targets: Any, lengths: Any, x: Tensor, blank: int) -> tuple[Tensor, Tensor]:
    """How long the texts are, and the texts with an axis for the examples."""
    t = operand(name, targets, x)
    if dt.kind_rank(t.dtype) != 1 and t.size:
        raise DTypeError(
            f"{name}: the letters are {t.dtype}; they are integers", fix="targets.astype(zk.int64)", op=name
        )
    t = cast(t, dt.int64)
    examples, letters = x.shape[1:]
    if t.ndim == 2 and t.shape[0] == examples:
        after = _lengths(name, "target_lengths", lengths, x, 0, t.shape[1], "targets has room for so many letters")
    elif t.ndim == 1:
        after = _lengths(name, "target_lengths", lengths, x, 0, t.shape[0], "targets has so many letters")
        t = _padded(name, t, after, blank)
    else:
        raise ShapeError(
            f"{name}: targets are texts of {examples} examples, received the shape {t.shape}",
            fix="pass them padded, (N, S), or one after the other",
            op=name,
            shape=t.shape,
        )
    host, long = _host(t), _host(after)
    if host is not None and long is not None and host.size:
        inside = np.arange(host.shape[1]) < long[:, None]
        wrong = inside & ((host < 0) | (host >= letters) | (host == blank))
        if wrong.any():
            i, j = (int(k) for k in np.argwhere(wrong)[0])
            raise IndexOutOfRangeError(
                f"{name}: the label {int(host[i, j])} "
                + ("is the blank" if host[i, j] == blank else f"is not one of {letters} letters"),
                facts=[f"found at position {j} of text {i}", f"letters go from 0 to {letters - 1}, without {blank}"],
                fix="correct the label, or its target_lengths if it is padding",
                op=name,
                index=int(host[i, j]),
                position=(i, j),
            )
        t = operand(name, np.where(inside, host, blank), x)
    return after, t


def _padded(name: str, t: Tensor, after: Tensor, blank: int) -> Tensor:
    """Texts that stand one after the other, each in a row of its own."""
    host, long = _host(t), _host(after)
    if host is None or long is None:
        raise ArgumentError(
            f"{name}: where one text ends and the next begins is not known here",
            facts=["inside a compiled function shapes must not depend on values"],
            fix="pass the targets padded, shape (examples, letters)",
            op=name,
        )
    if long.sum() != host.size:
        raise ShapeError(
            f"{name}: the lengths of the texts add up to {int(long.sum())}, and there are {host.size} letters",
            fix="correct target_lengths, or pass the targets padded, shape (examples, letters)",
            op=name,
            shape=t.shape,
        )
    rows = np.full((len(long), int(long.max(initial=0))), blank)
    rows[np.arange(rows.shape[1]) < long[:, None]] = host
    return operand(name, rows, t)
