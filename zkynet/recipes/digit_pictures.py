"""What the lessons on pictures share: where they come from, and the one that ``zkynet predict`` is asked about."""

from __future__ import annotations

from typing import Any

import numpy as np

import zkynet as zk
from zkynet.runs import picture_from


def pictures_named(data: str) -> zk.data.Collection:
    """The pictures of a name: those that come with zkynet, or a download.

    Args:
        data: "digits", "mnist", "fashion-mnist" or "cifar10".
    """
    if data == "digits":
        return zk.data.digits()
    return {"mnist": zk.data.mnist, "fashion-mnist": zk.data.fashion_mnist, "cifar10": zk.data.cifar10}[data]()


def digit_to_read(given: str | None, data: str) -> np.ndarray[Any, Any]:
    """A picture of one digit, of shape (1, 8, 8) or (1, 28, 28), cut out as those of the data are.

    Args:
        given: a file of one digit, dark on paper or light on a dark ground, or its pixels as numbers; None for the
            first test picture.
        data: "digits", or another name for pictures of 28 by 28.
    """
    if given is None:
        first: np.ndarray[Any, Any] = pictures_named(data).test[0][0]
        return first
    side, room = (8, 1.0) if data == "digits" else (28, 1.4)
    return picture_from(given, (side, side), light_on_dark=True, trim=room)
