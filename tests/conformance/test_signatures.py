"""Every name of the standard exists, with the standard's parameters."""

from __future__ import annotations

import inspect
import math
from typing import Any

import pytest

import zkynet as zk
from conformance.standard import ALL, ATTRIBUTES, CONSTANTS, FFT, INFO, LINALG, MAIN, METHODS, VERSION, signatures

P = inspect.Parameter
OWNERS = {"": zk, "linalg.": zk.linalg, "fft.": zk.fft, "__array_namespace_info__().": zk.__array_namespace_info__()}
TABLES = {"": MAIN, "linalg.": LINALG, "fft.": FFT, "__array_namespace_info__().": INFO}
FUNCTIONS = [
    pytest.param(OWNERS[where], name, signature, id=where + name)
    for where, table in TABLES.items()
    for name, signature in signatures(table).items()
]


def compare(found: inspect.Signature, asked: inspect.Signature) -> None:
    """Whether every call that the standard allows is understood alike; more may be allowed."""
    ours = list(found.parameters.values())
    for at, parameter in enumerate(asked.parameters.values()):
        if parameter.kind is P.POSITIONAL_ONLY:
            mine = ours[at]
            assert mine.kind in (P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD, P.VAR_POSITIONAL)
        else:
            mine = found.parameters[parameter.name]
        if parameter.kind is P.POSITIONAL_OR_KEYWORD:
            assert mine.kind is P.POSITIONAL_OR_KEYWORD
            assert ours.index(mine) == at
        if parameter.kind is P.KEYWORD_ONLY:
            assert mine.kind in (P.KEYWORD_ONLY, P.POSITIONAL_OR_KEYWORD)
        if parameter.kind is P.VAR_POSITIONAL:
            assert mine.kind is P.VAR_POSITIONAL
        if parameter.default is not P.empty:
            assert mine.default == parameter.default
    for mine in ours:
        if mine.name not in asked.parameters and mine.default is P.empty:
            assert mine.kind in (P.VAR_POSITIONAL, P.VAR_KEYWORD) or ours.index(mine) < len(asked.parameters)


@pytest.mark.parametrize(("owner", "name", "asked"), FUNCTIONS)
def test_function(owner: Any, name: str, asked: inspect.Signature) -> None:
    compare(inspect.signature(getattr(owner, name)), asked)


@pytest.mark.parametrize(("name", "asked"), [pytest.param(n, s, id=n) for n, s in signatures(METHODS).items()])
def test_method(name: str, asked: inspect.Signature) -> None:
    compare(inspect.signature(getattr(zk.ones((2, 2)), name)), asked)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute(name: str) -> None:
    assert isinstance(inspect.getattr_static(zk.Tensor, name), property)
    getattr(zk.ones((2, 2)), name)


def test_dtypes_are_in_the_namespace() -> None:
    for name in ALL:
        dtype = getattr(zk, name)
        assert dtype == getattr(zk, name)
        assert all((dtype == getattr(zk, other)) is (other == name) for other in ALL)


def test_constants() -> None:
    assert all(hasattr(zk, name) for name in CONSTANTS)
    assert all(type(getattr(zk, name)) is float for name in CONSTANTS if name != "newaxis")
    assert (zk.e, zk.pi, zk.inf) == (math.e, math.pi, math.inf)
    assert math.isnan(zk.nan)
    assert zk.newaxis is None


def test_version() -> None:
    assert zk.__array_api_version__ == VERSION
    assert zk.ones(1).__array_namespace__(api_version=VERSION) is zk


def test_attributes_of_a_tensor() -> None:
    x = zk.zeros((2, 3, 4), dtype=zk.int16)
    assert (x.ndim, x.shape, x.size, x.dtype) == (3, (2, 3, 4), 24, zk.int16)
    assert x.mT.shape == (2, 4, 3)
    assert x.device in zk.__array_namespace_info__().devices()
    assert zk.zeros((2, 3)).T.shape == (3, 2)
    assert zk.zeros(()).size == 1
    assert zk.zeros((0, 3)).size == 0
    for wrong in (zk.zeros(3), x):
        with pytest.raises(ValueError, match="matrices"):
            _ = wrong.T
    with pytest.raises(ValueError, match="ax"):
        _ = zk.zeros(3).mT
