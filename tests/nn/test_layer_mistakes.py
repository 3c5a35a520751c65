"""Every layer of the table, made and called with one thing wrong: it works, or says in our words what is wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from layers import LayerRow, all_layer_rows, flat

import zkynet as zk
from zkynet.errors import ZkynetError

pytestmark = pytest.mark.once

SETTINGS: list[Any] = [None, "abc", -1, 0, 1.5, (), (1, 2), (0,), [1.5], float("nan"), {}, True, 2j, zk.ones(2), len]
"""What a layer may be made with by mistake."""

INPUTS: list[Callable[[Any], Any]] = [
    lambda a: None,
    lambda a: "abc",
    lambda a: a,  # an array that is no tensor
    lambda a: zk.tensor(a[..., None]),
    lambda a: zk.tensor(a[0]) if a.ndim else zk.tensor(a),
    lambda a: zk.tensor(a[..., :-1]) if a.ndim and a.shape[-1] > 1 else zk.tensor(a),
    lambda a: zk.tensor(np.concatenate([a, a], 1)) if a.ndim > 1 else zk.tensor(a),
    lambda a: zk.tensor(a[:1]),
    lambda a: zk.tensor(a[..., :0]),
    lambda a: zk.tensor(a.astype("int64") if a.dtype.kind == "f" else a.astype("float32")),
    lambda a: zk.tensor(a.astype("float64")),
    lambda a: zk.tensor(a.astype("bool")),
    lambda a: zk.tensor(a.astype("complex64")),
    lambda a: zk.tensor(np.float32(1)),
    lambda a: zk.tensor(-a - 1),
    lambda a: zk.tensor(a * 1000 if a.dtype.kind == "i" else a * np.float32("nan")),
]
"""What may be passed by mistake in place of an input."""


def arrays(row: LayerRow) -> list[Any]:
    return [a.astype("float32") if a.dtype.kind == "f" else a for a in row.arrays()]


def calls(row: LayerRow) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Ways to make the layer and call it with one thing wrong."""
    call = row.keywords(zk, "float32")
    good = [zk.tensor(a) for a in arrays(row)]

    def run(args: tuple[Any, ...], kwargs: dict[str, Any], inputs: list[Any]) -> Any:
        module = row.made(zk.nn) if row.made else getattr(zk.nn, row.kind)(*args, **kwargs)
        return module(*inputs, **call)

    for i in range(len(row.args)):
        for wrong in SETTINGS:
            changed = (*row.args[:i], wrong, *row.args[i + 1 :])
            yield f"argument {i} is {wrong!r:.40}", lambda c=changed: run(c, row.kwargs, good)
    for key in row.kwargs:
        for wrong in SETTINGS:
            more = {**row.kwargs, key: wrong}
            yield f"{key}={wrong!r:.40}", lambda m=more: run(row.args, m, good)
    for i, a in enumerate(arrays(row)):
        for k, make in enumerate(INPUTS):

            def spoiled(i: int = i, a: Any = a, make: Any = make) -> Any:
                return run(row.args, row.kwargs, [*good[:i], make(a), *good[i + 1 :]])

            yield f"input {i}, mistake {k}", spoiled


@pytest.mark.parametrize("row", all_layer_rows(), ids=lambda row: row.name)
def test_a_mistake_is_answered_in_our_words(row: LayerRow) -> None:
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for what, call in calls(row):
            try:
                for t in flat(call()):
                    if isinstance(t, zk.Tensor):
                        t.numpy()
            except ZkynetError as e:
                if " said: " in str(e) or not e.fix:
                    wrong.append(f"{what}: no way out, or not our words: {e}")
            except Exception as e:
                wrong.append(f"{what}: {type(e).__name__}: {e}")
    assert not wrong, "\n".join(wrong)
