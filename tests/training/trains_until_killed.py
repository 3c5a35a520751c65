"""A training with everything in it, which goes on where it was killed: python trains_until_killed.py FOLDER SETTINGS.

The settings are JSON: backend, workers, steps_per_save, epochs, pause (seconds between steps).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import zkynet as zk


class Points(zk.data.Dataset):
    """Three clouds of points, shaken by each sample's own random stream."""

    def __init__(self, n: int) -> None:
        rng = np.random.default_rng(0)
        self.y = rng.integers(0, 3, n)
        self.x = (rng.normal(size=(n, 4)) + np.eye(3, 4)[self.y]).astype("float32")

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: int) -> Any:
        noise = zk.data.sample_stream().normal(size=4).astype("float32")
        return self.x[index] + 0.1 * noise, self.y[index]


class Pause(zk.train.Callback):
    """Takes its time after each step, if it is to."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def on_step_end(self, trainer: Any, logs: Mapping[str, float]) -> None:
        """Wait."""
        if self.seconds:
            print("step", trainer.step, flush=True)
            time.sleep(self.seconds)


def main(folder: Path, settings: dict[str, Any]) -> None:
    zk.set_backend(settings["backend"])
    zk.random.seed(0)
    model = zk.nn.Sequential(
        zk.nn.Linear(4, 16), zk.nn.BatchNorm1d(16), zk.nn.ReLU(), zk.nn.Dropout(0.3), zk.nn.Linear(16, 3)
    )
    loader = zk.data.DataLoader(
        Points(100),
        batch_size=8,
        shuffle=True,
        num_workers=settings["workers"],
        persistent_workers=settings["workers"] > 0,
    )
    validation = zk.data.DataLoader(Points(24), batch_size=8)
    callbacks = [
        Pause(settings["pause"]),
        zk.train.EarlyStopping("val_loss", patience=100, restore_best=True),
        zk.train.ModelCheckpoint(best="val_loss", every_steps=settings["steps_per_save"]),
    ]
    trainer = zk.train.Trainer(
        model,
        "cross_entropy",
        lambda parameters: zk.optim.AdamW(parameters, lr=0.02),
        ["accuracy"],
        schedule=lambda optimizer: zk.optim.lr_scheduler.CosineAnnealingLR(optimizer, 50),
        schedule_per="step",
        clip_norm=1.0,
        accumulate=2,
        ema=0.9,
        callbacks=callbacks,
        loggers=[zk.train.CSVLogger(folder / "log.csv", steps=True), zk.train.JSONLinesLogger(folder / "log.jsonl")],
        log_every=1,
        folder=folder / "checkpoints",
        progress=False,
    )
    trainer.fit(loader, validation, epochs=settings["epochs"], resume=True)
    zk.train.save_checkpoint(folder / "final.safetensors", trainer.state_dict())
    print("done", flush=True)


if __name__ == "__main__":  # workers read this file, too
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
