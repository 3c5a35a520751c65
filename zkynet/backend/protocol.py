"""What a backend is: a standard namespace, and the little that the standard lacks.

A new backend subclasses `Backend`, fills in `load` and what differs from the generic bodies below, and is found
through the entry-point group ``zkynet.backends``. Everything here works on the backend's own ("raw") arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from zkynet._typing import Namespace, Shape
from zkynet.backend.namespace import raw_namespace
from zkynet.errors import DeviceError, DTypeError, ZkynetError


class Backend:
    """One array library behind zkynet: its namespace `xp`, its devices, and its kernels.

    A kernel replaces the generic body of one op: ``kernels["erf"] = f`` with the signature of the body,
    ``f(xp, x)``. The generic body stays and is what the kernel is tested against.
    """

    name: str = ""
    """How users call it: ``zk.set_backend(name)``."""

    distribution: str = ""
    """The package on PyPI whose version is shown."""

    install_hint: str = ""
    """What to do when it is missing."""

    wraps_out_of_range: bool = False
    """True where an integer index outside its axis is not refused by the library itself."""

    immutable: bool = False
    """True where arrays cannot be written to."""

    xp: Namespace = None
    """The standard namespace, extended by every zkynet op on raw arrays; None until the backend is first used."""

    has_vjp: bool = False
    """True where the library can differentiate functions of its own arrays, through `vjp`."""

    def __init__(self) -> None:
        self.kernels: dict[str, Callable[..., Any]] = {}

    # -- loading ------------------------------------------------------------------------------------------------

    def why_unavailable(self) -> str | None:
        """One sentence on why the backend cannot be used on this machine, None if it can. Must not raise."""
        return None

    def load(self) -> Namespace:
        """Import the library and return its standard namespace; add to `kernels` what it does better."""
        raise NotImplementedError

    def start(self) -> None:
        """Load the library if that has not happened yet."""
        if self.xp is None:
            standard = self.load()
            self.xp = raw_namespace(self, standard)

    @property
    def version(self) -> str | None:
        """The installed version of the library, None if it is not installed."""
        from importlib.metadata import PackageNotFoundError, version  # slow to import

        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None

    # -- arrays -------------------------------------------------------------------------------------------------

    def is_array(self, value: Any) -> bool:
        """Whether `value` is one of this library's arrays."""
        raise NotImplementedError

    def adopt(self, raw: Any) -> Any:
        """An array that the user made, on its way into a tensor: such that `own` sees that it is shared, or refused."""
        return raw

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        """This library's array with the values and dtype of a NumPy array; may share its memory."""
        raise NotImplementedError

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        """The values as a NumPy array on the host."""
        raise NotImplementedError

    def dtype_of(self, raw: Any) -> np.dtype[Any]:
        """The dtype of an array, as zkynet (that is, NumPy) names it."""
        return raw.dtype

    def native_dtype(self, dtype: Any) -> Any:
        """The library's own name for a dtype; `DTypeError` if it has none."""
        return dtype

    def supports(self, dtype: np.dtype[Any]) -> bool:
        """Whether arrays of `dtype` exist here."""
        try:
            self.native_dtype(dtype)
        except DTypeError:
            return False
        return True

    def own(self, raw: Any) -> Any:
        """An array with the same values that shares memory with no other: what becomes a leaf's ``.grad``."""
        return raw

    def scalar(self, raw: Any) -> Any:
        """The Python number in an array of one element."""
        return self.to_numpy(raw).item()

    def constant(self, number: float, dtype: Any) -> Any:
        """A Python number as an operand next to arrays of a native `dtype`; the number itself where that is as fast."""
        return number if -(2.0**63) < number < 2.0**63 else float(number)  # wider than their integers

    def dlpack_source(self, raw: Any) -> Any:
        """The object whose ``__dlpack__`` hands the array out."""
        return raw

    def quiet(self) -> AbstractContextManager[Any]:
        """A context in which floating-point faults (overflow, 0/0) give infinities and NaN without a warning."""
        return nullcontext()

    def error_kind(self, error: Exception) -> type[ZkynetError] | None:
        """Our type of exception for what the library raised; None where its Python type says it."""
        return None

    def silenced(self, compute: Callable[..., Any], op: str) -> Callable[..., Any]:
        """What computes an op on raw arrays, made to run as in `quiet`."""
        return compute

    # -- devices ------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        """The names of the devices that arrays can live on, the default one first."""
        return ("cpu",)

    def device_of(self, raw: Any) -> str:
        """The name of the device an array lives on."""
        return "cpu"

    def native_device(self, device: str) -> Any:
        """The library's own object for a device name; `DeviceError` if there is none."""
        if device not in self.devices():
            raise DeviceError(
                f"{self.name} has no device {device!r}",
                facts=[f"devices of {self.name}: {', '.join(self.devices())}"],
                fix="pass one of these as device=",
                device=device,
            )
        return device

    def to_device(self, raw: Any, device: str) -> Any:
        """The array on another device of this backend."""
        self.native_device(device)
        return raw

    def synchronize(self, raw: Any = None) -> None:
        """Wait until the work that was queued (for `raw`, if given) is done."""

    def memory(self, device: str | None = None) -> Mapping[str, int]:
        """Bytes in use on a device as far as the library can tell: ``used``, ``reserved``, ``peak``; may be empty."""
        return {}

    def vjp(self, function: Callable[..., Any], raws: Sequence[Any]) -> tuple[Any, Callable[[Any], Sequence[Any]]]:
        """The result of a function of raw arrays, and what takes a cotangent back to its inputs."""
        raise NotImplementedError

    # -- what the standard lacks --------------------------------------------------------------------------------

    def can_look(self, raw: Any) -> bool:
        """Whether values may be looked at on the host now: not while tracing, nor where it would hide a wait."""
        return True

    def getitem(self, raw: Any, key: Any) -> Any:
        """``raw[key]`` with NumPy's semantics."""
        return raw[key]

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        """A copy of `raw` with ``copy[key] = values``."""
        out = self.xp.asarray(raw, copy=True)
        out[key] = values
        return out

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        """A copy of `raw` with `values` added at `key`; places named several times collect every value."""
        raise NotImplementedError

    def full(self, shape: Shape, value: Any, dtype: np.dtype[Any], device: str | None = None) -> Any:
        """An array of one repeated value."""
        xp = self.xp
        where = None if device is None else self.native_device(device)
        return xp.full(shape, value, dtype=self.native_dtype(dtype), device=where)

    def __repr__(self) -> str:
        return f"<zkynet backend {self.name}>"
