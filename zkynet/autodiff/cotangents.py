"""Cotangents and tangents that users pass, and the errors for gradients that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet import dtypes as dt
from zkynet.errors import BackendError, DTypeError, GradientError, ShapeError

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


def as_cotangent(y: Tensor, gradient: Any) -> Tensor:
    """The cotangent to start a walk back from `y` with: ones for a single number, else what the user passed."""
    from zkynet.ops.filled import ones_like

    if gradient is not None:
        return conform(y, gradient, "the cotangent passed to backward()", "the tensor")
    if y.size != 1:
        raise GradientError(
            f"backward() needs a single number, this tensor has shape {y.shape}",
            fix="reduce it first, for example y.sum().backward(), or pass the cotangent: y.backward(g)",
            shape=y.shape,
        )
    refuse_complex(y, "backward()", "y.backward(g)")
    return ones_like(y)


def refuse_complex(y: Tensor, who: str, way: str) -> None:
    """A complex number has no gradient of its own: which real number is to grow is for the user to say."""
    if y.dtype.kind == "c":
        raise GradientError(
            f"{who} needs a real number, this result is {y.dtype}",
            facts=["a complex result has no single direction of growth"],
            fix=f"take zk.real, zk.imag or zk.abs of it first, or pass the cotangent: {way}",
            dtype=y.dtype,
        )


def conform(y: Tensor, value: Any, what: str, like: str) -> Tensor:
    """`value` as a tensor of `y`'s shape, dtype and device; our errors call it `what`, and `y` `like`."""
    from zkynet.ops.creation import asarray
    from zkynet.tensor import Tensor

    g = value
    if not isinstance(value, Tensor):
        wanted = None if hasattr(value, "dtype") else y.dtype  # numbers are made what they are to be, unrounded
        g = asarray(value, dtype=wanted, device=y.device, backend=y.backend)
    if g.shape != y.shape:
        raise ShapeError(
            f"{what} has another shape than {like}",
            facts=[f"expected  {y.shape}", f"received  {g.shape}"],
            fix=f"pass one of the shape of {like}",
            expected=y.shape,
            received=g.shape,
        )
    if g.backend is not y.backend:
        raise BackendError(
            f"{what} is a tensor of {g.backend.name}, but {like} is one of {y.backend.name}",
            fix=f'move it first: g.to("{y.backend.name}")',
            backends=(y.backend.name, g.backend.name),
        )
    if g.dtype.kind == "c" and y.dtype.kind != "c":
        raise DTypeError(
            f"{what} is complex, but {like} is {y.dtype}", fix="take its real part: zk.real(...)", dtype=g.dtype
        )
    return asarray(g, dtype=y.dtype, device=y.device)


def no_path(y: Tensor) -> GradientError:
    """The error for a tensor that no gradient can start from."""
    return cut_off(y) or GradientError(
        "this tensor does not depend on any tensor with requires_grad=True",
        facts=["no input of its computation had requires_grad, or it was computed inside no_grad() or after detach()"],
        fix="make an input with requires_grad=True before the computation",
    )


def cut_off(y: Tensor) -> GradientError | None:
    """The error for a result that no gradient can come from whatever its inputs; None if there is no such reason."""
    from zkynet.ops.define import OPS

    cut = getattr(y, "_cut", None)
    if cut is not None and cut in OPS and not OPS[cut].differentiable:
        return OPS[cut].no_gradient()
    if dt.is_differentiable(y.dtype):
        return None
    return GradientError(
        f"a tensor of dtype {y.dtype} has no gradient" + (f" (it came from {cut})" if cut else ""),
        fix="take the gradient of a floating result",
        dtype=y.dtype,
    )
