"""What is done to gradients between `backward` and an optimiser's step: clipping, by their norm or one by one."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isinf
from typing import Any

from zkynet.autodiff.modes import no_grad
from zkynet.backend.registry import get_backend
from zkynet.backend.updates import Update
from zkynet.dtypes import float32, real_part_dtype
from zkynet.errors import ArgumentError, BackendError, InvalidValueError, NonFiniteError, described
from zkynet.graph import Leaf
from zkynet.ops.arguments import flag, number
from zkynet.tensor import Tensor, wrap

__all__ = ["clip_grad_norm_", "clip_grad_value_"]

Parameters = Tensor | Iterable[Tensor] | Iterable[tuple[str, Tensor]]
HALF = ("float16", "bfloat16")


def clip_grad_norm_(
    parameters: Parameters, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    r"""Scale all gradients by one factor, so that the norm of them all is at most `max_norm`; returns the norm before.

    .. math::
        g \leftarrow g \cdot \min\Bigl(1, \frac{\text{max\_norm}}{\lVert g \rVert_p + 10^{-6}}\Bigr)

    Args:
        parameters: the parameters, or pairs of name and parameter, which errors then name. Those without a gradient are
            left out.
        max_norm: the largest norm.
        norm_type: the p of the norm; ``float("inf")`` for the largest element.
        error_if_nonfinite: whether a NaN or an infinity is an error, which says in which parameter it is. If not, such
            gradients stay so.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([3.0, 4.0], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> zk.nn.clip_grad_norm_([w], max_norm=1.0)
        Tensor(10.)
        >>> zk.round(w.grad, 3)
        Tensor([0.6, 0.8])
    """
    name = "clip_grad_norm_"
    named = _named(name, parameters)
    most, p = _positive(name, "max_norm", max_norm), _positive(name, "norm_type", norm_type)
    check = flag(name, "error_if_nonfinite", error_if_nonfinite)
    if not named:
        backend = get_backend()
        return wrap(backend.full((), 0.0, float32), backend, None)
    backend = _one_backend(name, named)
    xp = backend.xp
    with no_grad(), backend.quiet():
        norm = _norm(backend, [t.grad._raw for _, t in named], p)
        if check and not bool(backend.scalar(xp.isfinite(norm))):
            raise _not_finite(name, backend, named)
        factor = xp.clip(most / (norm + 1e-6), max=1.0)
        _change(backend, named, _scaled, {"factor": factor})
    return wrap(norm, backend, None)


def clip_grad_value_(parameters: Parameters, clip_value: float) -> None:
    """Bring each element of the gradients into the range from ``-clip_value`` to ``clip_value``.

    Args:
        parameters: the parameters, or pairs of name and parameter. Those without a gradient are left out.
        clip_value: the largest size of an element.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([3.0, -0.25], requires_grad=True)
        >>> (w * w).sum().backward()
        >>> zk.nn.clip_grad_value_([w], 1.0)
        >>> w.grad
        Tensor([ 1. , -0.5])
    """
    named = _named("clip_grad_value_", parameters)
    bound = _positive("clip_grad_value_", "clip_value", clip_value)
    for backend in dict.fromkeys(p.backend for _, p in named):
        with no_grad(), backend.quiet():
            _change(backend, [(n, p) for n, p in named if p.backend is backend], _bounded, {"bound": bound})


def _scaled(xp: Any, g: Any, *, factor: Any) -> tuple[Any, ...]:
    g *= factor
    return (g,)


def _bounded(xp: Any, g: Any, *, bound: Any) -> tuple[Any, ...]:
    return (xp.clip(g, -bound, bound),)


def _change(backend: Any, named: list[tuple[str, Any]], rule: Any, numbers: dict[str, Any]) -> None:
    """Give the gradients new values by a rule for each element, in place where nobody else holds them."""
    groups: dict[Any, list[Any]] = {}
    for _, p in named:
        raw = p.grad._raw
        groups.setdefault((raw.dtype, backend.device_of(raw)), []).append(p)
    updates = []
    for (dtype, device), params in groups.items():
        moved = {k: _like(backend, v, dtype, device) if backend.is_array(v) else v for k, v in numbers.items()}
        updates.append(Update(rule, [], [[p.grad._raw for p in params]], moved, {}, True))
    for params, (column,) in zip(groups.values(), backend.run_updates(updates), strict=True):
        for p, raw in zip(params, column, strict=True):
            if p.grad.node is None:
                p.grad._raw = raw
            else:
                p.grad = wrap(raw, backend, None)  # the graph behind it is that of other values


def _like(backend: Any, raw: Any, dtype: Any, device: str) -> Any:
    return backend.xp.astype(backend.to_device(raw, device), dtype)


def _norm(backend: Any, grads: list[Any], p: float) -> Any:
    """The p-norm of all gradients as one vector, an array without axes on the device of the first."""
    xp = backend.xp
    groups: dict[str, list[Any]] = {}
    for g in grads:
        groups.setdefault(backend.device_of(g), []).append(g)
    first = next(iter(groups))
    parts = []
    for device, each in groups.items():
        of_g = backend.dtype_of(each[0])
        dtype = float32 if of_g.name in HALF else real_part_dtype(of_g)
        start = backend.full((), 0.0, dtype, device)
        update = Update(_total, [[g] for g in each], [[start]], {}, {"p": p}, False)
        parts.append(backend.to_device(backend.run_updates([update])[0][0][0], first))
    if len(parts) > 1:
        stacked = xp.stack(parts)
        parts = [xp.max(stacked) if isinf(p) else xp.sum(stacked)]
    return parts[0] if isinf(p) else parts[0] ** (1 / p)


def _total(xp: Any, *arrays: Any, p: float) -> tuple[Any, ...]:
    """The sum of the powers of all elements, or the largest element, in the dtype of the last array."""
    *grads, total = arrays
    for g in grads:
        g = xp.astype(xp.abs(g), total.dtype)
        if isinf(p):
            total = xp.maximum(total, xp.max(g)) if 0 not in g.shape else total
        else:
            total = total + xp.sum(g * g if p == 2 else g if p == 1 else g**p)
    return (total,)


def _named(name: str, parameters: Any) -> list[tuple[str, Any]]:
    """The parameters that have a gradient, each with what errors call it."""
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    if callable(getattr(parameters, "named_parameters", None)):
        parameters = parameters.named_parameters()
    if isinstance(parameters, (str, dict)) or not isinstance(parameters, Iterable):
        raise ArgumentError(
            f"{name} takes parameters, received {described(parameters)}", fix="pass model.parameters() or a list"
        )
    out = []
    for i, each in enumerate(parameters):
        called, p = each if isinstance(each, tuple) and len(each) == 2 else (None, each)
        if not isinstance(p, Tensor):
            raise ArgumentError(f"{name} takes tensors, received {described(p)}", fix="pass model.parameters()")
        if isinstance(p.node, Leaf) and p.grad is not None:
            out.append((f"{called!r}" if called is not None else f"{i} of shape {p.shape}", p))
    return out


def _one_backend(name: str, named: list[tuple[str, Any]]) -> Any:
    backends = list(dict.fromkeys(p.backend for _, p in named))
    if len(backends) > 1:
        raise BackendError(
            f"{name}: the parameters are of several backends, {' and '.join(b.name for b in backends)}",
            fix="clip those of each backend by themselves, or move the model to one",
        )
    return backends[0]


def _positive(name: str, argument: str, value: Any) -> float:
    if isinstance(value, str) and value == "inf":
        return inf
    x = float(number(name, argument, value))
    if not x > 0:
        raise InvalidValueError(f"{name}: {argument} is above 0, received {x}", fix=f"pass a larger {argument}")
    return x


def _not_finite(name: str, backend: Any, named: list[tuple[str, Any]]) -> NonFiniteError:
    xp = backend.xp
    bad = []
    for called, p in named:
        g = p.grad._raw
        nans, infinities = (int(backend.scalar(xp.sum(xp.astype(f(g), xp.int64)))) for f in (xp.isnan, xp.isinf))
        if nans or infinities:
            bad.append(f"parameter {called}: {nans} NaN and {infinities} infinities in its gradient")
    facts = [*bad[:8], *([f"and {len(bad) - 8} more"] if len(bad) > 8 else [])]
    facts = facts or ["each gradient is finite, and their norm overflows"]
    return NonFiniteError(
        f"{name}: the norm of the gradients is not finite",
        facts,
        fix="look for the place with zk.debug_nans(), lower the learning rate, or use zk.optim.GradScaler in 16 bits",
        parameters=[called for called, _ in named],
    )
