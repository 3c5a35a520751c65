"""Worker processes: the same batches, and a clean end whatever happens."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from datasets_for_workers import Drawing, Dying, Failing, Large, Lines, Sleeping

import zkynet as zk
from zkynet.data import DataLoader
from zkynet.errors import ArgumentError, InvalidValueError, WorkerError

pytestmark = [pytest.mark.once]


def content(loader: Any) -> list[Any]:
    return [[part.tolist() for part in batch] for batch in loader]


def children() -> list[Any]:
    return [p for p in multiprocessing.active_children() if "zkynet data worker" in p.name]


@pytest.mark.parametrize("method", ["forkserver", pytest.param("spawn", marks=pytest.mark.slow)])
def test_workers_give_the_same_batches_as_none(method: str) -> None:
    def make(workers: int, **options: Any) -> DataLoader:
        return DataLoader(
            Drawing(), batch_size=4, shuffle=True, num_workers=workers, generator=zk.random.Generator(5), **options
        )

    alone, many = make(0), make(2, multiprocessing_context=method, persistent_workers=True)
    assert [content(alone) for _ in range(2)] == [content(many) for _ in range(2)]
    assert len(children()) == 2
    del many
    assert children() == []


def test_a_loader_with_workers_goes_on_where_it_was() -> None:
    def make() -> DataLoader:
        return DataLoader(Drawing(), batch_size=4, shuffle=True, num_workers=2)

    zk.random.seed(3)
    first = make()
    epoch = iter(first)
    for _ in range(2):
        next(epoch)
    state = first.state_dict()
    rest = content(epoch)
    second = make()
    second.load_state_dict(state)
    assert content(second) == rest
    assert second.state_dict()["epoch"] == 1


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_streams_are_shared_out(workers: int) -> None:
    loader = DataLoader(Lines(), batch_size=2, num_workers=workers)
    batches = [batch.tolist() for batch in loader]
    assert sorted(n for batch in batches for n in batch) == list(range(11))
    loader.load_state_dict({"epoch": 1, "delivered": 2, "beginning": loader.state_dict()["beginning"]})
    assert [batch.tolist() for batch in loader] == batches[2:]


def test_batches_larger_than_a_pipe_and_long_lists_of_numbers_do_not_lock() -> None:
    batches = DataLoader(Large(8), batch_size=2, num_workers=2, prefetch_factor=3)
    assert [batch[0, 0].item() for batch in batches] == [0, 2, 4, 6]
    loader = DataLoader(Drawing(80_000), batch_size=20_000, num_workers=1, collate_fn=len, prefetch_factor=4)
    assert list(loader) == [20_000] * 4


def test_an_error_in_the_dataset_comes_with_its_traceback() -> None:
    with pytest.raises(WorkerError, match="ValueError: sample seven is broken") as e:
        content(DataLoader(Failing(), batch_size=4, num_workers=2))
    assert e.value.worker == 1
    assert "while sample 7 of the dataset was fetched" in str(e.value)
    assert "datasets_for_workers.py" in str(e.value)
    assert children() == []


def test_a_killed_worker_is_named() -> None:
    with pytest.raises(WorkerError, match=r"worker 1 .* ended by signal 9 \(SIGKILL\)") as e:
        content(DataLoader(Dying(), batch_size=4, num_workers=2))
    assert "memory" in str(e.value)
    assert children() == []


def test_a_worker_that_hangs_is_given_up() -> None:
    with pytest.raises(WorkerError, match="gave no batch in 1 seconds"):
        content(DataLoader(Sleeping(), batch_size=4, num_workers=2, timeout=1))
    assert children() == []


def test_leaving_an_epoch_early_leaves_nothing_behind() -> None:
    threads = threading.active_count()
    for batch in DataLoader(Drawing(), batch_size=4, num_workers=2):
        assert len(batch) == 3
        break
    assert children() == []
    assert threading.active_count() == threads


def test_what_cannot_be_sent_is_refused_before_a_process_starts() -> None:
    with pytest.raises(ArgumentError, match="cannot be sent to worker processes"):
        content(DataLoader(Drawing(), num_workers=1, collate_fn=lambda samples: samples))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [({"num_workers": -1}, "num_workers"), ({"prefetch_factor": 0}, "prefetch_factor"), ({"timeout": -1}, "timeout")],
)
def test_arguments_out_of_range(arguments: dict[str, Any], word: str) -> None:
    with pytest.raises(InvalidValueError, match=word):
        DataLoader(Drawing(), **arguments)


def test_prefetching_in_a_thread_gives_the_same_and_stops_with_the_loop() -> None:
    def make(**options: Any) -> DataLoader:
        return DataLoader(Drawing(), batch_size=4, shuffle=True, generator=zk.random.Generator(5), **options)

    assert content(make()) == content(make(prefetch_factor=3))
    threads = threading.active_count()
    with pytest.raises(ValueError, match="seven"):
        content(DataLoader(Failing(), batch_size=4, prefetch_factor=2))
    assert threading.active_count() == threads


SCRIPT = """
    import sys, time
    sys.path.insert(0, {folder!r})
    from datasets_for_workers import Drawing
    import zkynet as zk

    if __name__ == "__main__":
        try:
            for batch in zk.data.DataLoader(Drawing(1_000_000), batch_size=4, num_workers=2):
                print("a batch", flush=True)
                time.sleep(0.05)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
"""


def workers_of(group: int) -> list[int]:
    """The processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for left-over processes in /proc")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_an_interrupted_or_a_killed_loader(sent: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT).format(folder=str(Path(__file__).parent)))
    process = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "a batch\n"
    assert len(workers_of(process.pid)) >= 3
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # a terminal sends it to all
    else:
        process.kill()
    out, err = process.communicate(timeout=20)
    if sent == signal.SIGINT:
        assert out.endswith("interrupted\n")
        assert err == ""
    deadline = time.monotonic() + 10
    while workers_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers_of(process.pid) == []
