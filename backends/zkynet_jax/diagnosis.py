"""What is usually wrong with an installation of JAX: checks for ``zkynet doctor``, on facts of the machine alone."""

from __future__ import annotations

from collections.abc import Iterator

from zkynet.backend.diagnosis import Finding, Machine

OLDEST_DRIVER = {"12": 12000, "13": 13000}
"""By the CUDA that a plugin is for, the CUDA version that the driver has to have."""

OFF = ("0", "false", "False", "off")


def diagnose(machine: Machine) -> Iterator[Finding]:
    """All checks.

    Args:
        machine: its facts.
    """
    jax, jaxlib = machine.version("jax"), machine.version("jaxlib")
    if jax is None:
        if jaxlib is not None:
            yield Finding("fault", f"jaxlib {jaxlib} is installed without jax", "pip install 'zkynet[jax]'")
        return
    if jaxlib is None:
        yield Finding(
            "fault", f"jax {jax} is installed without jaxlib, its compiled half", "pip install --upgrade jax jaxlib"
        )
        return
    if jaxlib != jax:
        yield Finding(
            "note",
            f"jax {jax} runs with jaxlib {jaxlib}: they should have the same version",
            "pip install --upgrade jax jaxlib",
        )
    yield from _plugins(machine, jaxlib)
    yield from _variables(machine)


def _plugins(machine: Machine, jaxlib: str) -> Iterator[Finding]:
    """What brings CUDA: one plugin, with both its halves, of jaxlib's version, for a CUDA that the driver knows."""
    cudas = [n for n in ("12", "13") if any(machine.version(f"jax-cuda{n}-{half}") for half in ("plugin", "pjrt"))]
    if not cudas:
        if machine.gpus:
            extra = "cuda13" if (machine.cuda or 0) >= 13000 else "cuda12"
            yield Finding(
                "note",
                f"JAX computes on the CPU, not on the {machine.gpus[0].name}: its CUDA plugin is not installed",
                f"pip install 'jax[{extra}]'",
            )
        return
    if len(cudas) > 1:
        yield Finding(
            "fault",
            "JAX's plugins for CUDA 12 and for CUDA 13 are both installed",
            "pip uninstall jax-cuda12-plugin jax-cuda12-pjrt (or those of 13)",
        )
    for cuda in cudas:
        halves = {half: machine.version(f"jax-cuda{cuda}-{half}") for half in ("plugin", "pjrt")}
        same = f"pip install --upgrade 'jax[cuda{cuda}]'"
        for half, version in halves.items():
            if version is None:
                yield Finding("fault", f"jax-cuda{cuda}-{half} is missing, without which JAX has no GPU", same)
            elif version != jaxlib:
                yield Finding(
                    "fault",
                    f"jax-cuda{cuda}-{half} {version} does not fit jaxlib {jaxlib}: JAX leaves it out, or crashes",
                    same,
                )
        if machine.cuda is not None and machine.cuda < OLDEST_DRIVER[cuda]:
            has = f"{machine.cuda // 1000}.{machine.cuda % 1000 // 10}"
            older = f", or pip install 'jax[cuda{int(cuda) - 1}]'" if machine.cuda >= OLDEST_DRIVER.get("12", 0) else ""
            yield Finding(
                "fault",
                f"JAX's plugin is for CUDA {cuda}, but the driver knows CUDA {has} only",
                f"update the NVIDIA driver{older}",
            )
        elif not machine.gpu:
            yield Finding(
                "note", f"JAX has its plugin for CUDA {cuda}, but there is no NVIDIA GPU", "nothing: it runs on the CPU"
            )


def _variables(machine: Machine) -> Iterator[Finding]:
    """Variables of the environment that surprise."""
    env = machine.environment
    for name in ("JAX_PLATFORMS", "JAX_PLATFORM_NAME"):
        if env.get(name, "").strip() == "cpu" and machine.gpus:
            yield Finding("note", f"{name}=cpu keeps JAX off the GPU", f"unset {name}")
    if env.get("ZKYNET_JAX_X64") in OFF:
        yield Finding(
            "note", "ZKYNET_JAX_X64=0: JAX has no 64-bit types, and zkynet refuses them there", "unset ZKYNET_JAX_X64"
        )
    elif env.get("JAX_ENABLE_X64") in OFF:
        yield Finding(
            "note",
            "JAX_ENABLE_X64=0 does not hold: zkynet turns JAX's 64-bit mode on, for the whole process",
            "export ZKYNET_JAX_X64=0 for JAX with 32 bits",
        )
    if env.get("JAX_DISABLE_JIT", "0") not in ("", *OFF):
        yield Finding("note", "JAX_DISABLE_JIT: JAX compiles nothing and is very slow", "unset JAX_DISABLE_JIT")
    preallocates = env.get("XLA_PYTHON_CLIENT_PREALLOCATE", "true").lower() not in ("0", "false")
    if preallocates and len(machine.gpus) > 0 and any(name.startswith("cupy") for name in machine.packages):
        yield Finding(
            "note",
            "JAX takes three quarters of the GPU's memory when it starts, and CuPy in the same process has the rest",
            "export XLA_PYTHON_CLIENT_PREALLOCATE=false where both are used",
        )
