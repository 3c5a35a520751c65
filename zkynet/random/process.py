"""The generator that draws use unless they are given another: one for the whole process and all backends."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from zkynet.errors import ArgumentError, described
from zkynet.random.generator import Generator, checked_seed, fresh_seed

_default: Generator | None = None
_making = Lock()


def default_generator() -> Generator:
    """The generator that draws use unless they are given another; the operating system seeds it at first.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> zk.random.default_generator()
        <Generator of seed 0, block 0>
    """
    global _default
    if _default is None:
        with _making:
            if _default is None:
                _default = Generator()
    return _default


def seed(seed: int | None = None) -> None:
    """Begin the default generator's stream anew, so that what follows draws the same numbers in every run.

    Args:
        seed: a whole number from 0 on; by default the operating system chooses one.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> x = zk.random.normal(shape=3)
        >>> zk.random.seed(0)
        >>> bool((x == zk.random.normal(shape=3)).all())
        True
    """
    number = fresh_seed() if seed is None else checked_seed(seed)
    default_generator().load_state_dict(Generator(number).state_dict())


def get_state() -> dict[str, Any]:
    """Where the default generator's stream is: its `Generator.state_dict`.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> zk.random.get_state()["block"]
        0
    """
    return default_generator().state_dict()


def set_state(state: Mapping[str, Any]) -> None:
    """Go to where `get_state` was called.

    Args:
        state: what `get_state` gave, or the `Generator.state_dict` of any generator.

    Example:
        >>> import zkynet as zk
        >>> state = zk.random.get_state()
        >>> x = zk.random.normal(shape=3)
        >>> zk.random.set_state(state)
        >>> bool((x == zk.random.normal(shape=3)).all())
        True
    """
    default_generator().load_state_dict(state)


def chosen(generator: Generator | None) -> Generator:
    """The generator that a function is to use."""
    if generator is None:
        return default_generator()
    if not isinstance(generator, Generator):
        raise ArgumentError(
            f"generator is a zkynet.random.Generator, received {described(generator)}",
            fix="pass generator=zk.random.Generator(seed), or leave it out",
        )
    return generator
