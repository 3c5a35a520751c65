"""Branches and loops that depend on values: `cond`, `while_loop`, `scan`, with gradients, eagerly and compiled."""

from zkynet.autodiff.control_flow.branching import cond
from zkynet.autodiff.control_flow.looping import while_loop
from zkynet.autodiff.control_flow.scanning import scan

__all__ = ["cond", "scan", "while_loop"]
