"""`zk.testing.compare_backends`: ten steps of training agree on two backends; the first op that does not is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, BackendMismatchError, InvalidValueError
from zkynet.ops.define import OPS, op

nn = zk.nn
OTHERS = pytest.mark.parametrize(
    "other", [pytest.param("jax", marks=pytest.mark.slow), "strict", "cupy"], indirect=True
)


def ten_steps() -> list[float]:
    """A small network with a layer of each kind, trained with momentum on data of its own."""
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(36, 8),
        nn.LayerNorm(8),
        nn.GELU(),
        nn.Linear(8, 3),
    )
    optimizer = zk.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    x, y = zk.random.normal(0.0, 1.0, (12, 1, 6, 6)), zk.random.integers(0, 3, (12,))
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    return losses


@OTHERS
@pytest.mark.once
def test_ten_training_steps_agree(other: str) -> None:
    seen = zk.testing.compare_backends(ten_steps, backends=("numpy", other))
    assert seen.results > 300
    assert seen.largest_difference < 1e-4


@pytest.mark.once
def test_the_first_op_that_differs_is_named_with_its_line_and_both_values() -> None:
    factors = iter([2.0, 3.0])

    def program() -> Any:
        x = zk.ones(3) + 1
        return zk.exp(x * next(factors))

    with pytest.raises(BackendMismatchError) as e:
        zk.testing.compare_backends(program, backends=("numpy", "numpy"))
    assert e.value.headline == "multiply differs between numpy and numpy"
    assert "zk.exp(x * next(factors))" in str(e.value)
    assert "4.0  at [0]" in str(e.value)
    assert "6.0" in str(e.value)


@pytest.mark.once
def test_a_gradient_that_differs_is_named() -> None:
    factors = iter([2.0, 3.0])

    @op(name="test_times")
    def times(xp: Any, x: "Array") -> Any:  # type: ignore[name-defined]  # noqa: F821, UP037
        return x * 2

    @times.gradient("x")
    def _(xp: Any, g: Any) -> Any:
        return g * next(factors)

    try:
        with pytest.raises(BackendMismatchError, match="the gradient of test_times by x differs"):
            zk.testing.compare_backends(
                lambda: times(zk.ones(3, requires_grad=True)).sum().backward(), backends=("numpy", "numpy")
            )
    finally:
        del OPS["test_times"]


@pytest.mark.once
def test_programs_that_run_other_ops_are_told_apart() -> None:
    turns = iter([False, True])
    with pytest.raises(BackendMismatchError, match="did not run the same ops"):
        zk.testing.compare_backends(
            lambda: zk.sin(zk.ones(2)) if next(turns) else zk.cos(zk.ones(2)), backends=("numpy", "numpy")
        )
    counts = iter([1, 2])
    with pytest.raises(BackendMismatchError, match="ran 2 ops and numpy 4"):
        zk.testing.compare_backends(
            lambda: [zk.sin(zk.ones(2)) + 1 for _ in range(next(counts))], backends=("numpy", "numpy")
        )


@pytest.mark.once
def test_a_nan_on_one_side_alone_differs_and_on_both_agrees() -> None:
    values = iter([0.0, -1.0])
    with pytest.raises(BackendMismatchError, match="sqrt differs"):
        zk.testing.compare_backends(lambda: zk.sqrt(zk.full((2,), next(values))), backends=("numpy", "numpy"))
    seen = zk.testing.compare_backends(lambda: zk.log(zk.full((2,), -1.0)), backends=("numpy", "numpy"))
    assert seen.results == 1


@pytest.mark.once
def test_the_random_state_is_put_back_and_arrays_become_tensors() -> None:
    zk.random.seed(5)
    before = zk.random.get_state()
    seen: list[Any] = []
    zk.testing.compare_backends(
        lambda x, word: seen.append((x + zk.random.normal(0.0, 1.0, (2,)), word)),
        np.ones(2, "float32"),
        "as it is",
        backends=("numpy", "numpy"),
    )
    assert np.array_equal(seen[0][0].numpy(), seen[1][0].numpy())
    assert seen[0][1] == "as it is"
    assert zk.random.get_state() == before


@pytest.mark.once
def test_mistakes() -> None:
    with pytest.raises(ArgumentError, match="expected a function"):
        zk.testing.compare_backends(3)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="at least two"):
        zk.testing.compare_backends(lambda: None, backends=("numpy",))
