"""`zkynet doctor`: every check on a machine that has the fault and on one that has not, and facts from real files."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zkynet.backend.diagnosis import Gpu, Machine, Trial
from zkynet.cli import machine as looking
from zkynet.cli.doctor import findings

pytestmark = pytest.mark.once

CORE = {
    name: ["2.4.0"] for name in ("zkynet", "numpy", "array-api-compat", "click", "rich", "safetensors")
}  # what every installation has
WELL = Machine(packages=CORE, trials={"numpy": Trial(True, 0.5, "cpu")})

H100 = Gpu("NVIDIA H100 80GB HBM3", "580.65.06", 9.0, 81559)
JAX_13 = {"jax": ["0.10.2"], "jaxlib": ["0.10.2"], "jax-cuda13-plugin": ["0.10.2"], "jax-cuda13-pjrt": ["0.10.2"]}
CUPY_13 = {"cupy-cuda13x": ["14.2.0"], "nvidia-cuda-runtime": ["13.0.96"]}
ON_GPU = Machine(
    packages={**CORE, **JAX_13, "nvidia-cublas": ["13.0"], "nvidia-cuda-runtime": ["13.0"]},
    hardware=True,
    module="580.65.06",
    device_files=True,
    gpus=[H100],
    libcuda="/usr/lib/x86_64-linux-gnu/libcuda.so.580.65.06",
    cuda=13000,
    start=0,
    trials={"numpy": Trial(True, 0.5, "cpu"), "jax": Trial(True, 2.0, "cuda:0, cpu")},
)


def test_machines_that_are_well_have_no_faults() -> None:
    assert findings(WELL) == []
    assert findings(ON_GPU) == []
    assert findings(replace(ON_GPU, container=True, hardware=None)) == []


def with_packages(machine: Machine, *without: str, **versions: Any) -> dict[str, Any]:
    more = {name.replace("_", "-"): [v] if isinstance(v, str) else v for name, v in versions.items()}
    return {name: v for name, v in {**machine.packages, **more}.items() if name not in without}


def failed(text: str, code: int = 1) -> dict[str, Trial]:
    return {"numpy": Trial(True, 0.5, "cpu"), "jax": Trial(False, 1.0, text, code)}


FAULTS = [
    # (machine, what differs, words of the finding, words of its cure)
    (WELL, {"python": (3, 9, 2)}, "Python 3.9.2 is too old", "newer"),
    (WELL, {"bits": 32}, "32 bits", "64 bits"),
    (WELL, {"packages": with_packages(WELL, "safetensors")}, "safetensors is missing", "pip install safetensors"),
    (WELL, {"packages": with_packages(WELL, "zkynet")}, "not installed", "pip install -e ."),
    (WELL, {"packages": with_packages(WELL, numpy=["1.26.4", "2.4.0"])}, "several versions", "pip uninstall numpy"),
    (WELL, {"packages": with_packages(WELL, numpy="1.26.4")}, "NumPy 1.26.4 is too old", "--upgrade numpy"),
    (WELL, {"leftovers": ["/site-packages/~umpy-2.0.dist-info"]}, "was broken off, and left /site", "delete"),
    (WELL, {"shadows": ["random.py"]}, "random.py in this folder", "rename"),
    (WELL, {"environment": {"OMP_NUM_THREADS": "64"}}, "wait for each other", "OMP_NUM_THREADS=8"),
    (WELL, {"allowed": 2.0}, "2 of 8 cores", "OMP_NUM_THREADS=2"),
    (WELL, {"memory": 300_000_000}, "300 MB", "smaller batch"),
    (WELL, {"shared": 64 * 2**20}, "/dev/shm has 64 MB", "--shm-size"),
    (WELL, {"environment": {"ZKYNET_BACKEND": "cupy"}}, "ZKYNET_BACKEND=cupy", "unset"),
    # trials that failed, by what the process wrote
    (
        WELL,
        {"trials": failed("A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.4.0 as it may crash.")},
        "compiled for another version of NumPy",
        "--force-reinstall",
    ),
    (
        WELL,
        {"trials": failed("ValueError: numpy.dtype size changed, may indicate binary incompatibility.")},
        "another version of NumPy",
        "reinstall",
    ),
    (
        WELL,
        {"trials": failed("RuntimeError: jaxlib version 0.10.2 is newer than and incompatible with jax version 0.4.1")},
        "do not fit each other",
        "pip install --upgrade jax jaxlib",
    ),
    (
        WELL,
        {"trials": failed("INVALID_ARGUMENT: Mismatched PJRT plugin PJRT API version (0.54) and framework (0.51)")},
        "plugin for CUDA does not fit",
        "cuda13",
    ),
    (
        WELL,
        {"trials": failed("ImportError: libcudart.so.12: cannot open shared object file: No such file or directory")},
        "a library of CUDA is missing (libcudart.so.12",
        "zkynet[cupy13]",
    ),
    (WELL, {"trials": failed("libcudnn.so.9: cannot open shared object file")}, "cuDNN is missing", "unset LD_"),
    (WELL, {"trials": failed("/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found")}, "older C++", "libstdcxx"),
    (WELL, {"trials": failed("OMP: Error #15: Initializing libiomp5.so")}, "two OpenMP", "fresh environment"),
    (WELL, {"trials": failed("This version of jaxlib was built using AVX instructions")}, "lacks AVX", "arm64"),
    (WELL, {"trials": failed("RESOURCE_EXHAUSTED: Out of memory")}, "GPU's memory is full", "nvidia-smi"),
    (WELL, {"trials": failed("", -11)}, "segmentation fault", "--force-reinstall"),
    (WELL, {"trials": failed("", -4)}, "illegal instruction", "older"),
    (WELL, {"trials": failed("", -9)}, "killed", "close"),
    (WELL, {"trials": failed("Traceback\nValueError: odd")}, "jax does not work: ValueError: odd", "python -c"),
    # NVIDIA's driver
    (
        ON_GPU,
        {"gpus": [], "driver_tool": "Failed to initialize NVML: Driver/library version mismatch", "start": 803},
        "the old kernel module still runs (580.65.06",
        "reboot",
    ),
    (ON_GPU, {"gpus": [], "start": 803}, "driver was updated", "rmmod"),
    (
        ON_GPU,
        {
            "gpus": [],
            "module": "",
            "driver_tool": "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
        },
        "kernel module is not loaded",
        "modprobe",
    ),
    (WELL, {"hardware": True}, "no driver for it", "ubuntu-drivers"),
    (WELL, {"hardware": True, "nouveau": True}, "nouveau drives it", "install NVIDIA's driver"),
    (WELL, {"hardware": True, "module": "580", "container": True}, "container was not given it", "--gpus all"),
    (ON_GPU, {"libcuda": "", "cuda": None, "start": None, "gpus": []}, "libcuda.so.1 is not found", "ldconfig"),
    (ON_GPU, {"start": 34, "gpus": []}, "stub", "LD_LIBRARY_PATH"),
    (ON_GPU, {"start": 802}, "fabric manager", "nvidia-fabricmanager"),
    (ON_GPU, {"start": 804}, "compatibility package", "cuda-compat"),
    (ON_GPU, {"start": 999}, "error 999", "nvidia_uvm"),
    (ON_GPU, {"start": 3}, "error 3", "dmesg"),
    (ON_GPU, {"start": 100, "environment": {"CUDA_VISIBLE_DEVICES": "7"}}, "CUDA_VISIBLE_DEVICES='7'", "unset"),
    (ON_GPU, {"environment": {"CUDA_VISIBLE_DEVICES": ""}}, "hides all GPUs", "unset CUDA_VISIBLE_DEVICES"),
    (
        ON_GPU,
        {"libraries": {"/usr/local/cuda-11.8/lib64": ["libcudart.so.11.0", "libcublas.so.11"]}},
        "/usr/local/cuda-11.8/lib64, whose libcudart.so.11.0",
        "unset LD_LIBRARY_PATH",
    ),
    (ON_GPU, {"libraries": {"/opt/cuda/lib64/stubs": ["libcuda.so"]}}, "stub", "take that folder out"),
    (ON_GPU, {"missing_folders": {"CUDA_PATH": "/opt/cuda-12"}}, "CUDA_PATH names /opt/cuda-12", "unset CUDA_PATH"),
    (ON_GPU, {"packages": CORE, "trials": WELL.trials}, "no backend uses the NVIDIA H100", "zkynet[cupy13]"),
    # Windows
    (WELL, {"release": "4.4.0-19041-Microsoft"}, "WSL 1", "--set-version"),
    (WELL, {"release": "5.15.153.1-microsoft-standard-WSL2"}, "does not see a GPU", "in Windows"),
    (
        ON_GPU,
        {"release": "5.15.153.1-microsoft-standard-WSL2"},
        "a Linux driver was installed inside WSL",
        "apt purge",
    ),
    # JAX
    (WELL, {"packages": with_packages(WELL, jax="0.10.2")}, "without jaxlib", "jax jaxlib"),
    (WELL, {"packages": with_packages(WELL, jaxlib="0.10.2")}, "without jax", "zkynet[jax]"),
    (WELL, {"packages": with_packages(WELL, jax="0.10.2", jaxlib="0.9.0")}, "with jaxlib 0.9.0", "--upgrade"),
    (ON_GPU, {"packages": with_packages(ON_GPU, jax_cuda13_plugin="0.9.2")}, "plugin 0.9.2 does not fit", "cuda13"),
    (
        ON_GPU,
        {"packages": with_packages(ON_GPU, "jax-cuda13-pjrt")},
        "jax-cuda13-pjrt is missing",
        "pip install --upgrade 'jax[cuda13]'",
    ),
    (
        ON_GPU,
        {"packages": with_packages(ON_GPU, jax_cuda12_plugin="0.10.2", jax_cuda12_pjrt="0.10.2")},
        "CUDA 12 and for CUDA 13 are both",
        "pip uninstall",
    ),
    (
        ON_GPU,
        {"packages": {**CORE, "jax": ["0.10.2"], "jaxlib": ["0.10.2"]}},
        "its CUDA plugin is not installed",
        "pip install 'jax[cuda13]'",
    ),
    (ON_GPU, {"cuda": 12080}, "CUDA 13, but the driver knows CUDA 12.8 only", "jax[cuda12]"),
    (WELL, {"packages": {**CORE, **JAX_13}}, "there is no NVIDIA GPU", "CPU"),
    (ON_GPU, {"environment": {"JAX_PLATFORMS": "cpu"}}, "keeps JAX off the GPU", "unset JAX_PLATFORMS"),
    (ON_GPU, {"environment": {"ZKYNET_JAX_X64": "0"}}, "no 64-bit types", "unset ZKYNET_JAX_X64"),
    (ON_GPU, {"environment": {"JAX_ENABLE_X64": "false"}}, "64-bit mode on", "ZKYNET_JAX_X64=0"),
    (ON_GPU, {"environment": {"JAX_DISABLE_JIT": "1"}}, "very slow", "unset JAX_DISABLE_JIT"),
    (ON_GPU, {"packages": {**ON_GPU.packages, **CUPY_13}}, "three quarters", "PREALLOCATE=false"),
    # CuPy
    (
        WELL,
        {"packages": {**CORE, **CUPY_13, "cupy-cuda12x": ["14.2.0"]}},
        "cupy-cuda12x and cupy-cuda13x are both installed",
        "pip uninstall cupy-cuda12x cupy-cuda13x",
    ),
    (WELL, {"packages": {**CORE, **CUPY_13, "cupy": ["14.2.0"]}}, "overwrite each other", "pip uninstall cupy"),
    (WELL, {"packages": {**CORE, "cupy-cuda11x": ["13.6.0"]}}, "for CUDA 11", "zkynet[cupy12]"),
    (ON_GPU, {"packages": {**CORE, **CUPY_13}, "cuda": 12040}, "the driver knows CUDA 12.4 only", "update"),
    (
        ON_GPU,
        {"packages": {**CORE, **CUPY_13}, "gpus": [Gpu("Tesla V100", "580.65.06", 7.0, 16384)]},
        "does not know the Tesla V100",
        "zkynet[cupy12]",
    ),
    (ON_GPU, {"packages": {**CORE, "cupy-cuda13x": ["14.2"]}}, "without CUDA's libraries", "zkynet[cupy13]"),
]


@pytest.mark.parametrize(("machine", "differs", "words", "cure"), FAULTS, ids=[words for _, _, words, _ in FAULTS])
def test_a_fault_is_found_and_its_cure_named(machine: Machine, differs: dict[str, Any], words: str, cure: str) -> None:
    found = findings(replace(machine, **differs))
    matching = [f for f in found if words in f.text]
    assert matching, f"not found among {found}"
    assert cure in matching[0].cure
    others = [f.text for f in found if f is not matching[0] and f.kind == "fault" and matching[0].kind == "fault"]
    assert len(others) <= 1, "one fault is not told in many ways"


def test_what_only_wsl_has_is_no_fault_of_wsl() -> None:
    wsl = replace(
        ON_GPU,
        release="5.15.153.1-microsoft-standard-WSL2",
        hardware=False,
        module="",
        libcuda="/usr/lib/wsl/lib/libcuda.so.1",
    )
    assert findings(wsl) == []


# -- facts, from real files and processes -----------------------------------------------------------------------


@pytest.mark.slow
def test_this_machine_is_looked_at() -> None:
    here = looking.look(["numpy"])
    assert here.python == sys.version_info[:3]
    assert here.version("numpy")
    assert here.cores >= here.allowed > 0
    assert here.trials["numpy"].works, here.trials["numpy"].text
    assert here.trials["numpy"].text == "cpu"


def test_a_trial_that_crashes_or_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "TRIAL", "import os; print('before', flush=True); os.abort()")
    assert (looking.tried("numpy", 60).works, looking.tried("numpy", 60).code) == (False, -6)
    monkeypatch.setattr(looking, "TRIAL", "import time; time.sleep(60)")
    assert looking.tried("numpy", 0.1).code == 124


def program(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(0o755)


def test_the_drivers_tool_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert looking._listed() == ([], "")
    program(tmp_path, "nvidia-smi", "print('NVIDIA L4, 580.65.06, 8.9, 23034\\nOld One, 470.1, [N/A], [N/A]')")
    assert looking._listed() == ([Gpu("NVIDIA L4", "580.65.06", 8.9, 23034), Gpu("Old One", "470.1", None, None)], "")
    program(tmp_path, "nvidia-smi", "import sys; sys.exit('Driver/library version mismatch')")
    assert looking._listed() == ([], "Driver/library version mismatch")


def test_libraries_that_shadow_others_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("libcudart.so.11.0", "libcudnn.so.8", "libm.so", "libcuda.so.old"):
        (tmp_path / name).touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", f"/nowhere{os.pathsep}{tmp_path}{os.pathsep}")
    monkeypatch.setenv("CUDA_PATH", str(tmp_path / "cuda"))
    here = Machine()
    looking._look_for_gpus(here)
    assert here.libraries == {str(tmp_path): ["libcudart.so.11.0", "libcudnn.so.8"]}
    assert here.missing_folders == {"CUDA_PATH": str(tmp_path / "cuda")}


def test_two_versions_of_a_package_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, version in (("a", "1.0"), ("b", "2.0")):
        info = tmp_path / folder / f"Some_Package-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: Some_Package\nVersion: {version}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "a"), str(tmp_path / "b"), *sys.path])
    assert looking._packages()[0]["some-package"] == ["1.0", "2.0"]


def test_what_a_broken_installation_left_is_no_second_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (
        ("~umpy-2.0.dist-info", "Metadata-Version: 2.1\nName: numpy\nVersion: 2.0\n"),
        ("x-1.dist-info", None),
    ):
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "METADATA").write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    packages, leftovers = looking._packages()
    assert "2.0" not in packages["numpy"]
    assert {Path(folder).name for folder in leftovers} >= {"~umpy-2.0.dist-info"}


def test_files_that_hide_packages_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "numpy.py").touch()
    assert looking._shadows() == ["numpy.py"]
