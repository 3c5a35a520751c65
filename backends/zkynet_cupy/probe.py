"""Why CuPy cannot be used on this machine, and what to do about it.

CuPy imports without a GPU, and has no CUDA library with it unless its ``ctk`` extra was installed. So five things are
asked in turn: is it installed, does it import, is there a driver, is there a device, is there a kernel compiler.
"""

from __future__ import annotations

import ctypes
import importlib.util
from typing import Any

CUDA_13 = "pip install 'zkynet[cupy13]'"
CUDA_12 = "pip install 'zkynet[cupy12]'"
EITHER = f"{CUDA_13} (CUDA 13 drivers) or {CUDA_12} (CUDA 12 drivers)"
NEEDS_GPU = "use a machine with an NVIDIA GPU on which nvidia-smi lists it, or another backend"
NEW_DRIVER = f"update the NVIDIA driver, or install the CuPy of an older CUDA: {CUDA_12}"

NO_DEVICE, OLD_DRIVER = 100, 35  # cudaErrorNoDevice, cudaErrorInsufficientDriver


def probe() -> tuple[str, str] | None:
    """What is wrong, in one sentence, and the way out; None if CuPy can be used. Never raises."""
    try:
        if importlib.util.find_spec("cupy") is None:
            return "CuPy is not installed", hint_for_driver()
    except (ImportError, ValueError) as e:
        return f"CuPy cannot be looked up: {first_line(e)}", EITHER
    try:
        import cupy
    except Exception as e:  # a half-removed wheel may raise anything
        return f"CuPy is installed, but its import failed: {first_line(e)}", hint_for_driver()
    try:
        return ask(cupy)
    except Exception as e:
        return f"CuPy is installed, but asking it about the GPU failed: {first_line(e)}", EITHER


def ask(cupy: Any) -> tuple[str, str] | None:
    """The same of a CuPy that was imported."""
    runtime = cupy.cuda.runtime
    driver = runtime.driverGetVersion()
    if driver == 0:
        return "CuPy is installed, but there is no CUDA driver on this machine", NEEDS_GPU
    try:
        count = runtime.getDeviceCount()
    except runtime.CUDARuntimeError as e:
        status = getattr(e, "status", None)
        if status == OLD_DRIVER:
            return f"the CUDA driver (for CUDA {version(driver)}) is too old for this CuPy", NEW_DRIVER
        if status != NO_DEVICE:
            return f"CUDA cannot be started: {first_line(e)}", NEEDS_GPU
        count = 0
    if count == 0:
        return "there is a CUDA driver, but it found no CUDA device", NEEDS_GPU
    try:
        cupy.cuda.nvrtc.getVersion()
    except Exception as e:  # RuntimeError or ImportError, by the version of CuPy
        return (
            f"there is a CUDA device, but CUDA's kernel compiler NVRTC is missing ({first_line(e)})",
            f"{CUDA_13 if driver >= 13000 else CUDA_12}, which brings it along",
        )
    return None


def hint_for_driver() -> str:
    """The install command that fits the CUDA driver of this machine, found without CuPy."""
    driver = driver_version()
    if driver is None:
        return EITHER
    return CUDA_13 if driver >= 13000 else CUDA_12


def driver_version() -> int | None:
    """The CUDA version of the driver as 1000 * major + 10 * minor, None without a driver."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            number = ctypes.c_int()
            if ctypes.CDLL(name).cuDriverGetVersion(ctypes.byref(number)) == 0:
                return number.value
        except (OSError, AttributeError):
            continue
    return None


def version(number: int) -> str:
    """12.4 for 12040."""
    return f"{number // 1000}.{number % 1000 // 10}"


def first_line(error: BaseException) -> str:
    """An error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
