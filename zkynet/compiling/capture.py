"""`Capture`: one run of a function on stand-ins, in which the host's part is noted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from zkynet.capturing import CAPTURE
from zkynet.compiling.host import HostCall, HostNumber, OptimizerStep, Planned, state_of
from zkynet.errors import ArgumentError
from zkynet.optim.optimizer import Optimizer
from zkynet.tensor import Tensor


class Capture:
    """What a function asks of the host while it runs on stand-ins.

    Args:
        compiler: the backend's.
        numbers: the arrays that stand for the host's numbers, in float64 and in float32; None if it is not known yet
            how many there are.
    """

    def __init__(self, compiler: Any, numbers: Any = None) -> None:
        self.compiler = compiler
        self.numbers = numbers
        self.count = 0
        self.actions: list[Any] = []
        self.made: list[tuple[Tensor, Any]] = []
        self.lifted: list[Any] = []
        self._busy = False
        self._before: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def __enter__(self) -> Capture:
        self._token = CAPTURE.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        CAPTURE.reset(self._token)
        for held, before in reversed(self._before):
            held.update(before)

    def outside(self) -> AbstractContextManager[Any]:
        """A block in which arrays are made at once."""
        return self.compiler.outside()

    def drawn(self) -> int:
        """How many blocks of random numbers were drawn so far."""
        return sum(each.blocks for each in self.lifted)

    def begins(self, optimizer: Optimizer) -> None:
        """An optimiser makes a step."""
        self.actions.append(OptimizerStep(optimizer))

    def keep(self, tensor: Tensor) -> Tensor:
        """An optimiser has made something to remember."""
        self.made.append((tensor, tensor._raw))
        return tensor

    def planned(
        self,
        group: dict[str, Any],
        params: list[Tensor],
        states: list[dict[str, Any]],
        counters: dict[str, Any],
        variant: Any,
        numbers: dict[str, Any],
        options: Any,
        dtype: Any,
    ) -> dict[str, Any]:
        """What stands for the numbers of an update."""
        names = tuple(name for name, value in numbers.items() if isinstance(value, (int, float)))
        self.actions[-1].planned.append(Planned(group, params, states, counters, variant, names, options, self.count))
        return {**numbers, **{name: self._stand_in(numbers[name], dtype) for name in names}}

    def number(self, compute: Callable[[], float], dtype: Any) -> Any:
        """What stands for a number that the host computes in each run."""
        value = compute()
        self.actions.append(HostNumber(compute, self.count))
        return self._stand_in(value, dtype)

    def _stand_in(self, value: float, dtype: Any) -> Any:
        self.count += 1
        if self.numbers is None:
            return value
        wide = dtype.itemsize // (2 if dtype.kind == "c" else 1) == 8
        return self.numbers[0 if wide else 1][self.count - 1]

    def on_host(self, method: Callable[..., Any], owner: Any, args: Any, kwargs: Any) -> bool:
        """Note a call that is to be made again before each run; whether it was made here."""
        self._before += [(held, dict(held)) for held in state_of(owner)]
        if self._busy:  # called by such a method itself
            return False
        if any(isinstance(a, Tensor) and self.compiler.is_traced(a._raw) for a in (*args, *kwargs.values())):
            raise ArgumentError(
                f"{type(owner).__name__}.{method.__name__} was called in a compiled function with a tensor, whose "
                "value is known only when the function runs",
                fix="call it outside of the function, with what the function returns",
            )
        self.actions.append(HostCall(method, owner, args, kwargs))
        self._busy = True
        try:
            method(owner, *args, **kwargs)
        finally:
            self._busy = False
        return True
