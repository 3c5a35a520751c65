"""Checkpoints in files: arrays in safetensors, the rest as JSON in the metadata, checksums over everything."""

from __future__ import annotations

import os
from typing import Any, NoReturn

from zkynet.errors import FileFormatError
from zkynet.nn.tensor_files import TensorFile, strict_json, write_tensors
from zkynet.train.plain_state import Apart, together

__all__ = ["load_checkpoint", "save_checkpoint"]

VERSION, STATE = "zkynet.checkpoint", "zkynet.state"

NEWEST = 1
"""Of the versions of the format the one that is written; it and earlier ones are read."""


def save_checkpoint(path: str | os.PathLike[str], state: Any) -> None:
    """Write a state to a file, whole or not at all; what was there before survives a crash at any moment.

    Tensors come back as tensors of the backend that loads them, everything else as what it was, to the last bit.

    Args:
        path: the file, by custom ``….safetensors``; its folder has to exist.
        state: dicts, lists and tuples of tensors, NumPy arrays, numbers, strings, True, False and None, in any nesting.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> model = zk.nn.Linear(3, 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zk.train.save_checkpoint(f"{folder}/a.safetensors", {"model": model.state_dict(), "step": 7})
        ...     state = zk.train.load_checkpoint(f"{folder}/a.safetensors")
        >>> state["step"], model.load_state_dict(state["model"])
        (7, LoadResult(missing_keys=[], unexpected_keys=[]))
    """
    parts = Apart(state)
    write_tensors(path, parts.arrays, {VERSION: str(NEWEST), STATE: parts.text}, checksums=True)


def load_checkpoint(path: str | os.PathLike[str]) -> Any:
    """The state that `save_checkpoint` has written; a file with a single wrong bit is refused.

    Args:
        path: the file.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zk.train.save_checkpoint(f"{folder}/a.safetensors", {"w": [zk.ones(2), 0.5], "best": float("inf")})
        ...     zk.train.load_checkpoint(f"{folder}/a.safetensors")
        {'w': [Tensor([1., 1.]), 0.5], 'best': inf}
    """
    with TensorFile(path, checksums=True) as file:
        version = file.metadata.get(VERSION, "")
        if not version.isdecimal() or int(version) == 0:
            file.refuse(f"its version is {version!r:.20}")
        if int(version) > NEWEST:
            raise FileFormatError(
                f"{path} was written by a newer zkynet",
                facts=[f"version of its format  {int(version)}", f"newest that is known   {NEWEST}"],
                fix="pip install --upgrade zkynet",
                path=str(path),
                newer=True,
            )
        frame = strict_json(file.metadata.get(STATE, ""), file.refuse)

        def refuse(reason: str) -> NoReturn:
            file.refuse(reason, f"{path} holds no state of zkynet")

        return together(frame, file.arrays(), refuse)
