"""A run and its folder: settings, metrics, checkpoints, pictures, report."""

from zkynet.runs.goal import Goal
from zkynet.runs.inputs import numbers_from, picture_from
from zkynet.runs.run import Run

__all__ = ["Goal", "Run", "numbers_from", "picture_from"]


def __dir__() -> list[str]:
    return __all__
