"""Gradients of tensors that are already computed, by tensors they came from."""

from __future__ import annotations

from typing import Any

from zkynet.autodiff.cotangents import as_cotangent, no_path
from zkynet.autodiff.modes import recording
from zkynet.autodiff.trace import owned
from zkynet.autodiff.tree import flatten, flatten_as, paths, unflatten
from zkynet.errors import ArgumentError, GradientError
from zkynet.graph import AnyNode, walk_back
from zkynet.tensor import Tensor


def gradients(
    outputs: Any,
    inputs: Any,
    cotangents: Any = None,
    *,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> Any:
    """The gradients of tensors already computed by tensors they came from, without touching any ``.grad``.

    Args:
        outputs: a tensor, or nested lists, tuples and dicts of them.
        inputs: the tensors to differentiate by, leaves or not, in the same way.
        cotangents: in the structure of `outputs`; may be left out, or be None, for single numbers.
        retain_graph: keep the graph for another pass (by default: what `create_graph` is).
        create_graph: record the pass, so that the gradients can be differentiated again.
        allow_unused: give None, rather than an error, for an input that the outputs do not depend on.

    Returns:
        The gradients, in the structure of `inputs`.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor(3.0, requires_grad=True)
        >>> zk.gradients(x * x, x), x.grad
        (Tensor(6.), None)
    """
    ys, y_structure = flatten(outputs)
    xs, x_structure = flatten(inputs)
    us = [None] * len(ys) if cotangents is None else flatten_as(y_structure, cotangents, "the cotangents", "outputs")
    for which, leaves, structure in (("outputs", ys, y_structure), ("inputs", xs, x_structure)):
        for k, t in enumerate(leaves):
            if not isinstance(t, Tensor):
                place = paths(structure, which)[k]
                raise ArgumentError(f"gradients expected tensors, {place} is a {type(t).__name__}", fix="pass a tensor")
    roots: list[tuple[AnyNode, Any]] = []
    for y, u in zip(ys, us, strict=True):
        if y.node is None:
            raise no_path(y)
        g = as_cotangent(y, u)
        roots.append((y.node, g if create_graph else g._raw))
    for k, x in enumerate(xs):
        if x.node is None:
            raise GradientError(
                f"gradients: {paths(x_structure, 'inputs')[k]} carries no graph", fix="make it with requires_grad=True"
            )
    retain = create_graph if retain_graph is None else retain_graph
    ends = [x.node for x in xs]
    with ys[0].backend.quiet(), recording(create_graph):
        found = walk_back(roots, targets=ends, retain=retain, record=create_graph)
    missing = [place for place, n in zip(paths(x_structure, "inputs"), ends, strict=True) if n not in found]
    if missing and not allow_unused:
        raise GradientError(
            f"gradients: the outputs do not depend on {', '.join(missing)}",
            fix="pass allow_unused=True to get None for it",
            inputs=missing,
        )
    grads = [found.get(n) for n in ends]
    return unflatten(x_structure, grads if create_graph else owned(grads, ends, [g for _, g in roots]))


__all__ = ["gradients"]
