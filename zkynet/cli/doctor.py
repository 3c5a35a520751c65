"""``zkynet doctor``: whether this machine is set up well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from zkynet.cli.command import Command
from zkynet.cli.endings import GOAL_MISSED, OK

if TYPE_CHECKING:
    from zkynet.backend.diagnosis import Finding, Machine

EXAMPLES = """
zkynet doctor
zkynet doctor --json > doctor.json          for a report of a fault
zkynet doctor --quick                       without trying the backends
"""


@click.command("doctor", cls=Command, examples=EXAMPLES)
@click.option("--quick", is_flag=True, help="Do not try the backends, which takes a few seconds for each.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(quick: bool, as_json: bool) -> int:
    """Check this machine: versions, devices, memory, and the usual faults of CUDA and JAX, each with its cure.

    Each backend that can be used is tried in a process of its own. The exit code is 1 if something does not work.
    """
    import zkynet as zk
    from zkynet.cli.machine import look
    from zkynet.cli.screen import show_json

    rows = zk.backends()
    machine = look([] if quick else [row.name for row in rows if row.available])
    found = findings(machine, quick)
    if as_json:
        facts = {key: value for key, value in vars(machine).items() if key != "environment"}
        facts["trials"] = {name: trial._asdict() for name, trial in machine.trials.items()}
        facts["gpus"] = [gpu._asdict() for gpu in machine.gpus]
        show_json({"findings": [f._asdict() for f in found], "backends": [r._asdict() for r in rows], "machine": facts})
    else:
        _show(machine, found, rows)
    return GOAL_MISSED if any(finding.kind == "fault" for finding in found) else OK


def findings(machine: Machine, quick: bool = False) -> list[Finding]:
    """What all checks find on a machine, faults first.

    Args:
        machine: its facts.
        quick: whether no backend was tried.
    """
    from zkynet.backend.registry import backend_names, find_backend
    from zkynet.cli import checks, gpu_checks

    found: list[Finding] = []
    for check in (*checks.CHECKS, *gpu_checks.CHECKS):
        if not (quick and check in (checks.chosen_backend, gpu_checks.unused)):
            found += check(machine)
    for name in backend_names():
        found += find_backend(name).diagnose(machine)
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda finding: finding.kind != "fault")


def _show(machine: Machine, found: Sequence[Finding], rows: Sequence[Any]) -> None:
    from zkynet.cli.screen import console, show_table, version

    out = console()
    out.print(f"zkynet {version()}", style="bold")
    for name, fact in _facts(machine):
        out.print(f"  {name:<8} {fact}", soft_wrap=True)
    out.print()
    shown = []
    for row in rows:
        trial = machine.trials.get(row.name)
        state = "not tried" if trial is None else f"works ({trial.seconds:.1f} s)" if trial.works else "does not work"
        shown.append(
            {
                "backend": row.name,
                "version": row.version,
                "devices": ", ".join(row.devices) or None,
                "": state if row.available else row.why_not,
            }
        )
    show_table(shown)
    out.print()
    for finding in found:
        mark, style = ("FAULT", "bold red") if finding.kind == "fault" else ("note ", "bold yellow")
        out.print(mark, style=style, end="")
        out.print(f"  {finding.text}", soft_wrap=True)
        if finding.cure:
            out.print(f"       Fix: {finding.cure}", soft_wrap=True)
    if not found:
        out.print("No faults found.", style="bold green")


def _facts(machine: Machine) -> list[tuple[str, str]]:
    where = f", WSL {machine.wsl}" if machine.wsl else ", in a container" if machine.container else ""
    out = [
        ("python", ".".join(map(str, machine.python))),
        ("numpy", str(machine.version("numpy"))),
        ("system", f"{machine.system} {machine.release}, {machine.architecture}{where}"),
        ("cores", f"{machine.allowed:g}" + f" of {machine.cores}" * (machine.allowed != machine.cores)),
    ]
    if machine.memory is not None:
        out.append(("memory", f"{machine.memory / 1e9:.1f} GB free"))
    for gpu in machine.gpus:
        out.append(("GPU", f"{gpu.name}, {gpu.memory} MiB, driver {gpu.driver}, compute capability {gpu.compute}"))
    if machine.cuda:
        out.append(("CUDA", f"driver for CUDA {machine.cuda // 1000}.{machine.cuda % 1000 // 10}"))
    elif not machine.gpus:
        out.append(("GPU", "none of NVIDIA's seen"))
    return out
