"""`cond`: one function or another, as a value says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.autodiff.arguments import check_callable, function_name
from zkynet.autodiff.control_flow.structured import (
    Structured,
    Tree,
    compiler,
    floats_of,
    on_arrays,
    pulled,
    used_by,
    zeros_where_none,
)
from zkynet.errors import ArgumentError, ShapeError
from zkynet.ops.casting import as_tensor
from zkynet.tensor import Tensor

__all__ = ["cond"]


def cond(pred: Any, true_fn: Callable[..., Any], false_fn: Callable[..., Any], *operands: Any) -> Any:
    """``true_fn(*operands)`` if a value is true, else ``false_fn(*operands)``.

    In a compiled function, where values are not known yet, both are compiled and one of them runs; they then return
    tensors of the same shapes and data types. Elsewhere it is Python's ``if``. Gradients flow through the one that
    runs, to the operands and to other tensors that it uses.

    Args:
        pred: a tensor of one element, or a bool.
        true_fn: a function of the operands.
        false_fn: another.
        *operands: tensors and numbers, or nested lists, tuples and dicts of them.

    Example:
        >>> import zkynet as zk
        >>> f = lambda x: zk.cond(zk.sum(x) > 0, lambda x: x * 2, lambda x: -x, x)
        >>> f(zk.tensor([1.0, 2.0])), zk.jit(f)(zk.tensor([-3.0]))
        (Tensor([2., 4.]), Tensor([3.]))
    """
    check_callable("cond", true_fn)
    check_callable("cond", false_fn)
    found = compiler()
    if not isinstance(pred, Tensor) or found is None or not found.is_traced(pred._raw):
        return (true_fn if bool(pred) else false_fn)(*operands)
    if pred.size != 1:
        raise ShapeError(
            f"cond: the condition is a tensor of one element, this one has shape {pred.shape}",
            fix="reduce it first with .any() or .all(), or use zk.where to choose element by element",
        )
    tree = Tree(operands, "what cond is called with")
    return _compiled(found, as_tensor("cond", pred), (true_fn, false_fn), tree)


def _compiled(found: Any, pred: Tensor, branches: tuple[Any, Any], tree: Tree) -> Any:
    """The two functions as one op."""
    functions = [lambda tensors, f=f: f(*tree.filled(tensors)) for f in branches]
    inputs, backend = tree.tensors, pred.backend
    others = list({t.node: t for f in functions for t in used_by(f, inputs)}.values())
    raw = [on_arrays(f, backend, f"the result of {function_name(b)}") for f, b in zip(functions, branches, strict=True)]
    kinds: list[Any] = [None, None]

    def noted(which: int) -> Callable[[Any], Any]:
        def run(raws: Any) -> Any:
            out = raw[which](raws)
            kinds[which] = raw[which].out  # type: ignore[attr-defined]
            if kinds[1 - which] is not None:
                _check_alike(*kinds)
            return out

        return run

    condition = backend.xp.reshape(pred._raw, ())
    if pred.dtype.kind != "b":
        condition = condition != 0
    results = found.cond(condition, noted(0), noted(1), tree.raws)

    def back(results: list[Tensor], cotangents: list[Any]) -> list[Any]:
        smooth = floats_of(results)
        given = zeros_where_none([cotangents[k] for k in smooth], [results[k] for k in smooth])

        def pull(which: int) -> Callable[..., Any]:
            def run(inputs: list[Tensor], given: list[Tensor]) -> list[Tensor]:
                every: list[Any] = [None] * len(results)
                for k, u in zip(smooth, given, strict=True):
                    every[k] = u
                return pulled(functions[which], inputs, others, every)

            return run

        return cond(pred.detach(), pull(0), pull(1), inputs, given)

    outs = Structured("cond", back).record([*inputs, *others], results, backend)
    return kinds[0].filled(outs)


def _check_alike(one: Tree, other: Tree) -> None:
    if one.kinds() != other.kinds():
        raise ArgumentError(
            "cond: in a compiled function both functions return tensors of the same shapes and data types",
            facts=[
                f"if true   {', '.join(f'{d}{list(s)}' for s, d in one.kinds())}",
                f"if false  {', '.join(f'{d}{list(s)}' for s, d in other.kinds())}",
            ],
            fix="let both return the same structure; zk.zeros_like may stand in",
        )
