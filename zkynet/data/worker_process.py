"""What runs in a worker process: it fetches the batches it is told to, and ends when its loader does."""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from itertools import cycle
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

import numpy as np

from zkynet.data.answers import packed_answer, send
from zkynet.data.shared_slots import Slot
from zkynet.data.source import Share, Source
from zkynet.data.streams import Key
from zkynet.data.worker_info import WorkerInfo, this_is
from zkynet.random import seed as seed_default_generator

BEGINNING = "while the worker began"


def work(
    tasks: Connection, results: Connection, slots: Sequence[Slot], packed: bytes, id: int, num_workers: int
) -> None:
    """Fetch batches until the loader closes its end of the pipe, or is gone.

    Args:
        tasks: what is to be fetched: of a dataset ``("batch", indices, key, start)``; of a stream
            ``("begin", size, key, done, state)``, which has no answer, and then ``("next",)`` again and again.
        results: gets ``("batch", content)``, ``("end",)`` or ``("error", …)``, one for each task, in their order.
        slots: shared memory for the results, in turn.
        packed: the `Source` and the function that is called first.
        id: the worker's number.
        num_workers: how many there are.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all processes of a terminal; the loader decides
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    waiting: SimpleQueue[Any] = SimpleQueue()
    turns: Iterator[Slot | None] = cycle(slots or (None,))
    threading.Thread(target=_listen, args=(tasks, waiting), daemon=True).start()
    try:
        source, begin = pickle.loads(packed)
        this_is(WorkerInfo(id, num_workers, source.dataset))
        if begin is not None:
            begin(id)
    except BaseException as e:
        _send(results, next(turns), _failure(e, BEGINNING))
        return
    share: Any = None
    while True:
        name, *details = waiting.get()
        try:
            if name == "begin":
                share = None  # what the last one holds open is closed before
                share = _share(source, id, num_workers, *details)
                continue
            if name == "batch":
                _seed_globals(*details[1:])
                answer: Any = ("batch", source.batch(*details))
            else:
                _seed_globals(share.key, share.start)
                made = share.next()
                answer = ("end",) if made is None else ("batch", made)
        except BaseException as e:
            answer = _failure(e, "")
        _send(results, next(turns), answer)


def _share(source: Source, id: int, num_workers: int, size: int, key: Key, done: int, state: Any) -> Share:
    share = Share(source, size, key, id, num_workers, done, state)
    _seed_globals(key, share.start)
    share.begin()
    return share


def _listen(tasks: Connection, waiting: SimpleQueue[Any]) -> None:
    """Take tasks off the pipe as they come, so that sending one never waits; end when the loader is gone."""
    while True:
        try:
            waiting.put(tasks.recv())
        except (EOFError, OSError):
            os._exit(0)


def _send(results: Connection, slot: Slot | None, answer: Any) -> None:
    try:
        head, arrays = packed_answer(answer)
    except Exception as e:  # a batch that cannot be sent
        head, arrays = packed_answer(_failure(e, "while a batch was sent to the loader"))
    with contextlib.suppress(BrokenPipeError):
        send(results, slot, head, arrays)


def _failure(error: BaseException, when: str) -> tuple[Any, ...]:
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    notes = [when, *getattr(error, "__notes__", [])]
    return "error", type(error).__name__, str(error), "; ".join(n for n in notes if n), "".join(lines)


def _seed_globals(key: Key, start: int) -> None:
    """Give random generators that a dataset may use, other than its sample's stream, a state of the batch's own."""
    seed = int.from_bytes(np.random.SeedSequence([*key, start]).generate_state(4).tobytes(), "little")
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
    seed_default_generator(seed)
