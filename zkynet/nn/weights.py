"""Weights in files: safetensors, which PyTorch, JAX and others read and write too."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet.errors import ArgumentError, DTypeError, FileFormatError, described
from zkynet.files import read_file, write_atomically
from zkynet.nn.module import Module
from zkynet.ops.creation import asarray, tensor
from zkynet.tensor import Tensor

__all__ = ["load_weights", "save_weights"]

NAMES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
    "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
    "C64": "complex64",
}  # fmt: skip
"""dtypes by the names that the format gives them."""

OF_DTYPE = {dtype: name for name, dtype in NAMES.items()}


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
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for name, value in state.items():
        if not isinstance(name, str) or name == "__metadata__":
            raise ArgumentError(f"save_weights: {described(name)} cannot be the name of a tensor", fix="rename it")
        array = (value if isinstance(value, Tensor) else asarray(value)).detach().numpy()
        if array.dtype.name not in OF_DTYPE:
            raise DTypeError(
                f"save_weights: {name} is {array.dtype}, which the safetensors format does not have",
                fix="convert it first",
                dtype=array.dtype,
            )
        arrays[name] = array
    write_atomically(path, serialized(arrays, metadata))


def serialized(arrays: Mapping[str, np.ndarray[Any, Any]], metadata: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a safetensors file: the length of a header, the header in JSON, and the values one after another."""
    header: dict[str, Any] = {}
    if metadata:
        header["__metadata__"] = {str(key): str(word) for key, word in metadata.items()}
    parts: list[bytes] = []
    at = 0
    # wide types first, as the library has it, so that all values are aligned
    for name in sorted(arrays, key=lambda n: (-arrays[n].dtype.itemsize, n)):
        part = np.asarray(arrays[name], order="C").astype(arrays[name].dtype.newbyteorder("<"), copy=False).tobytes()
        header[name] = {
            "dtype": OF_DTYPE[arrays[name].dtype.name],
            "shape": list(arrays[name].shape),
            "data_offsets": [at, at + len(part)],
        }
        parts.append(part)
        at += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


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
    from safetensors import SafetensorError, deserialize

    data = read_file(path)
    try:
        entries = deserialize(data)  # type: ignore[no-untyped-call]
    except SafetensorError as e:
        raise FileFormatError(
            f"{path} is no intact safetensors file",
            facts=[f"size    {len(data)} bytes", f"reason  {e}"],
            fix="save or download it again; PyTorch makes one of a .pt file with safetensors.torch.save_file",
            path=str(path),
        ) from None
    out: dict[str, Tensor] = {}
    for name, entry in sorted(entries):
        if entry["dtype"] not in NAMES:
            raise DTypeError(
                f"{path}: {name} is {entry['dtype']}, which zkynet does not have",
                fix="convert it to F32 where it was made",
            )
        dtype = dt.as_dtype(NAMES[entry["dtype"]])
        out[name] = tensor(np.frombuffer(entry["data"], dtype).reshape(entry["shape"]))
    return out
