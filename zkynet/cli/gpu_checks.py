"""Checks of NVIDIA's driver and libraries, which all GPU backends share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from zkynet.backend.diagnosis import Finding, Machine

SUCCESS, STUB, NO_DEVICE, NOT_READY, MISMATCH, NOT_SUPPORTED, UNKNOWN = 0, 34, 100, 802, 803, 804, 999
"""Answers of cuInit: CUDA_SUCCESS and CUDA_ERROR_ … STUB_LIBRARY, NO_DEVICE, SYSTEM_NOT_READY, SYSTEM_DRIVER_MISMATCH,
COMPAT_NOT_SUPPORTED_ON_DEVICE, UNKNOWN."""


def windows_subsystem(machine: Machine) -> Iterator[Finding]:
    """Inside Windows, the driver is that of Windows."""
    if machine.wsl == 1:
        yield Finding("note", "this is WSL 1, which has no GPU", "wsl --set-version DISTRIBUTION 2, in Windows")
    elif machine.wsl == 2:
        if not machine.libcuda:
            yield Finding(
                "note",
                "WSL does not see a GPU",
                "where there is one, install NVIDIA's driver in Windows, then wsl --update and wsl --shutdown",
            )
        elif "/wsl/" not in machine.libcuda and "/" in machine.libcuda:
            yield Finding(
                "fault",
                f"a Linux driver was installed inside WSL ({machine.libcuda}) and hides that of Windows",
                "remove it (sudo apt purge 'libnvidia-*' 'nvidia-driver-*'): WSL has its own in /usr/lib/wsl/lib",
            )


def driver(machine: Machine) -> Iterator[Finding]:
    """Where there is a GPU, there is a driver that works."""
    if machine.wsl or machine.system != "Linux":
        return
    if re.search(r"Driver/library version mismatch", machine.driver_tool) or machine.start == MISMATCH:
        loaded = f" ({machine.module} is loaded)" if machine.module else ""
        yield Finding(
            "fault",
            f"the NVIDIA driver was updated, but the old kernel module still runs{loaded}",
            "reboot; without one: end all that uses the GPU, then sudo rmmod nvidia_uvm nvidia_drm nvidia_modeset "
            "nvidia, and nvidia-smi",
        )
    elif "communicate with the NVIDIA driver" in machine.driver_tool:
        yield Finding(
            "fault",
            "NVIDIA's kernel module is not loaded",
            "sudo modprobe nvidia; after a new kernel, install the driver again (DKMS), and with Secure Boot sign it",
        )
    elif machine.hardware and not machine.module and not machine.container:
        yield Finding(
            "fault",
            "there is an NVIDIA GPU, but " + ("nouveau drives it" if machine.nouveau else "no driver for it"),
            "install NVIDIA's driver (Ubuntu: sudo ubuntu-drivers install), and reboot",
        )
    elif machine.container and (machine.hardware or machine.module) and not (machine.device_files and machine.libcuda):
        yield Finding(
            "fault",
            "the machine has an NVIDIA GPU, but this container was not given it",
            "docker run --gpus all, with the NVIDIA Container Toolkit installed outside",
        )
    elif machine.module and not machine.libcuda:
        yield Finding(
            "fault",
            "NVIDIA's kernel module is loaded, but libcuda.so.1 is not found",
            "install the driver's libraries of the same version (Ubuntu: libnvidia-compute-…), then sudo ldconfig",
        )


def start(machine: Machine) -> Iterator[Finding]:
    """CUDA starts."""
    if machine.start in (None, SUCCESS, MISMATCH):
        return
    if machine.start == STUB or "/stubs" in machine.libcuda:
        yield Finding(
            "fault",
            f"the libcuda that is found is a stub for compiling ({machine.libcuda})",
            "take the folder stubs out of LD_LIBRARY_PATH",
        )
    elif machine.start == NO_DEVICE:
        if machine.gpus:
            hidden = machine.environment.get("CUDA_VISIBLE_DEVICES")
            why = f"CUDA_VISIBLE_DEVICES={hidden!r} hides them" if hidden is not None else "CUDA sees none of them"
            yield Finding("note", f"there are GPUs, but {why}", "unset CUDA_VISIBLE_DEVICES")
    elif machine.start == NOT_READY:
        yield Finding(
            "fault",
            "CUDA says that the system is not ready: on machines with NVSwitch the fabric manager does not run",
            "sudo systemctl start nvidia-fabricmanager, of the driver's version",
        )
    elif machine.start == NOT_SUPPORTED:
        yield Finding(
            "fault",
            "a compatibility package of CUDA is installed that does not work with this GPU",
            "take its folder (cuda-compat) out of LD_LIBRARY_PATH",
        )
    elif machine.start == UNKNOWN:
        yield Finding(
            "fault",
            "CUDA cannot be started (error 999): often after the machine was suspended",
            "sudo rmmod nvidia_uvm && sudo modprobe nvidia_uvm, or reboot",
        )
    else:
        yield Finding("fault", f"CUDA cannot be started (error {machine.start})", "reboot; then look at sudo dmesg")


def library_path(machine: Machine) -> Iterator[Finding]:
    """No libraries of CUDA are found before those that came with the packages."""
    bundled = [
        n for n in machine.packages if n.startswith("nvidia-") and ("cuda" in n or "cublas" in n or "cudnn" in n)
    ]
    for folder, files in machine.libraries.items():
        if folder.rstrip("/").endswith("/stubs"):
            yield Finding(
                "fault",
                f"LD_LIBRARY_PATH names {folder}, whose libcuda is a stub for compiling",
                "take that folder out of LD_LIBRARY_PATH",
            )
        elif bundled and (others := [f for f in files if not f.startswith("libcuda.so")]):
            yield Finding(
                "note",
                f"LD_LIBRARY_PATH names {folder}, whose {', '.join(others[:3])} may be loaded instead of those that "
                f"came with {bundled[0]}",
                "unset LD_LIBRARY_PATH, unless you need it",
            )
    for name, folder in machine.missing_folders.items():
        yield Finding("fault", f"{name} names {folder}, which is not there", f"unset {name}, or correct it")


def hidden(machine: Machine) -> Iterator[Finding]:
    """No variable hides the GPUs."""
    value = machine.environment.get("CUDA_VISIBLE_DEVICES")
    if value is not None and machine.gpus and machine.start in (None, SUCCESS) and value.strip() in ("", "-1"):
        yield Finding("note", f"CUDA_VISIBLE_DEVICES={value!r} hides all GPUs", "unset CUDA_VISIBLE_DEVICES")


def unused(machine: Machine) -> Iterator[Finding]:
    """A GPU that works is used by some backend."""
    if machine.gpus and machine.start == SUCCESS:
        on_gpu = [name for name, trial in machine.trials.items() if trial.works and "cuda" in trial.text]
        if not on_gpu:
            extra = "cupy13" if (machine.cuda or 0) >= 13000 else "cupy12"
            yield Finding(
                "note", f"no backend uses the {machine.gpus[0].name} of this machine", f"pip install 'zkynet[{extra}]'"
            )


CHECKS: tuple[Callable[[Machine], Iterator[Finding]], ...] = (
    windows_subsystem, driver, start, library_path, hidden, unused,
)  # fmt: skip
