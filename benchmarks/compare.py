"""Timing several ways to do the same work in one run, turn by turn, so that a busy machine is unfair to none."""

from __future__ import annotations

import json
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "zkynet", "torch", "jax", "optax", "autograd", "mygrad")


@dataclass
class Line:
    """One way to do the work: its median time, and the median of its ratio to the peer's time in the same round."""

    work: str
    who: str
    seconds: float
    ratio: float


def compare(work: str, ways: dict[str, Callable[[], object]], peer: str, rounds: int = 200) -> list[Line]:
    """Time `ways` turn by turn; the ratio to `peer` is taken round by round.

    Args:
        work: what is done.
        ways: by name, a function that does it once.
        peer: the name that the ratios refer to.
        rounds: how often each is timed.
    """
    for way in ways.values():
        for _ in range(3):
            way()
    times: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for k in range(rounds):
        for name in names[k % len(names) :] + names[: k % len(names)]:
            start = perf_counter()
            ways[name]()
            times[name].append(perf_counter() - start)
    return [
        Line(
            work,
            name,
            statistics.median(times[name]),
            statistics.median(a / b for a, b in zip(times[name], times[peer], strict=True)),
        )
        for name in names
    ]


def report(topic: str, lines: list[Line]) -> None:
    """Print a table and keep the figures with the machine and the versions they were measured with."""
    print(f"\n{topic}\n{'work':54} {'who':16} {'median':>12} {'ratio':>7}")
    for line in lines:
        print(f"{line.work:54} {line.who:16} {line.seconds * 1e6:9.1f} µs {line.ratio:7.2f}")
    RESULTS.mkdir(exist_ok=True)
    record = {
        "machine": machine(),
        "versions": versions(),
        "command": f"python -m benchmarks {topic}",
        "lines": [asdict(line) for line in lines],
    }
    (RESULTS / f"{topic}.json").write_text(json.dumps(record, indent=1) + "\n")


def keep(path: Path, entry: dict[str, Any], keys: Sequence[str]) -> None:
    """Put an entry into a file of entries, in the place of an earlier one that agrees with it in all of `keys`."""

    def key(e: dict[str, Any]) -> str:
        return json.dumps([e[k] for k in keys])

    entries = json.loads(path.read_text()) if path.exists() else []
    entries = [*(e for e in entries if key(e) != key(entry)), entry]
    path.write_text(json.dumps(sorted(entries, key=key), indent=1) + "\n")


def machine() -> str:
    """The machine the figures are measured on."""
    return f"{platform.system()} {platform.machine()}, {_cpu()}"


def versions() -> dict[str, str]:
    """The versions of what is measured, as far as it is installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
