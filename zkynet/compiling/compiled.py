"""`jit`: a function that is compiled for each kind of arguments it meets."""

from __future__ import annotations

import functools
import inspect
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, overload

from zkynet.autodiff.arguments import check_callable, function_name
from zkynet.capturing import CAPTURE
from zkynet.compiling.arguments import Arguments, How
from zkynet.compiling.explaining import value_wanted
from zkynet.compiling.host import Stale
from zkynet.compiling.program import Program
from zkynet.errors import ArgumentError, RetraceWarning
from zkynet.graph import WATCH
from zkynet.nn.module import Module

LONG = 5.0
"""After how many seconds of compiling a line says so."""

MANY = 8
"""How often a function may be compiled before a warning says so."""

_ONE_AT_A_TIME = threading.RLock()
"""Held while a function is captured: then tensors hold stand-ins for a moment."""


class Compiled:
    """A function that is compiled for each kind of arguments it meets; made by `jit`.

    Args:
        f: the function.
        how: how its arguments are taken.

    Attributes:
        compile_seconds: how long compiling has taken so far, first runs included.

    Example:
        >>> import zkynet as zk
        >>> double = zk.jit(lambda x: x + x)
        >>> double(zk.ones(2))
        Tensor([2., 2.])
    """

    def __init__(self, f: Callable[..., Any], how: How) -> None:
        self.f = f
        self.name = how.name
        self._how = how
        self.compile_seconds = 0.0
        self._programs: dict[Any, list[Program]] = {}
        self._warned = False
        functools.update_wrapper(self, f, updated=())

    @property
    def traces(self) -> int:
        """How many programs it was compiled to.

        Example:
            >>> import zkynet as zk
            >>> zk.jit(lambda x: x + x).traces
            0
        """
        return sum(len(programs) for programs in self._programs.values())

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, compiled.

        Args:
            *args: the function's arguments.
            **kwargs: further ones.
        """
        if CAPTURE.get() is not None or WATCH.get() is not None:
            return self.f(*args, **kwargs)  # a part of a function that is being compiled, or watched op by op
        arguments = Arguments(args, kwargs, self._how)
        programs = self._programs.get(arguments.key)
        if programs is not None:
            for program in programs:
                try:
                    return program.run(arguments)
                except Stale:
                    continue
        if arguments.backend.compiler() is None:
            return self.f(*args, **kwargs)
        return self._compile(arguments)

    def _compile(self, arguments: Arguments) -> Any:
        start = time.perf_counter()
        timer = threading.Timer(LONG, self._say, ("is being compiled …",))
        timer.daemon = True
        timer.start()
        try:
            with _ONE_AT_A_TIME:
                program = Program(self.f, arguments, self.name)
                out = program.run(arguments)
        except Exception as error:
            if arguments.backend.compiler().wants_value(error):
                raise value_wanted(self.name, error) from error
            raise
        finally:
            timer.cancel()
            seconds = time.perf_counter() - start
            self.compile_seconds += seconds
        if seconds > LONG:
            self._say(f"was compiled in {seconds:.1f} s")
        self._programs.setdefault(arguments.key, []).insert(0, program)
        if self.traces > MANY and not self._warned:
            self._warned = True
            warnings.warn(
                f"{self.name} was compiled {self.traces} times, the last time for {_in_words(arguments.key)}; "
                "numbers that differ from call to call are passed as tensors: zk.tensor(rate)",
                RetraceWarning,
                stacklevel=3,
            )
        return out

    def _say(self, what: str) -> None:
        print(f"zkynet: {self.name} {what}", file=sys.stderr, flush=True)

    def __repr__(self) -> str:
        return f"<compiled {self.name}, {self.traces} programs>"


def _in_words(key: tuple[Any, ...]) -> str:
    words = []
    for part in key[2:]:
        if isinstance(part, tuple) and isinstance(part[0], tuple):
            words.append(f"{part[1]}{list(part[0])}")
        else:
            words.append(repr(part[-1] if isinstance(part, tuple) else part))
    return ", ".join(words)


@overload
def jit(f: Callable[..., Any], *, static: str | Sequence[str] = (), donate: str | Sequence[str] = ()) -> Compiled: ...
@overload
def jit(
    *, static: str | Sequence[str] = (), donate: str | Sequence[str] = ()
) -> Callable[[Callable[..., Any]], Compiled]: ...
def jit(
    f: Callable[..., Any] | None = None, *, static: str | Sequence[str] = (), donate: str | Sequence[str] = ()
) -> Any:
    """Compile a function: a training step, a model, any computation on tensors.

    The function runs on stand-ins to be compiled; from then on, calls with arguments of the same shapes and data types
    run the compiled program. What it reads and writes besides its arguments (parameters, buffers, gradients, what
    optimisers remember, learning rates of schedules, random generators) is found and kept up to date. Tensors and
    arrays may have other values in each call; numbers, strings and all else are compiled in. On a backend that has
    nothing to compile with, the function runs as it is.

    Args:
        f: the function, of nested lists, tuples and dicts.
        static: names of arguments whose arrays are compiled in too, so that the function may look at their values.
        donate: names of arguments whose memory may be used for results; their tensors cannot be used afterwards.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = zk.optim.SGD([w], lr=0.25)
        >>> @zk.jit
        ... def step(x):
        ...     loss = zk.sum((w - x) ** 2)
        ...     loss.backward()
        ...     optimizer.step()
        ...     optimizer.zero_grad()
        ...     return loss
        >>> [step(zk.zeros(2)).item() for _ in range(2)], w
        ([5.0, 1.25], Tensor([0.25, 0.5 ], requires_grad=True))
    """
    if f is None:
        return functools.partial(jit, static=static, donate=donate)
    check_callable("jit", f)
    named = [frozenset([names] if isinstance(names, str) else names) for names in (static, donate)]
    signature = inspect.signature(f.forward if isinstance(f, Module) else f) if any(named) else None
    if signature is not None and (unknown := sorted((named[0] | named[1]) - set(signature.parameters))):
        raise ArgumentError(
            f"jit: {function_name(f)} has no argument {unknown[0]!r}",
            facts=[f"its arguments  {', '.join(signature.parameters)}"],
            fix="name one of these",
        )
    return Compiled(f, How(function_name(f), signature, *named))
