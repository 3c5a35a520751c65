"""`Run`: one training with its settings, and the folder that everything about it is written to."""

from __future__ import annotations

import csv
import io
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import zkynet as zk
from zkynet.errors import ArgumentError, FileFormatError, InvalidValueError, ZkynetError, described
from zkynet.ops.arguments import number
from zkynet.runs.config import config_of
from zkynet.runs.folder import CONFIG, RESULTS, alone_in, file_name, read_json, write_into, write_json
from zkynet.runs.goal import Goal
from zkynet.runs.report import write_report

if TYPE_CHECKING:
    from zkynet.train import Trainer

__all__ = ["Run"]


class Run:
    """One training with its settings, and the folder that everything about it is written to.

    A recipe is handed one. By itself it is used in a ``with`` block, which seeds `zk.random` and at the end writes
    ``results.json``. The folder holds ``config.json``, ``metrics.csv``, ``metrics.jsonl``, ``checkpoints/``,
    ``pictures/``, ``texts/``, ``tables/``, ``results.json`` and ``report.html``.

    Args:
        folder: where to write; made where it is missing. It must not hold a run already, unless that is resumed.
        settings: what the run is made with, as plain values; written to ``config.json``.
        seed: of `zk.random`, set when the run starts.
        name: the recipe's name.
        title: the headline of the report.
        goals: the figures that the results are compared with.
        resume: whether the folder's run is taken up where it stopped.
        show: whether progress and what is said is printed.
        logs: where trainings are logged to besides the folder's own files: ``"tensorboard"`` (into the folder's
            ``tensorboard/``), ``"wandb"``, ``"mlflow"``.
        about: further plain values for ``config.json``.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with zk.runs.Run(f"{folder}/first", settings={"hidden": 8}, goals=[Goal("score", at_least=0.5)]) as run:
        ...         run.result("score", 0.75)
        ...     run.reached, run.results, sorted(p.name for p in run.folder.glob("*.json"))
        (True, {'score': 0.75}, ['config.json', 'results.json'])
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        settings: Mapping[str, Any] | None = None,
        seed: int = 0,
        name: str = "run",
        title: str = "",
        goals: Sequence[Goal] = (),
        resume: bool = False,
        show: bool = True,
        logs: Sequence[str] = (),
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.settings = dict(settings or {})
        self.seed = seed
        self.name = name
        self.title = title or name
        self.goals = list(goals)
        self.resume = resume
        self.show = show
        self.logs = list(logs)
        self.about = dict(about or {})
        self.results: dict[str, float] = {}
        self.status = "new"
        self._shown: dict[str, dict[str, dict[str, Any]]] = {"pictures": {}, "texts": {}, "tables": {}}
        self._said: list[str] = []
        self._trainers: set[str] = set()
        self._seconds_before = 0.0
        self._alone = ExitStack()
        self._drawn_nothing = False

    # -- beginning and end --------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        from zkynet.runs.logs import check_logs

        self.logs = check_logs(self.logs)
        if (self.folder / CONFIG).exists() and not self.resume:
            raise InvalidValueError(
                f"{self.folder} holds a run already", fix="resume it, or take another folder", folder=str(self.folder)
            )
        if self.folder.exists() and not self.folder.is_dir():
            raise ArgumentError(f"{self.folder} is a file, not a folder", fix="take another folder")
        self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            held.enter_context(alone_in(self.folder))
            self._begin()
            self._alone = held.pop_all()
        return self

    def _begin(self) -> None:
        if self.resume and (self.folder / RESULTS).exists():
            self._seconds_before = float(read_json(self.folder / RESULTS).get("seconds") or 0.0)
        zk.random.seed(self.seed)
        self._started = time.monotonic()
        self.status = "running"
        if not self.resume or not (self.folder / CONFIG).exists():
            write_json(self.folder / CONFIG, config_of(self))
        self._write_results()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._alone:
            if kind is None:
                self.status = "finished"
            else:
                self.status = "failed" if issubclass(kind, Exception) else "stopped"
            self._write_results()
            try:
                write_report(self.folder)
            except (OSError, ZkynetError) as no_report:  # whatever ended the run says more
                self.say(f"no report: {no_report}")

    def _write_results(self) -> None:
        said_of = [
            {
                "name": g.name,
                "at_least": g.at_least,
                "at_most": g.at_most,
                "value": self.results.get(g.name),
                "reached": g.reached(self.results.get(g.name)),
            }
            for g in self.goals
        ]
        write_json(
            self.folder / RESULTS,
            {
                "status": self.status,
                "seconds": round(self.seconds, 3),
                "results": self.results,
                "goals": said_of,
                "reached": self.reached,
                "said": self._said,
                **{kind: list(entries.values()) for kind, entries in self._shown.items()},
            },
        )

    @property
    def seconds(self) -> float:
        """How long the run has taken, with what it took before it was resumed.

        Example:
            >>> import zkynet as zk
            >>> zk.runs.Run("somewhere").seconds
            0.0
        """
        return self._seconds_before + (0.0 if self.status == "new" else time.monotonic() - self._started)

    @property
    def reached(self) -> bool:
        """Whether every goal is reached, so far.

        Example:
            >>> import zkynet as zk
            >>> zk.runs.Run("somewhere", goals=[Goal("loss", at_most=0.1)]).reached
            False
        """
        return all(goal.reached(self.results.get(goal.name)) for goal in self.goals)

    # -- what a recipe does -------------------------------------------------------------------------------------

    def trainer(
        self,
        model: Any,
        loss: Any = None,
        optimizer: Any = "adam",
        metrics: Any = (),
        *,
        name: str = "",
        **options: Any,
    ) -> Trainer:
        """A `zk.train.Trainer` that logs and saves to the run's folder, and resumes from it; it fits once.

        Args:
            model: what is trained.
            loss: by name or as a function, as for `Trainer`.
            optimizer: by name or as an object, as for `Trainer`.
            metrics: by name or as objects, as for `Trainer`.
            name: tells the trainers of a run apart that trains several models: its files are ``metrics-NAME.csv``,
                ``metrics-NAME.jsonl`` and ``checkpoints/NAME/``.
            **options: all else that `Trainer` takes.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> x = zk.tensor([[0.0], [1.0], [2.0]])
            >>> with tempfile.TemporaryDirectory() as folder, zk.runs.Run(folder, show=False) as run:
            ...     trainer = run.trainer(zk.nn.Linear(1, 1), "mse", "sgd")
            ...     history = trainer.fit((x, 2 * x), epochs=2)
            >>> len(history["loss"])
            2
        """
        from zkynet.runs.training import wired

        if name in self._trainers:
            raise InvalidValueError(
                f"this run has a trainer {name!r} already" if name else "this run has a trainer already",
                fix='name each: run.trainer(…, name="lstm")',
                name=name,
            )
        self._trainers.add(name)
        return wired(self, model, loss, optimizer, metrics, name=name, **options)

    def result(self, name: str, value: float) -> None:
        """A figure that the run has come to; it is compared with the goal of that name.

        Args:
            name: what was measured, in words.
            value: the figure, as a number or a tensor of one element.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder, zk.runs.Run(folder) as run:
            ...     run.result("test accuracy", 0.98)
            >>> run.results
            {'test accuracy': 0.98}
        """
        self.results[name] = float(number("run.result", "value", value.item() if hasattr(value, "item") else value))
        self._write_results()

    def say(self, text: str) -> None:
        """Print a line, and keep it for the report.

        Args:
            text: what to say.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder, zk.runs.Run(folder) as run:
            ...     run.say("learning the spirals")
            learning the spirals
        """
        self._said.append(str(text))
        if self.show:
            print(text, file=sys.stdout, flush=True)

    def picture(
        self, name: str, figure: Any | Callable[..., Any], *args: Any, caption: str = "", **options: Any
    ) -> None:
        """A picture for the folder and the report, as ``pictures/NAME.png``.

        Where matplotlib is missing, the run goes on and says how to get the picture: for this, hand over the function
        that draws with its arguments, rather than what it has drawn.

        Args:
            name: its name, without an ending.
            figure: a matplotlib figure, the bytes of a PNG, or a function that gives one of them.
            *args: the arguments of that function.
            caption: a sentence shown below it.
            **options: the function's keyword arguments.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> from matplotlib.figure import Figure
            >>> def bars(heights):
            ...     figure = Figure(figsize=(2, 2))
            ...     figure.subplots().bar(range(len(heights)), heights)
            ...     return figure
            >>> with tempfile.TemporaryDirectory() as folder, zk.runs.Run(folder) as run:
            ...     run.picture("heights", bars, [1, 3, 2], caption="three heights")
            ...     [p.name for p in run.folder.glob("pictures/*")]
            ['heights.png']
        """
        target = self._place("pictures", name, ".png")
        entry = {"name": name, "file": f"pictures/{target.name}", "caption": caption}
        try:
            if callable(figure) and not hasattr(figure, "savefig"):
                figure = figure(*args, **options)
            if hasattr(figure, "savefig"):
                drawn = io.BytesIO()
                figure.savefig(drawn, format="png", dpi=120, bbox_inches="tight")
                figure = drawn.getvalue()
        except ImportError as missing:  # the extra [plot] is not installed
            if not self._drawn_nothing:
                self.say(f"no pictures: {missing}")
            self._drawn_nothing = True
            return
        if not isinstance(figure, bytes) or not figure.startswith(b"\x89PNG"):
            raise ArgumentError(
                f"run.picture: {name!r} is a matplotlib figure or the bytes of a PNG, received {described(figure)}",
                fix="pass the figure, or the function that draws it followed by its arguments",
            )
        write_into(target, figure)
        self._keep("pictures", entry)

    def text(self, name: str, text: str, caption: str = "") -> None:
        """A text for the folder and the report, such as a sample of a language model; also printed.

        Args:
            name: its name; the file is ``texts/NAME.txt``.
            text: the text.
            caption: a sentence shown below it.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder, zk.runs.Run(folder, show=False) as run:
            ...     run.text("sample", "To be, or not to be")
            ...     (run.folder / "texts" / "sample.txt").read_text()
            'To be, or not to be'
        """
        target = self._place("texts", name, ".txt")
        write_into(target, str(text).encode())
        self._keep("texts", {"name": name, "file": f"texts/{target.name}", "caption": caption})
        if self.show:
            print(f"\n{name}\n{text}\n", flush=True)

    def table(self, name: str, rows: Sequence[Mapping[str, Any]], caption: str = "") -> None:
        """A table for the folder and the report, such as a comparison of models; also printed.

        Args:
            name: its name; the file is ``tables/NAME.csv``.
            rows: a dict for each row, from column to value.
            caption: a sentence shown below it.

        Example:
            >>> import tempfile
            >>> import zkynet as zk
            >>> with tempfile.TemporaryDirectory() as folder, zk.runs.Run(folder) as run:
            ...     run.table("losses", [{"model": "GRU", "loss": 1.52}, {"model": "LSTM", "loss": 1.5}])
            <BLANKLINE>
            losses
            model  loss
            GRU    1.52
            LSTM   1.5
            <BLANKLINE>
        """
        from zkynet.runs.tables import as_text, columns_of

        columns = columns_of(rows)
        target = self._place("tables", name, ".csv")
        written = io.StringIO()
        writer = csv.DictWriter(written, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows([dict(row) for row in rows])
        write_into(target, written.getvalue().encode())
        self._keep("tables", {"name": name, "file": f"tables/{target.name}", "caption": caption})
        if self.show:
            print(f"\n{name}\n{as_text(rows)}\n", flush=True)

    def _place(self, kind: str, name: str, ending: str) -> Path:
        """Where a picture, text or table is written to."""
        if self.status == "new":
            raise FileFormatError("the run has not begun", fix="use it in a block: with zk.runs.Run(folder) as run:")
        return self.folder / kind / (file_name(name) + ending)

    def _keep(self, kind: str, entry: dict[str, Any]) -> None:
        self._shown[kind][entry["name"]] = entry
        self._write_results()
