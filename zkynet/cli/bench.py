"""``zkynet bench``: how quick this machine is."""

from __future__ import annotations

import os
from typing import Any

import click

from zkynet.cli import choices
from zkynet.cli.command import Command
from zkynet.cli.endings import OK, usage

EXAMPLES = """
zkynet bench                                 every backend that can be used here
zkynet bench --backend numpy --backend jax
OMP_NUM_THREADS=1 zkynet bench               one thread for products of matrices
"""


@click.command("bench", cls=Command, examples=EXAMPLES)
@click.option("--backend", "names", metavar="B", multiple=True, shell_complete=choices.backends, help="Only this one.")
@click.option("--device", metavar="D", help="A device of the backend, such as cuda:1.")
@click.option(
    "--seconds", metavar="S", type=click.FloatRange(min=0), default=1.0, help="How long to time each; 1 by default."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(names: tuple[str, ...], device: str | None, seconds: float, as_json: bool) -> int:
    """Time training steps on this machine, for each backend.

    The first step is told apart: it holds what is compiled and allocated once. Of the others the middle one is shown,
    and the range that eight of ten lie in: where it is wide, something else runs on this machine.
    """
    import zkynet as zk
    from zkynet.backend.registry import usable_backend
    from zkynet.cli.screen import show_json, show_table

    with usage():
        if not names:
            names = tuple(row.name for row in zk.backends() if row.available)
        for name in names:
            usable_backend(name)
    rows = [row for name in names for row in _timed_on(name, device, seconds)]
    if as_json:
        show_json({"machine": _machine(), "timings": rows})
        return OK
    show_table([_row(row) for row in rows], title=_headline(), right=["first", "middle", "8 of 10 within", "a second"])
    return OK


def _timed_on(name: str, device: str | None, seconds: float) -> list[dict[str, Any]]:
    import zkynet as zk
    from zkynet.cli.choosing import on_backend
    from zkynet.cli.workloads import timed, workloads

    out = []
    before = zk.random.get_state()
    with on_backend(name, device):
        zk.random.seed(0)
        for what, step, operations in workloads():
            timing = timed(step, seconds)
            rate = operations / timing.middle / 1e9 if operations else 1 / timing.middle
            unit = "GFLOP" if operations else "steps"
            facts = {"workload": what, "backend": name, "device": str(zk.device())}
            out.append({**facts, **timing._asdict(), "rate": rate, "unit": unit})
    zk.random.set_state(before)
    return out


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "workload": row["workload"],
        "on": row["backend"] if row["device"] == "cpu" else f"{row['backend']} {row['device']}",
        "first": _time(row["first"]),
        "middle": _time(row["middle"]),
        "8 of 10 within": f"{_time(row['quick'])} – {_time(row['slow'])}",
        "a second": f"{row['rate']:,.0f} {row['unit']}",
    }


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def _machine() -> dict[str, Any]:
    import platform

    import zkynet as zk

    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "zkynet": zk.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "load": load,
    }


def _headline() -> str:
    facts = _machine()
    threads = f", OMP_NUM_THREADS={facts['threads']}" if facts["threads"] else ""
    busy = (
        f"; other work goes on here (load {facts['load']:.1f})" if (facts["load"] or 0) > 0.5 * facts["cores"] else ""
    )
    return f"zkynet {facts['zkynet']}, {facts['system']}, {facts['cores']} cores{threads}{busy}"
