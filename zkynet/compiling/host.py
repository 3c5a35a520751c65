"""What a compiled step does on the host before each run: plain numbers, such as counters and learning rates.

The numbers of an optimiser (learning rate, 1 - β^t, …) are computed by its own code, in each run, and handed to the
program in one array. So a compiled step has the very numbers that an eager one has, whatever the schedule.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np

from zkynet.capturing import CAPTURE
from zkynet.optim.optimizer import Optimizer
from zkynet.tensor import Tensor


class Stale(Exception):
    """What was compiled does not hold any more."""


class Planned(NamedTuple):
    """An update of some parameters of a group, as the optimiser has planned it while it was captured."""

    group: dict[str, Any]
    params: list[Tensor]
    states: list[dict[str, Any]]
    counters: dict[str, Any]
    variant: Hashable
    names: tuple[str, ...]
    options: dict[str, Any]
    at: int


class OptimizerStep:
    """`Optimizer.step` on the host: its counters and numbers."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.state, self.groups = optimizer.state, optimizer.param_groups
        self.planned: list[Planned] = []
        self._first = True  # in the first run nothing is remembered yet, whatever stands in its place
        self._varied = type(optimizer)._variant is not Optimizer._variant

    def begin(self) -> list[tuple[dict[Any, Any], Tensor]]:
        """Put in place what the optimiser remembers from now on; returns what was not there before."""
        added = []
        for _, params, states, counters, *_ in reversed(self.planned):
            _put(states, counters)
            for p, state in zip(params, states, strict=True):
                if p not in self.state:
                    added.append((self.state, p))
                self.state[p] = state
        return added

    def run(self, numbers: np.ndarray[Any, Any], undo: list[Callable[[], None]]) -> None:
        """Write the numbers of this step, and count it."""
        optimizer = self.optimizer
        if optimizer.state is not self.state or optimizer.param_groups is not self.groups:
            raise Stale
        for group, params, states, _, variant, names, options, at in self.planned:
            if self._varied and not self._first:
                variant = optimizer._variant(group, params[0])
            before = {name: states[0][name] for name in optimizer.counters}
            counters = optimizer._advanced(group, before)
            if optimizer._options(group, variant) != options:
                raise Stale
            found = optimizer._numbers(group, counters, variant)
            for k, name in enumerate(names):
                numbers[at + k] = found[name]
            if counters:
                undo.append(lambda states=states, before=before: _put(states, before))  # type: ignore[misc]
                _put(states, counters)
        undo.append(lambda first=self._first: self._undo(first))  # type: ignore[misc]
        optimizer._steps += 1
        self._first = False

    def _undo(self, first: bool) -> None:
        self.optimizer._steps -= 1
        self._first = first


def _put(states: list[dict[str, Any]], counters: Mapping[str, Any]) -> None:
    for state in states:
        state.update(counters)


def _back(held: list[dict[Any, Any]], before: list[dict[Any, Any]]) -> None:
    for each, old in zip(held, before, strict=True):
        each.update(old)


class HostNumber(NamedTuple):
    """A number that is computed anew in each run."""

    compute: Callable[[], float]
    at: int

    def run(self, numbers: np.ndarray[Any, Any], undo: list[Callable[[], None]]) -> None:
        """Write it."""
        numbers[self.at] = self.compute()


class HostCall:
    """A call of a method marked `on_host`, such as a schedule's step."""

    def __init__(self, method: Callable[..., Any], owner: Any, args: Any, kwargs: Any) -> None:
        self.method, self.owner, self.args, self.kwargs = method, owner, args, kwargs

    def run(self, numbers: Any, undo: list[Callable[[], None]]) -> None:
        """Call it."""
        token = CAPTURE.set(_Noting(undo))
        try:
            self.method(self.owner, *self.args, **self.kwargs)
        finally:
            CAPTURE.reset(token)


class _Noting:
    """In the place of a capture: notes what the host's methods are going to change, also those that they call."""

    compiler = None

    def __init__(self, undo: list[Callable[[], None]]) -> None:
        self._undo = undo

    def on_host(self, method: Any, owner: Any, args: Any, kwargs: Any) -> bool:
        """Note the owner's state; the method is then called as ever."""
        held = state_of(owner)
        self._undo.append(functools.partial(_back, held, [dict(each) for each in held]))
        return False

    def outside(self) -> AbstractContextManager[Any]:
        """Nothing is traced here."""
        return nullcontext()


def state_of(owner: Any) -> list[dict[Any, Any]]:
    """The dicts that a host's method may change: its object's attributes, and the parameter groups of its optimiser."""
    optimizer = getattr(owner, "optimizer", None)
    return [vars(owner), *(() if optimizer is None else optimizer.param_groups)]
