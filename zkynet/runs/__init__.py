"""A run and its folder: settings, metrics, checkpoints, pictures, report."""

from zkynet.runs.goal import Goal
from zkynet.runs.run import Run

__all__ = ["Goal", "Run"]


def __dir__() -> list[str]:
    return __all__
