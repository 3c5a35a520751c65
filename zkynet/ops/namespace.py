"""zkynet as a namespace for gradient rules: every op by name, and every public function."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from zkynet.backend.namespace import SUBSPACES
from zkynet.graph import Recording
from zkynet.ops.define import OPS


class RecordingNamespace:
    """The twin of `RawNamespace` on tensors: ``xp.name`` is an op, public or not, or a public function."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = self._find(name)
        setattr(self, name, value)
        return value

    def _find(self, name: str) -> Any:
        import zkynet

        if not self._prefix and name in SUBSPACES:
            return RecordingNamespace(f"{name}.")
        public = import_module(f"zkynet.{SUBSPACES[self._prefix[:-1]]}") if self._prefix else zkynet
        found = OPS.get(self._prefix + name)
        if found is not None and name not in vars(public):  # an op that is not public
            return found.call
        if not hasattr(public, name):
            raise AttributeError(f"zkynet has no function {self._prefix + name!r}")
        return getattr(public, name)


Recording.namespace = RecordingNamespace()
