"""`backward`: gradients collected in the ``.grad`` of leaves."""

from __future__ import annotations

from typing import Any

from zkynet.autodiff.arguments import check_tensor
from zkynet.autodiff.cotangents import as_cotangent, no_path
from zkynet.autodiff.modes import recording
from zkynet.graph import walk_back
from zkynet.tensor import Tensor, wrap


def backward(y: Tensor, gradient: Any = None, *, retain_graph: bool | None = None, create_graph: bool = False) -> None:
    """Collect the gradient of a tensor in the ``.grad`` of every leaf it depends on: what ``y.backward()`` does.

    The ``.grad`` are written when the whole walk back is done: an error on the way leaves them as they were.

    Args:
        y: the tensor; a single number unless `gradient` is given.
        gradient: the cotangent, of the tensor's shape.
        retain_graph: keep the graph for another pass (by default: what `create_graph` is).
        create_graph: record the backward pass, so that ``.grad`` can be differentiated again.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([1.0, 2.0], requires_grad=True)
        >>> zk.backward(zk.sum(x * x))
        >>> x.grad
        Tensor([2., 4.])
    """
    check_tensor("backward", y)
    if y.node is None:
        raise no_path(y)
    g = as_cotangent(y, gradient)
    retain = create_graph if retain_graph is None else retain_graph
    with y.backend.quiet(), recording(create_graph):
        found = walk_back([(y.node, g if create_graph else g._raw)], retain=retain, record=create_graph)
    _collect(found, create_graph, () if create_graph else (g._raw,))


def _collect(found: dict[Any, Any], recorded: bool, taken: tuple[Any, ...] = ()) -> None:
    """Add the gradients of a backward pass to the ``.grad`` of the leaves, each in memory of its own."""
    seen = {id(raw) for raw in taken}
    for leaf, g in found.items():
        old = leaf.grad
        if not recorded and leaf.dtype is not None and g.dtype != leaf.dtype:  # 16-bit floats that grew on the way
            g = leaf.backend.xp.astype(g, leaf.dtype)
        if recorded:
            leaf.grad = g if old is None else old + g
            if old is not None:
                leaf.grown(old)
        elif old is None:
            g = leaf.backend.xp.asarray(g, copy=True) if id(g) in seen else leaf.backend.own(g)
            seen.add(id(g))
            leaf.grad = wrap(g, leaf.backend, None)
        else:
            leaf.grad = (
                wrap(old._raw + g, leaf.backend, None) if old.node is None else old + wrap(g, leaf.backend, None)
            )
            leaf.grown(old)
