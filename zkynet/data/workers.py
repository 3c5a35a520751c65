"""The worker processes of a loader, as seen from it: they are told what to fetch, and answer in order."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
import sys
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import wait
from typing import Any

from zkynet.data.source import Source
from zkynet.data.streams import Key
from zkynet.data.worker_process import work
from zkynet.errors import ArgumentError, WorkerError

Task = tuple[Any, ...]

METHOD = "spawn" if sys.platform == "win32" else "forkserver"
"""How workers start: not by `fork`, which copies a process whose threads (JAX, BLAS) are in the middle of things."""


class Worker:
    """One process, and the two pipes to it."""

    def __init__(self, context: Any, packed: bytes, id: int, num_workers: int) -> None:
        self.id = id
        tasks, self.tasks = context.Pipe(duplex=False)
        self.results, results = context.Pipe(duplex=False)
        self.process = context.Process(
            target=work, args=(tasks, results, packed, id, num_workers), daemon=True, name=f"zkynet data worker {id}"
        )
        with ctrl_c_held():
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
        if self.results in ready:
            with contextlib.suppress(EOFError, OSError):
                return pickle.loads(self.results.recv_bytes())
        raise self._death()

    def _death(self) -> WorkerError:
        self.process.join(5)
        code = self.process.exitcode
        if code is not None and code < 0:
            how = f"by signal {-code} ({signal.Signals(-code).name})"
            fix = "a process that is killed has often taken too much memory: use fewer workers or smaller batches"
        else:
            how = f"with exit code {code}"
            fix = (
                "see what it wrote above; a script that starts workers needs its code under "
                'if __name__ == "__main__":, because each worker loads the script'
            )
        return WorkerError(
            f"worker {self.id} of the data loader ended {how}",
            facts=[f"process  {self.process.pid}"],
            fix=fix,
            worker=self.id,
        )

    def close(self) -> None:
        self.tasks.close()  # it ends when it sees that
        self.results.close()


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
                context.set_forkserver_preload(["zkynet.data"])
        self.workers: list[Worker] = []
        self.close = weakref.finalize(self, end_all, self.workers)  # also when the loader is thrown away
        try:
            for id in range(count):
                self.workers.append(Worker(context, packed, id, count))
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

    def stream(self, size: int, key: Key) -> Iterator[Any]:
        """The batches of streams, one stream a worker, in turn, until all have ended.

        Args:
            size: samples of a batch.
            key: of the epoch's random numbers.
        """
        turns = deque(self.workers)
        for worker in turns:
            self._send(worker, ("begin",))
        starts = iter(range(0, sys.maxsize, size))
        tasks = (("next", size, key, start) for start in starts)
        asked: deque[Worker] = deque()
        for _ in range(self.ahead):
            for worker in turns:
                self._ask(worker, tasks, asked)
        while asked:
            worker = asked.popleft()
            answer = worker.receive(self.timeout)
            if answer[0] == "end":
                continue  # what was asked of it besides is answered so, too
            self._ask(worker, tasks, asked)
            yield checked(answer, worker)

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
        fix="num_workers=0 raises the same error in this process, where a debugger can look at it",
        worker=worker.id,
        kind=kind,
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
    """A Ctrl-C within is delivered after it: a process that is just being started must not see it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
