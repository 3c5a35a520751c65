"""One call of the outermost function: its call id, and the nodes of its inputs. Safe in threads and async code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.backend.registry import backend_of, current_device, get_backend, usable_backend
from zkynet.errors import ArgumentError, DTypeError
from zkynet.framework.nodes import Node
from zkynet.graph import RECORD
from zkynet.ops.casting import cast, transfer
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.framework.inputs import Input
    from zkynet.framework.nodes import InputNode

_next_call = count(1).__next__
_current: ContextVar[Session | None] = ContextVar("zkynet_call", default=None)

NUMBERS = (bool, int, float, complex)
SHOWN_AS_NUMBERS, SHOWN_AS_ARRAYS, SHOWN_AS_TENSORS = range(3)


class Session:
    """The bookkeeping of one call.

    Attributes:
        call_id: the same in all nodes of the call.
        trigger: the function that was called.
        input_nodes: the node of each input, made once, so that shared inputs and weights are shared nodes.
        bindings: which nodes stood for an input of an inner module.
        shown_as: in what the user gets the results; the highest kind among the values of the call.
    """

    def __init__(self, trigger: Any) -> None:
        self.call_id = f"call-{_next_call()}"
        self.trigger = trigger
        self.input_nodes: dict[Input, InputNode] = {}
        self.bindings: dict[Input, list[Node]] = {}
        self.shown_as = SHOWN_AS_NUMBERS
        self._ids: dict[str, int] = {}
        self._backend: Any = None  # that of the arrays seen so far
        self._device: str | None = None

    @property
    def backend(self) -> Any:
        """What computes: the backend of the arrays of the call, or the current one if there are numbers only."""
        return self._backend or get_backend()

    @property
    def device(self) -> str | None:
        """Where it computes."""
        return self._device if self._backend is not None else current_device()

    def unique(self, node_id: str) -> str:
        """The id itself for the first node of that id, with a number behind it for later ones."""
        again = self._ids[node_id] = self._ids.get(node_id, 0) + 1
        return node_id if again == 1 else f"{node_id}#{again}"

    def nodes_of(self) -> dict[Input, list[Node]]:
        """All nodes that stood for each input of the call and of the functions within."""
        found = {inpt: list(nodes) for inpt, nodes in self.bindings.items()}
        for inpt, node in self.input_nodes.items():
            found.setdefault(inpt, []).append(node)
        return {inpt: list({id(n): n for n in nodes}.values()) for inpt, nodes in found.items()}

    def see(self, values: Any) -> None:
        """Settle from the values of the call which backend computes it, and how results are shown."""
        host = usable_backend("numpy")
        device: str | None
        for value in values:
            if isinstance(value, NUMBERS) or value is None:
                continue
            backend: Any = host
            shown_as, device = SHOWN_AS_ARRAYS, host.devices()[0]
            if isinstance(value, Node):
                earlier = value._session
                if earlier is None or earlier is self:
                    continue
                shown_as, backend, device = earlier.shown_as, earlier._backend, earlier._device
            elif isinstance(value, Tensor):
                shown_as, backend, device = SHOWN_AS_TENSORS, value.backend, value.device
            elif not isinstance(value, (np.ndarray, np.generic, list, tuple)):
                backend = backend_of(value)
                if backend is None:
                    raise ArgumentError(
                        f"an input is a number or an array, received {type(value).__name__}: {value!r:.60}",
                        fix="pass a Python number, a NumPy or JAX array, or a tensor",
                    )
                device = backend.device_of(value)
            self.shown_as = max(self.shown_as, shown_as)
            if backend is not None and (self._backend is None or self._backend is host):
                self._backend, self._device = backend, device

    def tensor(self, value: Any) -> Tensor:
        """A value of the call as a tensor; Python's floats in double precision, as Python computes."""
        if isinstance(value, Tensor):
            return self._moved(value.detach())
        dtype = None
        if isinstance(value, int):
            dtype = "int64" if -(2**63) <= value < 2**63 else "float64"
            value = value if dtype == "int64" else float(value)
        elif isinstance(value, NUMBERS):
            dtype = "complex128" if isinstance(value, complex) else "float64"
        elif isinstance(value, (list, tuple)):
            found = asarray(value, backend=usable_backend("numpy"), device="cpu").dtype
            dtype = {dt.default_float: "float64", dt.default_complex: "complex128"}.get(found)
        elif not isinstance(value, (np.ndarray, np.generic)):
            return asarray(value).detach()
        return asarray(value, dtype=dtype, backend=self.backend, device=self.device).detach()

    def double(self, tensor: Tensor) -> Tensor:
        """Integers in the widest floats that the backend has, so that they can be differentiated by."""
        try:
            return cast(tensor, dt.float64)
        except DTypeError:
            return cast(tensor, dt.float32)

    def adapted(self, tensors: Sequence[Tensor], pliant: Sequence[bool]) -> list[Tensor]:
        """The operands of an operator on one backend; those that are pliant take the dtype of the others.

        So 1.5 with an array of float32 gives float32, as it does in NumPy and JAX.

        Args:
            tensors: the operands.
            pliant: which of them are Python numbers or computed from such.
        """
        moved = [self._moved(t, p) for t, p in zip(tensors, pliant, strict=True)]
        firm = [t.dtype for t, p in zip(moved, pliant, strict=True) if not p]
        if not firm:
            return moved
        common = reduce(dt.promote, firm)
        return [cast(t, _pliant_dtype(t.dtype, common)) if p else t for t, p in zip(moved, pliant, strict=True)]

    def _moved(self, tensor: Tensor, pliant: bool = False) -> Tensor:
        """Numbers and NumPy arrays go where the other arrays of the call are; these stay where they are."""
        if pliant or tensor.backend is usable_backend("numpy"):
            return transfer(tensor, self.backend, self.device)
        return tensor

    def show(self, tensor: Tensor) -> Any:
        """A tensor as the user of this call wants to see it: a number, an array of their library, or a tensor."""
        if self.shown_as == SHOWN_AS_TENSORS:
            return tensor.detach()
        if self.shown_as == SHOWN_AS_NUMBERS and tensor.ndim == 0:
            return tensor.item()
        raw = tensor._raw
        return raw[()] if isinstance(raw, np.ndarray) and raw.ndim == 0 else raw


def _pliant_dtype(own: Any, common: Any) -> Any:
    """The dtype that a number of dtype `own` takes beside arrays of dtype `common`."""
    mine, theirs = dt.kind_rank(own), dt.kind_rank(common)
    if mine == theirs:
        return common
    if mine == 2 and theirs == 3:
        return dt.real_part_dtype(common)
    if mine == 3 and theirs == 2:
        return dt.complex_dtype(common)
    return own


@contextmanager
def in_session(function: Any) -> Iterator[Session]:
    """The session of the call under way; a new one, which records its graph, if `function` is the outermost."""
    session = _current.get()
    if session is not None:
        yield session
        return
    session = Session(function)
    token, record = _current.set(session), RECORD.set(True)
    try:
        yield session
    finally:
        RECORD.reset(record)
        _current.reset(token)
        session.input_nodes, session.bindings = {}, {}  # nodes know their session: no cycles remain
