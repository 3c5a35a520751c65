"""What a run was made with, for its ``config.json``."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

import zkynet as zk

if TYPE_CHECKING:
    from zkynet.runs.run import Run


def config_of(run: Run) -> dict[str, Any]:
    """What is kept in ``config.json``: settings, seed, backend, goals, versions, machine.

    Args:
        run: the run.
    """

    backend = zk.get_backend()
    return {
        "recipe": run.name,
        "title": run.title,
        "settings": {key: list(v) if isinstance(v, tuple) else v for key, v in run.settings.items()},
        "seed": run.seed,
        "backend": backend.name,
        "device": str(zk.device()),
        "logs": run.logs,
        "goals": [{"name": g.name, "at_least": g.at_least, "at_most": g.at_most} for g in run.goals],
        "started": f"{datetime.now().astimezone():%Y-%m-%dT%H:%M:%S%z}",
        "versions": {
            "zkynet": version("zkynet"),
            "python": platform.python_version(),
            "numpy": np.__version__,
            backend.name: backend.version,
        },
        "machine": {
            "system": f"{platform.system()} {platform.release()}",
            "processor": f"{platform.machine()}, {os.cpu_count()} cores",
        },
        **run.about,
    }
