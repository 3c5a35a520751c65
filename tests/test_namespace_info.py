"""What the namespace says about itself: versions, dtypes, devices, limits, constants."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError
from zkynet.other_names import OURS


def test_the_namespace_of_a_tensor() -> None:
    x = zk.ones(2)
    assert x.__array_namespace__() is zk
    assert x.__array_namespace__(api_version="2021.12") is zk
    assert x.__array_namespace__(api_version=zk.__array_api_version__) is zk
    with pytest.raises(InvalidValueError, match=r"versions it follows: 2021\.12"):
        x.__array_namespace__(api_version="2020.06")


def test_devices_and_default_dtypes(backend: Any) -> None:
    info = zk.__array_namespace_info__()
    assert info.default_device() in info.devices()
    assert isinstance(info.devices(), tuple)
    assert info.devices() == tuple(backend.devices())
    with zk.device(info.devices()[-1]):
        assert info.default_device() == info.devices()[-1]
    for device in info.devices():
        assert info.default_dtypes(device=device)["real floating"] == zk.float32
        assert zk.zeros(1, device=device).device == device
    assert set(info.capabilities()) == {"boolean indexing", "data-dependent shapes", "max dimensions"}


def test_dtypes_by_kind() -> None:
    info = zk.__array_namespace_info__()
    everything = info.dtypes()
    assert everything["int8"] == zk.int8
    assert "float16" not in everything  # no standard dtype
    for name, dtype in everything.items():
        assert zk.zeros(1, dtype=dtype).dtype.name == name
    assert set(info.dtypes(kind="bool")) == {"bool"}
    assert "float32" in info.dtypes(kind=("bool", "real floating"))
    assert "int8" not in info.dtypes(kind=("bool", "real floating"))
    with pytest.raises(InvalidValueError, match="there is no kind 'float'"):
        info.dtypes(kind="float")


def test_isdtype() -> None:
    assert zk.isdtype(zk.float64, "numeric")
    assert not zk.isdtype(zk.bool, "numeric")
    assert zk.isdtype(zk.uint8, ("signed integer", "unsigned integer"))
    assert zk.isdtype("float16", "real floating")
    assert zk.isdtype(zk.int32, zk.int32)
    assert not zk.isdtype(zk.int32, (zk.int64, "bool"))


def test_result_type_follows_the_promotion_of_ops() -> None:
    for a in ("bool", "int8", "uint8", "int64", "float32", "float64", "complex64"):
        for b in ("bool", "int16", "float32", "float64", "complex64", "complex128"):
            x, y = zk.ones(1, dtype=a), zk.ones(1, dtype=b)
            if a == b == "bool":
                continue
            assert zk.result_type(x, y) == (x + y).dtype == zk.result_type(a, y) == zk.result_type(y, a)
    assert zk.result_type(zk.int8, 3) == zk.int8
    assert zk.result_type(3.0, zk.float64, 1) == zk.float64
    assert zk.result_type(zk.float64, 1j) == zk.complex128
    assert zk.result_type(zk.int32, 2.0) == zk.float32
    assert zk.result_type(1, 2.0) == zk.float32
    assert zk.result_type(np.float64(1.0), zk.float32) == zk.float64
    with pytest.raises(ArgumentError):
        zk.result_type()
    with pytest.raises(DTypeError):
        zk.result_type(None)


def test_can_cast() -> None:
    assert zk.can_cast(zk.ones(1, dtype="int8"), zk.int64)
    assert not zk.can_cast(zk.int64, zk.int32)
    assert not zk.can_cast(zk.uint64, zk.int64)
    assert zk.can_cast(zk.float32, zk.complex64)


def test_finfo() -> None:
    for dtype in (zk.float32, zk.complex64, zk.ones(2), zk.zeros(2, dtype="complex64"), "float32"):
        info = zk.finfo(dtype)
        assert (info.bits, info.dtype, info.eps) == (32, zk.float32, 2.0**-23)
        assert all(type(v) is float for v in (info.eps, info.max, info.min, info.smallest_normal, info.tiny))
    assert zk.finfo(zk.float16).max == 65504.0
    with pytest.raises(DTypeError, match="iinfo"):
        zk.finfo(zk.int8)


def test_finfo_of_bfloat16() -> None:
    pytest.importorskip("ml_dtypes", reason="bfloat16 comes from ml_dtypes, which is not installed")
    assert zk.finfo("bfloat16").eps == 2.0**-7
    assert zk.isdtype("bfloat16", "real floating")


def test_iinfo() -> None:
    info = zk.iinfo(zk.ones(1, dtype="uint8"))
    assert (info.bits, info.min, info.max, info.dtype) == (8, 0, 255, zk.uint8)
    with pytest.raises(DTypeError, match="finfo"):
        zk.iinfo(zk.float32)


def test_constants() -> None:
    assert (zk.e, zk.pi, zk.inf, zk.newaxis) == (math.e, math.pi, math.inf, None)
    assert math.isnan(zk.nan)


def test_a_name_of_numpy_or_pytorch_leads_to_ours() -> None:
    for name, ours in {"arctan2": "zk.atan2", "array": "zk.tensor", "svd": "zk.linalg.svd", "numel": "x.size"}.items():
        with pytest.raises(AttributeError, match=f"Fix: use {ours}"):
            getattr(zk, name)
    with pytest.raises(AttributeError) as caught:
        zk.reshpae  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("reshpae", zk)  # from which Python finds the nearest spelling
    assert not hasattr(zk, "arctan2")


def test_every_name_we_send_people_to_is_there() -> None:
    for theirs, ours in OURS.items():
        assert theirs not in vars(zk), f"{theirs} exists"
        if re.fullmatch(r"[\w.]+", ours):
            owner, name = (zk.ones(2, 2), ours[2:]) if ours.startswith("x.") else (zk, ours)
            for part in name.split("."):
                owner = getattr(owner, part)
