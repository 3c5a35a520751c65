"""What the code of a dataset can ask about the worker process that it runs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["WorkerInfo", "get_worker_info"]


@dataclass(frozen=True)
class WorkerInfo:
    """Which of the workers this is, as `get_worker_info` says it to the code of a dataset.

    Args:
        id: the worker's number, from 0 on.
        num_workers: how many there are.
        dataset: the worker's own copy of the dataset.

    Example:
        >>> import zkynet as zk
        >>> info = zk.data.WorkerInfo(id=1, num_workers=4, dataset=None)
        >>> list(range(12))[info.id :: info.num_workers]
        [1, 5, 9]
    """

    id: int
    num_workers: int
    dataset: Any


_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """Which worker process this is; None in the main process. A stream uses it to give each worker its own share.

    Example:
        >>> import zkynet as zk
        >>> class Lines(zk.data.IterableDataset):
        ...     def __iter__(self):
        ...         worker = zk.data.get_worker_info()
        ...         first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        ...         return iter(range(first, 6, step))
        >>> list(Lines())
        [0, 1, 2, 3, 4, 5]
    """
    return _info


def this_is(info: WorkerInfo) -> None:
    """From now on this process is a worker.

    Args:
        info: which one.
    """
    global _info
    _info = info
