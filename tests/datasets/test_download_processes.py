"""Downloads of real processes: killed at any moment, two at once, on a disk that is full."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import loopback as web
import pytest

pytestmark = pytest.mark.once

BODY = random.Random(0).randbytes(400_000)

CODE = """
import sys
from zkynet.data.download.fetching import Wish, contents
from zkynet.data.download.network import Network
from zkynet.data.download.remote import RemoteFile
from zkynet.errors import ZkynetError

url, size, digest, limit = sys.argv[1:]
if int(limit):
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
print("ready", flush=True)
try:
    file = RemoteFile("a.bin", int(size), digest, (url,))
    (body,) = contents(Wish("set", [file], network=Network(timeout=5, rounds=1)))
    print("received", len(body))
except ZkynetError as e:
    print(type(e).__name__)
    print(e)
"""


@pytest.fixture
def site() -> Iterator[web.Site]:
    with web.site() as out:
        yield out


def start(url: str, folder: Path, limit: int = 0, wait: bool = True) -> subprocess.Popen[str]:
    environment = {**os.environ, "ZKYNET_DATA": str(folder)}
    environment.pop("ZKYNET_MIRROR", None)
    digest = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, url, str(len(BODY)), digest, str(limit)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    if wait:
        assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it printed; `communicate` would pass over what `readline` has read ahead."""
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        return process.stdout.read(), process.stderr.read()


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()} - {".lock"}


def killed_and_resumed(site: web.Site, folder: Path, kills: int, seed: int) -> None:
    url = site.add(f"/{seed}.bin", BODY, web.slowly(8_000, 0.01))
    chance = random.Random(seed)
    for _ in range(kills):
        process = start(url, folder)
        time.sleep(chance.uniform(0.0, 0.35))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if "a.bin" in files_in(folder):  # it was quicker
            assert (folder / "set" / "a.bin").read_bytes() == BODY
    site.plans[f"/{seed}.bin"] = [web.good]
    out, err = ended(start(url, folder))
    assert out == f"received {len(BODY)}\n", err
    assert (folder / "set" / "a.bin").read_bytes() == BODY
    assert files_in(folder) == {"a.bin"}


@pytest.mark.slow
def test_a_killed_download_is_continued(site: web.Site, tmp_path: Path) -> None:
    killed_and_resumed(site, tmp_path, kills=3, seed=0)
    ranges = [int(headers["Range"][6:-1]) for headers in site.asked("/0.bin") if "Range" in headers]
    assert ranges == sorted(ranges)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_downloads_killed_at_any_moment_end_with_the_right_file(site: web.Site, tmp_path: Path, seed: int) -> None:
    killed_and_resumed(site, tmp_path, kills=5, seed=seed)


def test_two_processes_at_once_download_once(site: web.Site, tmp_path: Path) -> None:
    url = site.add("/a.bin", BODY, web.slowly(10_000, 0.03))
    processes = [start(url, tmp_path, wait=False) for _ in range(2)]
    results = [ended(process) for process in processes]
    assert [out for out, _ in results] == [f"ready\nreceived {len(BODY)}\n"] * 2, results
    assert len(site.requests) == 1
    assert sum("another process is downloading it" in err for _, err in results) == 1
    assert files_in(tmp_path) == {"a.bin"}


@pytest.mark.slow
def test_the_lock_of_a_killed_process_holds_nobody(site: web.Site, tmp_path: Path) -> None:
    url = site.add("/a.bin", BODY, web.stalls(1000, 30), web.good)
    process = start(url, tmp_path)
    while not site.requests:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert ended(start(url, tmp_path))[0] == f"received {len(BODY)}\n"


@pytest.mark.slow
def test_ctrl_c_keeps_what_has_arrived(site: web.Site, tmp_path: Path) -> None:
    url = site.add("/a.bin", BODY, web.stalls(200_000, 30), web.good)
    process = start(url, tmp_path)
    while not any(path.stat().st_size == 200_000 for path in tmp_path.rglob("*.part")):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in ended(process)[1]
    assert ended(start(url, tmp_path))[0] == f"received {len(BODY)}\n"
    assert site.requests[1][1]["Range"] == "bytes=200000-"


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system has no limit on the size of files")
def test_a_disk_that_is_full_is_said_and_what_has_arrived_is_kept(site: web.Site, tmp_path: Path) -> None:
    url = site.add("/a.bin", BODY)
    out, _ = ended(start(url, tmp_path, limit=150_000))
    assert out.startswith("DiskFullError\nset: a.bin does not fit on the disk\n")
    assert str(tmp_path / "set") in out
    assert "ZKYNET_DATA" in out
    assert ended(start(url, tmp_path))[0] == f"received {len(BODY)}\n"
    assert site.requests[1][1]["Range"] == "bytes=150000-"
    assert files_in(tmp_path) == {"a.bin"}


@pytest.mark.slow
def test_a_real_disk_that_is_full(site: web.Site, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a disk of its own cannot be mounted here")
    try:
        told = ended(start(site.add("/a.bin", BODY), disk))[0]
        assert told.startswith("DiskFullError\nset: a.bin does not fit on the disk\n")
        assert "400000 bytes are needed" in told
        told = ended(start(site.add("/b.bin", BODY, web.without_end), disk))[0]
        assert "No space left on device" in told
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
