"""The table of ops under test: what a row says, and how samples are drawn.

A new op is one more `Row` in the file of its topic under ``tests/rows/``. `test_op_table.py` turns every row into the
same set of checks: values against an independent reference, gradients of every input against finite differences of
that reference, second derivatives, batches against stacked single examples, on every backend.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = Any
Sampler = Callable[[np.random.Generator], np.ndarray[Any, Any]]


def normal(*shape: int) -> Sampler:
    """Standard normal numbers."""
    return lambda rng: rng.standard_normal(shape)


def uniform(low: float, high: float, *shape: int) -> Sampler:
    """Numbers between `low` and `high`: the way to say an op's domain."""
    return lambda rng: rng.uniform(low, high, shape)


def positive(*shape: int) -> Sampler:
    """Numbers between 0.5 and 3."""
    return uniform(0.5, 3.0, *shape)


def away_from_zero(*shape: int) -> Sampler:
    """Numbers of either sign whose size is between 0.3 and 2: for ops with a kink or a pole at 0."""
    return lambda rng: rng.uniform(0.3, 2.0, shape) * rng.choice([-1.0, 1.0], shape)


def distinct(*shape: int) -> Sampler:
    """Numbers at least 0.1 apart from each other: for ops that sort or choose, which jump at ties."""
    return lambda rng: (
        0.1 * rng.permutation(int(np.prod(shape, dtype=int))).reshape(shape)
        - 0.05 * np.prod(shape, dtype=int)
        + rng.uniform(0, 0.02, shape)
    )


def complex_normal(*shape: int) -> Sampler:
    """Complex numbers with normal parts."""
    return lambda rng: rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def integers(low: int, high: int, *shape: int) -> Sampler:
    """Integers from `low` up to but without `high`; they get no gradient."""
    return lambda rng: rng.integers(low, high, shape)


def booleans(*shape: int) -> Sampler:
    """Random booleans; they get no gradient."""
    return lambda rng: rng.random(shape) < 0.5


def symmetric(n: int, *batch: int) -> Sampler:
    """Symmetric matrices with well separated eigenvalues."""

    def draw(rng: np.random.Generator) -> np.ndarray[Any, Any]:
        q = np.linalg.qr(rng.standard_normal((*batch, n, n)))[0]
        w = np.arange(n) - n / 2 + 0.3 + rng.uniform(0, 0.3, (*batch, n))
        return (q * w[..., None, :]) @ np.swapaxes(q, -1, -2)

    return draw


def positive_definite(n: int, *batch: int) -> Sampler:
    """Symmetric matrices with eigenvalues from 1 on."""

    def draw(rng: np.random.Generator) -> np.ndarray[Any, Any]:
        a = rng.standard_normal((*batch, n, n))
        return a @ np.swapaxes(a, -1, -2) + np.eye(n)

    return draw


def invertible(n: int, *batch: int) -> Sampler:
    """Square matrices far from singular."""
    return lambda rng: rng.standard_normal((*batch, n, n)) + 2 * n**0.5 * np.eye(n)


@dataclass
class Row:
    """One op (or one way to call it) under test.

    Attributes:
        name: unique, the op's own name, with a word behind a colon for a further row: ``sum:axis``.
        call: ``call(zk, *tensors)``, what is tested; by default ``zk.<op name>(*tensors, **kwargs)``.
        inputs: a sampler for each array input.
        reference: the same in NumPy or SciPy on float64 arrays: ``reference(*arrays)``.
        kwargs: plain arguments for the default `call` and for `reference`.
        order: up to which order of derivatives the op is checked (0: not differentiable).
        batch: whether one more leading axis on every input means a batch; else the reason why not.
        rtol: tolerance in float64, relative to the size of the values.
        skip: backends that cannot do it, each with a reason.
        dtype: "float64", or "complex128" for inputs that stay complex (drawn complex by their samplers).
    """

    name: str
    inputs: tuple[Sampler, ...]
    reference: Callable[..., Any]
    call: Callable[..., Any] | None = None
    kwargs: dict[str, Any] = field(default_factory=dict)
    order: int = 2
    batch: bool | str = True
    rtol: float = 1e-9
    skip: dict[str, str] = field(default_factory=dict)

    def __call__(self, zk: Any, *tensors: Any) -> Any:
        """Run the op on tensors (or on raw arrays, with a namespace for `zk`)."""
        if self.call is not None:
            return self.call(zk, *tensors)
        function = zk
        for part in self.name.partition(":")[0].split("."):
            function = getattr(function, part)
        return function(*tensors, **self.kwargs)

    def expected(self, *arrays: Any) -> Any:
        """What the reference says."""
        return self.reference(*arrays, **({} if self.call is not None else self.kwargs))


def all_rows() -> list[Row]:
    """Every row of every topic."""
    import rows

    found: list[Row] = []
    for module in pkgutil.iter_modules(rows.__path__):
        found += importlib.import_module(f"rows.{module.name}").ROWS
    names = [row.name for row in found]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise AssertionError(f"rows of the same name: {sorted(twice)}")
    return found
