"""`cond`: one function or another, as a value says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.autodiff.arguments import check_callable, function_name
from zkynet.autodiff.control_flow.structured import (
    Structured,
    Tree,
    check_kinds,
    compiler,
    condition_of,
    floats_of,
    on_arrays,
    pulled,
    used_by,
    zeros_where_none,
)
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
    tree = Tree(operands, "what cond is called with")
    return _compiled(found, condition_of("cond", pred.detach()), (true_fn, false_fn), tree)


def _compiled(found: Any, pred: Tensor, branches: tuple[Any, Any], tree: Tree) -> Any:
    """The two functions as one op."""
    inputs, backend = tree.tensors, pred.backend
    results_of: dict[int, Tree] = {}

    def branch(which: int) -> Callable[[list[Tensor]], list[Tensor]]:
        def run(tensors: list[Tensor]) -> list[Tensor]:
            f, other = branches[which], results_of.get(1 - which)
            out = Tree(f(*tree.filled(tensors)), f"the result of {function_name(f)}", other)
            results_of[which] = out
            if other is not None:
                check_kinds(
                    "cond: in a compiled function both functions return tensors of the same shapes and data types",
                    {"if true": results_of[0], "if false": results_of[1]},
                    fix="let both return the same; zk.zeros_like may stand in",
                )
            return out.tensors

        return run

    functions = branch(0), branch(1)
    others = list({t.node: t for f in functions for t in used_by(f, inputs)}.values())
    results = found.cond(pred._raw, *[on_arrays(f, backend) for f in functions], tree.raws)

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

        return cond(pred, pull(0), pull(1), inputs, given)

    outs = Structured("cond", back).record([*inputs, *others], results, backend)
    return results_of[0].filled(outs)
