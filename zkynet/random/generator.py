"""`Generator`: a key, and how far its stream has been used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from operator import index
from threading import Lock
from typing import Any

import numpy as np

from zkynet._typing import DeviceLike
from zkynet.backend.registry import device_for, get_backend
from zkynet.drawn import DRAWN
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.ops.arguments import whole
from zkynet.ops.casting import as_tensor
from zkynet.random.continuous import Continuous
from zkynet.random.discrete import Discrete
from zkynet.random.philox import FULL, Place
from zkynet.random.selections import Selections
from zkynet.tensor import Tensor, wrap

ALGORITHM = "philox4x64-10"


@dataclass
class Lifted:
    """A generator's state as an array, while a compiler traces what is drawn.

    Attributes:
        words: the state, 6 words of 32 bits.
        blocks: how many blocks were used since; pass it to `Generator.advance` after each run of what was compiled.

    Example:
        >>> import zkynet as zk
        >>> g = zk.random.Generator(0)
        >>> with g.lifted(g.as_array()) as state:
        ...     x = g.normal(shape=10)
        >>> state.blocks
        2
    """

    words: Any
    blocks: int = 0


_LIFTED: ContextVar[tuple[tuple[Any, Lifted], ...]] = ContextVar("zkynet_lifted", default=())
"""The generators whose state is an array in this context."""


class Generator(Continuous, Discrete, Selections):
    """A stream of random numbers: the same seed gives the same numbers on every backend and device.

    The stream is that of Philox4x64-10 under the key that NumPy's ``SeedSequence`` makes of the seed; its words are
    those of ``numpy.random.Philox(seed)``. Every draw starts at a fresh block of 256 bits and uses as many blocks as
    its numbers need, so its first k numbers are those of a draw of k. Threads may share a generator: no two draws get
    the same numbers.

    Args:
        seed: a whole number from 0 on; by default the operating system chooses one.

    Example:
        >>> import zkynet as zk
        >>> one, two = zk.random.Generator(7), zk.random.Generator(7)
        >>> bool((one.normal(shape=3) == two.normal(shape=3)).all())
        True
    """

    def __init__(self, seed: int | None = None) -> None:
        self._lock = Lock()
        self._begin(fresh_seed() if seed is None else checked_seed(seed), ())

    def _begin(self, seed: int, path: tuple[int, ...], block: int = 0, children: int = 0) -> None:
        sequence = np.random.SeedSequence(seed, spawn_key=path)
        low, high = (int(word) for word in sequence.generate_state(2, np.uint64))
        self._seed, self._path, self._key = seed, path, low | high << 64
        self._block, self._children = block, children

    @property
    def seed(self) -> int:
        """The seed it was made with.

        Example:
            >>> import zkynet as zk
            >>> zk.random.Generator(7).seed
            7
        """
        return self._seed

    # -- the state ----------------------------------------------------------------------------------------------

    def spawn(self, n: int) -> list[Generator]:
        """New generators with streams of their own, independent of this one's and of each other.

        Child number k of a generator has the key of ``numpy.random.SeedSequence(seed, spawn_key=(*path, k))``, where
        `path` are the numbers that lead to its parent; numbers count on with each call.

        Args:
            n: how many.

        Example:
            >>> import zkynet as zk
            >>> for_data, for_noise = zk.random.Generator(0).spawn(2)
            >>> for_data.normal(shape=3).shape
            (3,)
        """
        n = whole("spawn", "n", n)
        if n < 0:
            raise InvalidValueError(f"spawn: n is 0 or more, received {n}", fix="pass how many generators to make")
        if self._lifted() is not None:
            raise InvalidValueError(
                "spawn: the state of this generator is an array just now, and children need it as a number",
                fix="spawn outside of the function that is compiled",
            )
        with self._lock:
            first = self._children
            self._children += n
        out = []
        for k in range(first, first + n):
            child = Generator.__new__(Generator)
            child._lock = Lock()
            child._begin(self._seed, (*self._path, k))
            out.append(child)
        return out

    def state_dict(self) -> dict[str, Any]:
        """Where the stream is, in whole numbers and lists of them, as JSON has them.

        Example:
            >>> import zkynet as zk
            >>> zk.random.Generator(7).state_dict()
            {'algorithm': 'philox4x64-10', 'seed': 7, 'path': [], 'block': 0, 'children': 0}
        """
        with self._lock:
            return {
                "algorithm": ALGORITHM,
                "seed": self._seed,
                "path": list(self._path),
                "block": self._block,
                "children": self._children,
            }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where `state_dict` was called, of this generator or of another.

        Args:
            state: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> g = zk.random.Generator()
            >>> state = g.state_dict()
            >>> x = g.normal(shape=3)
            >>> g.load_state_dict(state)
            >>> bool((x == g.normal(shape=3)).all())
            True
        """
        seed, path, block, children = checked_state(state)
        with self._lock:
            self._begin(seed, path, block, children)

    def advance(self, blocks: int) -> None:
        """Leave out blocks of 256 bits, as if they had been drawn.

        Args:
            blocks: how many.

        Example:
            >>> import zkynet as zk
            >>> one, two = zk.random.Generator(7), zk.random.Generator(7)
            >>> x = one.normal(shape=8)
            >>> two.advance(1)
            >>> bool((one.normal(shape=3) == two.normal(shape=3)).all())
            True
        """
        blocks = whole("advance", "blocks", blocks)
        if blocks < 0:
            raise InvalidValueError(f"advance: blocks is 0 or more, received {blocks}", fix="load an earlier state")
        self._next(blocks)

    def as_array(self, device: DeviceLike = None) -> Tensor:
        """The state as 6 words of 32 bits (block and key, lower words first), to be passed into a compiled function.

        Args:
            device: where it is to live.

        Example:
            >>> import zkynet as zk
            >>> zk.random.Generator(0).as_array().shape
            (6,)
        """
        words = self._words()
        backend = get_backend()
        return wrap(backend.from_numpy(words, device_for(backend, device)), backend, None)

    def _words(self) -> np.ndarray[Any, Any]:
        with self._lock:
            number = self._block | self._key << 64
        return np.array([number >> (32 * i) & 0xFFFFFFFF for i in range(6)], np.uint32)

    @contextmanager
    def lifted(self, state: Any) -> Iterator[Lifted]:
        """A block in which this generator draws from a state that is an array, and may be traced by a compiler.

        The generator itself stays where it is; call `advance` with the number of blocks after each run. That number
        does not depend on values, so it is known once the function is traced. Other threads are not affected.

        Args:
            state: what `as_array` gave, or what stands for it while a function is traced.

        Example:
            >>> import zkynet as zk
            >>> g = zk.random.Generator(0)
            >>> with g.lifted(g.as_array()) as state:
            ...     x = g.normal(shape=3)
            >>> bool((x == g.normal(shape=3)).all())
            True
        """
        lifted = Lifted(as_tensor("lifted", state)._raw)
        token = _LIFTED.set((*_LIFTED.get(), (self, lifted)))
        try:
            yield lifted
        finally:
            _LIFTED.reset(token)

    def _lifted(self) -> Lifted | None:
        for generator, lifted in reversed(_LIFTED.get()):
            if generator is self:
                return lifted
        return None

    def _take(self, blocks: int) -> Place:
        drawn = DRAWN.get()
        return self._next(blocks) if drawn is None else drawn.place(lambda: self._next(blocks))

    def _next(self, blocks: int) -> Place:
        if _LIFTED.get() and (lifted := self._lifted()) is not None:
            block = lifted.blocks
            lifted.blocks += blocks
            return Place(0, block, 0, lifted.words)
        with self._lock:
            block = self._block
            self._block = (block + blocks) & FULL
            return Place(self._key, block)

    def __getstate__(self) -> dict[str, Any]:
        return self.state_dict()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._lock = Lock()
        self.load_state_dict(state)

    def __repr__(self) -> str:
        path = f", path={list(self._path)}" if self._path else ""
        return f"<Generator of seed {self._seed}{path}, block {self._block}>"


def fresh_seed() -> int:
    """128 bits from the operating system."""
    import secrets

    return secrets.randbits(128)


def checked_seed(seed: Any) -> int:
    """A seed as a Python integer."""
    try:
        number = int(index(seed))
    except TypeError:
        raise ArgumentError(
            f"a seed is a whole number, received {described(seed)}", fix="pass an integer from 0 on, or None"
        ) from None
    if number < 0:
        raise InvalidValueError(f"a seed is 0 or more, received {number}", fix="pass an integer from 0 on")
    return number


def checked_state(state: Any) -> tuple[int, tuple[int, ...], int, int]:
    """Seed, path, block and number of children in a state that somebody wants to load."""
    names = ("algorithm", "seed", "path", "block", "children")
    fix = "pass what state_dict() gave"
    if not isinstance(state, Mapping):
        raise ArgumentError(f"the state of a generator is a dict, received {described(state)}", fix=fix)
    if lacking := [name for name in names if name not in state]:
        raise InvalidValueError(f"the state of a generator lacks {', '.join(lacking)}", fix=fix)
    if state["algorithm"] != ALGORITHM:
        raise InvalidValueError(f"a state of the algorithm {state['algorithm']!r}, not {ALGORITHM!r}", fix=fix)
    seed = checked_seed(state["seed"])
    numbers = [state["block"], state["children"], *state["path"]]
    if not all(isinstance(n, int) and 0 <= n <= FULL for n in numbers):
        raise InvalidValueError("the state of a generator holds numbers that none has", [f"{dict(state)}"], fix=fix)
    return seed, tuple(state["path"]), state["block"], state["children"]
