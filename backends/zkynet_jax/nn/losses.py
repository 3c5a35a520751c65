"""Losses as one compiled function each; the paths of connectionist temporal classification as loops over time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from zkynet.backend.namespace import BODIES


def _compiled(name: str, static: tuple[int, ...] = ()) -> Callable[..., Any]:
    """The generic body of an op, compiled as a whole.

    Args:
        name: the op's name.
        static: the places of arguments that each need a compiled function of their own; ``xp`` has place 0.
    """

    @cache
    def of(xp: Any) -> Callable[..., Any]:
        import jax

        numbers = tuple([i - 1 for i in static])
        return jax.jit(partial(BODIES[name], xp), static_argnums=numbers)

    return lambda xp, *args: of(xp)(*args)


KERNELS: dict[str, Callable[..., Any]] = {
    "nn.label_cross_entropy": _compiled("nn.label_cross_entropy", (4, 5, 6)),
    "nn.label_cross_entropy_slope": _compiled("nn.label_cross_entropy_slope", (5, 6, 7)),
    "nn.label_likelihood": _compiled("nn.label_likelihood", (4, 5)),
    "nn.soft_cross_entropy": _compiled("nn.soft_cross_entropy"),
    "nn.logistic_cross_entropy": _compiled("nn.logistic_cross_entropy"),
    "nn.mean_logistic_cross_entropy": _compiled("nn.mean_logistic_cross_entropy"),
    "nn.mean_logistic_slope": _compiled("nn.mean_logistic_slope"),
    "nn.squared_distance": _compiled("nn.squared_distance", (3,)),
}


def _alphas(xp: Any, emissions: Any, starts: Any, skips: Any, lengths: Any) -> Any:
    from jax import lax
    from jax import numpy as jnp

    from zkynet.nn.functional.ctc import onwards

    def step(alpha: Any, at: Any) -> tuple[Any, Any]:
        emission, t = at
        alpha = onwards(xp, alpha, emission, skips, t < lengths)
        return alpha, alpha

    first = starts + emissions[0]
    rest = lax.scan(step, first, (emissions[1:], jnp.arange(1, len(emissions))))[1]
    return jnp.concatenate([first[None], rest])


def _paths(xp: Any, emissions: Any, starts: Any, skips: Any, ends: Any, lengths: Any) -> Any:
    from zkynet.nn.functional.ctc import likelihood

    return -likelihood(xp, _alphas(xp, emissions, starts, skips, lengths)[-1], ends)


def _posteriors(xp: Any, emissions: Any, starts: Any, skips: Any, ends: Any, lengths: Any) -> Any:
    from jax import lax
    from jax import numpy as jnp

    from zkynet.nn.functional.ctc import backwards, likelihood, shares

    alphas = _alphas(xp, emissions, starts, skips, lengths)

    def step(beta: Any, at: Any) -> tuple[Any, Any]:
        emission, t = at
        return backwards(xp, beta, emission, skips, ends, t < lengths), beta

    times = jnp.arange(len(emissions))
    betas = lax.scan(step, ends, (emissions, times), reverse=True)[1]
    return shares(xp, alphas, betas, -likelihood(xp, alphas[-1], ends), lengths)


def _compiled_loop(loop: Callable[..., Any]) -> Callable[..., Any]:
    @cache
    def of(xp: Any) -> Callable[..., Any]:
        import jax

        return jax.jit(partial(loop, xp))

    return lambda xp, *args: of(xp)(*args)


KERNELS["nn.ctc_paths"] = _compiled_loop(_paths)
KERNELS["nn.ctc_posteriors"] = _compiled_loop(_posteriors)
