"""What exists before a function is captured, and how it is put back afterwards.

What a function reads and writes is found by running it once on stand-ins, and looking at what has changed. So nothing
has to be declared, and code that is not compiled pays nothing for it: tensors, modules and optimisers do not tell on
themselves, they are looked up among all objects that Python's collector knows.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from zkynet.graph import Leaf
from zkynet.nn.module import Module
from zkynet.optim.optimizer import Optimizer
from zkynet.random.generator import Generator
from zkynet.random.process import default_generator
from zkynet.tensor import Tensor

KINDS = (Tensor, Leaf, Module, Optimizer, Generator)


class World:
    """All tensors, modules, optimisers and generators there are, and the state they are in."""

    def __init__(self) -> None:
        self.tensors: dict[int, tuple[Tensor, Any]] = {}
        self.leaves: dict[Leaf, tuple[Any, Any, int]] = {}
        self.modules: list[Module] = []
        self.generators: list[Generator] = []
        self._dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        default_generator()  # which else would be made within the function
        each: Any
        for each in gc.get_objects():
            if not issubclass(type(each), KINDS):
                continue
            if isinstance(each, Tensor):
                if hasattr(each, "_raw"):  # else it is being made just now
                    self.tensors[id(each)] = (each, each._raw)
            elif isinstance(each, Leaf):
                self.leaves[each] = (each.grad, each.used, each.changed)
            elif isinstance(each, Generator):
                self.generators.append(each)
            else:
                if isinstance(each, Module):
                    self.modules.append(each)
                self._keep(vars(each))
                if isinstance(each, Optimizer):
                    self._keep(each.state, *each.state.values(), *each.param_groups)

    def _keep(self, *dicts: dict[Any, Any]) -> None:
        self._dicts += [(held, dict(held)) for held in dicts]

    def restore(self, is_traced: Callable[[Any], bool]) -> None:
        """Put everything back into the state it was in; what another thread has given a value meanwhile keeps it."""
        for tensor, raw in self.tensors.values():
            if tensor._raw is not raw and is_traced(tensor._raw):
                tensor._raw = raw
        for leaf, (grad, used, changed) in self.leaves.items():
            leaf.grad, leaf.used, leaf.changed = grad, used, changed
        for held, before in self._dicts:
            for key in [key for key in held if key not in before]:
                del held[key]
            held.update(before)


def tensors_that(test: Any) -> list[Tensor]:
    """The tensors there are now whose raw array passes a test."""
    gc.collect()  # what only refers to itself is not kept by anybody
    return [each for each in gc.get_objects() if issubclass(type(each), Tensor) and test(getattr(each, "_raw", None))]
