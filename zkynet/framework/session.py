"""One call of the outermost function: its call id, and the nodes of its inputs. Safe in threads and async code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet.backend.registry import backend_of, find_backend, usable_backend
from zkynet.errors import ArgumentError
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.framework.inputs import Input
    from zkynet.framework.nodes import InputNode, Node

_next_call = count(1).__next__
_current: ContextVar[Session | None] = ContextVar("zkynet_call", default=None)
NUMBERS = (bool, int, float, complex)


class Session:
    """The bookkeeping of one call.

    Attributes:
        call_id: the same in all nodes of the call.
        input_nodes: the node of each input, made once, so that shared inputs and weights are shared nodes.
        bindings: which nodes stood for an input of an inner module.
    """

    def __init__(self, trigger: Any) -> None:
        self.call_id = f"call-{_next_call()}"
        self.trigger = trigger
        self.input_nodes: dict[Input, InputNode] = {}
        self.bindings: dict[Input, list[Node]] = {}
        self.operator_calls: dict[Any, int] = {}
        self.backend: Any = None
        self.presents_numbers = True

    def see(self, values: Any) -> None:
        """Settle from the values of the call which backend computes it, and how results are shown."""
        for value in values:
            if isinstance(value, NUMBERS) or value is None:
                continue
            self.presents_numbers = False
            found = value.backend if isinstance(value, Tensor) else None
            if found is None and not isinstance(value, (np.ndarray, np.generic, list, tuple)):
                found = backend_of(value)
                if found is None:
                    raise ArgumentError(
                        f"an input is a number or an array, received {type(value).__name__}: {value!r:.60}",
                        fix="pass a Python number, a NumPy or JAX array, or a tensor",
                    )
            if found is not None and (self.backend is None or self.backend.name == "numpy"):
                self.backend = found

    def tensor(self, value: Any) -> Tensor:
        """A value of the call as a tensor; Python floats in double precision, as Python computes."""
        backend = self.backend or usable_backend("numpy")
        if isinstance(value, Tensor):
            return value.detach().to(backend.name)
        dtype = None
        if isinstance(value, float) and not isinstance(value, np.generic):
            dtype = "float64"
        elif isinstance(value, complex) and not isinstance(value, np.generic):
            dtype = "complex128"
        made = asarray(value, dtype=dtype, backend=backend)
        return made.detach() if made.backend is backend else made.detach().to(backend.name)

    def present(self, tensor: Tensor) -> Any:
        """A tensor as the user of this call wants to see it: a Python number, or an array of their library."""
        if self.presents_numbers and tensor.ndim == 0:
            return tensor.item()
        raw = tensor._raw
        return np.asarray(raw) if tensor.backend is find_backend("numpy") and tensor.ndim else raw


@contextmanager
def in_session(function: Any) -> Iterator[Session]:
    """The session of the call under way; a new one if `function` is the outermost."""
    session = _current.get()
    if session is not None:
        yield session
        return
    session = Session(function)
    token = _current.set(session)
    try:
        yield session
    finally:
        _current.reset(token)
