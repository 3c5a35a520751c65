"""`debug_nans`: the first op that makes a NaN or an infinity out of finite numbers, forward or backward."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.errors import NonFiniteError
from zkynet.graph import WATCH, Node, extra_of
from zkynet.tensor import Tensor


class debug_nans:
    """Stop at the first op, forward or backward, that makes a NaN or an infinity out of finite inputs.

    The `NonFiniteError` says which op it was, where it was called (for a backward step: where the forward op was), the
    shapes, and the first bad element with the input values there. A NaN or an infinity that was put in on
    purpose, such as the -inf of a mask, passes. Every op is looked at, so this is slow.

    ``with zk.debug_nans():`` watches a block; ``zk.debug_nans(True)`` and ``zk.debug_nans(False)`` switch it for
    the rest of the current thread or asyncio task.

    Args:
        on: switch at once, on or off; as a context manager it is then switched back at the end.

    Example:
        >>> import zkynet as zk
        >>> with zk.debug_nans():
        ...     zk.log(zk.tensor([1.0, 0.0]))
        Traceback (most recent call last):
        ...
        zkynet.errors.NonFiniteError: log made an infinity out of finite numbers
          ...
    """

    def __init__(self, on: bool | None = None) -> None:
        self._before: list[Any] = []
        self._on = on
        if on is not None:
            self._before.append(WATCH.get())
            WATCH.set(Watch() if on else None)

    def __enter__(self) -> None:
        if self._on is None:
            self._before.append(WATCH.get())
            WATCH.set(Watch())

    def __exit__(self, *exc: object) -> None:
        WATCH.set(self._before.pop())


class Watch:
    """What the engine reports to: every op, and every gradient that a rule has made."""

    def after_op(self, op: Any, backend: Any, raws: Any, ans: Any, node: Node | None) -> None:
        """An op has run."""
        if node is not None:
            extra_of(node).site = call_site()
        for result in ans if isinstance(ans, (tuple, list)) else (ans,):
            if not all_finite(backend, result):
                inputs = list(_named_inputs(op, raws))
                if all(_finite_value(backend, v) for _, v in inputs):
                    with _unwatched():
                        raise _forward_error(op, backend, inputs, result)

    def after_rule(self, node: Node, i: int, g: Any, part: Any) -> None:
        """The rule of input `i` of a node has made `part` of the cotangent `g`."""
        backend = node.backend
        raw = part._raw if isinstance(part, Tensor) else part
        target = node.parents[i]
        if all_finite(target.backend if target is not None else backend, raw):
            return
        gs = [u._raw if isinstance(u, Tensor) else u for u in (g if isinstance(g, list) else [g])]
        values = [("cotangent", u) for u in gs if u is not None]
        values += [(n, v) for n, v in _named_inputs(node.op, node.saved, with_result=True) if v is not None]
        if all(_finite_value(backend, v) for _, v in values):
            with _unwatched():
                raise _backward_error(node, i, values, raw)

    def after_sum(self, node: Any, have: Any, part: Any, total: Any) -> None:
        """Two contributions to the gradient of a node have been added up."""
        first, second, raw = (u._raw if isinstance(u, Tensor) else u for u in (have, part, total))
        if all_finite(node.backend, raw):
            return
        if all_finite(node.backend, first) and all_finite(node.backend, second):
            with _unwatched():
                raise _sum_error(node, [("so far", first), ("one more", second)], raw)


class _unwatched:
    """Nothing is watched while an error is being worded."""

    def __enter__(self) -> None:
        self._token = WATCH.set(None)

    def __exit__(self, *exc: object) -> None:
        WATCH.reset(self._token)


def _named_inputs(op: Any, values: Any, with_result: bool = False) -> Iterator[tuple[str, Any]]:
    """The arguments of an op by name; only numbers and arrays, one by one where there is a list of them."""
    names = [*getattr(op, "params", ()), *(["result"] if with_result else [])]
    for name, value in zip(names, values or (), strict=False):
        several = isinstance(value, (tuple, list))
        for k, v in enumerate(value if several else (value,)):
            if isinstance(v, (float, complex)) or (hasattr(v, "shape") and not isinstance(v, np.dtype)):
                yield (f"{name}[{k}]" if several else name), v


def all_finite(backend: Any, raw: Any) -> bool:
    """Whether an array has neither NaN nor infinity; True if that cannot be known (while a function is compiled)."""
    try:
        if not dt.is_differentiable(backend.dtype_of(raw)):
            return True
        xp = backend.xp
        return bool(backend.scalar(xp.all(xp.isfinite(raw))))
    except Exception:
        return True


def _finite_value(backend: Any, value: Any) -> bool:
    if isinstance(value, (float, complex)) and not hasattr(value, "shape"):
        return bool(np.isfinite(value))
    return all_finite(backend, value)


# -- the call site ------------------------------------------------------------------------------------------------


BACKWARD = "  (in its backward pass)"


def call_site() -> str:
    """Where the user called: file, line and source line of the first frame that is not zkynet's own.

    An op that a gradient rule runs, in a backward pass that is itself recorded, is that of the forward op.
    """
    frame: Any = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == "zkynet.graph":
            node = frame.f_locals.get("node")
            site = getattr(getattr(node, "extra", None), "site", None)
            if site is not None:
                return str(site) if site.endswith(BACKWARD) else f"{site}{BACKWARD}"
        if module != "zkynet" and not module.startswith("zkynet."):
            line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
            return f"{frame.f_code.co_filename}:{frame.f_lineno}" + (f": {line}" if line else "")
        frame = frame.f_back
    return "unknown"


# -- the words ----------------------------------------------------------------------------------------------------


def _forward_error(op: Any, backend: Any, inputs: list[tuple[str, Any]], result: Any) -> NonFiniteError:
    values = backend.to_numpy(result)
    at = _first_bad(values)
    site = call_site()
    return NonFiniteError(
        f"{op.name} made {_kind(values)} out of finite numbers",
        facts=[
            f"called at  {site}",
            *_table(backend, inputs, "result", values, at),
        ],
        fix="keep its input inside the domain: a small constant added, zk.clip, or a form that is stable in log space",
        op=op.name,
        site=site,
        index=at,
    )


def _backward_error(node: Node, i: int, values: list[tuple[str, Any]], raw: Any) -> NonFiniteError:
    part = node.backend.to_numpy(raw)
    at = _first_bad(part)
    name = node.op.input_name(i)
    site = (node.extra.site if node.extra is not None else None) or "unknown (recorded before debug_nans was on)"
    return NonFiniteError(
        f"the gradient of {node.op.name} by {name} became {_kind(part)} out of finite numbers",
        facts=[
            f"{node.op.name} was called at  {site}",
            *_table(node.backend, values, f"gradient by {name}", part, at),
        ],
        fix="keep the input away from where the slope is infinite, such as sqrt at 0 (zk.where on input and result)",
        op=node.op.name,
        input=name,
        site=site,
        index=at,
        seq=node.seq,
    )


def _sum_error(node: Any, values: list[tuple[str, Any]], raw: Any) -> NonFiniteError:
    total = node.backend.to_numpy(raw)
    at = _first_bad(total)
    whose = "a tensor that collects gradients" if node.op is None else f"the result of {node.op.name}"
    site = node.extra.site if node.extra is not None else None
    return NonFiniteError(
        f"the gradient of {whose} became {_kind(total)} when finite contributions to it were added up",
        facts=[
            *([f"{node.op.name} was called at  {site}"] if site else []),
            *_table(node.backend, values, "sum", total, at),
        ],
        fix="scale the loss down, or clip what is handed back",
        op="add",
        site=site,
        index=at,
        seq=getattr(node, "seq", None),
    )


def _first_bad(values: Any) -> tuple[int, ...]:
    return tuple(int(k) for k in np.argwhere(~np.isfinite(_comparable(values)))[0])


def _comparable(values: Any) -> Any:
    return values.astype(np.float32) if values.dtype.kind not in "fc" else values


def _kind(values: Any) -> str:
    return "a NaN" if np.isnan(_comparable(values)).any() else "an infinity"


def _table(backend: Any, inputs: list[tuple[str, Any]], what: str, values: Any, at: tuple[int, ...]) -> list[str]:
    """A line for each array, with its value at the bad element, or its range where it has none there."""
    width = max(len(n) for n, _ in [*inputs, (what, None)])
    lines = []
    for name, v in inputs:
        if not hasattr(v, "shape"):
            lines.append(f"{name:<{width}}  the number {v}")
            continue
        array = backend.to_numpy(v)
        lines.append(f"{name:<{width}}  {array.shape} {array.dtype}, {_value_at(array, values.shape, at)}")
    bad = int(np.sum(~np.isfinite(_comparable(values))))
    place = f" at [{', '.join(map(str, at))}]" if at else ""
    lines.append(
        f"{what:<{width}}  {values.shape} {values.dtype}, {bad} of {values.size} not finite, first {values[at]}{place}"
    )
    return lines


def _value_at(array: Any, shape: tuple[int, ...], at: tuple[int, ...]) -> str:
    """The value that stands over the bad element when shapes broadcast, else the range."""
    lead = len(shape) - array.ndim
    if lead >= 0 and all(n in (1, m) for n, m in zip(array.shape, shape[lead:], strict=True)):
        spot = tuple(0 if n == 1 else k for n, k in zip(array.shape, at[lead:], strict=True))
        return f"there {array[spot]}"
    if array.dtype.kind == "c" or array.size == 0:
        return "all finite"
    return f"from {array.min()} to {array.max()}"


__all__ = ["debug_nans"]
