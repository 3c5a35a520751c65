"""How a tensor is shown: values as NumPy prints them, and then only what is out of the ordinary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.graph import Leaf

if TYPE_CHECKING:
    from zkynet.tensor import Tensor

HEAD = "Tensor("
ORDINARY = (dt.float32, dt.int64, dt.bool)
"""Dtypes that the printed numbers already tell."""


def tensor_repr(x: Tensor) -> str:
    """The text of ``repr(x)``. Never raises, whatever state the tensor is in.

    NumPy's print options (`numpy.set_printoptions`) apply.

    Args:
        x: any tensor, also one whose values cannot be read (while a function is being compiled).

    Example:
        >>> import zkynet as zk
        >>> zk.tensor([[1, 2], [3, 4]], dtype="float64", requires_grad=True)
        Tensor([[1., 2.],
                [3., 4.]], dtype=float64, requires_grad=True)
    """
    shape = _attempt(lambda: x.shape, None)
    try:
        text, whole = _values(x)
    except Exception:
        text, whole = "<values unknown>", False
    notes = [] if whole else [f"shape={shape}"]
    dtype = _attempt(lambda: x.dtype, None)
    if dtype is not None and (dtype not in ORDINARY or text.startswith(("<", "[]"))):
        notes.append(f"dtype={dtype.name}")
    notes += _attempt(lambda: _place(x), [])
    if isinstance(x.node, Leaf):
        notes.append("requires_grad=True")
    elif x.node is not None:
        notes.append(_attempt(lambda: f"grad_fn=<{x.node.op.name}>", "grad_fn=<unknown>"))
    return _join(text, notes)


def _values(x: Tensor) -> tuple[str, bool]:
    """The values as text, and whether the text also tells the shape."""
    options = np.get_printoptions()
    threshold, edge = options["threshold"], options["edgeitems"]
    summarised = x.size > threshold
    if summarised and x.backend.name != "numpy":
        array, threshold = x.backend.to_numpy(_ends(x.backend.xp, x._raw, edge)), 0
    else:
        array = x.backend.to_numpy(x._raw)
    if array.dtype.kind not in "biufc":
        array = array.astype(np.float32)  # bfloat16, which NumPy prints as objects
    if array.size == 0:
        return "[]", array.shape == (0,)
    text = np.array2string(array, separator=", ", prefix=HEAD, threshold=threshold, suffix=")")
    return text, not summarised


def _ends(xp: Any, raw: Any, edge: int) -> Any:
    """The part of a large array that a summary shows, and one more along each axis for the dots."""
    for axis, length in enumerate(raw.shape):
        if length > 2 * edge + 1:
            before = (slice(None),) * axis
            first, last = slice(0, edge + 1), slice(length - edge, None)
            raw = xp.concat([raw[(*before, first, ...)], raw[(*before, last, ...)]], axis=axis)
    return raw


def _place(x: Tensor) -> list[str]:
    notes = []
    if x.backend.name != "numpy":
        notes.append(f"backend={x.backend.name!r}")
    if str(x.device) != str(x.backend.devices()[0]):
        notes.append(f"device={str(x.device)!r}")
    return notes


def _join(text: str, notes: list[str]) -> str:
    """Values and notes, the notes on a line of their own where they would make the last one too long."""
    if not notes:
        return f"{HEAD}{text})"
    tail = ", ".join(notes)
    last = text.rpartition("\n")[2]
    start = len(last) if "\n" in text else len(HEAD) + len(last)
    width = np.get_printoptions()["linewidth"]
    gap = " " if start + len(tail) + 3 <= width else "\n" + " " * len(HEAD)
    return f"{HEAD}{text},{gap}{tail})"


def _attempt(read: Any, otherwise: Any) -> Any:
    try:
        return read()
    except Exception:
        return otherwise
