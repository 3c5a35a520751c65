"""Sessions: ``nox -l`` lists them, plain ``nox`` runs what CI runs.

Each backend of the entry-point table in pyproject.toml has a tests session: ``nox -s "tests(jax)"``.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BACKENDS = list(PROJECT["entry-points"]["zkynet.backends"])
EVERY_CORE = ("-n", "auto", "--dist", "worksteal")
EXTRAS = {"numpy": ""}  # NumPy comes with zkynet itself; the other backends have an extra of their name

nox.options.sessions = ["lint", "types", "docs", "tests(numpy)", "tests(strict)", "tests(jax)", "cuda_sources"]
nox.options.error_on_missing_interpreters = False


@nox.session
@nox.parametrize("backend", BACKENDS, ids=BACKENDS)
def tests(session: nox.Session, backend: str) -> None:
    """The suite on one backend; on NumPy with the slow part, elsewhere what depends on the backend."""
    extra = EXTRAS.get(backend, f",{backend}")
    session.install("-e", f".[test{extra}]")
    chosen = session.posargs or ([] if backend == "numpy" else ["-m", "not slow"])
    env = {"MPLBACKEND": "agg"}
    if backend == "jax":  # what one worker has compiled, the other and the next run need not
        env.update(JAX_COMPILATION_CACHE_DIR=str(Path(session.create_tmp()) / "compiled"))
        env.update(JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS="0", JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES="-1")
    session.run("pytest", "-q", *EVERY_CORE, "--backend", backend, *chosen, env=env)


@nox.session
def parity(session: nox.Session) -> None:
    """Beside PyTorch itself, of which CI has but golden values, and the byte-pair tokenizer beside another."""
    session.install("-e", ".[test,parity]")
    session.run("pytest", "-q", *EVERY_CORE, "tests/parity", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session
def cuda_sources(session: nox.Session) -> None:
    """Compile the hand-written CUDA bodies with NVRTC; needs no GPU."""
    session.install("-e", ".[test,cuda-sources]")
    session.run("pytest", "-q", "tests/test_cuda_sources.py", "tests/test_cupy.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Format, lint, and the import contracts between floors."""
    session.install("-e", ".[lint]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Static types."""
    session.install("-e", ".[lint]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Run every example in docstrings and on pages."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", "--doctest-modules", "zkynet", "tests/test_pages.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmarks beside their peers, interleaved in one run; the results go to benchmarks/results/."""
    session.install("-e", ".[test,bench]")
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    session.run("python", "-m", "benchmarks", *session.posargs, env={**os.environ, **threads})
