"""Files that come with the package, and the random numbers of data that is made."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np

from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import number, whole


def bundled(name: str) -> bytes:
    """What a file of zkynet/data/sets/files holds.

    Args:
        name: the file.

    Example:
        >>> bundled("cars.csv")[:14]
        b'mpg,cylinders,'
    """
    return files("zkynet.data.sets").joinpath("files", name).read_bytes()


def numbers(name: str, seed: int) -> np.random.Generator:
    """Random numbers on the host, the same for a seed on every backend.

    Args:
        name: the function that asks, for the error.
        seed: a whole number from 0 on.

    Example:
        >>> numbers("moons", 0).random() == numbers("moons", 0).random()
        True
    """
    return np.random.Generator(np.random.Philox(at_least(name, "seed", seed, 0)))


def at_least(name: str, argument: str, value: Any, least: int) -> int:
    """A whole number that is not smaller than another.

    Args:
        name: the function that asks, for the error.
        argument: what the function calls it.
        value: what the user passed.
        least: the smallest that will do.

    Example:
        >>> at_least("moons", "n", 10, 5)
        10
    """
    out = whole(name, argument, value)
    if out < least:
        raise InvalidValueError(f"{name}: {argument} is at least {least}, received {out}", fix="pass a larger number")
    return out


def no_less_than_zero(name: str, argument: str, value: Any) -> float:
    """A real number from 0 on.

    Args:
        name: the function that asks, for the error.
        argument: what the function calls it.
        value: what the user passed.

    Example:
        >>> no_less_than_zero("moons", "noise", 0.1)
        0.1
    """
    out = float(number(name, argument, value))
    if not 0 <= out < float("inf"):
        raise InvalidValueError(
            f"{name}: {argument} is a number from 0 on, received {out}", fix="pass one, such as 0.1"
        )
    return out
