"""`compare_backends`: whether a program computes the same on several backends, and the first op that does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from zkynet import random
from zkynet.autodiff.nans import call_site
from zkynet.backend.registry import backend_names, use_backend
from zkynet.errors import ArgumentError, BackendMismatchError, InvalidValueError, described
from zkynet.graph import WATCH, Node, extra_of
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = ["Comparison", "compare_backends"]

TOLERANCE = {"float16": 2e-2, "bfloat16": 1e-1, "float32": 1e-4, "float64": 1e-9, "complex64": 1e-4, "complex128": 1e-9}
"""By dtype, how far two backends may be apart, relative to the largest number in an array."""


class Comparison(NamedTuple):
    """What `compare_backends` has seen: how many results it compared, and how far apart the furthest were.

    Example:
        >>> import zkynet as zk
        >>> seen = zk.testing.compare_backends(lambda: zk.ones(3) * 2, backends=("numpy", "numpy"))
        >>> seen.results, seen.largest_difference
        (1, 0.0)
    """

    results: int
    largest_difference: float
    where: str


class Step(NamedTuple):
    """One result on the way: of an op, or of a gradient rule."""

    what: str
    site: str
    value: np.ndarray[Any, Any]


class _Recorder:
    """What the engine reports to while a program runs: keeps every result on the host."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def _note(self, what: str, site: str, raw: Any, backend: Any) -> None:
        self.steps.append(Step(what, site, np.array(backend.to_numpy(raw))))

    def after_op(self, op: Any, backend: Any, raws: Any, ans: Any, node: Node | None) -> None:
        site = call_site()
        if node is not None:
            extra_of(node).site = site
        several = isinstance(ans, (tuple, list))
        for k, result in enumerate(ans if several else (ans,)):
            self._note(f"result {k} of {op.name}" if several else op.name, site, result, backend)

    def after_rule(self, node: Node, i: int, g: Any, part: Any) -> None:
        if isinstance(part, Tensor):
            return  # a recorded backward pass reports its ops itself
        target = node.parents[i]
        site = (node.extra.site if node.extra is not None else None) or "unknown"
        backend = target.backend if target is not None else node.backend
        self._note(f"the gradient of {node.op.name} by {node.op.input_name(i)}", site, part, backend)

    def after_sum(self, node: Any, have: Any, part: Any, total: Any) -> None:
        pass


def compare_backends(
    fn: Callable[..., Any],
    *args: Any,
    backends: Sequence[str] = ("numpy", "jax"),
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> Comparison:
    """Run a program on several backends with the same random numbers, and compare every op and gradient on the way.

    Args:
        fn: the program: makes its tensors and modules itself (on the current backend), or takes `args`.
        *args: arrays, which it gets as tensors of the backend; everything else is handed on.
        backends: their names; the first one is what the others are compared with.
        rtol: how far results may be apart, relative to the largest number in each; by default 1e-4 for float32,
            1e-9 for float64, 2e-2 for float16.
        atol: a distance that is allowed in any case, for results that are zero but for rounding, such as the gradient
            of a bias before a normalisation; by default a hundredth of `rtol`.
        seed: what `zkynet.random` is seeded with before each run.

    Returns:
        How many results were compared, and the largest difference, relative to the largest number in that result (or
        to `atol` / `rtol`, where all its numbers are smaller than that).

    Raises:
        BackendMismatchError: at the first op, forward or backward, whose results differ; it says which, where it was
            called, and both values.

    Example:
        >>> import zkynet as zk
        >>> def step():
        ...     layer = zk.nn.Linear(3, 2)
        ...     layer(zk.ones((4, 3))).sum().backward()
        ...     return layer.weight.grad
        >>> zk.testing.compare_backends(step, backends=("numpy", "numpy")).largest_difference
        0.0
    """
    if not callable(fn):
        raise ArgumentError(f"compare_backends expected a function, received {described(fn)}")
    names = [backends] if isinstance(backends, str) else list(backends)
    if len(names) < 2:
        raise InvalidValueError(
            "compare_backends compares at least two backends", fix=f"name some of: {', '.join(backend_names())}"
        )
    first = _run(fn, args, names[0], seed)
    worst = Comparison(0, 0.0, "")
    for name in names[1:]:
        worst = _compare(names[0], first, name, _run(fn, args, name, seed), rtol, atol, worst)
    return worst


def _run(fn: Callable[..., Any], args: tuple[Any, ...], name: str, seed: int) -> list[Step]:
    recorder = _Recorder()
    before = random.get_state()
    with use_backend(name) as backend:
        given = [
            asarray(a) if isinstance(a, np.ndarray) else a.to(backend.name) if isinstance(a, Tensor) else a
            for a in args
        ]
        random.seed(seed)
        token = WATCH.set(recorder)
        try:
            fn(*given)
        finally:
            WATCH.reset(token)
            random.set_state(before)
    return recorder.steps


def _compare(
    one: str,
    ours: list[Step],
    other: str,
    theirs: list[Step],
    rtol: float | None,
    atol: float | None,
    worst: Comparison,
) -> Comparison:
    count, largest, where = worst
    for k, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        if (a.what, a.value.shape, a.value.dtype) != (b.what, b.value.shape, b.value.dtype):
            raise BackendMismatchError(
                f"{one} and {other} did not run the same ops",
                facts=[
                    f"step {k} on {one}: {a.what}, {a.value.shape} {a.value.dtype}, at {a.site}",
                    f"step {k} on {other}: {b.what}, {b.value.shape} {b.value.dtype}, at {b.site}",
                ],
                fix="look for a decision that depends on values or on the name of the backend before this step",
                step=k,
                op=a.what,
            )
        far, scale = _distance(a.value, b.value)
        allowed = TOLERANCE.get(a.value.dtype.name, 0.0) if rtol is None else rtol
        spare = allowed / 100 if atol is None else atol
        if not far <= allowed * scale + spare:
            raise _mismatch(one, a, other, b, k, far, scale)
        count += 1
        size = max(scale, spare / allowed if allowed else 0.0)
        if size and far / size > largest:
            largest, where = far / size, f"{a.what}, at {a.site}"
    if len(ours) != len(theirs):
        raise BackendMismatchError(
            f"{one} ran {len(ours)} ops and {other} {len(theirs)}",
            fix="look for a decision that depends on values or on the name of the backend",
            step=min(len(ours), len(theirs)),
        )
    return Comparison(count, largest, where)


def _distance(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The largest distance of two arrays, and the largest number in the first; NaN and infinities have to agree."""
    if not a.size:
        return 0.0, 0.0
    wide = np.complex128 if a.dtype.kind == "c" else np.float64
    x, y = a.astype(wide), b.astype(wide)
    finite = np.isfinite(x)
    if not np.array_equal(np.where(finite, 0, x), np.where(np.isfinite(y), 0, y), equal_nan=True):
        return float("inf"), 0.0
    far = np.abs(np.where(finite, x, 0) - np.where(finite, y, 0))
    return float(far.max()), float(np.abs(np.where(finite, x, 0)).max())


def _mismatch(one: str, a: Step, other: str, b: Step, k: int, far: float, scale: float) -> BackendMismatchError:
    wide = np.complex128 if a.value.dtype.kind == "c" else np.float64
    x, y = a.value.astype(wide), b.value.astype(wide)
    apart = np.where(np.isnan(x) != np.isnan(y), np.inf, np.nan_to_num(np.abs(x - y), nan=0.0, posinf=np.inf))
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
    return BackendMismatchError(
        f"{a.what} differs between {one} and {other}",
        facts=[
            f"called at  {a.site}",
            f"step       {k}, result of shape {a.value.shape}, {a.value.dtype}",
            f"{one:<10} {a.value[at]}  at {list(at)}",
            f"{other:<10} {b.value[at]}",
            f"apart      {far:.3g}, where the largest number is {scale:.3g}",
        ],
        fix="all before it agree: run this op alone with the same inputs on both, and report it if it differs",
        step=k,
        op=a.what,
        site=a.site,
        index=at,
    )
