"""The PyTorch backend: its tensors as arrays, through array-api-compat. Gradients are zkynet's, not PyTorch's."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from zkynet.backend import Backend
from zkynet.backend.foreign_dtypes import WithNumpyDtypes
from zkynet.errors import DTypeError, GradientError, ZkynetError

_NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex64 complex128"
DTYPES = _NAMES.split()


class TorchBackend(Backend):
    """Tensors of PyTorch, without its autograd."""

    name = "torch"
    distribution = "torch"
    libraries = ("torch",)
    install_hint = "pip install 'zkynet[torch]'"

    def why_unavailable(self) -> str | None:
        return "torch is not installed" if importlib.util.find_spec("torch") is None else None

    def load(self) -> Any:
        import array_api_compat.torch as standard
        import torch

        from zkynet_torch import indexing
        from zkynet_torch.kernels import KERNELS

        self._torch = torch
        self._indexing = indexing
        self._native = {name: getattr(torch, name) for name in DTYPES}
        self._numpy = {self._native[name]: np.dtype(name) for name in DTYPES if name != "bfloat16"}
        self.kernels.update(KERNELS)
        return WithNumpyDtypes(standard, self.native_dtype)

    def kernels_of(self, space: str) -> Mapping[str, Callable[..., Any]]:
        if space == "nn":
            from zkynet_torch.nn import KERNELS

            return KERNELS
        if space == "random":
            from zkynet_torch.random import KERNELS as OF_RANDOM

            return OF_RANDOM
        return {}

    # -- arrays -------------------------------------------------------------------------------------------------

    def is_array(self, value: Any) -> bool:
        return isinstance(value, self._torch.Tensor)

    def adopt(self, raw: Any) -> Any:
        if raw.requires_grad:
            raise GradientError(
                "a PyTorch tensor with requires_grad=True was passed to zkynet, where its gradient would be lost",
                fix="pass x.detach(), and ask zkynet for the gradient with requires_grad=True",
            )
        return raw.view_as(raw)  # a view, so that `own` makes a copy

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        native = self.native_dtype(array.dtype)
        if not array.flags.writeable or not array.dtype.isnative or any(s < 0 for s in array.strides):
            array = np.array(array)  # PyTorch cannot look at such memory
        if array.dtype.name == "bfloat16":
            raw = self._torch.from_numpy(array.view(np.int16)).view(native)
        else:
            raw = self._torch.from_numpy(array)
        if array.base is not None:
            raw = raw.view_as(raw)
        return raw if device is None else self.to_device(raw, device)

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        raw = raw.detach().cpu().resolve_conj().resolve_neg()
        if raw.dtype is self._torch.bfloat16:  # PyTorch does not know the NumPy dtype of that name
            return raw.contiguous().view(self._torch.int16).numpy().view(self.dtype_of(raw))
        return raw.numpy()

    def dtype_of(self, raw: Any) -> np.dtype[Any]:
        found = self._numpy.get(raw.dtype)
        if found is None:
            if raw.dtype is not self._torch.bfloat16:
                raise DTypeError(f"zkynet has no data type {raw.dtype}", fix="convert the tensor to another one first")
            from zkynet import dtypes

            found = self._numpy[raw.dtype] = dtypes.bfloat16
        return found

    def native_dtype(self, dtype: Any) -> Any:
        if not isinstance(dtype, np.dtype):
            return dtype
        native = self._native.get(dtype.name)
        if native is None:
            raise DTypeError(f"torch has no data type {dtype}", facts=[f"it has {', '.join(DTYPES)}"], dtype=dtype)
        return native

    def can_look(self, raw: Any) -> bool:
        return raw.device.type == "cpu"

    def own(self, raw: Any) -> Any:
        return raw if raw._base is None else raw.clone()

    def scalar(self, raw: Any) -> Any:
        return raw.item()

    def dlpack_source(self, raw: Any) -> Any:
        return raw.resolve_conj().resolve_neg()

    def error_kind(self, error: Exception) -> type[ZkynetError] | None:
        # uint16, uint32 and uint64 exist, but few functions take them
        return DTypeError if isinstance(error, NotImplementedError) else None

    # -- devices ------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        torch = self._torch
        names = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
        if torch.backends.mps.is_available():
            names.append("mps")
        return tuple(names)

    def device_of(self, raw: Any) -> str:
        return _name_of(raw.device)

    def native_device(self, device: str) -> Any:
        return self._torch.device(self.device_name(device))

    def to_device(self, raw: Any, device: str) -> Any:
        return raw.to(self.native_device(device))

    def synchronize(self, raw: Any = None) -> None:
        kind = None if raw is None else raw.device.type
        if kind == "cuda" or (kind is None and self._torch.cuda.is_initialized()):
            self._torch.cuda.synchronize(None if raw is None else raw.device)
        if kind == "mps" or (kind is None and self._torch.backends.mps.is_available()):
            self._torch.mps.synchronize()

    def memory(self, device: str | None = None) -> Mapping[str, int]:
        if device is None or not device.startswith("cuda"):
            return {}
        cuda = self._torch.cuda
        return {
            "used": cuda.memory_allocated(device),
            "reserved": cuda.memory_reserved(device),
            "peak": cuda.max_memory_allocated(device),
        }

    # -- what the standard lacks --------------------------------------------------------------------------------

    def getitem(self, raw: Any, key: Any) -> Any:
        return self._indexing.getitem(raw, key)

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        return self._indexing.index_set(raw, key, values)

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        return self._indexing.index_add(raw, key, values)


def _name_of(device: Any) -> str:
    """``cpu``, ``cuda:0`` or ``mps``: PyTorch numbers the first and the last, or does not, as it comes."""
    return f"cuda:{device.index or 0}" if device.type == "cuda" else str(device.type)


BACKEND = TorchBackend()
