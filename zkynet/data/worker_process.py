"""What runs in a worker process: it fetches the batches it is told to, and ends when its loader does."""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import signal
import threading
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

import numpy as np

from zkynet.data.streams import Key

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


def work(tasks: Connection, results: Connection, packed: bytes, id: int, num_workers: int) -> None:
    """Fetch batches until the loader closes its end of the pipe, or is gone.

    Args:
        tasks: what is to be fetched: ``("batch", indices, key, start)``, ``("begin",)`` or
            ``("next", size, key, start)``.
        results: gets ``("batch", content)``, ``("end",)`` or ``("error", …)``, one for each task, in their order.
        packed: the `Source` and the function that is called first.
        id: the worker's number.
        num_workers: how many there are.
    """
    global _info
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of a terminal; the loader decides
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    waiting: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(tasks, waiting), daemon=True).start()
    try:
        source, begin = pickle.loads(packed)
        _info = WorkerInfo(id, num_workers, source.dataset)
        if begin is not None:
            begin(id)
    except BaseException as e:
        _send(results, _failure(e, "while the worker began"))
        return
    samples: Any = None
    while True:
        task = waiting.get()
        try:
            if task[0] == "begin":
                samples = iter(source.dataset)
                continue
            _seed_globals(task[2], task[3])
            if task[0] == "batch":
                answer: Any = ("batch", source.batch(*task[1:]))
            else:
                made = source.stream(samples, *task[1:])
                answer = ("end",) if made is None else ("batch", made)
        except BaseException as e:
            answer = _failure(e, "")
        _send(results, answer)


def _listen(tasks: Connection, waiting: SimpleQueue[Any]) -> None:
    """Take tasks off the pipe as they come, so that sending one never waits; end when the loader is gone."""
    while True:
        try:
            waiting.put(tasks.recv())
        except (EOFError, OSError):
            os._exit(0)


def _send(results: Connection, answer: Any) -> None:
    try:
        data = pickle.dumps(answer, protocol=5)
    except Exception as e:  # a batch that cannot be sent
        data = pickle.dumps(_failure(e, "while a batch was sent to the loader"), protocol=5)
    with contextlib.suppress(BrokenPipeError):
        results.send_bytes(data)


def _failure(error: BaseException, when: str) -> tuple[Any, ...]:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    notes = [when, *getattr(error, "__notes__", [])]
    return "error", type(error).__name__, str(error), "; ".join(n for n in notes if n), "".join(lines)


def _seed_globals(key: Key, start: int) -> None:
    """Give random generators that a dataset may use, other than its sample's stream, a state of the batch's own."""
    seed = int.from_bytes(np.random.SeedSequence([*key, start]).generate_state(4).tobytes(), "little")
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
