"""Worker processes: the same batches, and a clean end whatever happens."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets_for_workers import (
    Counting,
    Drawing,
    Dying,
    Failing,
    Globals,
    Large,
    Lines,
    Numbers,
    Sleeping,
    Unsendable,
    fail_to_begin,
)

import zkynet as zk
from zkynet.data import DataLoader
from zkynet.data.answers import packed_answer, receive, send
from zkynet.data.shared_slots import slots
from zkynet.errors import ArgumentError, StateDictError, WorkerError

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


def test_a_loader_with_workers_goes_on_where_it_was_with_other_workers_or_none() -> None:
    def make(workers: int) -> DataLoader:
        return DataLoader(Drawing(), batch_size=4, shuffle=True, num_workers=workers)

    zk.random.seed(3)
    first = make(2)
    epoch = iter(first)
    for _ in range(2):
        next(epoch)
    state = first.state_dict()
    assert state["delivered"] == 2
    rest = content(epoch)
    for workers in (0, 1):
        other = make(workers)
        other.load_state_dict(state)
        assert content(other) == rest
        assert other.state_dict()["epoch"] == 1


@pytest.mark.parametrize(
    "workers", [3, pytest.param(1, marks=pytest.mark.slow), pytest.param(2, marks=pytest.mark.slow)]
)
def test_streams_are_shared_out(workers: int) -> None:
    loader = DataLoader(Lines(), batch_size=2, num_workers=workers, persistent_workers=True)
    batches = [batch.tolist() for batch in loader]
    assert sorted(n for batch in batches for n in batch) == list(range(11))
    loader.load_state_dict({"epoch": 1, "delivered": 2, "beginning": loader.state_dict()["beginning"]})
    assert [batch.tolist() for batch in loader] == batches[2:]


@pytest.mark.slow
@pytest.mark.parametrize("prefetch", [1, 3])
@pytest.mark.parametrize("stop", [1, 3, 5, 6])
def test_streams_that_say_where_they_are_go_on_there_whatever_is_prefetched(stop: int, prefetch: int) -> None:
    def make() -> DataLoader:
        return DataLoader(Counting(), 2, num_workers=2, prefetch_factor=prefetch, generator=zk.random.Generator(0))

    def drawn(batches: Any) -> list[Any]:
        return [(k.tolist(), u.tolist()) for k, u, _ in batches]

    whole = drawn(make())
    assert sorted(k for ks, _ in whole for k in ks) == list(range(11))
    assert [ks[0] for ks, _ in whole] == [0, 1, 4, 5, 8, 9]
    first, second = make(), make()
    batches = iter(first)
    assert drawn(itertools.islice(batches, stop)) == whole[:stop]
    state = json.loads(json.dumps(first.state_dict()))
    del batches
    second.load_state_dict(state)
    assert drawn(second) == whole[stop:]
    three = DataLoader(Counting(), 2, num_workers=3)
    with pytest.raises(StateDictError, match="as many workers as before"):
        three.load_state_dict(state)


def test_batches_larger_than_a_pipe_and_long_lists_of_numbers_do_not_lock() -> None:
    batches = DataLoader(Large(6), batch_size=2, num_workers=2, prefetch_factor=3)
    for k, (x, y, z) in enumerate(batches):
        for part, dtype, shape in ((x, "float32", (2, 300_000)), (y, "int16", (2, 400, 500))):
            expected = np.broadcast_to(np.reshape([2 * k, 2 * k + 1], (2, *[1] * (len(shape) - 1))), shape)
            np.testing.assert_array_equal(part.numpy(), expected.astype(dtype), strict=True)
        assert z.numpy().all()
        assert z.shape == (2, 50_000)
    loader = DataLoader(Numbers(80_000), batch_size=20_000, num_workers=1, prefetch_factor=4)
    assert [n.tolist()[0] for n in loader] == [20_000] * 4


def test_arrays_go_through_a_pipe_or_through_memory_that_grows() -> None:
    answers = [
        ("batch", [np.full(n, n, "float32"), np.full((n, 2), -7, "int16", order="F")]) for n in (9, 50_000, 90_000)
    ]
    for slot in (None, *slots(1)):
        there, here = multiprocessing.Pipe()
        with there, here:
            for answer in answers + answers:
                thread = threading.Thread(target=send, args=(there, slot, *packed_answer(answer)))
                thread.start()
                name, arrays = receive(here, slot)
                thread.join()
                assert name == "batch"
                for array, expected in zip(arrays, answer[1], strict=True):
                    np.testing.assert_array_equal(array, expected, strict=True)
                    array += 1  # it is the reader's own
        if slot is not None:
            slot.close()


@pytest.mark.slow
def test_generators_of_a_whole_process_are_seeded_for_each_batch() -> None:
    def make(workers: int) -> DataLoader:
        return DataLoader(Globals(12), 4, num_workers=workers, generator=zk.random.Generator(0))

    one, two = content(make(1)), content(make(2))
    assert one == two
    assert len({number for batch in one for part in batch for number in part}) == 36


def test_an_error_in_the_dataset_comes_with_its_traceback() -> None:
    with pytest.raises(WorkerError, match="ValueError: sample seven is broken") as e:
        content(DataLoader(Failing(), batch_size=4, num_workers=2))
    assert e.value.worker == 1
    assert "while sample 7 of the dataset was fetched" in str(e.value)
    assert "datasets_for_workers.py" in str(e.value)
    assert children() == []


@pytest.mark.slow
def test_errors_of_workers_that_have_hardly_begun_and_of_batches_that_cannot_be_sent() -> None:
    with pytest.raises(WorkerError, match=r"RuntimeError: no database for worker 0(.|\n)*while the worker began"):
        content(DataLoader(Drawing(), num_workers=1, worker_init_fn=fail_to_begin))
    with pytest.raises(WorkerError, match="while a batch was sent to the loader"):
        list(DataLoader(Unsendable(), batch_size=None, num_workers=1))
    assert children() == []


def test_a_killed_worker_is_named() -> None:
    with pytest.raises(WorkerError, match=r"worker 1 .* ended by signal 9 \(SIGKILL\)") as e:
        content(DataLoader(Dying(), batch_size=4, num_workers=2))
    assert "memory" in str(e.value)
    assert children() == []


@pytest.mark.slow
def test_a_worker_killed_from_outside_between_two_batches_is_named() -> None:
    loader = DataLoader(Drawing(4000), batch_size=4, num_workers=2)
    batches = iter(loader)
    next(batches)
    victim = next(p for p in children() if p.name.endswith("1"))
    os.kill(victim.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"worker 1 .* ended by signal 9 \(SIGKILL\)"):
        list(batches)
    assert children() == []
    assert len(next(iter(loader))) == 3  # the next loop has new ones


@pytest.mark.slow
def test_a_worker_that_hangs_is_given_up() -> None:
    with pytest.raises(WorkerError, match="gave no batch in 1 seconds"):
        content(DataLoader(Sleeping(), batch_size=4, num_workers=2, timeout=1))
    assert children() == []


def test_leaving_an_epoch_early_leaves_nothing_behind_and_waits_for_nobody() -> None:
    threads = threading.active_count()
    for k, batch in enumerate(DataLoader(Sleeping(), batch_size=4, num_workers=2)):
        assert len(batch) == 3
        if k == 0:
            start = time.monotonic()  # worker 1 sleeps for a minute
            break
    assert time.monotonic() - start < 20
    assert children() == []
    assert threading.active_count() == threads


@pytest.mark.slow
def test_two_loops_over_one_loader_have_workers_of_their_own() -> None:
    loader = DataLoader(Drawing(), batch_size=4, num_workers=1, persistent_workers=True)
    for a, b in zip(loader, loader, strict=True):
        assert a[0].tolist() == b[0].tolist()
    assert len(children()) == 1
    del loader
    assert children() == []


def test_what_cannot_be_sent_is_refused_before_a_process_starts() -> None:
    with pytest.raises(ArgumentError, match="cannot be sent to worker processes"):
        content(DataLoader(Drawing(), num_workers=1, collate_fn=lambda samples: samples))


def test_prefetching_in_a_thread_gives_the_same_and_stops_with_the_loop() -> None:
    def make(**options: Any) -> DataLoader:
        return DataLoader(Drawing(), batch_size=4, shuffle=True, generator=zk.random.Generator(5), **options)

    assert content(make()) == content(make(prefetch_factor=3))
    threads = threading.active_count()
    with pytest.raises(ValueError, match="seven"):
        content(DataLoader(Failing(), batch_size=4, prefetch_factor=2))
    for _ in make(prefetch_factor=1):
        break
    assert threading.active_count() == threads


SCRIPT = """
import sys, time
sys.path.insert(0, {folder!r})
from datasets_for_workers import Drawing
import zkynet as zk

if __name__ == "__main__":
    try:
        print("it begins", flush=True)
        for batch in zk.data.DataLoader(Drawing(100_000), batch_size=4, num_workers=2):
            print("a batch", flush=True)
            time.sleep(0.05)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""

HELD = """
import sys
sys.path.insert(0, {folder!r})
from datasets_for_workers import Drawing
import zkynet as zk

if __name__ == "__main__":
    batches = iter(zk.data.DataLoader(Drawing(1000), num_workers=1))
    more = iter(zk.data.DataLoader(Drawing(1000), prefetch_factor=2))
    next(batches), next(more)
    print("the end")
"""

UNGUARDED = """
import sys
sys.path.insert(0, {folder!r})
from datasets_for_workers import Drawing
import zkynet as zk

list(zk.data.DataLoader(Drawing(), num_workers=2))
"""


def written(script: str, folder: Path) -> str:
    path = folder / "script.py"
    path.write_text(script.format(folder=str(Path(__file__).parent)))
    return str(path)


@pytest.mark.slow
def test_a_program_ends_although_it_holds_half_a_loop(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, written(HELD, tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the end\n", "")


LOADED = """
import sys
sys.path.insert(0, {folder!r})
import jax.numpy as jnp
from datasets_for_workers import Drawing
import zkynet as zk

if __name__ == "__main__":
    zk.set_backend("jax")
    x = jnp.ones((500, 500))
    for _ in range(3):
        for k, (i, u, a) in enumerate(zk.data.DataLoader(Drawing(64), batch_size=8, shuffle=True, num_workers=2)):
            x = x @ x / 500  # its threads are busy while processes start and batches come
            assert a.backend.name == "jax" and a[:, 0].tolist() == i.tolist()
    more = iter(zk.data.DataLoader(Drawing(1000), prefetch_factor=2))
    next(more)
    print(k, float(x[0, 0]))
"""


@pytest.mark.slow
def test_workers_and_prefetching_beside_jax(tmp_path: Path) -> None:
    pytest.importorskip("jax", reason="JAX's threads are what this is about")
    done = subprocess.run(
        [sys.executable, written(LOADED, tmp_path)], capture_output=True, text=True, check=False, timeout=200
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "7 1.0\n", "")


@pytest.mark.slow
def test_a_script_whose_code_is_not_guarded_is_told_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, written(UNGUARDED, tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr.count("Traceback") == 1
    assert 'Fix: put the code of the script under if __name__ == "__main__":' in done.stderr


@pytest.mark.slow
def test_a_program_without_a_file_is_told_so() -> None:
    done = subprocess.run(
        [sys.executable],
        input=UNGUARDED.format(folder=str(Path(__file__).parent)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr.count("Traceback") == 1
    assert "there is no file <stdin>" in done.stderr


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
@pytest.mark.parametrize(
    ("sent", "seconds"), [(signal.SIGINT, s) for s in (0.0, 0.2, 0.5, 0.9, 1.4, None)] + [(signal.SIGKILL, None)]
)
def test_no_process_outlives_an_interrupted_or_a_killed_loader(
    sent: signal.Signals, seconds: float | None, tmp_path: Path
) -> None:
    """Seconds after the beginning, while processes start; or, with None, after the first batch."""
    process = subprocess.Popen(
        [sys.executable, written(SCRIPT, tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "it begins\n"
    if seconds is None:
        assert process.stdout.readline() == "a batch\n"
        assert len(workers_of(process.pid)) >= 3
    else:
        time.sleep(seconds)
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # a terminal sends it to all
    else:
        process.kill()
    out, err = process.communicate(timeout=30)
    if sent == signal.SIGINT:
        assert out.endswith("interrupted\n")
        assert err == ""
    deadline = time.monotonic() + 10
    while workers_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert workers_of(process.pid) == []
