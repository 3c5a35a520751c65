"""Every exception zkynet raises on purpose, each also a builtin that a user would catch.

All of them carry their facts as attributes, so a program can read what a person reads in the message.
"""

from __future__ import annotations

from typing import Any


class ZkynetError(Exception):
    """Base of all zkynet errors: one headline, lines of facts, and a way out.

    Args:
        headline: what went wrong, in one sentence.
        facts: further lines, shown indented.
        fix: what to do about it, shown last behind ``Fix:``.
        **fields: facts for programs, set as attributes of the exception.

    Example:
        >>> from zkynet.errors import ShapeError
        >>> e = ShapeError("add: shapes differ", facts=["x  (2,)", "y  (3,)"], fix="reshape one of them", op="add")
        >>> print(e)
        add: shapes differ
          x  (2,)
          y  (3,)
          Fix: reshape one of them
        >>> e.op, isinstance(e, ValueError)
        ('add', True)
    """

    def __init__(self, headline: str, facts: Any = (), fix: str = "", **fields: Any) -> None:
        self.headline = headline
        self.facts = list(facts)
        self.fix = fix
        self.fields = fields
        for key, value in fields.items():
            setattr(self, key, value)
        lines = [headline, *(f"  {line}" for line in self.facts)]
        if fix:
            lines.append(f"  Fix: {fix}")
        super().__init__("\n".join(lines))

    def __getattr__(self, name: str) -> Any:  # for type checkers: fields are set per instance
        raise AttributeError(f"{type(self).__name__} carries no field {name!r}; it has {sorted(self.fields)}")


class ShapeError(ZkynetError, ValueError):
    """Shapes that do not fit the operation."""


class UnsizedError(ShapeError, TypeError):
    """The length of a tensor without axes, or a loop over it."""


class AxisError(ShapeError, IndexError):
    """An axis that the array does not have."""


class IndexShapeError(ShapeError, IndexError):
    """More indices than axes, or a mask of another shape than what it selects from."""


class IndexOutOfRangeError(ZkynetError, IndexError):
    """An index that lies outside its axis."""


class DTypeError(ZkynetError, TypeError):
    """A data type that the operation or the backend does not take."""


class ArgumentError(ZkynetError, TypeError):
    """An argument of a kind that the function does not take."""


class InvalidValueError(ZkynetError, ValueError):
    """An argument of the right kind with a value that cannot be used."""


class DeviceError(ZkynetError, ValueError):
    """A device that does not exist, or operands that live on different devices."""


class BackendError(ZkynetError, RuntimeError):
    """Operands of different backends, or a backend that failed."""


class UnknownBackendError(BackendError, LookupError):
    """A backend name that nobody registered."""


class BackendUnavailableError(BackendError, ImportError):
    """A backend that is known but cannot be used on this machine."""


class GradientError(ZkynetError, RuntimeError):
    """A gradient that does not exist or can no longer be computed."""


class GradcheckError(GradientError, AssertionError):
    """A gradient that disagrees with finite differences."""


class NonFiniteError(ZkynetError, FloatingPointError):
    """A NaN or an infinity made from finite numbers, found by `debug_nans`."""


class LinAlgError(ZkynetError, ValueError):
    """A matrix for which the operation has no answer (singular, not positive definite)."""


class LeafReboundWarning(UserWarning):
    """An in-place operator on a leaf outside of `no_grad`: the tensor is now a result, and collects no ``.grad``."""
