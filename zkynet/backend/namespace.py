"""The namespace an op's body and its gradient rules compute in when they run on raw arrays.

``xp.name`` is, in this order: the backend's kernel for the op of that name, the backend's own standard function, or
the generic body of the zkynet op. So a rule may call any op, standard or not, and means the same on raw arrays as
it does on tensors, where zkynet itself is the namespace.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from zkynet.backend.standard import STANDARD

if TYPE_CHECKING:
    from zkynet.backend.protocol import Backend

BODIES: dict[str, Callable[..., Any]] = {}
"""The generic body of every op by name, ``linalg.solve`` for the op in a sub-namespace. Filled by the ops."""

SUBSPACES = {"linalg": "linalg", "fft": "fft", "special": "special", "random": "random", "nn": "nn.functional"}
"""Of each sub-namespace, the module that holds its public functions."""


def raw_namespace(backend: Backend, standard: Any, prefix: str = "", root: Any = None) -> ModuleType:
    """A backend's standard namespace, extended by zkynet's ops on raw arrays.

    It is a real module, whose attributes CPython looks up fastest; each is found on first use and kept.
    """
    space = ModuleType(f"{backend.name}.{prefix}xp")
    root = space if root is None else root
    space.backend = backend  # type: ignore[attr-defined]  # for what the standard lacks: index_add and the like

    def find(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if not prefix and name in SUBSPACES:
            import_module(f"zkynet.{SUBSPACES[name]}")  # which fills in its bodies
            backend.kernels.update(backend.kernels_of(name))
            value: Any = raw_namespace(backend, getattr(standard, name, None), f"{name}.", root)
        elif prefix + name in backend.kernels:
            value = partial(backend.kernels[prefix + name], root)
        elif name in STANDARD.get(prefix, ()) and hasattr(standard, name):
            value = getattr(standard, name)
        elif prefix + name in BODIES:
            value = partial(BODIES[prefix + name], root)
        else:
            raise AttributeError(
                f"{prefix + name!r} is neither a zkynet op nor a function of the standard in {backend.name}"
            )
        setattr(space, name, value)
        return value

    space.__getattr__ = find  # type: ignore[method-assign]
    return space
