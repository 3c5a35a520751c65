"""The CuPy backend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from zkynet.backend import Backend
from zkynet.backend.diagnosis import Finding, Machine
from zkynet.backend.protocol import Constants
from zkynet.backend.updates import Columns, Update, held_once, one_by_one
from zkynet.errors import DTypeError, ZkynetError
from zkynet_cupy import probe
from zkynet_cupy.dtypes import BFLOAT16


class CupyBackend(Backend):
    """Arrays of CuPy, computed on NVIDIA GPUs."""

    name = "cupy"
    distribution = "cupy-cuda13x"
    libraries = ("cupy",)
    install_hint = probe.EITHER
    wraps_out_of_range = True

    def __init__(self) -> None:
        super().__init__()
        self._cupy: Any = None
        self._names: tuple[str, ...] = ()
        self._report: Any = None

    def why_unavailable(self) -> str | None:
        found = probe.probe()
        if found is None:
            return None
        why, self.install_hint = found
        return why

    @property
    def version(self) -> str | None:
        from importlib.metadata import PackageNotFoundError, version  # slow to import

        for distribution in ("cupy-cuda13x", "cupy-cuda12x", "cupy"):
            try:
                return version(distribution)
            except PackageNotFoundError:
                continue
        return None

    def diagnose(self, machine: Machine) -> Iterable[Finding]:
        from zkynet_cupy.diagnosis import diagnose

        return diagnose(machine)

    def load(self) -> Any:
        import array_api_compat.cupy as compat
        import cupy

        from zkynet_cupy.cublas import make_matmul
        from zkynet_cupy.elementwise import make_kernels
        from zkynet_cupy.memory import MemoryReport
        from zkynet_cupy.scatter import put_into_zeros
        from zkynet_cupy.special import make_special
        from zkynet_cupy.standard import make_standard

        self._cupy = cupy
        self._names = tuple(f"cuda:{i}" for i in range(cupy.cuda.runtime.getDeviceCount()))
        self._report = MemoryReport(cupy)
        matmul = make_matmul(cupy)
        self.kernels |= {"matmul": matmul, **make_kernels(cupy), **make_special(cupy)}
        self.kernels["put_into_zeros"] = lambda xp, values, shape, key: put_into_zeros(cupy, values, shape, key)
        return make_standard(cupy, compat, matmul)

    def kernels_of(self, space: str) -> Mapping[str, Callable[..., Any]]:
        if space == "nn":
            from zkynet_cupy.nn import KERNELS

            return KERNELS
        if space == "random":
            from zkynet_cupy.random import make_random

            return make_random(self._cupy)
        return {}

    # -- arrays -------------------------------------------------------------------------------------------------

    def is_array(self, value: Any) -> bool:
        return self._cupy is not None and isinstance(value, self._cupy.ndarray)

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        from zkynet_cupy.standard import from_host

        with self._on(device):
            return from_host(self._cupy, array)

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        return raw.get()

    def native_dtype(self, dtype: Any) -> Any:
        kind = np.dtype(dtype)
        known = kind.kind in "biufc" and kind.itemsize <= (16 if kind.kind == "c" else 8)
        if not known and kind.name != "bfloat16":
            raise DTypeError(f"cupy has no data type {dtype}", fix="use one that zkynet lists", dtype=dtype)
        return kind

    def adopt(self, raw: Any) -> Any:
        return raw.view()  # so that `own` makes a copy

    def own(self, raw: Any) -> Any:
        return raw if raw.base is None else raw.copy()

    def scalar(self, raw: Any) -> Any:
        return raw.item()

    def constants(self, dtype: Any) -> Constants:
        # next to bfloat16, NumPy's rules make a Python float a float32
        return Constants(dtype.type) if dtype in BFLOAT16 else super().constants(dtype)

    def dlpack_source(self, raw: Any) -> Any:
        return DlpackSource(raw)

    def error_kind(self, error: Exception) -> type[ZkynetError] | None:
        unsupported = isinstance(error, NotImplementedError) or str(error).startswith("Wrong type")
        return DTypeError if unsupported else None

    # -- devices ------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        return self._names

    def device_of(self, raw: Any) -> str:
        return self._names[raw.data.device_id]

    def native_device(self, device: str) -> Any:
        if device == "cuda":  # the current one, as CuPy's users mean it
            return self._cupy.cuda.Device()
        return self._cupy.cuda.Device(int(self.device_name(device)[5:]))

    def to_device(self, raw: Any, device: str) -> Any:
        there = self.native_device(device)
        if raw.data.device_id == there.id:
            return raw
        cuda, here = self._cupy.cuda, self._cupy.cuda.Device(raw.data.device_id)
        with here:
            raw = self._cupy.ascontiguousarray(raw)  # CuPy copies no other to another device
            written = cuda.Event(disable_timing=True)
            written.record()
        with there:
            cuda.get_current_stream().wait_event(written)
            out = self._cupy.asarray(raw)
            read = cuda.Event(disable_timing=True)
            read.record()
        with here:
            cuda.get_current_stream().wait_event(read)  # before the memory of `raw` is used for something else
        return out

    def synchronize(self, raw: Any = None) -> None:
        numbers = range(len(self._names)) if raw is None else (raw.data.device_id,)
        for i in numbers:
            self._cupy.cuda.Device(i).synchronize()

    def memory(self, device: str | None = None) -> Mapping[str, int]:
        where = self._cupy.cuda.Device() if device is None else self.native_device(device)
        return self._report(where.id)

    def _on(self, device: str | None) -> AbstractContextManager[Any]:
        """A context in which arrays are made on a device."""
        where = self._cupy.cuda.Device() if device is None else self.native_device(device)
        return where

    def run_updates(self, updates: Sequence[Update]) -> list[Columns]:
        out = []
        for update in updates:
            for column in update.written:
                for i, alone in enumerate(held_once(column)):
                    if not alone or column[i].base is not None:
                        column[i] = column[i].copy()
            out.append(one_by_one(self.xp, update, lambda raw: raw))
        return out

    # -- what the standard lacks --------------------------------------------------------------------------------

    def can_look(self, raw: Any) -> bool:
        return not self._cupy.cuda.get_current_stream().is_capturing()

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        from zkynet_cupy.scatter import index_set

        return index_set(self._cupy, raw, key, values)

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        from zkynet_cupy.scatter import index_add

        return index_add(self._cupy, raw, key, values)


class DlpackSource:
    """A CuPy array as DLPack hands it out; a copy that stays on the GPU is made here, for CuPy makes none."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.raw.__dlpack_device__()

    def __dlpack__(self, *, copy: bool | None = None, dl_device: Any = None, **kwargs: Any) -> Any:
        to_host = dl_device is not None and int(dl_device[0]) == 1
        if copy and not to_host:
            return self.raw.copy().__dlpack__(dl_device=dl_device, **kwargs)
        return self.raw.__dlpack__(copy=copy, dl_device=dl_device, **kwargs)


BACKEND = CupyBackend()
