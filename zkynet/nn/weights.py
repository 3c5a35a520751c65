"""Weights in files: safetensors, which PyTorch, JAX and others read and write too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from zkynet.errors import ArgumentError, DTypeError, described
from zkynet.nn.module import Module
from zkynet.nn.tensor_files import OF_DTYPE, TensorFile, write_tensors
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = ["load_weights", "save_weights"]


def save_weights(
    weights: Module | Mapping[str, Any],
    path: str | os.PathLike[str],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write the state of a module, or tensors by name, to a safetensors file, whole or not at all.

    Args:
        weights: a module, or a dict of tensors or arrays.
        path: the file; its folder has to exist.
        metadata: words to keep with them.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> layer = zk.nn.Linear(3, 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zk.nn.save_weights(layer, f"{folder}/layer.safetensors")
        ...     zk.nn.Linear(3, 2).load_state_dict(zk.nn.load_weights(f"{folder}/layer.safetensors"))
        LoadResult(missing_keys=[], unexpected_keys=[])
    """
    state = weights.state_dict(keep_vars=True) if isinstance(weights, Module) else weights
    if not isinstance(state, Mapping):
        raise ArgumentError(
            f"save_weights expected a module or a dict of tensors by name, received {described(weights)}",
            fix="pass model or model.state_dict()",
        )
    if metadata is not None and not isinstance(metadata, Mapping):
        raise ArgumentError(
            f"save_weights: metadata is a dict of words, received {described(metadata)}", fix="pass a dict, or None"
        )
    tensors: dict[str, Tensor] = {}
    for name, value in state.items():
        if not isinstance(name, str) or name == "__metadata__":
            raise ArgumentError(f"save_weights: {described(name)} cannot be the name of a tensor", fix="rename it")
        x = value if isinstance(value, Tensor) else asarray(value)
        if x.dtype.name not in OF_DTYPE:
            raise DTypeError(
                f"save_weights: {name} is {x.dtype}, which the safetensors format does not have",
                fix="convert it first",
                dtype=x.dtype,
            )
        tensors[name] = x
    write_tensors(path, tensors, {str(key): str(word) for key, word in (metadata or {}).items()})


def load_weights(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name, as `Module.load_state_dict` takes them.

    Args:
        path: the file.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     zk.nn.save_weights({"w": zk.tensor([1.0, 2.0])}, f"{folder}/w.safetensors")
        ...     zk.nn.load_weights(f"{folder}/w.safetensors")
        {'w': Tensor([1., 2.])}
    """
    with TensorFile(path) as file:
        return {name: asarray(array) for name, array in sorted(file.arrays().items())}
