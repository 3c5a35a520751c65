"""Plain arguments (counts, factors, flags, words) as users pass them; refused in the same words on every backend."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from operator import index
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, InvalidValueError, described


def whole(name: str, argument: str, value: Any) -> int:
    """A whole number: how many, how far, which.

    Args:
        name: the function that asks, for the error.
        argument: what the function calls it.
        value: what the user passed.

    Example:
        >>> whole("tril", "k", np.int32(2))
        2
    """
    if type(value) is int and -(2**62) < value < 2**62:
        return value
    try:
        number = int(index(value))
    except TypeError:
        raise ArgumentError(
            f"{name}: {argument} is a whole number, received {described(value)}",
            fix=f"pass an integer as {argument}",
            op=name,
        ) from None
    if not -(2**62) < number < 2**62:
        raise InvalidValueError(
            f"{name}: {argument} is too large a number for a length or a place: {number:.3e}",
            fix=f"pass a smaller number as {argument}",
            op=name,
        )
    return number


def whole_numbers(name: str, argument: str, values: Any) -> tuple[int, ...]:
    """Several whole numbers, or one: a shape, or how often along each axis."""
    if not isinstance(values, (tuple, list)):
        try:
            values = (index(values),)
        except TypeError:
            try:
                values = (values,) if isinstance(values, (str, bytes, dict)) else tuple(values)
            except TypeError:
                values = (values,)
    return tuple([whole(name, argument, n) for n in values])


def number(name: str, argument: str, value: Any) -> Any:
    """A real number: a factor, a bound, a distance."""
    if type(value) is float:
        return value
    if isinstance(value, Integral):
        n = int(value)
        return n if -(2**63) <= n < 2**63 else float(n)
    if isinstance(value, Real):
        return float(value)
    raise ArgumentError(
        f"{name}: {argument} is a plain number, received {described(value)}",
        fix=f"pass a Python number as {argument}: x.item() gives that of a tensor",
        op=name,
    )


def flag(name: str, argument: str, value: Any) -> bool:
    """True or False."""
    if isinstance(value, (bool, np.bool_)) or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise ArgumentError(
        f"{name}: {argument} is True or False, received {described(value)}",
        fix=f"pass one of them as {argument}",
        op=name,
    )


def word(name: str, argument: str, value: Any) -> str:
    """A string that names one of several ways."""
    if isinstance(value, str):
        return value
    raise ArgumentError(
        f"{name}: {argument} is a string, received {described(value)}", fix=f"pass a string as {argument}", op=name
    )


PLAIN: dict[str, tuple[type, Callable[[str, str, Any], Any]]] = {
    "int": (int, whole),
    "float": (float, number),
    "bool": (bool, flag),
    "str": (str, word),
}
"""By the annotation of an op's plain argument: the type that needs no look, and what looks at all others."""
