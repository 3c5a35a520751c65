"""Switching the recording of the graph off and on for a block or a function."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any, TypeVar, overload

from zkynet.graph import RECORD

F = TypeVar("F", bound=Callable[..., Any])

_BEFORE: ContextVar[tuple[bool, ...]] = ContextVar("zkynet_record_before", default=())
"""What `RECORD` was before each block that this thread or task is in. Kept here rather than in the context manager, so
that one context manager can be shared, nested and used in several threads."""


class Mode:
    """A block, or a decorated function, in which ops are recorded or not."""

    __slots__ = ("record",)

    def __init__(self, record: bool) -> None:
        self.record = record

    def __enter__(self) -> None:
        _BEFORE.set((*_BEFORE.get(), RECORD.get()))
        RECORD.set(self.record)

    def __exit__(self, *exc: object) -> None:
        before = _BEFORE.get()
        RECORD.set(before[-1])
        _BEFORE.set(before[:-1])

    def __call__(self, f: F) -> F:
        return _decorated(self, f)  # type: ignore[return-value]


@overload
def no_grad() -> Mode: ...
@overload
def no_grad(f: F, /) -> F: ...
def no_grad(f: Any = None, /) -> Any:
    """A block, or a decorator for a function, in which nothing is recorded: results carry no graph.

    It holds for the current thread or asyncio task only. The pure functions (`grad`, `vjp`, …) still differentiate.

    Args:
        f: the function, if used as a decorator without parentheses.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, 2.0], requires_grad=True)
        >>> with zk.no_grad():
        ...     y = w * 2
        >>> y.requires_grad
        False
        >>> @zk.no_grad()
        ... def predict(x):
        ...     return w * x
        >>> predict(3.0)
        Tensor([3., 6.])
    """
    return Mode(False) if f is None else Mode(False)(f)


@overload
def enable_grad() -> Mode: ...
@overload
def enable_grad(f: F, /) -> F: ...
def enable_grad(f: Any = None, /) -> Any:
    """A block, or a decorator for a function, in which ops are recorded again, also within `no_grad`.

    Args:
        f: the function, if used as a decorator without parentheses.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor(1.0, requires_grad=True)
        >>> with zk.no_grad(), zk.enable_grad():
        ...     y = w * 2
        >>> y.requires_grad
        True
    """
    return Mode(True) if f is None else Mode(True)(f)


def recording(wanted: bool) -> AbstractContextManager[None]:
    """A block in which ops are recorded if `wanted`; otherwise as it is around."""
    return Mode(True) if wanted else nullcontext()


def is_grad_enabled() -> bool:
    """Whether ops are being recorded in this thread or task.

    Example:
        >>> import zkynet as zk
        >>> with zk.no_grad():
        ...     print(zk.is_grad_enabled())
        False
    """
    return RECORD.get()


def _decorated(mode: Mode, f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` with `RECORD` set while its own code runs, whether it is a function, a coroutine or a generator."""
    if inspect.iscoroutinefunction(f):

        @functools.wraps(f)
        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            with mode:
                return await f(*args, **kwargs)

        return coroutine
    if inspect.isgeneratorfunction(f):

        @functools.wraps(f)
        def generator(*args: Any, **kwargs: Any) -> Any:
            inner = f(*args, **kwargs)
            send: Callable[[], Any] = functools.partial(next, inner)
            while True:  # the mode holds while the generator runs, not while its user does
                try:
                    with mode:
                        value = send()
                except StopIteration as end:
                    return end.value
                try:
                    sent = yield value
                    send = functools.partial(inner.send, sent)
                except GeneratorExit:
                    inner.close()
                    raise
                except BaseException as e:
                    send = functools.partial(inner.throw, e)

        return generator
    if inspect.isasyncgenfunction(f):

        @functools.wraps(f)
        async def async_generator(*args: Any, **kwargs: Any) -> Any:
            inner = f(*args, **kwargs)
            send: Callable[[], Any] = inner.__anext__
            while True:
                try:
                    with mode:
                        value = await send()
                except StopAsyncIteration:
                    return
                try:
                    sent = yield value
                    send = functools.partial(inner.asend, sent)
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as e:
                    send = functools.partial(inner.athrow, e)

        return async_generator

    @functools.wraps(f)
    def function(*args: Any, **kwargs: Any) -> Any:
        with mode:
            return f(*args, **kwargs)

    return function


__all__ = ["enable_grad", "is_grad_enabled", "no_grad"]
