"""Calling a user's `_op_impl`, be it written with zkynet's functions, NumPy's, or those of a backend's library."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from zkynet.autodiff import custom_gradient
from zkynet.backend.registry import backend_names, find_backend
from zkynet.errors import GradientError
from zkynet.graph import Recording
from zkynet.ops.casting import transfer
from zkynet.tensor import Tensor, wrap

STANDARD_NAMES = {  # NumPy's name: that of the Array API standard, where they differ
    "absolute": "abs",
    "amax": "max",
    "amin": "min",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "concatenate": "concat",
    "conjugate": "conj",
    "fabs": "abs",
    "fmax": "maximum",
    "fmin": "minimum",
    "invert": "bitwise_invert",
    "left_shift": "bitwise_left_shift",
    "right_shift": "bitwise_right_shift",
    "rint": "round",
}


def call_implementation(function: Callable[..., Any], tensors: Sequence[Tensor]) -> Any:
    """What `function` returns for tensors, with a graph behind it.

    It is first called with the tensors. If it does not take them, it may be written for the arrays of a library.
    """
    try:
        return function(*tensors)
    except (TypeError, AttributeError, GradientError) as error:
        for way in (_through_libraries, _through_numpy):
            try:
                return way(function, tensors)
            except (TypeError, AttributeError, GradientError):
                continue
        error.add_note(f"{function.__qualname__} is called with zkynet's tensors: compute with zkynet's functions")
        raise error


def _through_libraries(function: Callable[..., Any], tensors: Sequence[Tensor]) -> Any:
    """Call it with the arrays of a library that finds gradients itself: the tensors' own, or one that is in use."""
    own = tensors[0].backend
    others = [name for name in backend_names() if name in sys.modules and name != own.name]
    for name in (own.name, *others):
        backend = find_backend(name)
        if backend.has_vjp and backend.why_unavailable() is None:
            try:
                moved = [transfer(t, backend) for t in tensors]
                return transfer(_in_one_step(function, backend)(*moved), own, tensors[0].device)
            except (TypeError, AttributeError):
                continue
    raise TypeError


def _in_one_step(function: Callable[..., Any], backend: Any) -> Callable[..., Any]:
    """`function` of a backend's own arrays as one differentiable step."""

    @custom_gradient
    def step(*tensors: Tensor) -> Any:
        out, pull = backend.vjp(function, [t._raw for t in tensors])
        return wrap(out, backend, None), lambda g: tuple(wrap(p, backend, None) for p in pull(g._raw))

    return step


def _through_numpy(function: Callable[..., Any], tensors: Sequence[Tensor]) -> Any:
    """Call it with stand-ins on which NumPy's functions compute as zkynet's of the same name."""
    return _plain(function(*map(_Standin, tensors)))


class _Standin(np.lib.mixins.NDArrayOperatorsMixin):
    """A tensor that NumPy's functions and operators take for an array."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            return NotImplemented
        return self.__array_function__(ufunc, (), args, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """NumPy asks here for a function of it on stand-ins."""
        namespace = Recording.namespace
        if getattr(function, "__module__", "") == "numpy.linalg":
            namespace = namespace.linalg
        ours = getattr(namespace, STANDARD_NAMES.get(function.__name__, function.__name__), None)
        return NotImplemented if ours is None else _standing(ours(*_plain(args), **_plain(kwargs)))

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a stand-in has no values of NumPy's own")

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._tensor, name)
        if callable(found):
            return lambda *args, **kwargs: _standing(found(*_plain(args), **_plain(kwargs)))
        return _standing(found)

    def __getitem__(self, key: Any) -> Any:
        return _standing(self._tensor[_plain(key)])

    def __len__(self) -> int:
        return len(self._tensor)


def _standing(value: Any) -> Any:
    """Tensors within a value in stand-ins."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_standing, value)) if type(value) in (tuple, list) else tuple(map(_standing, value))
    return _Standin(value) if isinstance(value, Tensor) else value


def _plain(value: Any) -> Any:
    """Stand-ins within a value as their tensors."""
    if isinstance(value, _Standin):
        return value._tensor
    if isinstance(value, (tuple, list)):
        return type(value)(map(_plain, value))
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value
