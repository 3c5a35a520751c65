"""What the Array API standard asks a namespace to say about itself: versions, dtypes, devices, limits, constants."""

from __future__ import annotations

import math
import sys
from typing import Any, NamedTuple

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import Device, backend_of, current_device, get_backend
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError
from zkynet.tensor import Tensor

__array_api_version__ = "2025.12"

VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12", "2025.12")

e = math.e
pi = math.pi
inf = math.inf
nan = math.nan
newaxis = None

_SIGNED, _UNSIGNED = dt.SIGNED, dt.UNSIGNED
_FLOATS, _COMPLEX = (dt.float16, dt.float32, dt.float64), (dt.complex64, dt.complex128)
KIND_NAMES: dict[str, tuple[Any, ...]] = {
    "bool": (dt.bool,),
    "signed integer": _SIGNED,
    "unsigned integer": _UNSIGNED,
    "integral": (*_SIGNED, *_UNSIGNED),
    "real floating": _FLOATS,
    "complex floating": _COMPLEX,
    "numeric": (*_SIGNED, *_UNSIGNED, *_FLOATS, *_COMPLEX),
}
"""The standard's names for groups of dtypes; bfloat16, which may not be installed, counts as real floating too."""


def array_namespace(api_version: str | None = None) -> Any:
    """The module zkynet, as the namespace that a tensor belongs to.

    Args:
        api_version: the version of the Array API standard the caller was written for, None for any.

    Example:
        >>> import zkynet as zk
        >>> zk.ones(2).__array_namespace__() is zk
        True
    """
    if api_version is not None and api_version not in VERSIONS:
        raise InvalidValueError(
            f"zkynet does not follow version {api_version!r} of the Array API standard",
            facts=[f"versions it follows: {', '.join(VERSIONS)}"],
            fix="ask for one of these, or leave api_version out",
            version=api_version,
        )
    return sys.modules["zkynet"]


class NamespaceInfo:
    """What `__array_namespace_info__` returns: dtypes and devices of the current backend, and what is supported."""

    def capabilities(self) -> dict[str, Any]:
        """Whether shapes may depend on data, and how many axes there may be.

        Example:
            >>> import zkynet as zk
            >>> zk.__array_namespace_info__().capabilities()["boolean indexing"]
            True
        """
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> Device:
        """The device that new tensors are made on."""
        return Device(current_device() or get_backend().devices()[0])

    def devices(self) -> tuple[Device, ...]:
        """The devices of the current backend, the default one first."""
        return tuple(Device(d) for d in get_backend().devices())

    def default_dtypes(self, *, device: DeviceLike = None) -> dict[str, np.dtype[Any]]:
        """The dtypes of tensors made of Python numbers, the same on all devices."""
        return {
            "real floating": dt.default_float,
            "complex floating": dt.default_complex,
            "integral": dt.default_int,
            "indexing": dt.default_int,
        }

    def dtypes(
        self, *, device: DeviceLike = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, np.dtype[Any]]:
        """The standard dtypes that the current backend has.

        Args:
            device: a device; they are the same on all devices of a backend.
            kind: one of the standard's kinds (``"integral"``, ``"real floating"``, …) or several, None for all.

        Example:
            >>> import zkynet as zk
            >>> list(zk.__array_namespace_info__().dtypes(kind="complex floating"))
            ['complex64', 'complex128']
        """
        backend = get_backend()
        return {d.name: d for d in dt.STANDARD if (kind is None or isdtype(d, kind)) and backend.supports(d)}


def __array_namespace_info__() -> NamespaceInfo:
    """What this namespace can do, in the form the Array API standard asks for.

    Example:
        >>> import zkynet as zk
        >>> zk.__array_namespace_info__().default_dtypes()["real floating"]
        dtype('float32')
    """
    return NamespaceInfo()


# -- dtypes -------------------------------------------------------------------------------------------------------


def isdtype(dtype: DTypeLike, kind: Any) -> bool:
    """Whether a dtype is of a kind.

    Args:
        dtype: the dtype in question.
        kind: a dtype, one of the standard's kinds (``"bool"``, ``"signed integer"``, ``"unsigned integer"``,
            ``"integral"``, ``"real floating"``, ``"complex floating"``, ``"numeric"``), or a tuple of both.

    Example:
        >>> import zkynet as zk
        >>> zk.isdtype(zk.float32, "real floating"), zk.isdtype(zk.int8, ("bool", zk.int8))
        (True, True)
    """
    dtype = _dtype("isdtype", dtype)
    for one in kind if isinstance(kind, tuple) else (kind,):
        if isinstance(one, str) and one not in KIND_NAMES:
            raise InvalidValueError(
                f"isdtype: there is no kind {one!r}", facts=[f"kinds: {', '.join(KIND_NAMES)}"], fix="use one of these"
            )
        if isinstance(one, str):
            if dtype in KIND_NAMES[one] or (dtype.name == "bfloat16" and one in ("real floating", "numeric")):
                return True
        elif dtype == dt.as_dtype(one):
            return True
    return False


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """The dtype that an operation on these would have, by the one promotion table of all backends.

    Args:
        *arrays_and_dtypes: tensors, arrays, dtypes and Python numbers; at least one that is no number.

    Example:
        >>> import zkynet as zk
        >>> zk.result_type(zk.ones(2), zk.int64, 3.0)
        dtype('float32')
    """
    common, numbers = None, []
    for item in arrays_and_dtypes:
        if isinstance(item, (bool, int, float, complex)) and not isinstance(item, np.generic):
            numbers.append(item)
        else:
            dtype = _dtype("result_type", item)
            common = dtype if common is None else dt.promote(common, dtype)
    if common is None and not numbers:
        raise ArgumentError("result_type needs at least one tensor or dtype", fix="pass one")
    for number in numbers:
        common = dt.scalar_dtype(number, common)
    assert common is not None
    return common


def can_cast(from_: Any, to: DTypeLike, /) -> bool:
    """Whether promotion leads from one dtype to another.

    Args:
        from_: a dtype or a tensor.
        to: a dtype.

    Example:
        >>> import zkynet as zk
        >>> zk.can_cast(zk.int8, zk.int16), zk.can_cast(zk.float64, zk.float32)
        (True, False)
    """
    target = _dtype("can_cast", to)
    try:
        return dt.promote(_dtype("can_cast", from_), target) == target
    except DTypeError:
        return False


class FloatInfo(NamedTuple):
    """Limits of a floating dtype; see `finfo`."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]

    @property
    def tiny(self) -> float:
        """NumPy's older name for `smallest_normal`."""
        return self.smallest_normal


class IntInfo(NamedTuple):
    """Limits of an integer dtype; see `iinfo`."""

    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


def finfo(type: Any, /) -> FloatInfo:
    """The limits of a floating dtype, or of the parts of a complex one.

    Args:
        type: a dtype or a tensor.

    Example:
        >>> import zkynet as zk
        >>> zk.finfo(zk.float32).eps == 2.0**-23, zk.finfo(zk.ones(2)).bits
        (True, 32)
    """
    dtype = _dtype("finfo", type)
    if dt.kind_rank(dtype) < 2:
        raise DTypeError(f"finfo takes floating and complex dtypes, received {dtype}", fix="use zk.iinfo", dtype=dtype)
    dtype = dt.real_part_dtype(dtype)
    if dtype.name == "bfloat16":
        import ml_dtypes

        info: Any = ml_dtypes.finfo(dtype)
    else:
        info = np.finfo(dtype)
    eps, largest, smallest, normal = (float(v) for v in (info.eps, info.max, info.min, info.smallest_normal))
    return FloatInfo(int(info.bits), eps, largest, smallest, normal, dtype)


def iinfo(type: Any, /) -> IntInfo:
    """The limits of an integer dtype.

    Args:
        type: a dtype or a tensor.

    Example:
        >>> import zkynet as zk
        >>> zk.iinfo(zk.int8).max
        127
    """
    dtype = _dtype("iinfo", type)
    if dt.kind_rank(dtype) != 1:
        raise DTypeError(f"iinfo takes integer dtypes, received {dtype}", fix="use zk.finfo", dtype=dtype)
    info = np.iinfo(dtype)
    return IntInfo(info.bits, int(info.max), int(info.min), dtype)


def _dtype(name: str, value: Any) -> np.dtype[Any]:
    """The dtype of a tensor or array, or the dtype meant by a name."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        return value.dtype
    if value is None:
        raise DTypeError(f"{name} expected a dtype or a tensor, received None", fix="pass one such as zk.float32")
    if not isinstance(value, (np.dtype, type, str)) and hasattr(value, "shape"):
        owner = backend_of(value)
        if owner is not None:
            return owner.dtype_of(value)
    dtype = dt.as_dtype(value)
    dt.kind_rank(dtype)
    return dtype


__all__ = [
    "__array_api_version__",
    "__array_namespace_info__",
    "array_namespace",
    "can_cast",
    "e",
    "finfo",
    "iinfo",
    "inf",
    "isdtype",
    "nan",
    "newaxis",
    "pi",
    "result_type",
]
