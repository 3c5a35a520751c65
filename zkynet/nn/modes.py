"""Training and evaluation mode for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zkynet.nn.module import Module


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """A block after which each module of a model is in the mode again in which it was before.

    Args:
        model: the model.
    """
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """A block in which a model is in evaluation mode.

    Args:
        model: the model.
    """
    with modes_kept(model):
        model.eval()
        yield
