"""How `Trainer.fit` goes on from a checkpoint, and how it leaves one behind when it is interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zkynet.errors import ArgumentError, TrainingInterrupted, ZkynetError
from zkynet.train.callbacks import Callback
from zkynet.train.checkpoint_files import load_checkpoint
from zkynet.train.checkpoint_folder import newest
from zkynet.train.model_checkpoint import ModelCheckpoint

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


def with_checkpoints(callbacks: list[Callback], folder: Path | None) -> list[Callback]:
    """The callbacks of a trainer, one of which saves if the trainer has a folder."""
    if folder is None or any(isinstance(each, ModelCheckpoint) for each in callbacks):
        return callbacks
    return [*callbacks, ModelCheckpoint(every_minutes=0.5)]


def load(t: Trainer, resume: Any) -> None:
    """Give a trainer the state of a checkpoint: of a path, or the newest one in its folder, if there is one."""
    if resume is not True:
        t.load_state_dict(load_checkpoint(resume))
        return
    folder = folder_of(t)
    if folder is None:
        raise ArgumentError(
            "fit: resume=True looks for checkpoints in the trainer's folder, and it has none",
            fix="pass folder=... to the Trainer, or the path of a checkpoint as resume",
        )
    found = newest(folder)
    if found is not None:
        t.load_state_dict(found[1])


def folder_of(t: Trainer) -> Path | None:
    """Where the checkpoints are: in the folder of a callback, or of the trainer."""
    folders = (each.folder for each in t.callbacks if isinstance(each, ModelCheckpoint) and each.folder is not None)
    return next(folders, t.folder)


def leave_if_asked(t: Trainer) -> None:
    """End a training that Ctrl-C or SIGTERM has interrupted, between two steps: save, and say how to go on."""
    if t.interruptions.asked_by is None:
        return
    paths, why = [], ""
    try:
        paths = [each.save(t) for each in t.callbacks if isinstance(each, ModelCheckpoint)]
    except OSError as e:
        why = f": {e.headline if isinstance(e, ZkynetError) else e}"
    where = f"after step {t.step}, in epoch {t.epoch + t.in_epoch} of {t.epochs}"
    fix = t.go_on
    if not paths:
        fix = "fit(..., resume=True) goes on from the checkpoint before" if why else "pass folder=... to the Trainer"
    raise TrainingInterrupted(
        f"training was interrupted {where}, " + (f"and saved in {paths[0]}" if paths else f"and not saved{why}"),
        fix,
        path=paths[0] if paths else None,
        signal=t.interruptions.asked_by,
        step=t.step,
    )
