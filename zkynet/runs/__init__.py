"""A run and its folder: settings, metrics, checkpoints, pictures, report."""

from zkynet.runs.goal import Goal
from zkynet.runs.inputs import numbers_from, picture_from
from zkynet.runs.report import report_html, write_report
from zkynet.runs.run import Run

__all__ = ["Goal", "Run", "numbers_from", "picture_from", "report_html", "write_report"]


def __dir__() -> list[str]:
    return __all__
