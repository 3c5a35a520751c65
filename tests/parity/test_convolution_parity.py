"""Convolutions beside PyTorch's, over the arguments that users meet."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import zkynet as zk

torch = pytest.importorskip("torch", reason="PyTorch is the reference here; nox -s parity installs it")
pytestmark = pytest.mark.slow

F = zk.nn.functional
SIZES, KERNEL = (9, 8, 7), (3, 2, 3)
GRID = [
    (ndim, *rest)
    for ndim, *rest in product((1, 2, 3), (2, 17), (1, 2, 3), (0, 2), (1, 2), (1, 2, 4))
    if ndim < 3 or rest[0] == 2
]


def compare(ours: Any, theirs: Any, arrays: list[Any]) -> None:
    """Result and gradients of two functions of the same arrays."""
    a = [zk.tensor(v, requires_grad=True) for v in arrays]
    b = [torch.tensor(v, requires_grad=True) for v in arrays]
    y, expected = ours(*a), theirs(*b)
    g = np.random.default_rng(5).standard_normal(expected.shape)
    y.backward(zk.tensor(g))
    expected.backward(torch.tensor(g))
    for got, wanted in [(y, expected), *((p.grad, q.grad) for p, q in zip(a, b, strict=True))]:
        wanted = wanted.detach().numpy()
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-10, atol=1e-10)


def few_on_jax(backend: Any, case: int) -> None:
    if backend.name == "jax" and case % 10:
        pytest.skip("every tenth, for each is compiled")


@pytest.mark.parametrize("case", range(len(GRID)))
def test_convolutions(case: int, backend: Any) -> None:
    few_on_jax(backend, case)
    ndim, n, stride, padding, dilation, groups = GRID[case]
    rng = np.random.default_rng(case)
    x = rng.standard_normal((n, 4, *SIZES[:ndim]))
    w = rng.standard_normal((8, 4 // groups, *KERNEL[:ndim]))
    rest = (stride, padding, dilation, groups)
    ours, theirs = getattr(F, f"conv{ndim}d"), getattr(torch.nn.functional, f"conv{ndim}d")
    compare(lambda *a: ours(*a, *rest), lambda *a: theirs(*a, *rest), [x, w, rng.standard_normal(8)])


@pytest.mark.parametrize("case", range(len(GRID)))
def test_transposed_convolutions(case: int, backend: Any) -> None:
    few_on_jax(backend, case)
    ndim, n, stride, padding, dilation, groups = GRID[case]
    rng = np.random.default_rng(case)
    x = rng.standard_normal((n, 4, *SIZES[:ndim]))
    w = rng.standard_normal((4, 2, *KERNEL[:ndim]))
    name = f"conv_transpose{ndim}d"
    for extra in range(max(stride, dilation)):
        rest = (stride, padding, extra, groups, dilation)
        ours, theirs = getattr(F, name), getattr(torch.nn.functional, name)
        compare(lambda *a: ours(*a, *rest), lambda *a: theirs(*a, *rest), [x, w, rng.standard_normal(2 * groups)])  # noqa: B023


MODES = list(product((1, 2, 3), ("zeros", "reflect", "replicate", "circular"), (0, 2, "same"), (1, 2), (1, 2)))


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("case", range(len(MODES)))
def test_layers_in_every_padding_mode(case: int, backend: Any) -> None:
    few_on_jax(backend, case)
    ndim, mode, padding, dilation, groups = MODES[case]
    rng = np.random.default_rng(case)
    options = {"padding": padding, "dilation": dilation, "groups": groups, "padding_mode": mode}
    kernel = KERNEL[:ndim]
    ours = getattr(zk.nn, f"Conv{ndim}d")(4, 6, kernel, **options).to(dtype="float64")
    theirs = getattr(torch.nn, f"Conv{ndim}d")(4, 6, kernel, **options).double()
    ours.load_state_dict({name: zk.tensor(t.numpy()) for name, t in theirs.state_dict().items()})
    compare(ours, theirs, [rng.standard_normal((2, 4, *SIZES[:ndim]))])
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("kernel", "dilation", "padding", "stride"), [(2, 1, 0, 1), ((2, 3), (2, 1), (1, 2), (1, 3))])
def test_unfold_and_fold(kernel: Any, dilation: Any, padding: Any, stride: Any, backend: Any) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 7, 8))
    window = (kernel, dilation, padding, stride)
    compare(lambda x: F.unfold(x, *window), lambda x: torch.nn.functional.unfold(x, *window), [x])
    columns = torch.nn.functional.unfold(torch.tensor(x), *window).numpy()
    compare(lambda x: F.fold(x, (7, 8), *window), lambda x: torch.nn.functional.fold(x, (7, 8), *window), [columns])


@pytest.mark.parametrize("dtype", ["complex128", "float32"])
def test_other_dtypes(dtype: str, backend: Any) -> None:
    rng = np.random.default_rng(0)
    make = lambda *s: (rng.standard_normal(s) + (1j * rng.standard_normal(s) if dtype[0] == "c" else 0)).astype(dtype)  # noqa: E731
    for n in (2, 16):
        x, w, b = make(n, 4, 6, 7), make(6, 4, 3, 2), make(6)
        got = F.conv2d(zk.tensor(x), zk.tensor(w), zk.tensor(b), 2, 1)
        wanted = torch.nn.functional.conv2d(torch.tensor(x), torch.tensor(w), torch.tensor(b), 2, 1)
        np.testing.assert_allclose(got.numpy(), wanted.numpy(), rtol=1e-5, atol=1e-5)
