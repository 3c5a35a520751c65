"""The worker processes of a loader, as seen from it: they are told what to fetch, and answer in order."""

from __future__ import annotations

import contextlib
import multiprocessing
import operator
import os
import pickle
import signal
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, repeat
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import Any

from zkynet.data.answers import receive
from zkynet.data.shared_slots import slots
from zkynet.data.source import Source
from zkynet.data.streams import Key
from zkynet.data.worker_process import BEGINNING, work
from zkynet.errors import ArgumentError, WorkerError

Task = tuple[Any, ...]

BEING_LOADED = 93
"""The exit code of a worker that finds itself starting workers."""

METHOD = "spawn" if sys.platform == "win32" else "forkserver"
"""How workers start: not by `fork`, which copies a process whose threads (JAX, BLAS) are in the middle of things."""


class QuietName(str):
    """The name of a process that pays no attention to Ctrl-C from the moment it reads its name, which it does first.

    Without it, a worker that is still loading the user's script would end with a traceback. The functions in the pickle
    are Python's, because at that moment the process does not know yet where modules are.
    """

    def __reduce__(self) -> Any:
        return operator.getitem, ([str(self), Deaf()], 0)


class Deaf:
    """What, when it is read, switches Ctrl-C off in the process that reads it."""

    def __reduce__(self) -> Any:
        return signal.signal, (signal.SIGINT, signal.SIG_IGN)


class Worker:
    """One process, the two pipes to it, and memory shared with it.

    Args:
        context: of `multiprocessing`.
        packed: the `Source` and the function that is called first.
        id: the worker's number.
        num_workers: how many there are.
        ahead: how many answers may wait at a time.
    """

    def __init__(self, context: Any, packed: bytes, id: int, num_workers: int, ahead: int) -> None:
        self.id = id
        tasks, self.tasks = context.Pipe(duplex=False)
        self.results, results = context.Pipe(duplex=False)
        self.slots = slots(ahead)
        self.turns = cycle(self.slots or (None,))
        self.process = context.Process(
            target=work,
            args=(tasks, results, self.slots, packed, id, num_workers),
            daemon=True,
            name=QuietName(f"zkynet data worker {id}"),
        )
        self.process.start()
        tasks.close()  # the worker has them now; when it dies, ours see the end
        results.close()

    def receive(self, timeout: float) -> Any:
        """Its next answer."""
        ready = wait([self.results, self.process.sentinel], timeout or None)
        if not ready:
            raise WorkerError(
                f"worker {self.id} of the data loader gave no batch in {timeout:g} seconds",
                facts=[f"process  {self.process.pid}, still running"],
                fix="raise timeout, or see what its dataset waits for",
                worker=self.id,
            )
        try:
            if self.results in ready:
                return receive(self.results, next(self.turns))
        except (EOFError, OSError):
            self.process.join(5)
            if self.process.exitcode is None:
                raise
        raise self._death()

    def _death(self) -> WorkerError:
        self.process.join(5)
        code = self.process.exitcode
        if code == BEING_LOADED:
            how = "because the script starts workers while a worker loads it"
            fix = 'put the code of the script under if __name__ == "__main__":'
        elif code is not None and code < 0:
            how = f"by signal {-code} ({signal.Signals(-code).name})"
            fix = "a process that is killed has often taken too much memory: use fewer workers or smaller batches"
        else:
            how = f"with exit code {code}"
            fix = "see what it wrote above"
        return WorkerError(
            f"worker {self.id} of the data loader ended {how}",
            facts=[f"process  {self.process.pid}"],
            fix=fix,
            worker=self.id,
        )

    def close(self) -> None:
        self.tasks.close()  # it ends when it sees that
        self.results.close()
        for slot in self.slots:
            slot.close()


class Workers:
    """All worker processes of a loader.

    Args:
        source: what they make batches with.
        count: how many.
        ahead: how many batches each has to do at a time.
        timeout: how many seconds to wait for a batch; 0 for ever.
        begin: called in each, with its number, before it fetches.
        context: how processes are started, a context of `multiprocessing` or its name.
    """

    def __init__(self, source: Source, count: int, ahead: int, timeout: float, begin: Any, context: Any) -> None:
        self.ahead = ahead
        self.timeout = timeout
        packed = packed_source(source, begin)
        if context is None or isinstance(context, str):
            context = multiprocessing.get_context(context or METHOD)
            if context.get_start_method() == "forkserver":
                context.set_forkserver_preload(["zkynet.data.forkserver_begins"])
        if context.get_start_method() != "fork":
            main_can_be_loaded()
            if os.name == "posix":  # when it starts it lets Ctrl-C through, which must not happen later
                resource_tracker.ensure_running()
        self.workers: list[Worker] = []
        self.close = weakref.finalize(self, end_all, self.workers)  # also when the loader is thrown away
        try:
            with ctrl_c_held():
                for id in range(count):
                    self.workers.append(Worker(context, packed, id, count, ahead))
        except BaseException:
            self.close()
            raise

    def batches(self, tasks: Iterable[Task]) -> Iterator[Any]:
        """The batches of tasks, in their order: task k goes to worker k modulo their number.

        Args:
            tasks: ``("batch", indices, key, start)`` each.
        """
        todo = iter(tasks)
        asked: deque[Worker] = deque()
        for k in range(self.ahead * len(self.workers)):
            self._ask(self.workers[k % len(self.workers)], todo, asked)
        while asked:
            worker = asked.popleft()
            answer = worker.receive(self.timeout)
            self._ask(worker, todo, asked)
            yield checked(answer, worker)

    def stream(self, size: int, key: Key, done: Sequence[int], states: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """The batches of streams, one stream a worker, in turn, until all have ended; and whose each is.

        Args:
            size: samples of a batch.
            key: of the epoch's random numbers.
            done: by worker, how many batches are left out because they have been handed out already.
            states: by worker, where its dataset is after these; None for those that are at their beginning.
        """
        turns = sorted(self.workers, key=lambda worker: (done[worker.id], worker.id))
        for worker in turns:
            self._send(worker, ("begin", size, key, done[worker.id], states[worker.id]))
        endless = repeat(("next",))
        asked: deque[Worker] = deque()
        for _ in range(self.ahead):
            for worker in turns:
                self._ask(worker, endless, asked)
        while asked:
            worker = asked.popleft()
            answer = worker.receive(self.timeout)
            if answer[0] == "end":
                continue  # what was asked of it besides is answered so, too
            self._ask(worker, endless, asked)
            yield worker.id, checked(answer, worker)

    def interrupt(self) -> None:
        """End the processes in the middle of whatever they do, so that nobody waits for them."""
        for worker in self.workers:
            worker.process.kill()

    def _ask(self, worker: Worker, todo: Iterator[Task], asked: deque[Worker]) -> None:
        task = next(todo, None)
        if task is not None:
            self._send(worker, task)
            asked.append(worker)

    def _send(self, worker: Worker, task: Task) -> None:
        with contextlib.suppress(BrokenPipeError):  # that it has died is seen, and said, when its answer is waited for
            worker.tasks.send(task)


def end_all(workers: list[Worker]) -> None:
    """End processes, and wait until they have.

    Args:
        workers: of the processes; empty afterwards.
    """
    for worker in workers:
        worker.close()
    deadline = time.monotonic() + 2
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if worker.process.exitcode is None:  # deep in foreign code that does not let its threads run
            worker.process.kill()
            worker.process.join()
        worker.process.close()
    workers.clear()


def checked(answer: Any, worker: Worker) -> Any:
    """The content of an answer; an error of the dataset is raised here, with where it came about."""
    if answer[0] == "batch":
        return answer[1]
    _, kind, text, note, trace = answer
    raise WorkerError(
        f"the dataset failed in worker {worker.id} of the data loader: {kind}: {text.splitlines()[0] if text else ''}",
        facts=[*([note] if note else []), *trace.rstrip().splitlines()],
        fix="keep the dataset's class and functions in a module, a .py file that workers can load; or use num_workers=0"
        if note.startswith(BEGINNING)
        else "num_workers=0 raises the same error in this process, where a debugger can look at it",
        worker=worker.id,
        kind=kind,
    )


def main_can_be_loaded() -> None:
    """Refuse what workers could not load; in a worker that is just loading the script, end it without a word."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        os._exit(BEING_LOADED)
    main = sys.modules["__main__"]
    path = getattr(main, "__file__", None)
    if path is not None and getattr(main, "__spec__", None) is None and not os.path.exists(path):
        raise ArgumentError(
            f"worker processes load the program they belong to, and there is no file {path}",
            fix="write the program into a file, or use num_workers=0",
        )


def packed_source(source: Source, begin: Any) -> bytes:
    """What workers get, as bytes."""
    try:
        return pickle.dumps((source, begin), protocol=5)
    except Exception as e:
        raise ArgumentError(
            "the dataset cannot be sent to worker processes",
            facts=[f"reason  {e}"],
            fix="keep functions and classes at the top of a module, and open files in the worker, when they are first "
            "used; or use num_workers=0",
        ) from None


@contextlib.contextmanager
def ctrl_c_held() -> Iterator[None]:
    """A Ctrl-C within is answered after it: processes that are being started must neither see it nor be lost."""
    arrived: list[Any] = []
    handler = signal.getsignal(signal.SIGINT)
    swapped = callable(handler) and threading.current_thread() is threading.main_thread()
    before = None
    if swapped:  # for the signal may reach this process through a thread that does not block it
        signal.signal(signal.SIGINT, lambda *details: arrived.append(details))
    if hasattr(signal, "pthread_sigmask"):  # processes begin with what is blocked here
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if swapped:
            signal.signal(signal.SIGINT, handler)
            if arrived and callable(handler):
                handler(*arrived[0])
