"""Gathering what `zkynet doctor` checks. Nothing here raises: what cannot be found out stays unknown."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from zkynet.backend.diagnosis import Gpu, Machine, Trial

CUDA_FILE = re.compile(
    r"lib(cuda|cudart|cublas|cublasLt|cudnn\w*|cufft|cusolver|cusparse|nvrtc|nvJitLink|nccl)\.so[.\d]*"
)

TRIAL = """
import sys
import zkynet as zk
zk.set_backend(sys.argv[1])
x = zk.tensor([1.0, 2.0, 3.0], requires_grad=True)
((zk.ones((64, 64)) @ zk.ones((64, 64))).mean() * (x * x).sum()).backward()
assert x.grad.tolist() == [128.0, 256.0, 384.0], x.grad.tolist()
print(", ".join(zk.get_backend().devices()))
"""


def look(backends: Sequence[str], timeout: float = 120) -> Machine:
    """All facts of this machine.

    Args:
        backends: those that a trial is made on.
        timeout: how many seconds a trial may take.
    """
    packages, leftovers = _packages()
    machine = Machine(
        system=platform.system(),
        release=platform.release(),
        architecture=platform.machine(),
        python=sys.version_info[:3],
        bits=8 * struct.calcsize("P"),
        packages=packages,
        leftovers=leftovers,
        environment=dict(os.environ),
        cores=os.cpu_count() or 1,
        allowed=_allowed_cores(),
        memory=_free_memory(),
        shared=_size_of("/dev/shm"),
        container=Path("/.dockerenv").exists() or not {"container", "KUBERNETES_PORT"}.isdisjoint(os.environ),
        shadows=_shadows(),
    )
    _look_for_gpus(machine)
    machine.trials = {name: tried(name, timeout) for name in backends}
    return machine


def tried(backend: str, timeout: float) -> Trial:
    """A small computation on a backend in a process of its own: a library that crashes crashes that.

    Args:
        backend: its name.
        timeout: in seconds.
    """
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-c", TRIAL, backend], capture_output=True, text=True, errors="replace", timeout=timeout
        )
    except subprocess.TimeoutExpired:
        return Trial(False, timeout, f"nothing came of it within {timeout:.0f} s", 124)
    except OSError as error:
        return Trial(False, 0.0, str(error), 127)
    seconds = time.monotonic() - began
    if done.returncode == 0:
        return Trial(True, seconds, done.stdout.strip().splitlines()[-1])
    return Trial(False, seconds, (done.stdout + done.stderr).strip(), done.returncode)


def _packages() -> tuple[dict[str, list[str]], list[str]]:
    """The versions of installed packages by name, and folders that a broken installation left behind."""
    from importlib.metadata import distributions

    found: dict[str, list[str]] = {}
    leftovers: list[str] = []
    places: set[str] = set()
    for distribution in distributions():
        place = str(getattr(distribution, "_path", ""))
        if place in places:
            continue
        places.add(place)
        try:
            name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
            version = distribution.version
        except Exception:  # its files are damaged
            name = version = ""
        if Path(place).name.startswith("~") or not name:
            leftovers.append(place)
        else:
            found.setdefault(name, []).append(version or "?")
    return found, leftovers


def _allowed_cores() -> float:
    """Of the cores those that this process may use, also by the quota of a container."""
    allowed = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    quota = _text("/sys/fs/cgroup/cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit() and quota[1].isdigit():
        allowed = min(allowed, int(quota[0]) / int(quota[1]))
    return allowed


def _free_memory() -> int | None:
    found = re.search(r"MemAvailable:\s+(\d+) kB", _text("/proc/meminfo"))
    free = int(found[1]) * 1024 if found else None
    limit, used = _text("/sys/fs/cgroup/memory.max").strip(), _text("/sys/fs/cgroup/memory.current").strip()
    if limit.isdigit() and used.isdigit():
        left = max(int(limit) - int(used), 0)
        free = left if free is None else min(free, left)
    return free


def _size_of(folder: str) -> int | None:
    try:
        return os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize
    except (OSError, AttributeError):
        return None


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _shadows() -> list[str]:
    """Files of the working folder that hide a package, as ``numpy.py`` does."""
    names = ("click", "cupy", "jax", "matplotlib", "numpy", "random", "rich", "safetensors", "torch", "typing")
    return [f"{name}.py" for name in names if Path(f"{name}.py").is_file()]


def _look_for_gpus(machine: Machine) -> None:
    machine.hardware = _on_the_bus()
    version = re.search(r"Kernel Module\D*([\d.]+)", _text("/proc/driver/nvidia/version"))
    machine.module = version[1] if version else ""
    machine.nouveau = Path("/sys/module/nouveau").exists()
    machine.device_files = any(Path("/dev").glob("nvidia[0-9]*")) or Path("/dev/dxg").exists()
    machine.gpus, machine.driver_tool = _listed()
    machine.libcuda, machine.cuda, machine.start = _driver()
    folders = [f for f in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if f]
    machine.libraries = {folder: found for folder in folders if (found := _cuda_files(folder))}
    named = {name: os.environ[name] for name in ("CUDA_PATH", "CUDA_HOME") if os.environ.get(name)}
    machine.missing_folders = {name: folder for name, folder in named.items() if not Path(folder).is_dir()}


def _on_the_bus() -> bool | None:
    """Whether a device of NVIDIA's (vendor 10de) that computes or displays (class 03) is on the PCI bus."""
    devices = Path("/sys/bus/pci/devices")
    if not devices.is_dir():
        return None
    return any(
        _text(f"{device}/vendor").strip() == "0x10de" and _text(f"{device}/class").startswith("0x03")
        for device in devices.iterdir()
    )


def _listed() -> tuple[list[Gpu], str]:
    """What nvidia-smi lists, or what it complains of."""
    asked = "--query-gpu=name,driver_version,compute_cap,memory.total"
    try:
        done = subprocess.run(
            ["nvidia-smi", asked, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
        )
    except FileNotFoundError:
        return [], ""
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], f"nvidia-smi: {error}"
    if done.returncode != 0:
        return [], (done.stdout + done.stderr).strip() or f"nvidia-smi ended with code {done.returncode}"
    gpus = []
    for line in done.stdout.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) >= 2:
            numbers = [_number(part) for part in (*parts[2:4], "", "")][:2]
            gpus.append(Gpu(parts[0], parts[1], numbers[0], None if numbers[1] is None else int(numbers[1])))
    return gpus, ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _driver() -> tuple[str, int | None, int | None]:
    """The driver's library, its CUDA version, and what starting it answers; asked in a process of its own."""
    name = "nvcuda.dll" if platform.system() == "Windows" else "libcuda.so.1"
    try:
        ctypes.CDLL(name)
    except OSError:
        return "", None, None
    program = (
        "import ctypes\n"
        f"library = ctypes.CDLL({name!r})\n"
        "version = ctypes.c_int()\n"
        "library.cuDriverGetVersion(ctypes.byref(version))\n"
        "print(version.value, library.cuInit(0))\n"
        "try:\n"
        "    print(next(line.split()[-1] for line in open('/proc/self/maps') if 'libcuda.so' in line))\n"
        "except (OSError, StopIteration):\n"
        f"    print({name!r})\n"
    )
    try:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        numbers, place = done.stdout.splitlines()[:2]
        version, started = map(int, numbers.split())
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return name, None, None
    return place, version or None, started


def _cuda_files(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if CUDA_FILE.fullmatch(name))
    except OSError:
        return []
