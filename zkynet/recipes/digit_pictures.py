"""What the lessons on handwritten digits share: the digit that ``zkynet predict`` is asked about."""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk
from zkynet.runs import picture_from


def digit_to_read(given: str | None, data: str) -> np.ndarray[Any, Any]:
    """A picture of one digit, of shape (1, 8, 8) or (1, 28, 28), cut out as those of the data are.

    Args:
        given: a file of one digit, dark on paper or light on a dark ground, or its pixels as numbers; None for the
            first test picture.
        data: "digits" or "mnist".
    """
    if given is None:
        first: np.ndarray[Any, Any] = (zk.data.digits() if data == "digits" else zk.data.mnist()).test[0][0]
        return first
    side, room = (8, 1.0) if data == "digits" else (28, 1.4)
    return picture_from(given, (side, side), light_on_dark=True, trim=room)
