"""`--backend NAME` runs the suite on one backend; without it, on NumPy."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import zkynet as zk

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    # so it is where a script has started the tests in the background, and programs under test would have it from there
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", default="numpy", help="the backend that backend-independent tests run on")
    parser.addoption("--all-rows", action="store_true", help="on JAX, all tests, not an eighth of those alike")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What needs a GPU is left to the backend that has one."""
    return True if collection_path.name == "test_cupy_gpu.py" and config.getoption("--backend") != "cupy" else None


ALIKE = (
    "test_a_batch_is_the_stacked_single_examples",
    "test_float32_stays_float32_and_inputs_are_not_written_to",
    "test_second_derivatives_agree_with_finite_differences_of_the_first",
    "test_a_wrong_argument_is_answered_in_our_words_and_on_every_backend_in_the_same",
    "test_a_compiled_step_has_the_values_gradients_and_buffers_of_an_eager_one",
    "test_an_optimizer_makes_the_same_steps",
    "test_a_schedule_has_the_same_rates",
)
"""Of the checks of every op, layer, optimiser and schedule those that are alike for all of them."""

SHARES = {
    "test_values_gradients_and_buffers_are_those_of_pytorch": 2,
    "test_an_op_is_compiled_with_its_derivatives": 20,
}
"""Of some other tests, of how many one is done on JAX."""

LAYERS = ("nn", "optim", "metrics")
"""Folders whose tests are mostly about what is built on ops."""

OF_A_BACKEND = ("kernel", "values_gradients_and_buffers", "weights_of_pytorch")
"""In the names of those tests there that are about a backend itself."""


def _alike(item: pytest.Item) -> bool:
    """Whether a test is likely to say the same on all backends."""
    if item.path.parent.name in LAYERS:
        return not any(words in item.name for words in OF_A_BACKEND)
    return item.name.partition("[")[0] in ALIKE


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What need not be run on this backend is left out.

    JAX compiles every op anew for each shape and dtype: of what other backends check too it does an eighth.
    """
    elsewhere = [item for item in items if config.getoption("--backend") not in _backends_of(item, config)]
    config.hook.pytest_deselected(items=elsewhere)
    left_out = {id(item) for item in elsewhere}
    items[:] = [item for item in items if id(item) not in left_out]
    if config.getoption("--backend") == "jax" and not config.getoption("--all-rows"):
        alike = [item for item in items if _alike(item)]
        left_out = {id(item) for i, item in enumerate(alike) if i % 8}
        for name, share in SHARES.items():
            rows = [item for item in items if item.name.startswith(name)]
            left_out |= {id(item) for i, item in enumerate(rows) if i % share}
        left_out |= {id(item) for item in items if item.name.startswith("test_sixteen_bits_in_are_sixteen_bits_out")}
        config.hook.pytest_deselected(items=[item for item in items if id(item) in left_out])
        items[:] = [item for item in items if id(item) not in left_out]


def _backends_of(item: pytest.Item, config: pytest.Config) -> tuple[str, ...]:
    """The backends that a test is for, by its marks."""
    only = item.get_closest_marker("only")
    if only is not None:
        return only.args
    return ("numpy",) if item.get_closest_marker("once") else (config.getoption("--backend"),)


@pytest.fixture(scope="session")
def backend_name(request: pytest.FixtureRequest) -> str:
    """The backend under test; skips, with the reason, where it cannot be used."""
    name = request.config.getoption("--backend")
    why = zk.backend.registry.find_backend(name).why_unavailable()
    if why is not None:
        pytest.skip(f"backend {name} cannot be used here: {why}")
    return name  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _backend(backend_name: str) -> Iterator[Any]:
    """Every test runs on the backend under test."""
    with zk.use_backend(backend_name) as backend:
        yield backend


@pytest.fixture
def backend(_backend: Any) -> Any:
    """The backend object under test."""
    return _backend


@pytest.fixture
def other(request: pytest.FixtureRequest) -> str:
    """A backend by name; skips, with the reason, where it cannot be used."""
    name = request.param
    why = zk.backend.registry.find_backend(name).why_unavailable()
    if why is not None:
        pytest.skip(f"backend {name} cannot be used here: {why}")
    if name == "torch":
        import torch

        torch.set_num_threads(1)
    return name  # type: ignore[no-any-return]
