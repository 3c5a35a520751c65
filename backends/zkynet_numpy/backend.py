"""The NumPy backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from math import isfinite
from typing import Any

import numpy as np

from zkynet.backend import Backend
from zkynet.backend.protocol import Constants
from zkynet.backend.updates import Columns, Update
from zkynet_numpy.silence import UNABLE_TO_WARN, quiet

ONE = np.float32(1)


@quiet
def _sum_of_squares(raws: Sequence[Any]) -> float:
    total = 0.0  # complex where the arrays are
    for raw in raws:
        flat = raw.ravel("K")
        total += flat.dot(flat).item()
    return total


class NumpyBackend(Backend):
    """Arrays of NumPy, computed on the CPU."""

    name = "numpy"
    distribution = "numpy"
    libraries = ("numpy",)
    install_hint = "pip install numpy"

    def __init__(self) -> None:
        super().__init__()
        self._constants: dict[Any, Constants] = {}

    def load(self) -> Any:
        import array_api_compat.numpy as xp

        from zkynet_numpy import blocks
        from zkynet_numpy.kernels import KERNELS
        from zkynet_numpy.memory import keep_freed_memory
        from zkynet_numpy.reductions import REDUCTIONS

        self.kernels.update(KERNELS)
        self.kernels.update(blocks.KERNELS)
        self.kernels.update(REDUCTIONS)
        keep_freed_memory()
        return xp

    def kernels_of(self, space: str) -> Mapping[str, Callable[..., Any]]:
        if space == "nn":
            from zkynet_numpy.nn import KERNELS

            return KERNELS
        if space == "random":
            from zkynet_numpy.random import KERNELS as OF_RANDOM

            return OF_RANDOM
        return {}

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

    def constants(self, dtype: Any) -> Constants:
        def make(number: float) -> Any:
            with np.errstate(all="ignore"):
                return np.array(number, dtype)

        if dtype not in self._constants:  # NumPy takes 0.2 us longer over a Python number than over an array
            self._constants[dtype] = Constants(make)
        return self._constants[dtype]

    def dlpack_source(self, raw: Any) -> Any:
        return np.asarray(raw)

    def quiet(self) -> AbstractContextManager[Any]:
        return np.errstate(all="ignore")

    def silenced(self, compute: Callable[..., Any], op: str) -> Callable[..., Any]:
        return compute if op in UNABLE_TO_WARN else quiet(compute)

    def run_updates(self, updates: Sequence[Update]) -> list[Columns]:
        from zkynet_numpy.updates import run

        return [run(self.xp, update) for update in updates]

    def are_finite(self, raws: Sequence[Any]) -> Any:
        # A NaN or an infinity is in the sum of squares too. That is quick, and tells nothing only where it overflows.
        try:
            if isfinite(_sum_of_squares(raws)):
                return ONE
        except TypeError:  # complex
            pass
        return np.float32(all(np.isfinite(raw).all() for raw in raws))

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
