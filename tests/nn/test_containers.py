"""Modules that hold modules: Sequential, lists and dicts."""

from __future__ import annotations

import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, IndexOutOfRangeError

pytestmark = pytest.mark.once
nn = zk.nn


def test_sequential_is_a_list_of_its_modules() -> None:
    a, b, c = nn.Identity(), nn.Linear(2, 2), nn.Flatten()
    s = nn.Sequential(a, b)
    s.append(c)
    assert (len(s), s[-1], list(s)) == (3, c, [a, b, c])
    assert list(s[1:].state_dict()) == ["0.weight", "0.bias"]
    s.insert(0, c)
    assert list(s) == [c, a, b, c]
    del s[0]
    s[0] = b
    assert [n for n, _ in s.named_children()] == ["0", "2"]  # one module in two places counts once
    assert s.pop() is c
    named = nn.Sequential({"first": nn.Linear(2, 3), "second": nn.Linear(3, 1)})
    assert named.second(named.first(zk.ones(2))).shape == named(zk.ones(2)).shape
    assert list(named[:1].state_dict()) == ["first.weight", "first.bias"]
    with pytest.raises(IndexOutOfRangeError, match="there is none of index 7"):
        s[7]
    with pytest.raises(ArgumentError, match="holds modules"):
        s.append(zk.tanh)
    with pytest.raises(ArgumentError, match="unpack the list"):
        nn.Sequential([a, b])  # type: ignore[arg-type]


def test_module_list_and_dict_and_parameter_list_and_dict() -> None:
    layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    layers += [nn.Linear(2, 1)]
    assert [n for n, _ in layers.named_children()] == ["0", "1", "2", "3"]
    assert layers[-1].out_features == 1
    assert len(layers[1:]) == 3
    assert layers[0] in layers
    heads = nn.ModuleDict({"a": nn.Identity()})
    heads["b"] = nn.Linear(2, 2)
    assert list(heads) == ["a", "b"]
    assert "b" in heads
    assert [type(m).__name__ for m in heads.values()] == ["Identity", "Linear"]
    del heads["a"]
    assert list(heads.state_dict()) == ["b.weight", "b.bias"]
    with pytest.raises(KeyError, match="has no entry 'zz'"):
        heads["zz"]
    with pytest.raises(ArgumentError, match="own attributes"):
        heads["keys"] = nn.Identity()
    ps = nn.ParameterList([zk.ones(2), nn.Parameter(zk.ones(3))])
    assert [type(p) for p in ps] == [nn.Parameter, nn.Parameter]
    pd = nn.ParameterDict({"w": zk.ones(2)})
    pd.update({"v": zk.ones(1)})
    assert list(pd.state_dict()) == ["w", "v"]
    assert "(2,) float32" in repr(ps)
    assert "(2,) float32" in repr(pd)
