"""`TensorBoardLogger`: event files, as TensorBoard reads them."""

from __future__ import annotations

import base64
import contextlib
import os
import platform
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zkynet.errors import ArgumentError
from zkynet.ops.arguments import flag
from zkynet.train.loggers import events
from zkynet.train.loggers.growing_file import GrowingFile
from zkynet.train.loggers.logger import Logger, figures_of
from zkynet.visual.drawing import values_of
from zkynet.visual.png import png_of, size_of

__all__ = ["TensorBoardLogger"]

EVENT_FILE = re.compile(r"events\.out\.tfevents\.(\d{10,})\.")


class TensorBoardLogger(Logger):
    """Writes event files for TensorBoard: numbers, and on request pictures, histograms and texts.

    Nothing has to be installed to write them; ``pip install tensorboard`` and ``tensorboard --logdir FOLDER`` show
    them. The figures of epochs have their names, those of steps ``step/`` before it. A resumed run goes on in a new
    file, which makes TensorBoard forget what came after the checkpoint; in the files it is cut off, too.

    Args:
        folder: where the files are; one for each training, and all of them below one folder to compare them.
        steps: whether the figures of steps are written, or of epochs alone.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     logger = zk.train.TensorBoardLogger(folder)
        ...     logger.log(10, 1, {"loss": 0.5})
        ...     logger.image("digits", zk.ones((1, 8, 8)), step=10)
        ...     logger.close()
        ...     len(list(logger.folder.glob("events.out.tfevents.*")))
        1
    """

    def __init__(self, folder: str | os.PathLike[str], steps: bool = True) -> None:
        if not isinstance(folder, (str, os.PathLike)) or Path(folder).is_file():
            raise ArgumentError(f"TensorBoardLogger writes to a folder, received {folder!r}", fix="pass its path")
        self.folder = Path(folder)
        self.steps = flag("TensorBoardLogger", "steps", steps)
        self._file: GrowingFile | None = None
        self._series = os.urandom(4).hex()  # tells the files of this training from others in the folder
        self._step = 0
        self._state: Mapping[str, Any] | None = None

    def log(self, step: int, epoch: int, values: Mapping[str, Any], kind: str = "epoch") -> None:
        """Write the figures of a step or an epoch.

        Args:
            step: how many steps are done.
            epoch: how many epochs are done.
            values: numbers by name.
            kind: "step" or "epoch".

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     zk.train.TensorBoardLogger(folder).log(10, 1, {"loss": 0.5})
        """
        figures = figures_of("TensorBoardLogger", step, epoch, values, kind)
        if kind == "epoch":
            self._add(step, *(events.scalar(name, value) for name, value in figures.items()))
        elif self.steps:
            self._add(step, *(events.scalar(f"step/{name}", value) for name, value in figures.items()))

    def image(self, name: str, picture: Any, step: int) -> None:
        """Write a picture.

        Args:
            name: what it shows.
            picture: a matplotlib figure, the bytes of a PNG, or numbers of shape (H, W), (1, H, W) or (3, H, W).
            step: how many steps are done.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     zk.train.TensorBoardLogger(folder).image("digit", zk.ones((8, 8)), step=1)
        """
        png = png_of(picture)
        self._add(step, events.image(name, png, *size_of(png)))

    def histogram(self, name: str, values: Any, step: int) -> None:
        """Write how often values lie where, such as the weights of a layer or its gradients.

        Args:
            name: what they are.
            values: a tensor or an array of any shape.
            step: how many steps are done.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     zk.train.TensorBoardLogger(folder).histogram("weight", zk.nn.Linear(3, 2).weight, step=1)
        """
        self._add(step, events.histogram(name, values_of("histogram", "values", values)))

    def text(self, name: str, text: str, step: int) -> None:
        """Write a text, such as a sample of a language model; TensorBoard reads it as Markdown.

        Args:
            name: what it is.
            text: the text.
            step: how many steps are done.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     zk.train.TensorBoardLogger(folder).text("sample", "To be, or not to be", step=1)
        """
        self._add(step, events.words(name, str(text)))

    def close(self) -> None:
        """Close the file; what is logged later goes on in it.

        Example:
            >>> import zkynet as zk
            >>> zk.train.TensorBoardLogger("logs").close()
        """
        self._settle()
        if self._file is not None:
            self._file.close()

    def state_dict(self) -> dict[str, Any]:
        """How far its file goes; it is on the disk when this returns.

        Example:
            >>> import zkynet as zk
            >>> zk.train.TensorBoardLogger("logs").state_dict()["end"]
            0
        """
        if self._state is not None:
            return dict(self._state)
        state = {"series": self._series, "file": "", "end": 0, "step": self._step, "waiting": []}
        if self._file is not None:
            self._file.sync()
            waiting = [base64.b64encode(record).decode() for record in self._file.waiting]
            state |= {"file": self._file.path.name, "end": self._file.end, "waiting": waiting}
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a checkpoint; what was written after it is cut off when something is logged, and not before.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> logger = zk.train.TensorBoardLogger("logs")
            >>> logger.load_state_dict(zk.train.TensorBoardLogger("logs").state_dict())
        """
        self._state = dict(state_dict)

    def _settle(self) -> None:
        """Take out of the files of this training what was written after the checkpoint."""
        if self._state is None:
            return
        state, self._state = self._state, None
        if self._file is not None:
            self._file.close()
            self._file = None
        self._series, self._step = str(state["series"]), int(state["step"])
        last = str(state["file"])
        for path in self._files():
            with contextlib.suppress(OSError):
                if path.name > last and path.name.endswith(f".{self._series}"):
                    path.unlink()
                elif path.name == last and path.stat().st_size > state["end"]:
                    os.truncate(path, state["end"])
        if state["waiting"]:
            self._begin(self._step + 1).waiting += [base64.b64decode(record) for record in state["waiting"]]

    def _add(self, step: int, *values: bytes) -> None:
        self._settle()
        if not values:
            return
        if self._file is None:
            self._begin(self._step + 1 if self._step else 0)
        assert self._file is not None
        self._file.add(events.event(time.time(), step, events.summary(*values)))
        self._step = max(self._step, step)

    def _begin(self, step: int) -> GrowingFile:
        """A new file, which comes after all that are there; `step` is the first that is to come."""
        taken = [int(match[1]) for p in self._files() if (match := EVENT_FILE.match(p.name))]
        second = max([int(time.time()), *(t + 1 for t in taken)])
        host = re.sub(r"[^\w-]", "-", platform.node()) or "host"
        name = f"events.out.tfevents.{second:010d}.{host}.{os.getpid()}.{self._series}"
        self._file = GrowingFile(self.folder / name)
        now = time.time()
        self._file.head = events.event(now, 0, events.version()) + events.event(now, step, events.start())
        return self._file

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("events.out.tfevents.*")) if self.folder.is_dir() else []
