"""What kind of numbers an array holds, for bodies and rules: they see arrays of any backend, or tensors."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet.tensor import Tensor

_names: dict[
    Any, str
] = {}  # a backend's own dtype -> "complex64"; with its type, for some libraries' refuse to be compared


def dtype_name(x: Any) -> str:
    """The name of the dtype of a raw array or a tensor, ``"float32"`` on every backend."""
    dtype = x.dtype
    key = (type(dtype), dtype)
    name = _names.get(key)
    if name is None:
        name = _names[key] = str(dtype).rpartition(".")[2]
    return name


def is_complex(x: Any) -> bool:
    """Whether an array or tensor holds complex numbers."""
    return dtype_name(x).startswith("complex")


def is_integer(x: Any) -> bool:
    """Whether an array or tensor holds integers, signed or not; booleans are none."""
    return "int" in dtype_name(x)


def is_bool(x: Any) -> bool:
    """Whether an array or tensor holds booleans."""
    return dtype_name(x) == "bool"


def is_number(x: Any) -> bool:
    """Whether `x` is a Python number rather than an array: an op's body may find one where an array could be."""
    return isinstance(x, (int, float, complex)) and not hasattr(x, "dtype")  # numpy.float64 is a float


def as_array(xp: Any, x: Any, like: Any) -> Any:
    """`x` as an array of the shape and dtype of `like` if it is a Python number."""
    return xp.full_like(like, x) if is_number(x) else x


def as_complex(xp: Any, x: Any) -> Any:
    """A real array as complex numbers of the same precision."""
    return xp.astype(x, dt.complex128 if dtype_name(x) == "float64" else dt.complex64)


def place_of(xp: Any, x: Any) -> Any:
    """Where an array lives, as ``device=`` takes it: an array that is only traced does not know it itself."""
    if isinstance(x, Tensor):
        return x.device
    backend = xp.backend
    return backend.native_device(backend.device_of(x))
