"""How `zk.jit` compiles a step for JAX: as one XLA program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax

WANTS_VALUE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


class JaxCompiler:
    """Traces functions of raw arrays and compiles them."""

    def look(self, function: Callable[..., Any], *args: Any) -> Sequence[Any]:
        """Trace a function without computing anything; returns the arrays it met that were not handed to it."""
        return jax.make_jaxpr(function)(*args).consts

    def compiled(self, function: Callable[..., Any], donated: tuple[int, ...]) -> Callable[..., Any]:
        """A function that is traced and compiled at its first call; it may write to the arguments that are donated."""
        return jax.jit(function, donate_argnums=donated)

    def outside(self) -> AbstractContextManager[Any]:
        """A block whose computations are done at once, while something is traced."""
        return jax.ensure_compile_time_eval()

    def is_traced(self, raw: Any) -> bool:
        """Whether an array stands for one of a later run."""
        return isinstance(raw, jax.core.Tracer)

    def copied(self, raw: Any) -> Any:
        """The same values in memory of their own."""
        return jax.numpy.array(raw, copy=True)

    def wants_value(self, error: BaseException | None) -> bool:
        """Whether an error says that the value of a traced array was asked for."""
        while error is not None:
            if isinstance(error, WANTS_VALUE):
                return True
            error = error.__cause__
        return False

    def cond(self, condition: Any, if_true: Callable[..., Any], if_false: Callable[..., Any], raws: Any) -> Any:
        """One of two functions of a list of arrays, each of which returns a list."""
        return jax.lax.cond(condition, if_true, if_false, raws)

    def scan(self, body: Callable[..., Any], held: Any, rows: Any, length: int, reverse: bool) -> Any:
        """``body(held, row)`` gives what is held next and a row's results; for all rows, results are stacked."""
        return jax.lax.scan(body, held, rows, length, reverse)

    def while_loop(self, condition: Callable[..., Any], body: Callable[..., Any], raws: Any) -> Any:
        """A function of a list of arrays, as long as a condition holds."""
        return jax.lax.while_loop(condition, body, raws)
