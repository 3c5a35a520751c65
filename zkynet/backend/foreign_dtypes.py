"""For libraries whose dtypes are not NumPy's: their namespace, taking NumPy dtypes where it takes its own.

Ops speak of dtypes as zkynet does, that is as `numpy.dtype`. The functions of the standard that take a dtype are
wrapped so that such a one is exchanged for the library's own; all other functions are handed on as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np

from zkynet.backend.standard import TAKE_DTYPES


class WithNumpyDtypes:
    """The standard namespace `module`, in which `native` translates NumPy dtypes.

    Args:
        module: the library's namespace, or one of its sub-namespaces.
        native: gives the library's dtype for a NumPy dtype.
    """

    def __init__(self, module: Any, native: Callable[[Any], Any]) -> None:
        self._module = module
        self._native = native

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        if isinstance(value, ModuleType):
            value = type(self)(value, self._native)
        else:
            value = self.adapt(name, value)
        self.__dict__[name] = value
        return value

    def adapt(self, name: str, value: Any) -> Any:
        """What is to stand for the library's `value`."""
        return _translating(value, self._native) if name in TAKE_DTYPES else value


def _translating(function: Callable[..., Any], native: Callable[[Any], Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(a, np.dtype) for a in args):
            args = tuple(native(a) if isinstance(a, np.dtype) else a for a in args)
        dtype = kwargs.get("dtype")
        if isinstance(dtype, np.dtype):
            kwargs["dtype"] = native(dtype)
        return function(*args, **kwargs)

    return call
