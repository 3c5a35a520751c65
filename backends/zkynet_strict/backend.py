"""array-api-strict as a backend: it refuses what the standard does not promise, and plays a machine with devices.

Its devices ``device1`` and ``device2`` stand for GPUs: arrays of different devices do not meet, and what a GPU answers
slowly (a value asked for by the host in the middle of a computation) is refused, of tensors as of raw arrays:
``float(x)``, ``if x``, iteration, ``numpy.asarray(x)``. A user's own ``x.numpy()``, ``x.item()``, ``x.tolist()`` or
``x.to_device("cpu")`` is an explicit transfer and allowed. So a test that passes on ``device1`` moves nothing behind
the user's back on CuPy either.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from zkynet.backend import Backend
from zkynet.backend.foreign_dtypes import WithNumpyDtypes
from zkynet.errors import DTypeError
from zkynet_strict.guard import install, refuse_unseen


class StrictBackend(Backend):
    """Arrays of array-api-strict, which are NumPy arrays that do nothing beyond the standard."""

    name = "strict"
    distribution = "array-api-strict"
    libraries = ("array_api_strict",)
    install_hint = "pip install array-api-strict"

    def why_unavailable(self) -> str | None:
        if importlib.util.find_spec("array_api_strict") is None:
            return "array-api-strict is not installed"
        return None

    def load(self) -> Any:
        import array_api_strict as library

        self._library = library
        self._array_type = type(library.zeros(1))
        self._dtypes = {np.dtype(name): dtype for name, dtype in library.__array_namespace_info__().dtypes().items()}
        self._devices = {"cpu": library.Device("CPU_DEVICE")}
        self._devices.update((name, library.Device(name)) for name in ("device1", "device2"))
        self._device_names = {device: name for name, device in self._devices.items()}
        install(self._array_type, type(library.float32), self._devices["cpu"])
        return QuietNamespace(library, self.native_dtype)

    # -- arrays -------------------------------------------------------------------------------------------------

    def is_array(self, value: Any) -> bool:
        return isinstance(value, self._array_type)

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        self.native_dtype(array.dtype)
        return self._wrap(np.asarray(array), self.native_device("cpu" if device is None else device))

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        return raw._array

    def dtype_of(self, raw: Any) -> np.dtype[Any]:
        return raw._array.dtype

    def native_dtype(self, dtype: Any) -> Any:
        if not isinstance(dtype, np.dtype):
            return dtype
        native = self._dtypes.get(dtype)
        if native is None:
            raise DTypeError(
                f"strict has no data type {dtype}",
                facts=["it has those of the standard alone"],
                fix="convert the tensor first: x.astype(zk.float32)",
                dtype=dtype,
            )
        return native

    def can_look(self, raw: Any) -> bool:
        return self.device_of(raw) == "cpu"

    def before_host(self, raw: Any, how: str) -> None:
        refuse_unseen(raw, how, self._devices["cpu"])

    def own(self, raw: Any) -> Any:
        return self._wrap(np.array(raw._array), raw.device)

    def quiet(self) -> AbstractContextManager[Any]:
        return np.errstate(all="ignore")

    def silenced(self, compute: Callable[..., Any], op: str) -> Callable[..., Any]:
        return np.errstate(all="ignore")(compute)

    def _wrap(self, array: Any, device: Any) -> Any:
        return self._array_type._new(array, device=device)

    # -- devices ------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        return tuple(self._devices)

    def device_of(self, raw: Any) -> str:
        return self._device_names[raw.device]

    def native_device(self, device: str) -> Any:
        return self._devices[self.device_name(device)]

    def to_device(self, raw: Any, device: str) -> Any:
        return self._wrap(raw._array, self.native_device(device))

    # -- what the standard lacks --------------------------------------------------------------------------------

    def getitem(self, raw: Any, key: Any) -> Any:
        return self._wrap(raw._array[self._host(key, raw)], raw.device)

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        out = np.array(raw._array)
        out[self._host(key, raw)] = self._host(values, raw)
        return self._wrap(out, raw.device)

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        out = np.array(raw._array)
        np.add.at(out, self._host(key, raw), self._host(values, raw))
        return self._wrap(out, raw.device)

    def _host(self, part: Any, like: Any) -> Any:
        """The NumPy side of an index or of values, which have to be where `like` is."""
        if isinstance(part, tuple):
            return tuple(self._host(p, like) for p in part)
        if self.is_array(part):
            like._check_type_device(part)
            return part._array
        return part


class QuietNamespace(WithNumpyDtypes):
    """The library's namespace without NumPy's warnings about infinities and NaN: no other device gives any."""

    def adapt(self, name: str, value: Any) -> Any:
        value = super().adapt(name, value)
        return np.errstate(all="ignore")(value) if callable(value) else value


BACKEND = StrictBackend()
