"""The JAX backend: arrays that are never written to, computed by XLA, on several devices, eagerly or under `jit`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from zkynet.backend import Backend
from zkynet.backend.diagnosis import Finding, Machine
from zkynet.backend.updates import Columns, Update
from zkynet.errors import DTypeError


class JaxBackend(Backend):
    """Arrays of JAX.

    Loading it switches JAX's 64-bit mode on, because without it JAX makes float32 of float64 silently. zkynet's default
    float stays float32: every array it makes has a dtype of its own. Who wants JAX without it sets ``ZKYNET_JAX_X64=0``
    (or switches ``jax_enable_x64`` off again); a 64-bit dtype is then refused, never narrowed.
    """

    name = "jax"
    distribution = "jax"
    libraries = ("jax", "jaxlib")
    install_hint = "pip install 'zkynet[jax]'"
    wraps_out_of_range = True
    immutable = True
    has_vjp = True

    def why_unavailable(self) -> str | None:
        if importlib.util.find_spec("jax") is None:
            return "jax is not installed"
        if importlib.util.find_spec("jaxlib") is None:
            return "jax is installed, but jaxlib, its compiled half, is not"
        return None

    def diagnose(self, machine: Machine) -> Iterable[Finding]:
        from zkynet_jax.diagnosis import diagnose

        return diagnose(machine)

    def load(self) -> Any:
        import jax

        if os.environ.get("ZKYNET_JAX_X64", "1") != "0":
            jax.config.update("jax_enable_x64", True)
        from zkynet_jax.kernels import KERNELS

        self._jax = jax
        self._config = jax.config
        self._tracer = jax.core.Tracer
        self.kernels.update(KERNELS)
        self._devices = _named_devices(jax)
        self._device_names = {device: name for name, device in self._devices.items()}
        return jax.numpy

    def kernels_of(self, space: str) -> Mapping[str, Callable[..., Any]]:
        if space == "nn":
            from zkynet_jax.nn import KERNELS

            return KERNELS
        if space == "random":
            from zkynet_jax.random import KERNELS as OF_RANDOM

            return OF_RANDOM
        return {}

    # -- arrays -------------------------------------------------------------------------------------------------

    def is_array(self, value: Any) -> bool:
        return isinstance(value, self._jax.Array)

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        self.native_dtype(array.dtype)
        # a copy, always: JAX takes its arrays for unchangeable, and the user may write into this one
        raw = self._jax.numpy.array(array, copy=True)
        return raw if device is None or self.native_device(device) is None else self.to_device(raw, device)

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.array(raw)

    def native_dtype(self, dtype: Any) -> Any:
        if isinstance(dtype, np.dtype) and dtype.name in WIDE and not self._config.jax_enable_x64:
            raise DTypeError(
                f"JAX would silently make {WIDE[dtype.name]} of {dtype}, because its 64-bit mode is off",
                fix='call jax.config.update("jax_enable_x64", True) and leave ZKYNET_JAX_X64 unset',
                dtype=dtype,
            )
        return dtype

    def silenced(self, compute: Callable[..., Any], op: str) -> Callable[..., Any]:
        # somebody may have switched the 64-bit mode off since an array was made, for the process or for a block
        config = self._config

        def call(*raws: Any) -> Any:
            if not config.jax_enable_x64:
                self._refuse_to_narrow(raws)
            return compute(*raws)

        return call

    def _refuse_to_narrow(self, raws: Any) -> None:
        for raw in raws:
            if isinstance(raw, tuple):
                self._refuse_to_narrow(raw)
            elif isinstance(raw, self._jax.Array):
                self.native_dtype(raw.dtype)

    def scalar(self, raw: Any) -> Any:
        return raw.item()

    def can_look(self, raw: Any) -> bool:
        return not isinstance(raw, self._tracer) and all(d.platform == "cpu" for d in raw.devices())

    def dlpack_source(self, raw: Any) -> Any:
        return Export(raw)

    def vjp(self, function: Callable[..., Any], raws: Sequence[Any]) -> tuple[Any, Callable[[Any], Sequence[Any]]]:
        return self._jax.vjp(function, *raws)

    def run_updates(self, updates: Sequence[Update]) -> list[Columns]:
        from zkynet_jax.updates import run

        return run(self.xp, updates)

    def are_finite(self, raws: Sequence[Any]) -> Any:
        from zkynet_jax.updates import all_finite

        return all_finite(tuple(raws))

    def compiler(self) -> Any:
        from zkynet_jax.compiler import JaxCompiler

        return JaxCompiler()

    # -- devices ------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        return tuple(self._devices)

    def device_of(self, raw: Any) -> str:
        if not isinstance(raw, self._tracer):
            name = self._device_names.get(raw.device)
            if name is not None:
                return name
        return next(iter(self._devices))  # a traced array has no device, and a sharded one has many

    def native_device(self, device: str) -> Any:
        name = self.device_name(device)
        # On the default device an array is left uncommitted, as JAX calls it: it then also goes with arrays that are
        # traced or sharded, of which `device_of` says that they are on the default device.
        return None if name == next(iter(self._devices)) else self._devices[name]

    def to_device(self, raw: Any, device: str) -> Any:
        return self._jax.device_put(raw, self._devices[self.device_name(device)])

    def synchronize(self, raw: Any = None) -> None:
        for array in self._jax.live_arrays() if raw is None else (raw,):
            if not isinstance(array, self._tracer):
                array.block_until_ready()

    def memory(self, device: str | None = None) -> Mapping[str, int]:
        found = self._devices[device or next(iter(self._devices))].memory_stats() or {}
        names = {"used": "bytes_in_use", "reserved": "pool_bytes", "peak": "peak_bytes_in_use"}
        return {ours: found[theirs] for ours, theirs in names.items() if theirs in found}

    # -- what the standard lacks --------------------------------------------------------------------------------

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        return raw.at[key].set(_without_leading_ones(values))

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        return raw.at[key].add(_without_leading_ones(values))


def _without_leading_ones(values: Any) -> Any:
    """`values` in a shape that JAX broadcasts to any that NumPy would: it refuses more axes than there are."""
    shape = getattr(values, "shape", ())
    first = next((i for i, n in enumerate(shape) if n != 1), len(shape))
    return values.reshape(shape[first:]) if first else values


class Export:
    """What hands a JAX array out by DLPack, also to consumers that know no version of it, whom JAX itself refuses."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __dlpack__(self, *, max_version: tuple[int, int] | None = None, **options: Any) -> Any:
        if max_version is not None and max_version < (1, 0):
            max_version = None
        return self._raw.__dlpack__(max_version=max_version, **options)

    def __dlpack_device__(self) -> Any:
        return self._raw.__dlpack_device__()


WIDE = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}
"""What JAX makes of each 64-bit dtype when its 64-bit mode is off."""


def _named_devices(jax: Any) -> dict[str, Any]:
    """This process's devices by name: ``cpu``, ``cpu:1``, ``cuda:0``, ``tpu:0``; JAX's default one first."""
    devices = list(jax.local_devices())
    if devices[0].platform != "cpu":
        devices += jax.local_devices(backend="cpu")
    count: dict[str, int] = {}
    named = {}
    for device in devices:
        platform = "cuda" if device.platform == "gpu" else device.platform
        number = count[platform] = count.get(platform, -1) + 1
        named["cpu" if (platform, number) == ("cpu", 0) else f"{platform}:{number}"] = device
    return named


BACKEND = JaxBackend()
