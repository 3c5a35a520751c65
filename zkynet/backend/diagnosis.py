"""What is known of a machine, and what is wrong with it: facts that checks read, and their findings.

The facts are gathered once (``zkynet doctor``); a check is a function of them alone, so that it can be tried on
machines that are not at hand. A backend adds checks of its own library in `Backend.diagnose`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Finding", "Gpu", "Machine", "Trial"]


class Finding(NamedTuple):
    """What a check found.

    Example:
        >>> Finding("fault", "jaxlib is missing", "pip install 'zkynet[jax]'").kind
        'fault'
    """

    kind: str
    """``"ok"``; ``"note"``: works, but could be better or may surprise; ``"fault"``: something does not work."""

    text: str
    cure: str = ""


class Gpu(NamedTuple):
    """A GPU as the driver's own tool lists it.

    Example:
        >>> Gpu("NVIDIA L4", "580.65.06", 8.9, 23034).compute
        8.9
    """

    name: str
    driver: str
    compute: float | None = None
    """Its compute capability."""

    memory: int | None = None
    """In MiB."""


class Trial(NamedTuple):
    """A small computation with a gradient, made on a backend by another process.

    Example:
        >>> Trial(True, 0.4, "cpu").works
        True
    """

    works: bool
    seconds: float
    text: str
    """Devices where it works, else all that the process wrote."""

    code: int = 0
    """The exit code of the process; negative for the signal that ended it."""


@dataclass
class Machine:
    """Facts of a machine; the defaults are those of one without a GPU.

    Args:
        system: Linux, Darwin, Windows.
        release: of the kernel.
        architecture: such as x86_64.
        python: the version of Python.
        bits: of its pointers.
        packages: by the name of a distribution the versions that are installed; more than one is a broken upgrade.
        leftovers: folders of packages that a broken installation left behind.
        environment: the variables of the process.
        cores: how many the machine has.
        allowed: how many of them this process may use.
        memory: bytes that are free, None if unknown.
        shared: bytes of shared memory, None if unknown.
        container: whether this is a container.
        hardware: whether an NVIDIA device is on the bus, None if unknown.
        module: the version of NVIDIA's kernel module that is loaded; empty for none.
        nouveau: whether the other driver for NVIDIA's devices is loaded.
        device_files: whether programs can reach a GPU through ``/dev``.
        driver_tool: what nvidia-smi wrote when it failed; empty if it worked or is not there.
        gpus: what nvidia-smi lists.
        libcuda: where the driver's library is; empty if there is none.
        cuda: the CUDA version of the driver, 13000 for 13.0; None without one.
        start: what starting CUDA answered, 0 for success; None if it was not tried.
        libraries: by folder of ``LD_LIBRARY_PATH`` the CUDA libraries in it.
        missing_folders: variables that name a folder of CUDA which is not there.
        shadows: files of the working folder that Python takes for a package it needs.
        trials: by backend what came of a small computation.

    Example:
        >>> Machine(packages={"jax": ["0.10.2"]}).version("jax")
        '0.10.2'
    """

    system: str = "Linux"
    release: str = "6.8.0"
    architecture: str = "x86_64"
    python: tuple[int, int, int] = (3, 12, 0)
    bits: int = 64
    packages: Mapping[str, Sequence[str]] = field(default_factory=dict)
    leftovers: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    cores: int = 8
    allowed: float = 8
    memory: int | None = None
    shared: int | None = None
    container: bool = False
    hardware: bool | None = False
    module: str = ""
    nouveau: bool = False
    device_files: bool = False
    driver_tool: str = ""
    gpus: Sequence[Gpu] = ()
    libcuda: str = ""
    cuda: int | None = None
    start: int | None = None
    libraries: Mapping[str, Sequence[str]] = field(default_factory=dict)
    missing_folders: Mapping[str, str] = field(default_factory=dict)
    shadows: Sequence[str] = ()
    trials: Mapping[str, Trial] = field(default_factory=dict)

    def version(self, package: str) -> str | None:
        """The version of a distribution, None where it is not installed.

        Args:
            package: its name, in small letters and with ``-``.

        Example:
            >>> print(Machine().version("jax"))
            None
        """
        found = self.packages.get(package)
        return found[0] if found else None

    @property
    def wsl(self) -> int:
        """1 or 2 inside the Windows Subsystem for Linux of that version, else 0.

        Example:
            >>> Machine(release="5.15.153.1-microsoft-standard-WSL2").wsl
            2
        """
        release = self.release.lower()
        if "microsoft" not in release:
            return 0
        return 1 if release.startswith("4.4.") else 2

    @property
    def gpu(self) -> bool:
        """Whether there is an NVIDIA GPU, as far as can be seen, usable or not.

        Example:
            >>> Machine(hardware=True).gpu
            True
        """
        return bool(self.gpus or self.hardware or self.device_files or self.module)
