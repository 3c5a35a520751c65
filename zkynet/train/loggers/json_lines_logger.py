"""`JSONLinesLogger`: a JSON object for each row."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

from zkynet.train.loggers.growing_file import GrowingFile
from zkynet.train.loggers.row_logger import RowLogger, whole_lines

__all__ = ["JSONLinesLogger"]


class JSONLinesLogger(RowLogger):
    """Writes a line for each step that is logged, and for each epoch, as a JSON object.

    A line has ``kind`` (``"step"`` or ``"epoch"``), ``epoch``, ``step``, and the values by name. JSON has no NaN and no
    infinity: these are the strings ``"NaN"``, ``"Infinity"`` and ``"-Infinity"``, which `float` reads.

    A new training begins the file anew; a resumed one cuts it back to its checkpoint and goes on.

    Args:
        path: the file; its folder is made if need be.
        steps: whether steps are written, or epochs alone.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     logger = zk.train.JSONLinesLogger(f"{folder}/metrics.jsonl")
        ...     logger.log(1, 0, {"loss": 0.5}, "step")
        ...     logger.log(2, 1, {"loss": float("nan")}, "epoch")
        ...     print(logger.path.read_text(), end="")
        {"kind": "step", "epoch": 0, "step": 1, "loss": 0.5}
        {"kind": "epoch", "epoch": 1, "step": 2, "loss": "NaN"}
    """

    def __init__(self, path: str | os.PathLike[str], steps: bool = True) -> None:
        super().__init__(path, steps, GrowingFile(path))

    def _row(self, row: dict[str, Any]) -> bytes:
        return (json.dumps({k: _plain(v) for k, v in row.items()}, ensure_ascii=False, allow_nan=False) + "\n").encode()

    def _kept(self, data: bytes, rows: int, state: Mapping[str, Any]) -> tuple[bytes, bytes, int] | None:
        if rows and data and not data.startswith(b'{"kind": '):
            return None
        lines = whole_lines(data, rows)
        return b"", b"".join(lines), len(lines)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value
