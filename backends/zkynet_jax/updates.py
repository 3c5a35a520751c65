"""Optimisers' updates of all parameters as one compiled program, so that a step is one dispatch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import jax

from zkynet.backend.updates import Columns, Update, one_by_one

Plan = tuple[tuple[Callable[..., Any], tuple[tuple[str, Any], ...], tuple[str, ...], bool], ...]


def run(xp: Any, updates: Sequence[Update]) -> list[Columns]:
    """The new values of what is written; one program for each device that arrays were put on."""
    where = [_device(update) for update in updates]
    out: list[Any] = [None] * len(updates)
    for device in dict.fromkeys(where):
        chosen = [i for i, each in enumerate(where) if each == device]
        for i, columns in zip(chosen, _run(xp, [updates[i] for i in chosen]), strict=True):
            out[i] = columns
    return out


def _device(update: Update) -> Any:
    first = update.written[0][0]
    return None if isinstance(first, jax.core.Tracer) else first.sharding


def _run(xp: Any, updates: Sequence[Update]) -> list[Columns]:
    plan: Plan = tuple([(u.rule, tuple(u.options.items()), tuple(u.numbers), u.elementwise) for u in updates])
    arrays = [(u.read, u.written, tuple(u.numbers.values())) for u in updates]
    return _program(xp, plan)(arrays)


@lru_cache(maxsize=256)
def _program(xp: Any, plan: Plan) -> Callable[..., Any]:
    """The compiled function of a plan; for other shapes JAX compiles it anew."""

    def update_all(arrays: Any) -> list[Columns]:
        return [
            one_by_one(
                xp, Update(rule, read, written, dict(zip(names, numbers, strict=True)), dict(options), each), _same
            )
            for (rule, options, names, each), (read, written, numbers) in zip(plan, arrays, strict=True)
        ]

    return jax.jit(update_all)


def _same(raw: Any) -> Any:
    return raw


def all_finite(raws: Sequence[Any]) -> Any:
    """Whether arrays are free of NaN and infinities."""
    out = jax.numpy.array(True)
    for raw in raws:
        out &= jax.numpy.isfinite(raw).all()
    return out


all_finite = jax.jit(all_finite)
