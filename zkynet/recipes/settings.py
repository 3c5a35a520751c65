"""The settings of a recipe: the keyword-only arguments of its function, and values for them as text or as objects."""

from __future__ import annotations

import difflib
import inspect
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described

__all__ = ["Setting"]

RESERVED = ("folder", "seed", "resume", "show", "logs")
PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True)
class Setting:
    """One setting of a recipe.

    Args:
        name: as it is written behind ``--set``.
        kind: int, float, bool or str.
        default: its value where nothing else is said.
        choices: the values that it may have; empty for any.
        many: whether it is several values of that kind, such as the sizes of hidden layers.
        optional: whether it may also be None.

    Example:
        >>> hidden = Setting("hidden", int, 64)
        >>> hidden.read("100")
        100
        >>> Setting("sizes", int, (64,), many=True).read("64,32")
        (64, 32)
    """

    name: str
    kind: type
    default: Any
    choices: tuple[Any, ...] = ()
    many: bool = False
    optional: bool = False

    def read(self, text: str) -> Any:
        """The value that a text stands for, as it is written on the command line.

        Args:
            text: such as ``100``, ``0.5``, ``true``, ``adam``, ``64,32`` or, where it is optional, ``none``.

        Example:
            >>> Setting("dropout", float, 0.0).read("0.5")
            0.5
        """
        text = text.strip()
        if self.optional and text.lower() == "none":
            return None
        if self.many:
            return tuple(self._read_one(part.strip()) for part in text.strip("()[]").split(",") if part.strip())
        return self._read_one(text)

    def _read_one(self, text: str) -> Any:
        value: Any = None
        if self.kind is bool:
            value = True if text.lower() in YES else False if text.lower() in NO else None
        elif self.kind is str:
            value = text
        else:
            try:
                value = self.kind(text)
            except ValueError:
                if self.kind is int:  # 1e3 is a whole number, too
                    value = _whole(text)
        if value is None:
            raise self._refused(repr(text))
        return self._chosen(value)

    def check(self, value: Any) -> Any:
        """A value given as an object, if it is one that the setting may have.

        Args:
            value: the value.

        Example:
            >>> Setting("rate", float, 0.1).check(1)
            1.0
        """
        if value is None and self.optional:
            return None
        if self.many:
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise self._refused(described(value))
            return tuple(self._check_one(each) for each in value)
        return self._check_one(value)

    def _check_one(self, value: Any) -> Any:
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, self.kind) or (self.kind is not bool and isinstance(value, bool)):
            raise self._refused(described(value))
        return self._chosen(value)

    def _chosen(self, value: Any) -> Any:
        if self.choices and value not in self.choices:
            near = difflib.get_close_matches(str(value), [str(c) for c in self.choices], n=1)
            raise InvalidValueError(
                f"{self.name} is one of {', '.join(map(str, self.choices))}, received {value!r}",
                fix=f"did you mean {near[0]}?" if near else "take one of these",
                name=self.name,
            )
        return value

    def _refused(self, received: str) -> InvalidValueError:
        return InvalidValueError(
            f"{self.name} is {self.expects}, received {received}",
            fix=f"write for instance {self.name}={self.example}",
            name=self.name,
        )

    @property
    def expects(self) -> str:
        """What it takes, in words.

        Example:
            >>> Setting("epochs", int, 10).expects
            'a whole number'
        """
        if self.choices:
            words = f"one of {', '.join(map(str, self.choices))}"
        else:
            words = PLAIN[self.kind]
        if self.many:
            words = f"one or more, with commas between them, each {words}"
        return words + " or none" * self.optional

    @property
    def example(self) -> str:
        """Its default as it is written on the command line.

        Example:
            >>> Setting("sizes", int, (64, 32), many=True).example
            '64,32'
        """
        return written(self.default)


def written(value: Any) -> str:
    """A value as it is written on the command line.

    Args:
        value: of a setting.
    """
    if isinstance(value, (tuple, list)):
        return ",".join(map(written, value))
    return {True: "true", False: "false", None: "none"}.get(value, str(value)) if _is_word(value) else str(value)


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _whole(text: str) -> int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else None


def settings_of(function: Callable[..., Any], data: tuple[str, ...]) -> dict[str, Setting]:
    """The settings of a recipe's function, from its keyword-only arguments.

    Args:
        function: the function; each keyword-only argument has a type and a default.
        data: what the setting ``data`` may be.
    """
    hints = typing.get_type_hints(function)
    out = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            continue
        if name in RESERVED:
            raise ArgumentError(
                f"the setting {name!r} of {function.__name__} has a name that `Recipe.run` has itself",
                fix=f"call it otherwise; a recipe finds {', '.join(RESERVED)} in its run",
            )
        if parameter.default is inspect.Parameter.empty or name not in hints:
            raise ArgumentError(
                f"the setting {name!r} of {function.__name__} lacks a type or a default",
                fix=f"write for instance {name}: int = 10",
            )
        setting = _setting(name, hints[name], parameter.default, data if name == "data" else ())
        if parameter.default is not None or not setting.optional:
            setting.check(parameter.default)
        out[name] = setting
    return out


def _setting(name: str, hint: Any, default: Any, choices: tuple[Any, ...]) -> Setting:
    optional = many = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [h for h in typing.get_args(hint) if h is not type(None)]
        optional = len(inner) < len(typing.get_args(hint))
        hint = inner[0] if len(inner) == 1 else hint
    if typing.get_origin(hint) in (tuple, list) and typing.get_args(hint)[1:] in ((), (...,)):
        many, hint = True, typing.get_args(hint)[0]
    if typing.get_origin(hint) is typing.Literal:
        choices = typing.get_args(hint)
        hint = type(choices[0])
    if hint not in PLAIN:
        raise ArgumentError(
            f"the setting {name!r} has the type {hint}, which cannot be written on the command line",
            fix="use int, float, bool, str, Literal[...], tuple[int, ...], or one of them with | None",
        )
    return Setting(name, hint, default, choices, many, optional)


def named(settings: Mapping[str, Setting], name: str, recipe: str) -> Setting:
    """The setting of a name; the nearest name is told where there is none.

    Args:
        settings: those of the recipe.
        name: the name as the user wrote it; ``-`` counts as ``_``.
        recipe: the recipe's name, for the error.
    """
    found = settings.get(name.replace("-", "_"))
    if found is None:
        near = difflib.get_close_matches(name.replace("-", "_"), settings, n=1, cutoff=0.5)
        raise ArgumentError(
            f"{recipe} has no setting {name!r}",
            facts=[f"its settings: {', '.join(settings) or 'none'}"],
            fix=f"did you mean {near[0]}?" if near else "take one of these",
            name=name,
        )
    return found
