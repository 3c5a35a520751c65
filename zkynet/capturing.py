"""Whether a compiler is running a function to see what it does, so that what lives on the host can take part."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

CAPTURE: ContextVar[Any] = ContextVar("zkynet_capture", default=None)
"""The capture that is going on; None in the ordinary case."""


def at_once() -> AbstractContextManager[Any]:
    """A block that computes at once, also while a function is being compiled: for values that never change."""
    capture = CAPTURE.get()
    return nullcontext() if capture is None else capture.outside()


def host_number(compute: Callable[[], float], dtype: Any) -> Any:
    """A number that the host computes anew in each run of a compiled function, and otherwise once, now.

    Args:
        compute: computes it.
        dtype: of the arrays that it is computed with.
    """
    capture = CAPTURE.get()
    return compute() if capture is None else capture.number(compute, dtype)


def on_host(method: F) -> F:
    """Mark a method that changes plain numbers alone: in a compiled function it is called again before each run.

    Args:
        method: of an object; it changes its attributes and the parameter groups of its ``optimizer``, no more.
    """

    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        capture = CAPTURE.get()
        if capture is not None and capture.on_host(call, self, args, kwargs):
            return None
        return method(self, *args, **kwargs)

    return call  # type: ignore[return-value]
