"""Checks of what optimisers are set to: learning rates, momenta, and the like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import number
from zkynet.tensor import Tensor


def at_least_zero(name: str, group: Mapping[str, Any], *settings: str) -> None:
    """Refuse a negative number or NaN."""
    for setting in settings:
        value = _number(name, setting, group[setting])
        if value is not None and not value >= 0:
            raise InvalidValueError(
                f"{name}: {setting} is at least 0, received {value}", fix=f"pass a {setting} of 0 or more", op=name
            )


def within_one(name: str, group: Mapping[str, Any], *settings: str) -> None:
    """Refuse what is no share of one: numbers outside of 0 <= x <= 1."""
    for setting in settings:
        value = _number(name, setting, group[setting])
        if value is not None and not 0 <= value <= 1:
            raise InvalidValueError(
                f"{name}: {setting} is between 0 and 1, received {value}", fix=f"pass such a {setting}", op=name
            )


def betas_below_one(name: str, group: Mapping[str, Any]) -> None:
    """Refuse betas that are no pair of numbers in 0 <= beta < 1."""
    betas = group["betas"]
    if not isinstance(betas, (tuple, list)) or len(betas) != 2:
        raise ArgumentError(f"{name}: betas is a pair of numbers, received {described(betas)}", fix="pass (0.9, 0.999)")
    for i, beta in enumerate(betas):
        value = _number(name, f"betas[{i}]", beta)
        if value is not None and not 0 <= value < 1:
            raise InvalidValueError(
                f"{name}: betas[{i}] is at least 0 and below 1, received {value}", fix="pass (0.9, 0.999)", op=name
            )


def _number(name: str, setting: str, value: Any) -> Any:
    """The number, or None of a tensor without axes, whose value is not looked at."""
    if isinstance(value, Tensor):
        if value.shape:
            raise ShapeError(
                f"{name}: {setting} is one number, received a tensor of shape {value.shape}", fix="pass a number"
            )
        return None
    return number(name, setting, value)


def plain(value: Any) -> Any:
    """A setting as rules take it: a number, or the array of a tensor without axes."""
    return value._raw if isinstance(value, Tensor) else value


def is_used(value: Any) -> bool:
    """Whether a setting does anything: anything but the number 0."""
    return isinstance(value, Tensor) or value != 0
