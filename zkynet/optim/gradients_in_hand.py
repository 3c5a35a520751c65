"""The gradients that a step is made with: which there are, whether they fit, whether they are new."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any
from weakref import ref

from zkynet.errors import (
    BackendError,
    DTypeError,
    ForgottenZeroGradWarning,
    GradientError,
    NoGradientWarning,
    ShapeError,
)
from zkynet.graph import Grown, Leaf
from zkynet.optim.groups import Group
from zkynet.tensor import Tensor

Ready = list[tuple[Group, list[Tensor]]]


class Gradients:
    """Looks at the gradients of one optimiser before a step.

    Args:
        name: the optimiser's, for errors.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.warned: set[type[Warning]] = set()

    def ready(self, groups: list[Group], call: Callable[[Tensor], str]) -> Ready:
        """The parameters of each group that have a gradient; an error if one does not fit."""
        out: Ready = []
        old = None
        for group in groups:
            params = []
            for p in group["params"]:
                node = p.node
                if node is None:
                    continue  # frozen, or of a layer whose size is not known yet
                if node.__class__ is not Leaf:
                    raise self._rebound(p, call)
                g = node.grad
                if g is None:
                    continue
                raw, of_g = p._raw, g._raw
                if of_g.dtype != raw.dtype or g.backend is not p.backend or tuple(of_g.shape) != tuple(raw.shape):
                    raise self._misfit(p, g, call)
                if node.used.__class__ is Grown and node.used() is g:
                    old = p
                params.append(p)
            if params:
                out.append((group, params))
        if not out:
            self._warn(
                NoGradientWarning,
                f"{self.name}.step() changed nothing: no parameter has a gradient; call backward() on the loss first",
            )
        if old is not None:
            self._warn(
                ForgottenZeroGradWarning,
                f"{self.name}.step(): the gradient of {call(old)} was added to the one that the last step was made "
                "with; call optimizer.zero_grad() before each backward(), or before the first one of several that are "
                "meant to add up",
            )
        return out

    def used(self, params: list[Tensor]) -> None:
        """Note that a step was made with the gradients of these parameters."""
        for p in params:
            p.node.used = ref(p.node.grad)  # type: ignore[union-attr]

    def _warn(self, kind: type[Warning], text: str) -> None:
        if kind not in self.warned:
            self.warned.add(kind)
            warnings.warn(text, kind, stacklevel=5)

    def _rebound(self, p: Any, call: Callable[[Tensor], str]) -> GradientError:
        return GradientError(
            f"{self.name}: {call(p)} has become the result of {p.node.op.name}, and collects no gradient any more",
            facts=["an operator such as w += 1 has bound it to a result since the optimiser was made"],
            fix="change values of parameters inside zk.no_grad(), or assign p.data",
        )

    def _misfit(self, p: Tensor, g: Tensor, call: Callable[[Tensor], str]) -> Exception:
        facts = [
            f"parameter  {p.shape} {p.dtype} of {p.backend.name}",
            f"gradient   {g.shape} {g.dtype} of {g.backend.name}",
        ]
        fix = "assign a .grad that fits, or clear it with zero_grad() and compute it anew"
        headline = f"{self.name}: the gradient of {call(p)} has another "
        if g.backend is not p.backend:
            return BackendError(headline + "backend", facts, fix)
        if g.shape != p.shape:
            return ShapeError(headline + "shape", facts, fix)
        return DTypeError(headline + "dtype", facts, fix)
