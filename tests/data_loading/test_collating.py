"""Samples joined to batches, stacked or padded, and what does not fit together."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.data import default_collate, pad_collate
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError

pytestmark = pytest.mark.once

Pair = namedtuple("Pair", "x y")


def test_every_form_of_sample_keeps_its_form() -> None:
    samples = [
        {"x": np.full(2, k, "float32"), "name": f"s{k}", "pair": Pair(k, (True, 0.5)), "no": None} for k in (1, 2)
    ]
    batch = default_collate(samples)
    assert batch["x"].tolist() == [[1, 1], [2, 2]]
    assert batch["name"] == ["s1", "s2"]
    assert isinstance(batch["pair"], Pair)
    assert [a.dtype.name for a in (batch["x"], batch["pair"].x, *batch["pair"].y)] == [
        "float32",
        "int64",
        "bool",
        "float32",
    ]
    assert batch["no"] == [None, None]


def test_tensors_and_anything_that_is_an_array_are_joined() -> None:
    class Picture:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.ones((2, 2), dtype)

    assert default_collate([Picture(), Picture()]).shape == (2, 2, 2)
    assert default_collate([zk.ones(3), np.ones(3)]).shape == (2, 3)
    assert default_collate([np.int64(3), np.int64(4)]).tolist() == [3, 4]
    assert default_collate([True, 2]).tolist() == [1, 2]
    assert default_collate([1, 2.5]).tolist() == [1, 2.5]


@pytest.mark.parametrize(
    ("samples", "error", "words"),
    [
        ([], InvalidValueError, "got no samples"),
        ([(np.ones(3), 0), (np.ones(4), 0)], ShapeError, "entry 0 of sample 1: shape \\(4,\\)(.|\n)*pad_collate"),
        ([{"a": 1}, {"b": 1}], ArgumentError, "sample 1: \\['b'\\]"),
        ([(1, 2), (1,)], ArgumentError, "sample 1: 1 entries"),
        ([{"a": [(1, 2)]}, {"a": [3]}], ArgumentError, "entry 0 of 'a' of sample 1: int: 3"),
        ([1, "one"], ArgumentError, "sample 1: one"),
        (["one", 1], ArgumentError, "sample 1: int: 1"),
        ([np.int64(1), "one"], ArgumentError, "sample 1: one"),
        ([np.ones(1), None], ArgumentError, "sample 1: NoneType"),
        ([object(), object()], ArgumentError, "no batch can be made"),
        ([1, 2**70], InvalidValueError, "too large for int64"),
    ],
)
def test_samples_that_do_not_fit_together_are_named(samples: list[Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        default_collate(samples)


def test_sequences_are_padded_with_their_lengths() -> None:
    (x, x_lengths), (t, t_lengths), label = pad_collate(
        [(np.ones((2, 3), "float32"), [1, 2], 7), (np.ones((4, 3), "float32"), [3], 8)], padding_value=-1
    )
    assert x.shape == (2, 4, 3)
    assert x[0, 2:].tolist() == [[-1] * 3] * 2
    assert (x_lengths.tolist(), t.tolist(), t_lengths.tolist()) == ([2, 4], [[1, 2], [3, -1]], [2, 1])
    assert label.tolist() == [7, 8]


def test_a_batch_has_the_same_form_whether_its_sequences_differ_or_not() -> None:
    for samples in ([np.ones((2, 3))], [np.ones((2, 3)), np.ones((2, 3))], [np.ones((2, 3)), np.ones((1, 3))]):
        x, lengths = pad_collate(samples)
        assert x.shape == (len(samples), 2, 3)
        assert lengths.tolist() == [len(s) for s in samples]


def test_only_the_fields_named_are_padded_and_all_batches_may_have_one_length() -> None:
    samples = [{"text": [1, 2], "picture": np.ones((1, 2, 2))}, {"text": [3], "picture": np.ones((1, 2, 2))}]
    batch = pad_collate(samples, length=5, fields=["text"])
    assert batch["text"][0].shape == (2, 5)
    assert batch["picture"].shape == (2, 1, 2, 2)


@pytest.mark.parametrize(
    ("samples", "options", "words"),
    [
        ([np.ones(3)], {"length": 2}, "3 entries, more than length=2"),
        ([np.ones(3)], {"length": 0}, "length is 1 or more"),
        ([np.array([1])], {"padding_value": float("nan")}, "nan cannot stand among integers"),
        ([(np.ones(3),)], {"fields": [1]}, "do not have the fields"),
        ([np.ones(3)], {"fields": "text"}, "do not have the fields"),
        ([np.ones((2, 3)), np.ones((2, 4))], {}, "differ in shape(.|\n)*first axis alone"),
    ],
)
def test_padding_that_makes_no_sense(samples: list[Any], options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pad_collate(samples, **options)
