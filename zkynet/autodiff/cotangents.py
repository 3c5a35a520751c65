"""Cotangents that users pass, and the errors for gradients that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet import dtypes as dt
from zkynet.errors import GradientError, ShapeError

if TYPE_CHECKING:
    from zkynet.tensor import Tensor


def as_cotangent(y: Tensor, gradient: Any) -> Tensor:
    """The cotangent to start a walk back from `y` with: ones for a single number, else what the user passed."""
    from zkynet.ops.creation import asarray, ones_like

    if gradient is None:
        if y.size != 1:
            raise GradientError(
                f"backward() needs a single number, this tensor has shape {y.shape}",
                fix="reduce it first, for example y.sum().backward(), or pass the cotangent: y.backward(g)",
                shape=y.shape,
            )
        return ones_like(y)
    g = asarray(gradient, dtype=y.dtype, device=y.device, backend=y.backend)
    if g.backend is not y.backend:
        g = g.to(y.backend.name)
    if g.shape != y.shape:
        raise ShapeError(
            "the cotangent passed to backward() has another shape than the tensor",
            facts=[f"expected  {y.shape}", f"received  {g.shape}"],
            fix="pass a gradient of the tensor's own shape",
        )
    return g


def no_path(y: Tensor) -> GradientError:
    """The error for a tensor that no gradient can start from."""
    from zkynet.ops.define import OPS

    cut = getattr(y, "_cut", None)
    if cut is not None and cut in OPS:
        return OPS[cut].no_gradient()
    if not dt.is_differentiable(y.dtype):
        return GradientError(
            f"a tensor of dtype {y.dtype} has no gradient" + (f" (it came from {cut})" if cut else ""),
            fix="take the gradient of a floating result",
        )
    return GradientError(
        "this tensor does not depend on any tensor with requires_grad=True",
        facts=["no input of its computation had requires_grad, or it was computed inside no_grad() or after detach()"],
        fix="make an input with requires_grad=True before the computation",
    )
