"""What is usually wrong with an installation of CuPy: checks for ``zkynet doctor``, on facts of the machine alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zkynet.backend.diagnosis import Finding, Machine
from zkynet_cupy.probe import CUDA_12, CUDA_13, NEW_DRIVER

PACKAGE = re.compile(r"cupy(-cuda(\d\d)x|-cuda\d+|-rocm-.*)?")
TURING = 7.5
"""The lowest compute capability that CUDA 13 knows."""


def diagnose(machine: Machine) -> Iterator[Finding]:
    """All checks.

    Args:
        machine: its facts.
    """
    found = [name for name in machine.packages if PACKAGE.fullmatch(name)]
    if len(found) > 1:
        best = CUDA_13 if (machine.cuda or 0) >= 13000 else CUDA_12
        yield Finding(
            "fault",
            f"{' and '.join(sorted(found))} are both installed, and overwrite each other's files",
            f"pip uninstall {' '.join(sorted(found))}; then {best}",
        )
        return
    if not found:
        return
    match = PACKAGE.fullmatch(found[0])
    cuda = int(match[2]) if match and match[2] else 0
    if cuda and cuda < 12:
        yield Finding(
            "fault",
            f"{found[0]} is for CUDA {cuda}, which zkynet does not know",
            f"{CUDA_12}, after pip uninstall {found[0]}",
        )
    if not cuda:
        return
    if machine.cuda is not None and machine.cuda < 1000 * cuda:
        has = f"{machine.cuda // 1000}.{machine.cuda % 1000 // 10}"
        yield Finding("fault", f"{found[0]} is for CUDA {cuda}, but the driver knows CUDA {has} only", NEW_DRIVER)
    old = [gpu for gpu in machine.gpus if gpu.compute is not None and gpu.compute < TURING]
    if cuda >= 13 and old:
        yield Finding(
            "fault",
            f"CUDA 13 does not know the {old[0].name} any more (compute capability {old[0].compute})",
            f"{CUDA_12}, after pip uninstall {found[0]}",
        )
    runtime = ("nvidia-cuda-runtime", f"nvidia-cuda-runtime-cu{cuda}")
    if not any(machine.version(name) for name in runtime) and not _toolkit(machine):
        yield Finding(
            "note",
            f"{found[0]} was installed without CUDA's libraries, and no CUDA toolkit is seen",
            CUDA_13 if cuda >= 13 else CUDA_12,
        )


def _toolkit(machine: Machine) -> bool:
    """Whether a toolkit of CUDA is there, as far as variables say."""
    named = [name for name in ("CUDA_PATH", "CUDA_HOME") if machine.environment.get(name)]
    in_path = any("libcudart" in file for files in machine.libraries.values() for file in files)
    return in_path or any(name not in machine.missing_folders for name in named)
