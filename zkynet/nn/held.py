"""What a module keeps about itself, apart from what users assign to it."""

from __future__ import annotations

from zkynet.nn.calling import Hooks


class Held:
    """Buffers by name, hooks, and the line that made the module."""

    __slots__ = ("buffers", "hooks", "made_at")

    def __init__(self, where: str) -> None:
        self.buffers: dict[str, bool] = {}  # by name, whether it is saved
        self.hooks: Hooks | None = None
        self.made_at = where


class Holder:
    """The attributes that the methods of a module share."""

    training: bool
    _held: Held
