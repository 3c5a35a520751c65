"""What an array says of itself and how it gets to other libraries: DLPack, Python numbers, the inspection API."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from conformance.samples import available, check, draw
from conformance.standard import ALL, COMPLEX, INTEGER, KINDS, REAL_FLOAT, VERSION

Table = pytest.mark.parametrize

# -- DLPack -----------------------------------------------------------------------------------------------------------


@Table("dtype", ALL)
def test_dlpack_there_and_back(dtype: str) -> None:
    x = draw(dtype, 2, 3)
    t = zk.asarray(x)
    assert isinstance(t.__dlpack_device__(), tuple)
    check(zk.from_dlpack(t), x)
    check(zk.from_dlpack(t, copy=True), x)
    for source in (t, zk.asarray(draw(dtype, 4))[::2]):
        np.testing.assert_array_equal(np.from_dlpack(source.cpu()), source.numpy())


@Table("dtype", [d for d in ALL if d != "bool"])
def test_dlpack_from_numpy(dtype: str) -> None:
    x = draw(dtype, 2, 3)
    out = zk.from_dlpack(x)
    check(out, x)
    assert out.device in zk.__array_namespace_info__().devices()
    check(zk.from_dlpack(x.T.copy()), x.T)
    check(zk.from_dlpack(x[:0]), x[:0])
    check(zk.from_dlpack(x, copy=True), x)


def test_dlpack_takes_the_arguments_of_the_standard() -> None:
    t = zk.asarray(draw("float32", 3)).cpu()
    for arguments in ({}, {"max_version": (1, 0)}, {"copy": None}, {"dl_device": t.__dlpack_device__()}):
        assert "dltensor" in repr(t.__dlpack__(**arguments))
    with pytest.raises((TypeError, ValueError)):
        zk.from_dlpack([1, 2, 3])


def test_a_graph_is_not_lost_through_dlpack() -> None:
    x = zk.ones(2).requires_grad_()
    for call in (x.__dlpack__, lambda: zk.from_dlpack(x), lambda: np.asarray(x)):
        with pytest.raises(Exception, match="detach"):
            call()


# -- Python numbers ---------------------------------------------------------------------------------------------------


def test_conversions_to_python_numbers() -> None:
    for dtype in available(ALL):
        one = zk.ones((), dtype=dtype)
        assert bool(one) is True
        assert complex(one) == 1
        if dtype not in COMPLEX:
            assert type(float(one)) is float
            assert type(int(one)) is int
    for dtype in available(INTEGER):
        assert operator.index(zk.asarray(3, dtype=dtype)) == 3
        assert [10, 11, 12][zk.asarray(2, dtype=dtype)] == 12
    assert float(zk.asarray(float("-inf"))) == -np.inf
    assert np.isnan(float(zk.asarray(float("nan"))))
    assert bool(zk.asarray(float("nan"))) is True
    assert int(zk.asarray(-2.7)) == -2
    assert complex(zk.asarray(1 + 2j)) == 1 + 2j


def test_conversions_that_are_refused() -> None:
    for call in (
        lambda: bool(zk.ones(2)),
        lambda: float(zk.ones(2)),
        lambda: operator.index(zk.asarray(1.0)),
        lambda: operator.index(zk.ones(2, dtype=zk.int64)),
        lambda: float(zk.asarray(1j)),
        lambda: int(zk.asarray(1j)),
        lambda: int(zk.asarray(float("nan"))),
        lambda: int(zk.asarray(float("inf"))),
    ):
        with pytest.raises((TypeError, ValueError, OverflowError)):
            call()


# -- inspection -------------------------------------------------------------------------------------------------------


def test_info() -> None:
    info = zk.__array_namespace_info__()
    capabilities = info.capabilities()
    assert capabilities["boolean indexing"] is True
    assert capabilities["data-dependent shapes"] is True
    assert capabilities["max dimensions"] >= 8
    assert info.default_device() in info.devices()
    for device in (None, info.default_device()):
        defaults = info.default_dtypes(device=device)
        assert defaults["real floating"] == zk.asarray(1.0).dtype == zk.ones(1).dtype
        assert defaults["complex floating"] == zk.asarray(1j).dtype
        assert defaults["integral"] == zk.asarray(1).dtype
        assert defaults["indexing"] == zk.argmax(zk.ones(2)).dtype == zk.nonzero(zk.ones(2))[0].dtype
        for kind, members in KINDS.items():
            found = info.dtypes(device=device, kind=kind)
            assert all(found[name] == getattr(zk, name) for name in found)
            assert set(available(members)) <= set(found) <= set(members)
    assert set(info.dtypes()) <= set(ALL)
    assert set(info.dtypes(kind=("bool", "complex floating"))) == {"bool", *COMPLEX}


def test_version_of_the_namespace() -> None:
    for version in (None, "2021.12", "2022.12", "2023.12", "2024.12", VERSION):
        assert zk.ones(1).__array_namespace__(api_version=version).__array_api_version__ == VERSION
    with pytest.raises(ValueError):
        zk.ones(1).__array_namespace__(api_version="1999.01")


def test_devices() -> None:
    x = zk.ones(2, dtype=zk.float64)
    for device in zk.__array_namespace_info__().devices():
        moved = x.to_device(device)
        assert moved.device == device
        assert zk.asarray(moved, device=device).device == device
        check(moved.to_device(x.device), np.ones(2))
        assert (moved + 1).device == device
        assert zk.zeros_like(moved).device == device
        assert moved.sum().device == device
    with pytest.raises(ValueError):
        x.to_device("the moon")


def test_equality_of_dtypes_and_hashes() -> None:
    names: dict[Any, str] = {getattr(zk, name): name for name in ALL}
    assert len(names) == len(ALL)
    assert all(names[zk.zeros(1, dtype=name).dtype] == name for name in ALL)
    assert all(zk.zeros(1, dtype=name).dtype != zk.int8 for name in REAL_FLOAT)


def test_tensors_compare_element_by_element_and_hash_by_identity() -> None:
    x, y = zk.asarray([1, 2]), zk.asarray([1, 3])
    check(x == y, np.array([True, False]))
    check(x != y, np.array([False, True]))
    assert len({x, y, x}) == 2
