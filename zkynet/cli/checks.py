"""Checks of the machine, of Python and its packages. A check is a function of the facts; it finds nothing or faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from zkynet.backend.diagnosis import Finding, Machine

OLDEST_PYTHON, OLDEST_NUMPY = (3, 11), (2, 1)
CORE = ("numpy", "array-api-compat", "click", "rich", "safetensors")


def python(machine: Machine) -> Iterator[Finding]:
    """Python is new enough and has 64 bits."""
    said = ".".join(map(str, machine.python))
    if machine.python[:2] < OLDEST_PYTHON:
        yield Finding(
            "fault", f"Python {said} is too old: zkynet needs 3.11", "install a newer one: https://python.org"
        )
    if machine.bits < 64:
        yield Finding("fault", "this Python has 32 bits", "install one of 64 bits: most libraries exist for it alone")


def installed(machine: Machine) -> Iterator[Finding]:
    """zkynet and what it needs are installed, each once."""
    if not machine.version("zkynet"):
        yield Finding("fault", "zkynet is run from a folder, but not installed", "pip install -e . in that folder")
    for name in CORE:
        if not machine.version(name):
            yield Finding("fault", f"{name} is missing, which zkynet needs", f"pip install {name}")
    for folder in machine.leftovers:
        yield Finding("note", f"an installation was broken off, and left {folder}", "delete that folder")
    for name, versions in machine.packages.items():
        if len(set(versions)) > 1:
            yield Finding(
                "fault",
                f"{name} is installed in several versions ({', '.join(versions)}): an upgrade was broken off, or two "
                "folders of packages are searched",
                f"pip uninstall {name} until it says there is none, then install it again",
            )


def numpy_version(machine: Machine) -> Iterator[Finding]:
    """NumPy is new enough."""
    version = machine.version("numpy")
    if version and numbers(version)[:2] < OLDEST_NUMPY:
        yield Finding("fault", f"NumPy {version} is too old: zkynet needs 2.1", "pip install --upgrade numpy")


def shadowed(machine: Machine) -> Iterator[Finding]:
    """No file here hides a package."""
    for name in machine.shadows:
        yield Finding(
            "fault",
            f"the file {name} in this folder is imported instead of the package of that name",
            f"rename {name}, or work in another folder",
        )


def threads(machine: Machine) -> Iterator[Finding]:
    """As many threads as cores."""
    text = machine.environment.get("OMP_NUM_THREADS", "")
    if text.isdigit() and int(text) > machine.allowed:
        yield Finding(
            "note",
            f"OMP_NUM_THREADS={text}, but this process may use {machine.allowed:g} cores: threads wait for each other",
            f"export OMP_NUM_THREADS={max(int(machine.allowed), 1)}",
        )
    elif machine.allowed < machine.cores and not text:
        yield Finding(
            "note",
            f"this process may use {machine.allowed:g} of {machine.cores} cores, but libraries may start a thread for "
            "each of them",
            f"export OMP_NUM_THREADS={max(int(machine.allowed), 1)}",
        )


def memory(machine: Machine) -> Iterator[Finding]:
    """There is memory to train in."""
    if machine.memory is not None and machine.memory < 10**9:
        yield Finding(
            "note",
            f"only {machine.memory / 1e6:.0f} MB of memory are free",
            "close other programs, or train with a smaller batch: --set batch_size=…",
        )


def shared_memory(machine: Machine) -> Iterator[Finding]:
    """Containers get 64 MB of shared memory by default, which processes that load data fill up."""
    if machine.shared is not None and machine.shared <= 64 * 2**20:
        yield Finding(
            "note",
            f"/dev/shm has {machine.shared / 2**20:.0f} MB, which loaders with many workers may fill",
            "docker run --shm-size=2g, or num_workers=0",
        )


def chosen_backend(machine: Machine) -> Iterator[Finding]:
    """The backend that ZKYNET_BACKEND names works."""
    name = machine.environment.get("ZKYNET_BACKEND")
    if name and name not in machine.trials:
        yield Finding(
            "fault",
            f"ZKYNET_BACKEND={name}, which is none of {', '.join(machine.trials)} that can be used here",
            "unset ZKYNET_BACKEND, or zkynet backends to see what is missing",
        )


def crashes(machine: Machine) -> Iterator[Finding]:
    """What made the trial of a backend fail, where the reason is a usual one."""
    for name, trial in machine.trials.items():
        if trial.works:
            continue
        for pattern, what, cure in KNOWN:
            if found := re.search(pattern, trial.text):
                yield Finding("fault", f"{name}: {what}{_quoted(found[0])}", cure)
                break
        else:
            if trial.code in SIGNALS:
                what, cure = SIGNALS[trial.code]
                yield Finding("fault", f"{name}: {what}", cure)
            else:
                last = trial.text.strip().splitlines()[-1:] or [f"exit code {trial.code}"]
                command = f"python -c \"import zkynet as zk; zk.set_backend('{name}'); print(zk.ones(2))\""
                yield Finding("fault", f"{name} does not work: {last[0][:200]}", f"for all it says: {command}")


def _quoted(text: str) -> str:
    return f" ({' '.join(text.split())[:120]})"


KNOWN = (
    (
        r"compiled using NumPy 1\.x cannot be run|numpy\.(dtype|ndarray) size changed|_ARRAY_API not found|"
        r"numpy\.core\.multiarray failed to import",
        "a package was compiled for another version of NumPy",
        "pip install --upgrade the package that the lines above the error name (or reinstall it: --force-reinstall)",
    ),
    (
        r"jaxlib version \S+ is newer than and incompatible with jax version \S+|"
        r"jaxlib is version \S+, but this version of jax requires version \S+",
        "jax and jaxlib do not fit each other",
        "pip install --upgrade jax jaxlib",
    ),
    (
        r"Mismatched PJRT plugin PJRT API version[^\n]*",
        "JAX's plugin for CUDA does not fit its jaxlib",
        "pip install --upgrade 'jax[cuda13]' (or cuda12), which takes all of one version",
    ),
    (
        r"GLIBCXX_\S+' not found",
        "an older C++ library is found before the one that is needed",
        "conda install -c conda-forge libstdcxx-ng, or take its folder out of LD_LIBRARY_PATH",
    ),
    (
        r"GLIBC_\S+' not found",
        "the system's C library is too old for this wheel",
        "a newer system, or an older version of the package",
    ),
    (
        r"OMP: Error #15",
        "two OpenMP libraries are loaded, which happens where conda and pip are mixed",
        "make a fresh environment, with pip alone or conda alone",
    ),
    (
        r"was built using AVX instructions",
        "the CPU lacks AVX, or an Intel Python runs on an Apple chip",
        "on a Mac: install a Python for arm64; else an older CPU needs a jaxlib that is built for it",
    ),
    (
        r"lib(cudart|cublas\w*|nvrtc|cufft|curand|cusolver|cusparse|nvJitLink)\.so[.\d]*: cannot open shared object",
        "a library of CUDA is missing",
        "pip install 'zkynet[cupy13]' (or cupy12), or 'jax[cuda13]' (or cuda12), which bring them along",
    ),
    (
        r"libcudnn\S*: cannot open shared object|CuDNN library needs to have matching major version[^\n]*|"
        r"DNN library initialization failed",
        "cuDNN is missing, or another version of it is found first",
        "unset LD_LIBRARY_PATH; pip install --upgrade 'jax[cuda13]' (or cuda12)",
    ),
    (
        r"no kernel image is available",
        "the library was not compiled for this GPU",
        "a newer or older version of it that knows the GPU, or a newer driver",
    ),
    (
        r"RESOURCE_EXHAUSTED[^\n]*|OutOfMemoryError[^\n]*|CUDA_ERROR_OUT_OF_MEMORY",
        "the GPU's memory is full",
        "end what fills it (nvidia-smi lists it); export XLA_PYTHON_CLIENT_PREALLOCATE=false",
    ),
)  # fmt: skip
"""By what a process wrote that failed: what that means, and what helps."""

SIGNALS = {
    -4: ("the process ended with an illegal instruction: the library needs a newer CPU", "an older version of it"),
    -6: ("the process was aborted by a library", "run the command in a terminal: it says why"),
    -9: ("the process was killed, most likely because memory ran out", "close other programs"),
    -11: (
        "the process crashed with a segmentation fault: parts of a library do not fit each other",
        "pip install --force-reinstall it with all its parts, in a fresh environment",
    ),
    124: ("the trial did not end", "look at what the machine is busy with: nvidia-smi, top"),
}


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, for comparing.

    Args:
        version: such as ``2.1.0rc1``.

    Example:
        >>> numbers("2.10.1+cuda12") > numbers("2.9")
        True
    """
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:4])


CHECKS: tuple[Callable[[Machine], Iterator[Finding]], ...] = (
    python, installed, numpy_version, shadowed, chosen_backend, threads, memory, shared_memory, crashes,
)  # fmt: skip
