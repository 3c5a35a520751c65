"""The NumPy backend."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from zkynet.backend import Backend
from zkynet_numpy.silence import LOUD, quiet


class NumpyBackend(Backend):
    """Arrays of NumPy, computed on the CPU."""

    name = "numpy"
    distribution = "numpy"
    install_hint = "pip install numpy"

    def __init__(self) -> None:
        super().__init__()
        self._constants: dict[tuple[float, Any], Any] = {}

    def load(self) -> Any:
        import array_api_compat.numpy as xp

        from zkynet_numpy.kernels import KERNELS
        from zkynet_numpy.reductions import REDUCTIONS

        self.kernels.update(KERNELS)
        self.kernels.update(REDUCTIONS)
        return xp

    def is_array(self, value: Any) -> bool:
        return isinstance(value, (np.ndarray, np.generic))

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        if device is not None:
            self.device_name(device)
        return array

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        return np.asarray(raw)

    def scalar(self, raw: Any) -> Any:
        return raw.item()

    def own(self, raw: Any) -> Any:
        if type(raw) is np.ndarray and raw.base is None and raw.flags.writeable:
            return raw
        return np.array(raw)

    def constant(self, number: float, dtype: Any) -> Any:
        # NumPy takes 0.2 us longer over a Python number than over an array
        key = (number, dtype)
        if key in self._constants:
            return self._constants[key]
        if len(self._constants) > 4096:
            self._constants.clear()
        array = np.array(number, dtype)
        if number:  # 0.0 and -0.0 are the same key
            self._constants[key] = array
        return array

    def dlpack_source(self, raw: Any) -> Any:
        return np.asarray(raw)

    def quiet(self) -> AbstractContextManager[Any]:
        return np.errstate(all="ignore")

    def silenced(self, compute: Callable[..., Any], op: str) -> Callable[..., Any]:
        return compute if op in LOUD else quiet(compute)

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        out = np.array(raw)
        out[key] = values
        return out

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        from zkynet_numpy.scatter import add_at

        out = np.array(raw, order="C")
        add_at(out, key, values)
        return out


BACKEND = NumpyBackend()
