"""Labels, class weights and logits, looked at before a loss over classes uses them.

Values are looked at only where that costs no wait and the backend can (`Backend.can_look`); shapes and dtypes always.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.errors import (
    DTypeError,
    GradientError,
    IndexOutOfRangeError,
    InvalidValueError,
    ProbabilitiesWarning,
    ShapeError,
)
from zkynet.nn.functional.loss_arguments import operand
from zkynet.ops.casting import cast
from zkynet.ops.keys import raw_positions
from zkynet.tensor import Tensor


def labels_of(name: str, x: Tensor, t: Tensor, ignore_index: int | None) -> tuple[Any, int | None]:
    """Labels as a raw array of integers beside the scores `x`, and which of them is to be ignored, None if none is.

    Args:
        name: the loss, for errors.
        x: scores of shape (N, C, ...).
        t: what the user passed as labels: integers of shape (N, ...).
        ignore_index: the label that does not count.
    """
    have, shape = t.shape, x.shape
    want = (shape[0], *shape[2:])
    if dt.kind_rank(t.dtype) != 1:
        raise DTypeError(
            f"{name}: the labels are {t.dtype}; the index of a class is an integer",
            facts=_shapes(x, t),
            fix="convert them: target.astype(zk.int64)"
            + ("" if dt.kind_rank(t.dtype) == 0 else f"; probabilities have the shape of input, {shape}"),
            op=name,
            dtype=t.dtype,
        )
    if have != want:
        raise ShapeError(
            f"{name}: input of shape {shape} takes labels of shape {want}, received {have}",
            facts=_shapes(x, t),
            fix=_label_fix(have, shape, want),
            op=name,
            shapes=(shape, have),
        )
    if t.dtype.kind == "u" or t.dtype.itemsize < 4:  # so that a label to ignore may be negative
        t = cast(t, dt.int64 if t.dtype.itemsize >= 4 else dt.int32)
    raw = raw_positions(name, x, t)
    backend = x.backend
    if 0 in have or not backend.can_look(raw):
        return raw, ignore_index
    host = backend.to_numpy(raw)
    least, most, classes = int(host.min()), int(host.max()), shape[1]
    if (least < 0 or most >= classes) and (wrong := _outside(host, classes, ignore_index)).any():
        raise _no_class(name, host, wrong, classes, ignore_index)
    if ignore_index is not None and least <= ignore_index <= most:
        return raw, ignore_index
    return raw, None


def _outside(host: Any, classes: int, ignore_index: int | None) -> Any:
    wrong = (host < 0) | (host >= classes)
    return wrong if ignore_index is None else wrong & (host != ignore_index)


def _no_class(name: str, host: Any, wrong: Any, classes: int, ignore_index: int | None) -> IndexOutOfRangeError:
    place = tuple([int(i) for i in np.argwhere(wrong)[0]])
    label = int(host[place])
    ignored = "" if ignore_index is None else f"; {ignore_index} is ignored"
    return IndexOutOfRangeError(
        f"{name}: the label {label} is not one of {classes} classes",
        facts=[
            f"found at position {place[0] if len(place) == 1 else place}",
            f"labels go from 0 to {classes - 1}{ignored}",
        ],
        fix=f"correct the label, or pass ignore_index={label} if such examples do not count"
        if label < 0
        else "labels count from 0: subtract 1 if they count from 1; else give the model an output for each class",
        op=name,
        index=label,
        length=classes,
        position=place,
    )


def _shapes(x: Tensor, t: Tensor) -> list[str]:
    return [f"input   {x.shape} {x.dtype}", f"target  {t.shape} {t.dtype}"]


def _label_fix(have: tuple[int, ...], shape: tuple[int, ...], want: tuple[int, ...]) -> str:
    if have == shape:
        return "take target.argmax(axis=1), or make them probabilities: target.astype(zk.float32)"
    if len(have) == len(want) + 1 and 1 in have and np.prod(have) == np.prod(want):
        return f"drop the axis of length 1: target.reshape({want})"
    if have == shape[:-1]:
        return "the classes are axis 1 of input, not the last: zk.moveaxis(input, -1, 1)"
    return "pass one label for each example; the classes are axis 1 of input"


def class_weights(name: str, weight: Any, x: Tensor, classes: int) -> Any:
    """Weights of classes as a raw array of the dtype of `x`, or None.

    Args:
        name: the loss, for errors.
        weight: what the user passed: (C,) numbers from 0 on, or None.
        x: the scores.
        classes: how many classes there are.
    """
    if weight is None:
        return None
    w = operand(name, weight, x)
    if w.requires_grad:
        raise GradientError(
            f"{name}: the weights of classes are numbers to multiply by, and get no gradient",
            fix="pass weight.detach()",
            op=name,
        )
    if w.shape != (classes,):
        raise ShapeError(
            f"{name}: there are {classes} classes, and weights of shape {w.shape}",
            facts=[f"input   {x.shape}", f"weight  {w.shape}"],
            fix=f"pass one weight for each class, shape ({classes},)",
            op=name,
            shapes=(x.shape, w.shape),
        )
    check_weights(name, w)
    return cast(w, x.dtype)._raw


def check_weights(name: str, weight: Tensor, what: str = "weight") -> None:
    """Refuse weights that are negative or no numbers, where they may be looked at.

    Args:
        name: the loss, for errors.
        weight: the weights.
        what: what the loss calls them.
    """
    if dt.kind_rank(weight.dtype) == 3:
        raise DTypeError(
            f"{name}: {what} is complex; weights are real numbers",
            fix="pass zk.real(weight)",
            op=name,
            dtype=weight.dtype,
        )
    if weight.size == 0 or not weight.backend.can_look(weight._raw):
        return
    host = weight.backend.to_numpy(weight._raw)
    if not host.min() >= 0:  # NaN too
        place = tuple([int(i) for i in np.argwhere(~(host >= 0))[0]])
        raise InvalidValueError(
            f"{name}: {what} has the value {float(host[place])}; weights are numbers from 0 on",
            facts=[f"found at position {place[0] if len(place) == 1 else place}"] if place else [],
            fix="a NaN often comes from a class without examples: give it the weight 0",
            op=name,
            position=place,
        )


# -- probabilities where logits are expected ----------------------------------------------------------------------

CALLS, ROWS, ENOUGH, SITES = 8, 16, 4, 1000


class Notice:
    """Notices a softmax before a loss that takes one itself, and says so once.

    Of each place in the user's code it looks at the first rows of the first calls alone.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was seen and said."""
        self.said: set[str] = set()
        self.sites: dict[Any, list[int]] = {}

    def look(self, name: str, x: Tensor, takes: str, fix: str) -> None:
        """Look at scores, unless this place has been looked at enough.

        Args:
            name: the loss.
            x: its input, shape (N, C, ...).
            takes: what it expects there.
            fix: what to do instead of softmax.
        """
        if name in self.said or x._raw.shape[1] < 2:
            return
        frame, level = sys._getframe(1), 1
        while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("zkynet."):
            frame, level = frame.f_back, level + 1
        site = (name, frame.f_code.co_filename, frame.f_lineno)
        seen = self.sites.get(site)
        if seen is None:
            if len(self.sites) >= SITES:
                return
            seen = self.sites[site] = [CALLS, 0]  # calls still to look at, rows in a row that were probabilities
        if not seen[0] or not x.backend.can_look(x._raw) or 0 in x._raw.shape:
            return
        seen[0] -= 1
        first = x.backend.getitem(x._raw, (slice(ROWS), slice(None), *(0,) * (x.ndim - 2)))
        rows = x.backend.to_numpy(first).astype(np.float32)
        if rows.min() >= 0 and rows.max() <= 1 and np.all(np.abs(rows.sum(axis=1) - 1) < 1e-2):
            seen[1] += len(rows)
            if seen[1] >= ENOUGH:
                self.said.add(name)
                warnings.warn(
                    f"{name} takes {takes}, but all rows of input looked at are probabilities: "
                    f"from 0 to 1, with sum 1. {fix}",
                    ProbabilitiesWarning,
                    stacklevel=level + 1,
                )
        else:
            seen[:] = [seen[0], 0]


NOTICE = Notice()
