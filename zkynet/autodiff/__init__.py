"""Derivatives: recording switched on and off, pure functions of functions, and what checks and saves."""

from zkynet.autodiff.backward import backward
from zkynet.autodiff.checking import gradcheck
from zkynet.autodiff.checkpointing import checkpoint
from zkynet.autodiff.control_flow import cond, scan, while_loop
from zkynet.autodiff.custom import Function, custom_gradient
from zkynet.autodiff.jacobians import hessian, jacobian
from zkynet.autodiff.modes import enable_grad, is_grad_enabled, no_grad
from zkynet.autodiff.nans import debug_nans
from zkynet.autodiff.of_tensors import gradients
from zkynet.autodiff.transforms import grad, hvp, jvp, value_and_grad, vjp

__all__ = [
    "Function",
    "backward",
    "checkpoint",
    "cond",
    "custom_gradient",
    "debug_nans",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradients",
    "hessian",
    "hvp",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "no_grad",
    "scan",
    "value_and_grad",
    "vjp",
    "while_loop",
]


def __dir__() -> list[str]:
    return __all__
