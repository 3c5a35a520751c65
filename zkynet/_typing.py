"""Names for the types in signatures. `Array` is a tensor to the user and a raw array to an op's body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    Array: TypeAlias = Any
else:

    class Array:
        """What an op works on: a `Tensor` in the public function, the backend's array in the body."""


ArrayLike: TypeAlias = Any
"""A tensor, a backend's array, a number, or nested lists of numbers."""

Axis: TypeAlias = int | tuple[int, ...] | None
Shape: TypeAlias = tuple[int, ...]
DTypeLike: TypeAlias = Any
"""A zkynet dtype (a `numpy.dtype`), its name, or anything `numpy.dtype` takes."""

DeviceLike: TypeAlias = str | None
Namespace: TypeAlias = Any
"""An Array API namespace: a backend's, or zkynet's own while a graph is recorded."""
