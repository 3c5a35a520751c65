"""Fourier transforms beyond the op table: dtypes, inverses, frequencies, errors, convolution, and JAX's gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, AxisError, DTypeError, InvalidValueError, ShapeError
from zkynet.graph import walk_back

COMPLEX = ("fft", "ifft", "irfft", "hfft", "fftn", "ifftn", "irfftn", "fft2", "ifft2", "irfft2")
REAL = ("rfft", "ihfft", "rfftn", "rfft2")
TO_REAL = ("irfft", "hfft", "irfftn", "irfft2")


def normal(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape)


def complex_normal(*shape: int, seed: int = 0) -> Any:
    return normal(*shape, seed=seed) + 1j * normal(*shape, seed=seed + 1)


@pytest.mark.parametrize("name", COMPLEX + REAL)
@pytest.mark.parametrize(
    ("dtype", "wide"),
    [
        ("float16", False),
        ("float32", False),
        ("float64", True),
        ("complex64", False),
        ("complex128", True),
        ("int64", False),
    ],
)
def test_dtypes_of_results(name: str, dtype: str, wide: bool, backend: Any) -> None:
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip("the backend does not have it")
    x = zk.asarray(np.ones((3, 4), dtype))
    if name in REAL and dtype.startswith("complex"):
        with pytest.raises(DTypeError, match=r"fft\.(rfft|ihfft) does not take complex"):
            getattr(zk.fft, name)(x)
        return
    kind = "float" if name in TO_REAL else "complex"
    size = {"float": 32, "complex": 64}[kind] * (1 + wide)
    assert getattr(zk.fft, name)(x).dtype == f"{kind}{size}"


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("m", [1, 2, 5, 6])
def test_inverses(norm: str, m: int) -> None:
    z, x = zk.asarray(complex_normal(3, m)), zk.asarray(normal(3, m))
    f = zk.fft
    np.testing.assert_allclose(f.ifft(f.fft(z, norm=norm), norm=norm).numpy(), z.numpy(), atol=1e-12)
    np.testing.assert_allclose(f.ifftn(f.fftn(z, norm=norm), norm=norm).numpy(), z.numpy(), atol=1e-12)
    np.testing.assert_allclose(f.irfft(f.rfft(x, norm=norm), n=m, norm=norm).numpy(), x.numpy(), atol=1e-12)
    np.testing.assert_allclose(f.hfft(f.ihfft(x, norm=norm), n=m, norm=norm).numpy(), x.numpy(), atol=1e-12)
    back = f.irfftn(f.rfftn(x, norm=norm), s=(3, m), axes=(0, 1), norm=norm)
    np.testing.assert_allclose(back.numpy(), x.numpy(), atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 6])
def test_frequencies(n: int) -> None:
    np.testing.assert_allclose(zk.fft.fftfreq(n, d=0.5).numpy(), np.fft.fftfreq(n, 0.5), rtol=1e-6)
    np.testing.assert_allclose(zk.fft.rfftfreq(n, d=0.5).numpy(), np.fft.rfftfreq(n, 0.5), rtol=1e-6)
    assert zk.fft.fftfreq(n).dtype == zk.float32
    assert zk.fft.rfftfreq(n, dtype=zk.float64).dtype == zk.float64
    x = zk.asarray(normal(n, 3))
    np.testing.assert_array_equal(zk.fft.ifftshift(zk.fft.fftshift(x)).numpy(), x.numpy())
    assert zk.fft.fftshift(zk.tensor(1.0)).item() == 1


def test_a_convolution_by_transforms_has_the_gradient_of_the_convolution() -> None:
    a, b = normal(6), normal(3, seed=3)
    weights = normal(8, seed=5)
    x, y = zk.asarray(a).requires_grad_(), zk.asarray(b).requires_grad_()
    product = zk.fft.irfft(zk.fft.rfft(x, n=8) * zk.fft.rfft(y, n=8), n=8)
    np.testing.assert_allclose(product.numpy(), np.convolve(a, b), atol=1e-12)
    zk.sum(product * zk.asarray(weights)).backward()
    np.testing.assert_allclose(x.grad.numpy(), np.correlate(weights, b, "valid"), atol=1e-12)
    np.testing.assert_allclose(y.grad.numpy(), np.correlate(weights, a, "valid"), atol=1e-12)


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_what_holds_nothing_to_transform(name: str) -> None:
    f, reference = getattr(zk.fft, name), getattr(np.fft, name)
    for shape, options in (((0, 3), {}), ((2, 0), {"n": 4}), ((0, 0), {"n": 4}), ((3, 0), {"axis": 0})):
        x = zk.ones(shape).requires_grad_()
        y = f(x, **options)
        assert y.shape == reference(np.ones(shape), **options).shape
        zk.sum(zk.real(y)).backward()
        assert x.grad.shape == shape
    assert zk.fft.fftn(zk.ones((0, 3, 4)), axes=(1, 2)).shape == (0, 3, 4)
    assert zk.fft.irfft2(zk.ones((0, 3, 3))).shape == (0, 3, 4)


def test_no_norm_is_the_default() -> None:
    x = zk.asarray(normal(3, 4))
    for name in (*COMPLEX, *REAL):
        f = getattr(zk.fft, name)
        np.testing.assert_array_equal(f(x, norm=None).numpy(), f(x).numpy())


def test_infinities_give_no_warning() -> None:
    x = zk.tensor([1.0, np.inf, 2.0])
    for f in (zk.fft.fft, zk.fft.rfft, zk.fft.irfft, zk.fft.fftn):
        assert not np.isfinite(f(x).numpy()).all()


# -- errors -----------------------------------------------------------------------------------------------------------


def test_axes_that_are_not_there() -> None:
    x = zk.ones((2, 3))
    with pytest.raises(AxisError, match=r"fft\.fft: there is no axis 2"):
        zk.fft.fft(x, axis=2)
    with pytest.raises(AxisError, match=r"fft\.rfftn: there is no axis -3"):
        zk.fft.rfftn(x, axes=(-3,))
    with pytest.raises(AxisError, match="named twice"):
        zk.fft.fftn(x, axes=(1, -1))
    with pytest.raises(AxisError):
        zk.fft.rfft(zk.tensor(1.0))
    with pytest.raises(AxisError):
        zk.fft.fftshift(x, axes=2)


def test_lengths_that_cannot_be() -> None:
    with pytest.raises(InvalidValueError, match="at least one number"):
        zk.fft.fft(zk.ones(3), n=0)
    with pytest.raises(InvalidValueError, match="at least one number"):
        zk.fft.rfft(zk.ones((2, 0)))
    with pytest.raises(InvalidValueError, match="length of the transform  0"):
        zk.fft.irfft(zk.ones(1))
    assert zk.fft.irfft(zk.ones(1), n=1).tolist() == [1]
    with pytest.raises(ArgumentError, match="whole number"):
        zk.fft.fft(zk.ones(3), n=2.5)
    with pytest.raises(ArgumentError, match=r"s is a tuple of lengths, received int: 3"):
        zk.fft.fftn(zk.ones((2, 3)), s=3)
    with pytest.raises(ShapeError, match="a length for each axis"):
        zk.fft.fftn(zk.ones((2, 3)), s=(2,), axes=(0, 1))
    with pytest.raises(ShapeError, match="at least one axis"):
        zk.fft.rfftn(zk.tensor(1.0))
    with pytest.raises(InvalidValueError, match="n=0"):
        zk.fft.fftfreq(0)
    with pytest.raises(DTypeError, match="real floating"):
        zk.fft.fftfreq(3, dtype=zk.int32)


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifftn", "rfftn", "irfftn"])
@pytest.mark.parametrize("shape", [(0, 4), (3, 0, 4), (0, 1, 5)])
def test_an_empty_batch(name: str, shape: tuple[int, ...]) -> None:
    x = np.ones(shape, "complex64" if name in ("irfft", "hfft", "irfftn") else "float32")
    several = {"axes": (-1,)} if name.endswith("n") else {}
    expected = getattr(np.fft, name)(x, **several)
    t = zk.tensor(x, requires_grad=True)
    y = getattr(zk.fft, name)(t, **several)
    assert y.shape == expected.shape
    zk.sum(y).backward(zk.ones((), dtype=y.dtype))
    assert t.grad.shape == shape


def test_a_norm_that_is_not_there() -> None:
    for f in (zk.fft.fft, zk.fft.fftn, zk.fft.irfft, zk.fft.rfft2):
        with pytest.raises(InvalidValueError, match="there is no norm 'sum'"):
            f(zk.ones((2, 3)), norm="sum")


# -- complex gradients as JAX has them --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fftn", "ifftn", "rfftn", "irfftn"])
@pytest.mark.parametrize("n", [None, 4, 7])
def test_gradients_agree_with_jax(name: str, n: int | None) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    kwargs: dict[str, Any] = {"norm": "ortho"}
    if n is not None:
        kwargs |= {"s": (2, n), "axes": (0, 1)} if name.endswith("n") else {"n": n}
    a = (normal if name in REAL else complex_normal)(3, 5)
    with jax.enable_x64(True):
        y, pull = jax.vjp(lambda x: getattr(jax.numpy.fft, name)(x, **kwargs), jax.numpy.asarray(a))
        g = complex_normal(*y.shape, seed=4) if y.dtype.kind == "c" else normal(*y.shape, seed=4)
        expected = np.asarray(pull(jax.numpy.asarray(g))[0])
    x = zk.asarray(a).requires_grad_()
    y = getattr(zk.fft, name)(x, **kwargs)
    (got,) = walk_back([(y.node, zk.asarray(g)._raw)]).values()
    np.testing.assert_allclose(x.backend.to_numpy(got), expected, atol=1e-12)
