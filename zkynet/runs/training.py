"""The trainer of a run: `zk.train.Trainer` with the run's logs, checkpoints and progress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zkynet import visual
from zkynet.errors import ArgumentError, MissingFileError
from zkynet.runs.folder import file_name
from zkynet.runs.logs import LOGS
from zkynet.train import CSVLogger, History, JSONLinesLogger, Trainer
from zkynet.train.checkpoint_files import load_checkpoint
from zkynet.train.checkpoint_folder import BEST, newest, numbered

if TYPE_CHECKING:
    from zkynet.runs.run import Run


class RunTrainer(Trainer):
    """A trainer that goes on where its run was stopped."""

    def __init__(self, run: Run, model: Any, *args: Any, **options: Any) -> None:
        super().__init__(model, *args, **options)
        self._run = run
        self.go_on = f"resume the run in {run.folder}"
        self._fitted = False

    def fit(
        self,
        data: Any,
        validation: Any = None,
        epochs: int = 1,
        batch_size: int = 32,
        shuffle: bool = True,
        resume: Any = None,
    ) -> History:
        """As `Trainer.fit`, once; in a resumed run from the last checkpoint on."""
        if self._fitted:
            raise ArgumentError(
                "a trainer of a run fits once: a resumed run could not tell where it had been stopped",
                fix='make another one for the second training: run.trainer(model, …, name="second")',
            )
        self._fitted = True
        resume = self._run.resume if resume is None else resume
        history = super().fit(data, validation, epochs, batch_size, shuffle, resume)
        if len(history.rows) > 1:
            title = f"loss of {self.name}" if self.name else "loss"
            self._run.picture(title, visual.plot_losses, history, caption="The loss over the epochs.", title=title)
        return history


def checkpoints(folder: Path, name: str) -> Path:
    """Where a trainer of a run saves.

    Args:
        folder: of the run.
        name: of the trainer; empty where the run has one.
    """
    return folder / "checkpoints" / file_name(name) if name else folder / "checkpoints"


def wired(run: Run, model: Any, *args: Any, name: str, **options: Any) -> RunTrainer:
    """A trainer that logs and saves to the folder of a run.

    Args:
        run: the run.
        model: what is trained.
        *args: loss, optimiser, metrics.
        name: tells the trainers of the run apart; empty where it has one.
        **options: of `Trainer`; loggers and callbacks named there come after those of the run.
    """
    options.setdefault("folder", checkpoints(run.folder, name))
    options.setdefault("progress", run.show)
    metrics = str(run.folder / (f"metrics-{file_name(name)}" if name else "metrics"))
    logs = [CSVLogger(f"{metrics}.csv"), JSONLinesLogger(f"{metrics}.jsonl")]
    more = [LOGS[log](run, name) for log in run.logs]
    options["loggers"] = [*logs, *more, *options.get("loggers", ())]
    return RunTrainer(run, model, *args, name=name, **options)


def saved_weights(folder: Path, name: str) -> dict[str, Any]:
    """The weights that a trainer of a run saved: the best ones if it kept them, else the last; their averages if any.

    Args:
        folder: of the run.
        name: of the trainer; empty where the run has one.
    """
    place = checkpoints(folder, name)
    named = sorted(p.name for p in (folder / "checkpoints").glob("*/") if p.is_dir())
    if not name and not numbered(place) and len(named) == 1:
        place = folder / "checkpoints" / named[0]
    if (place / BEST).exists():
        state = load_checkpoint(place / BEST)
    elif (found := newest(place)) is not None:
        state = found[1]
    else:
        raise MissingFileError(
            f"there is no checkpoint in {place}",
            facts=[f"models of this run: {', '.join(named)}"] if named else [],
            fix="name one of these with --model" if named else "train it first, or go on with it: --resume",
            folder=str(place),
        )
    weights: dict[str, Any] = dict(state["model"])
    averages = (state.get("ema") or {}).get("averages", {})
    return weights | averages if set(averages) <= set(weights) else weights
