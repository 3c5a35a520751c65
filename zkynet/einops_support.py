"""einops on tensors: einops asks for a class that tells it how to handle a library's arrays.

The class is made when einops is imported, by whoever imports it; zkynet itself never does.
"""

from __future__ import annotations

import sys
from typing import Any

from zkynet.tensor import Tensor

ASKS = "einops._backends"
"""The module of einops that keeps the classes."""


def install() -> None:
    """Make the class now if einops has been imported, else as soon as it is."""
    if ASKS in sys.modules:
        add_backend(sys.modules[ASKS])
    else:
        sys.meta_path.insert(0, _OnImport())


def add_backend(module: Any) -> None:
    """Give einops a class for tensors. It finds subclasses of its own class by itself.

    Args:
        module: einops' module of backends.
    """
    base = getattr(module, "AbstractBackend", None)
    if base is None:  # an einops that works in another way
        return

    class ZkynetBackend(base):  # type: ignore[misc,valid-type]
        """What einops does with tensors."""

        framework_name = "zkynet"

        def __init__(self) -> None:
            self.zk = sys.modules["zkynet"]

        def is_appropriate_type(self, tensor: Any) -> bool:
            return isinstance(tensor, Tensor)

        def from_numpy(self, x: Any) -> Any:
            return self.zk.asarray(x)

        def to_numpy(self, x: Any) -> Any:
            return x.numpy()

        def arange(self, start: Any, stop: Any) -> Any:
            return self.zk.arange(start, stop)

        def stack_on_zeroth_dimension(self, tensors: Any) -> Any:
            return self.zk.stack(tensors)

        def tile(self, x: Any, repeats: Any) -> Any:
            return self.zk.tile(x, repeats)

        def concat(self, tensors: Any, axis: int) -> Any:
            return self.zk.concat(tensors, axis=axis)

        def is_float_type(self, x: Any) -> bool:
            return bool(self.zk.isdtype(x.dtype, ("real floating", "complex floating")))

        def add_axis(self, x: Any, new_position: int) -> Any:
            return self.zk.expand_dims(x, axis=new_position)

        def einsum(self, pattern: str, *x: Any) -> Any:
            return self.zk.einsum(pattern, *x)

    module.ZkynetBackend = ZkynetBackend  # classes know their subclasses weakly


class _OnImport:
    """Waits for einops' module of backends to be imported, adds to it, and is gone."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Python asks this of every entry of `sys.meta_path`; None leaves the answer to the others."""
        if name != ASKS:
            return None
        from importlib.util import find_spec

        sys.meta_path.remove(self)
        spec = find_spec(name)
        loader: Any = spec and spec.loader
        if loader is not None:
            execute = loader.exec_module

            def execute_and_add(module: Any) -> None:
                execute(module)
                add_backend(module)

            loader.exec_module = execute_and_add
        return spec
