"""`gradcheck`: gradients against finite differences, with a message that says where they part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.autodiff.arguments import argument_names, check_callable, function_name
from zkynet.autodiff.modes import no_grad
from zkynet.autodiff.transforms import vjp
from zkynet.autodiff.tree import flatten, paths, unflatten
from zkynet.errors import DTypeError, GradcheckError, GradientError, InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

RTOL, ATOL = 1e-5, 1e-7
STEPS = {"float64": 1e-4, "float32": 1e-2, "float16": 1e-1, "bfloat16": 2e-1}
"""The step of the differences by dtype, relative to the size of the input."""

HELD_OUTPUTS = 256
"""How many results are looked at one by one to find the one that is wrong."""


def gradcheck(
    f: Callable[..., Any],
    inputs: Any,
    eps: float | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    order: int = 1,
) -> bool:
    """Compare the gradients of `f` with central differences; True, or `GradcheckError`.

    Every element of every floating input is moved by ±eps and ±2 eps; the gradient of a fixed random combination of
    all results has to agree within ``atol + rtol |difference|`` and the rounding that is to be expected. `f` is called
    four times for each element (eight times for a complex one): use small inputs. Near a kink or a jump, such as that
    of relu at 0, finite differences are meaningless.

    Args:
        f: a function of tensors, or of nested lists, tuples and dicts of them, that returns such.
        inputs: a tuple of its arguments; anything but a tuple is the only one. Floating ones are checked and must be
            float64 (or complex128), unless `rtol` and `atol` are given; Python floats are made float64.
        eps: the step, relative to inputs larger than 1; by default 1e-4 in float64.
        rtol: tolerance relative to the gradient, by default 1e-5.
        atol: absolute tolerance, by default 1e-7.
        order: 2 to check second derivatives too.

    Example:
        >>> import zkynet as zk
        >>> zk.gradcheck(zk.tanh, zk.tensor([0.1, 0.2], dtype="float64"), order=2)
        True
        >>> wrong = zk.custom_gradient(zk.square, backward=lambda g, x: g * x)
        >>> try:
        ...     zk.gradcheck(wrong, zk.tensor([0.0, 0.5], dtype="float64"))
        ... except zk.errors.GradcheckError as e:
        ...     print(e.headline, e.input, e.index, e.analytic, round(e.numeric, 6))
        gradcheck: the gradient of square by x[1] is wrong x (1,) 0.5 1.0
    """
    check_callable("gradcheck", f)
    order = whole("gradcheck", "order", order)
    if order not in (1, 2):
        raise InvalidValueError(f"gradcheck: order is 1 or 2, received {order}", fix="pass order=1 or order=2")
    args = inputs if type(inputs) is tuple else (inputs,)
    case = _Case(f, args, rtol is not None and atol is not None)
    tolerances = (eps, RTOL if rtol is None else rtol, ATOL if atol is None else atol)
    name = function_name(f)
    weights = _check(case.run, case.tensors, case.names, f"the gradient of {name}", name, *tolerances)
    if order == 2:
        back = _Backward(case, weights)
        names = case.names + [f"the cotangent of {p}" for p in back.places]
        _check(back.run, [*case.tensors, *back.weights], names, f"the second derivative of {name}", name, *tolerances)
    return True


class _Case:
    """The function under test as one from a list of tensors to a list of floating tensors."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], any_precision: bool) -> None:
        self.f = f
        self.leaves, self.structure = flatten(args)
        names = argument_names(f, range(len(args)))
        places = [p for n, s in zip(names, self.structure.children, strict=True) for p in paths(s, n)]
        self.slots: list[int] = []
        self.names: list[str] = []
        for i, (leaf, place) in enumerate(zip(self.leaves, places, strict=True)):
            if isinstance(leaf, (float, complex)) and not isinstance(leaf, np.generic):
                leaf = asarray(leaf, dtype=dt.complex128 if isinstance(leaf, complex) else dt.float64)
            elif not isinstance(leaf, Tensor) and hasattr(leaf, "dtype"):
                leaf = asarray(leaf)
            if not isinstance(leaf, Tensor) or not dt.is_differentiable(leaf.dtype):
                continue
            if leaf.dtype not in (dt.float64, dt.complex128) and not any_precision:
                raise DTypeError(
                    f"gradcheck: the input {place} of {function_name(f)} is {leaf.dtype}, too coarse for differences",
                    fix="convert it: x.astype(zk.float64); or give rtol and atol for what you expect",
                    input=place,
                    dtype=leaf.dtype,
                )
            self.leaves[i] = leaf.detach()
            self.slots.append(i)
            self.names.append(place)
        if not self.slots:
            raise InvalidValueError(
                f"gradcheck: {function_name(f)} has no floating input to check",
                fix="pass tensors of zk.float64",
            )
        self.tensors: list[Tensor] = [self.leaves[i] for i in self.slots]

    def run(self, *tensors: Tensor) -> list[Tensor]:
        """The floating results."""
        leaves = list(self.leaves)
        for i, t in zip(self.slots, tensors, strict=True):
            leaves[i] = t
        return [t for t in flatten(self.f(*unflatten(self.structure, leaves)))[0] if _counts(t)]


class _Backward:
    """The backward pass of a case, as a function of the inputs and the cotangents."""

    def __init__(self, case: _Case, weights: list[Tensor]) -> None:
        self.case = case
        self.weights = weights
        self.places = paths(flatten(weights)[1], "result") if len(weights) > 1 else ["result"]

    def run(self, *tensors: Tensor) -> list[Tensor]:
        """The gradients of the inputs."""
        n = len(self.case.tensors)
        _, pull = vjp(self.case.run, *tensors[:n])
        return list(pull(list(tensors[n:])))


def _counts(t: Any) -> bool:
    return isinstance(t, Tensor) and bool(dt.is_differentiable(t.dtype))


def _check(
    run: Callable[..., list[Tensor]],
    inputs: list[Tensor],
    names: list[str],
    what: str,
    name: str,
    eps: float | None,
    rtol: float,
    atol: float,
) -> list[Tensor]:
    """Check one function; returns the cotangents that were used."""
    with no_grad():
        first, second = run(*inputs), run(*inputs)
    values, again = [y.numpy() for y in first], [y.numpy() for y in second]
    if not values:
        raise GradcheckError(f"gradcheck: {name} returned no floating result", fix="return a floating tensor")
    if not all(np.isfinite(v).all() for v in values):
        raise GradcheckError(
            f"gradcheck: {name} is not finite at these inputs", fix="choose inputs inside the domain of the function"
        )
    if not all(np.allclose(a, b, rtol=1e-10, atol=1e-12) for a, b in zip(values, again, strict=True)):
        raise GradcheckError(
            f"gradcheck: {name} gave two results for the same inputs",
            facts=["finite differences of a function that is not deterministic mean nothing"],
            fix="fix the random numbers that it draws, or pass them in",
        )
    rng = np.random.default_rng(0)
    weights = [_random(rng, y) for y in first]
    us = [asarray(w, device=y.device, backend=y.backend) for w, y in zip(weights, first, strict=True)]
    try:
        _, pull = vjp(lambda *xs: run(*xs), *inputs)
        grads = [g.numpy() for g in pull(us)]
    except Exception as e:
        if isinstance(e, GradientError):
            raise
        raise GradcheckError(
            f"gradcheck: {what} cannot be computed", facts=f"{type(e).__name__}: {e}".splitlines()
        ) from e
    size = sum(float((np.abs(w * v) ** 2).sum()) for w, v in zip(weights, values, strict=True)) ** 0.5
    for k, (x, g, place) in enumerate(zip(inputs, grads, names, strict=True)):
        if g.shape != x.shape or g.dtype != x.dtype:
            raise GradcheckError(
                f"gradcheck: {what} by {place} is of another kind than {place}",
                facts=[f"expected  {x.shape} {x.dtype}", f"received  {g.shape} {g.dtype}"],
                input=place,
            )
        for at in np.ndindex(x.shape):
            step = _step(x, at, eps)
            slopes = _slopes(run, inputs, k, at, step)
            expected = _total(weights, slopes)
            noise = 8 * size * float(np.finfo(dt.real_part_dtype(x.dtype)).eps if _plain(x) else 1e-2) / step
            if not abs(g[at] - expected) <= atol + rtol * abs(expected) + noise:
                raise _disagreement(run, inputs, k, at, slopes, g[at], expected, what, place, us)
    return us


def _plain(x: Tensor) -> bool:
    return x.dtype.name != "bfloat16"


def _random(rng: np.random.Generator, y: Tensor) -> Any:
    """Fixed weights of the results, none of them near zero."""
    w = rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1.0, 1.0], y.shape)
    if y.dtype.kind == "c":
        w = w * np.exp(1j * rng.uniform(0, 2 * np.pi, y.shape))
    return np.asarray(w).astype(y.dtype)


def _step(x: Tensor, at: Any, eps: float | None) -> float:
    value = abs(complex(x.numpy()[at]))
    return (STEPS[dt.real_part_dtype(x.dtype).name] if eps is None else eps) * max(1.0, value)


def _slopes(run: Any, inputs: list[Tensor], k: int, at: Any, step: float) -> list[tuple[complex, list[Any]]]:
    """The differences of all results when one element moves: along the reals, and for a complex one along i too.

    Each with the factor it enters the gradient dL/dx - i dL/dy with.
    """
    x = inputs[k]
    slopes = []
    for direction, factor in ((1, 1), (1j, -1j)) if x.dtype.kind == "c" else ((1, 1),):
        sides = []
        for n in (-2, -1, 1, 2):
            moved = np.array(x.numpy())
            moved[at] += n * step * direction
            replaced = asarray(moved, device=x.device, backend=x.backend)
            with no_grad():
                sides.append([y.numpy() for y in run(*inputs[:k], replaced, *inputs[k + 1 :])])
        slopes.append((factor, [(a - 8 * b + 8 * c - d) / (12 * step) for a, b, c, d in zip(*sides, strict=True)]))
    return slopes


def _total(weights: Sequence[Any], slopes: list[tuple[complex, list[Any]]]) -> Any:
    """The gradient of the weighted sum of all results."""
    total: Any = 0.0
    for factor, differences in slopes:
        total = total + factor * sum(float(np.real(w * d).sum()) for w, d in zip(weights, differences, strict=True))
    return total


def _disagreement(
    run: Any, inputs: Any, k: int, at: Any, slopes: Any, got: Any, expected: Any, what: str, place: str, us: Any
) -> GradcheckError:
    """The error for an element of an input, with the result in which the two differ most."""
    where = place + (f"[{', '.join(map(str, at))}]" if at else "")
    facts = []
    worst = _worst_result(run, inputs, k, at, slopes)
    # a rule that is not linear in the cotangent may be right for each result alone
    if worst is not None and abs(worst[0] - worst[1]) > 1e-3 * abs(got - expected):
        got, expected, result = worst
        facts = [f"seen in                {result}"] if result else []
    return GradcheckError(
        f"gradcheck: {what} by {where} is wrong",
        facts=[f"by its rules           {got}", f"by finite differences  {expected}", *facts],
        fix="correct the gradient rule; near a kink or a jump of the function, check other inputs instead",
        input=place,
        index=at,
        analytic=got,
        numeric=expected,
    )


def _worst_result(run: Any, inputs: Any, k: int, at: Any, slopes: Any) -> tuple[Any, Any, str] | None:
    """The single result whose derivative is off most: both values and its name; None if there are too many."""
    outputs, pull = vjp(lambda *xs: run(*xs), *inputs)
    if sum(y.size for y in outputs) > HELD_OUTPUTS:
        return None
    found, largest = None, 0.0
    for j, y in enumerate(outputs):
        for spot in np.ndindex(y.shape):
            unit = np.zeros(y.shape, y.dtype)
            unit[spot] = 1
            us: list[Any] = [None] * len(outputs)
            us[j] = asarray(unit, device=y.device, backend=y.backend)
            got = pull(us)[k].numpy()[at].item()
            expected = sum(factor * float(np.real(d[j][spot])) for factor, d in slopes)
            if abs(got - expected) > largest:
                largest = abs(got - expected)
                name = f"result{f'[{j}]' if len(outputs) > 1 else ''}"
                found = (got, expected, name + (f"[{', '.join(map(str, spot))}]" if spot else ""))
    return found


__all__ = ["gradcheck"]
