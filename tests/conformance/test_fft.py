"""Fourier transforms, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkynet as zk
from conformance.samples import check, draw, examples, numpy, tensor
from conformance.standard import COMPLEX, FLOAT, REAL_FLOAT, complex_of, real_part

Table = pytest.mark.parametrize
NORMS = ("backward", "ortho", "forward")
SHAPES = ((4,), (1,), (2, 3), (3, 1, 2))

ONE_AXIS = {
    "fft": (FLOAT, complex_of),
    "ifft": (FLOAT, complex_of),
    "rfft": (REAL_FLOAT, complex_of),
    "irfft": (COMPLEX, real_part),
    "hfft": (COMPLEX, real_part),
    "ihfft": (REAL_FLOAT, complex_of),
}
SEVERAL_AXES = {
    "fftn": (COMPLEX, complex_of),
    "ifftn": (COMPLEX, complex_of),
    "rfftn": (REAL_FLOAT, complex_of),
    "irfftn": (COMPLEX, real_part),
}


def close(x: Any, expected: np.ndarray[Any, Any], dtype: str) -> None:
    """Compare with NumPy's result, computed more exactly."""
    assert (x.dtype, x.shape) == (np.dtype(dtype), expected.shape)
    atol = 2e-5 if dtype in ("float32", "complex64") else 1e-12
    np.testing.assert_allclose(numpy(x), expected, rtol=0, atol=atol)


def wide(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same numbers in double precision."""
    return x.astype("complex128" if x.dtype.kind == "c" else "float64")


@Table("name", ONE_AXIS)
@given(data=st.data())
@examples(15)
def test_one_axis(name: str, data: st.DataObject) -> None:
    dtypes, result = ONE_AXIS[name]
    dtype = data.draw(st.sampled_from(dtypes))
    x = draw(dtype, *data.draw(st.sampled_from(SHAPES)))
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    lengths = [None, 1, 3, 6] if x.shape[axis] > 1 or name not in ("irfft", "hfft") else [3, 6]
    kwargs = {"n": data.draw(st.sampled_from(lengths)), "axis": axis, "norm": data.draw(st.sampled_from(NORMS))}
    close(getattr(zk.fft, name)(tensor(zk, x), **kwargs), getattr(np.fft, name)(wide(x), **kwargs), result(dtype))


@Table("name", SEVERAL_AXES)
@given(data=st.data())
@examples(15)
def test_several_axes(name: str, data: st.DataObject) -> None:
    dtypes, result = SEVERAL_AXES[name]
    dtype = data.draw(st.sampled_from(dtypes))
    x = draw(dtype, *data.draw(st.sampled_from([(4,), (2, 3), (3, 1, 2)])))
    axes = data.draw(st.sampled_from([None, (-1,), (0,), (0, -1)] if x.ndim > 1 else [None, (-1,)]))
    count = x.ndim if axes is None else len(axes)
    s = data.draw(st.sampled_from([None, (3,) * count, (4,) * count]))
    if s is not None and axes is None:
        axes = tuple(range(x.ndim))
    kwargs = {"s": s, "axes": axes, "norm": data.draw(st.sampled_from(NORMS))}
    close(getattr(zk.fft, name)(tensor(zk, x), **kwargs), getattr(np.fft, name)(wide(x), **kwargs), result(dtype))


@Table("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name: str) -> None:
    for n in (1, 2, 5, 8):
        for d in (1.0, 0.1):
            expected = getattr(np.fft, name)(n, d=d)
            check(getattr(zk.fft, name)(n, d=d), expected.astype("float32"))
            check(getattr(zk.fft, name)(n, d=d, dtype=zk.float64), expected)
    device = zk.ones(1).device
    assert getattr(zk.fft, name)(4, device=device).device == device


@Table("name", ["fftshift", "ifftshift"])
def test_shifts(name: str) -> None:
    for shape in ((5,), (2, 3), (2, 3, 4)):
        for dtype in ("float32", "complex128", "int64"):
            x = draw(dtype, *shape)
            for axes in (None, 0, -1, tuple(range(len(shape)))):
                check(getattr(zk.fft, name)(zk.asarray(x), axes=axes), getattr(np.fft, name)(x, axes=axes))


def test_there_and_back() -> None:
    x = draw("complex64", 2, 5)
    close(zk.fft.ifft(zk.fft.fft(zk.asarray(x))), x, "complex64")
    close(zk.fft.irfft(zk.fft.rfft(zk.asarray(x.real.copy())), n=5), x.real, "float32")


def test_complex_numbers_are_no_input_of_real_transforms() -> None:
    for name in ("rfft", "ihfft", "rfftn"):
        with pytest.raises(TypeError):
            getattr(zk.fft, name)(zk.ones(4, dtype=zk.complex64))


def test_lengths_and_axes_have_to_exist() -> None:
    for call in (
        lambda: zk.fft.fft(zk.ones(4), axis=1),
        lambda: zk.fft.fft(zk.ones(4), n=0),
        lambda: zk.fft.fftn(zk.ones((2, 2)), axes=(0, 2)),
        lambda: zk.fft.fft(zk.ones(4), norm="none"),
    ):
        with pytest.raises((ValueError, IndexError)):
            call()
