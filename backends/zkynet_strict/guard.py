"""Refuses what makes a GPU wait: a value that the host asks for while arrays are on a device."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from zkynet.errors import DeviceError

ASKS = {
    "__bool__": "bool()",
    "__int__": "int()",
    "__float__": "float()",
    "__complex__": "complex()",
    "__index__": "use as an index",
    "__iter__": "iteration",
    "__dlpack__": "DLPack",
    "__array__": "NumPy",
    "__buffer__": "the buffer protocol",
}
"""How a value gets to the host without a word from the user, by method of the array."""


def install(array_type: type, dtype_type: type, cpu: Any) -> None:
    """Make `array_type` refuse `ASKS` wherever the array is not on the device `cpu`; once is enough."""
    if getattr(array_type, "_zkynet_guard", False):
        return
    # it warns where a set finds it next to NumPy's dtype of the same name and hash, as zkynet's do
    dtype_type.__eq__ = lambda self, other: type(other) is dtype_type and self._np_dtype == other._np_dtype  # type: ignore
    for method, what in ASKS.items():
        if hasattr(array_type, method):
            setattr(array_type, method, _guarded(getattr(array_type, method), what, cpu))
    array_type._zkynet_guard = True  # type: ignore[attr-defined]


def _guarded(method: Callable[..., Any], what: str, cpu: Any) -> Callable[..., Any]:
    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_unseen(self, what, cpu)
        return method(self, *args, **kwargs)

    return call


def refuse_unseen(array: Any, how: str, cpu: Any) -> None:
    """Raise if `array` is not on the device `cpu`."""
    if array.device != cpu:
        raise DeviceError(
            f"an array on {array.device._device} was to be brought to the host by {how}",
            facts=["on a GPU the host would have to wait here for all work that is queued"],
            fix='if you mean it: x.item(), x.numpy() or x.to_device("cpu"); else compute it on the device',
            device=array.device._device,
        )
