"""Datasets put together and taken apart, and the orders that samples come in."""

from __future__ import annotations

import collections
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zkynet as zk
from zkynet.data import (
    BatchSampler,
    BucketBatchSampler,
    ChainDataset,
    ConcatDataset,
    DataLoader,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)
from zkynet.errors import ArgumentError, IndexOutOfRangeError, InvalidValueError, ShapeError

pytestmark = pytest.mark.once


def numbers(n: int) -> TensorDataset:
    return TensorDataset(np.arange(n))


def seeded(seed: int = 0) -> zk.random.Generator:
    return zk.random.Generator(seed)


# -- datasets ---------------------------------------------------------------------------------------------------


def test_lists_become_the_default_dtypes_and_arrays_keep_theirs() -> None:
    data = TensorDataset([[1.0], [2.0]], [0, 1], [True, False], np.zeros(2), ["a", "b"], [np.float64(1), np.float64(2)])
    assert [a.dtype.name for a in data.arrays[:4]] == ["float32", "int64", "bool", "float64"]
    assert data.arrays[5].dtype == "float64"
    x = next(iter(DataLoader(data, 2)))
    assert x[4].tolist() == ["a", "b"]


def test_datasets_in_datasets() -> None:
    both = numbers(3) + Subset(numbers(10), [9, -1, 4])
    assert isinstance(both, ConcatDataset)
    assert [int(both[i][0]) for i in range(-6, 6)] == [0, 1, 2, 9, 9, 4] * 2
    assert [x.tolist() for (x,) in DataLoader(Subset(both, [5, 0, 3]), 2)] == [[4, 0], [9]]
    assert list(ChainDataset([[1], [2, 3]])) == [1, 2, 3]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: TensorDataset(), ArgumentError, "got no arrays"),
        (lambda: TensorDataset(np.ones(3), np.ones(2)), ShapeError, r"array 1: shape \(2,\)"),
        (lambda: TensorDataset(3.0), ShapeError, "no axis of samples"),
        (lambda: TensorDataset([[1, 2], [3]]), ArgumentError, "differ in length or kind"),
        (lambda: TensorDataset([1], transform=3), ArgumentError, "transform is a function"),
        (lambda: Subset(numbers(3), [3]), IndexOutOfRangeError, "there is no sample 3"),
        (lambda: Subset(numbers(3), [1.5]), ArgumentError, "whole number"),
        (lambda: Subset(IterableDataset(), [0]), ArgumentError, "samples by number"),
        (lambda: ConcatDataset([]), ArgumentError, "got no datasets"),
        (lambda: ConcatDataset([numbers(1), iter([1])]), ArgumentError, "IterableDataset"),
        (lambda: ChainDataset([3]), ArgumentError, "streams of samples"),
        (lambda: numbers(3)[3], IndexOutOfRangeError, "3 samples, there is no sample 3"),
        (lambda: zk.data.Dataset()[0], NotImplementedError, "needs a method __getitem__"),
        (lambda: len(zk.data.Dataset()), NotImplementedError, "needs a method __len__"),
        (lambda: iter(IterableDataset()), NotImplementedError, "needs a method __iter__"),
    ],
)
def test_datasets_that_make_no_sense(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


# -- splits -----------------------------------------------------------------------------------------------------


def parts_of(parts: list[Subset]) -> list[list[int]]:
    return [part.indices for part in parts]


@given(n=st.integers(0, 60), cuts=st.lists(st.integers(1, 9), min_size=1, max_size=4), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_parts_hold_every_sample_once_in_the_shares_asked_for(n: int, cuts: list[int], seed: int) -> None:
    fractions = [c / sum(cuts) for c in cuts]
    parts = parts_of(random_split(numbers(n), fractions, seeded(seed)))
    assert sorted(itertools.chain.from_iterable(parts)) == list(range(n))
    assert all(abs(len(part) - n * f) <= 1 for part, f in zip(parts, fractions, strict=True))


def test_a_split_by_lengths_is_the_generators_permutation() -> None:
    order = seeded(4).permutation(10).tolist()
    assert parts_of(random_split(numbers(10), [7, 0, 3], seeded(4))) == [order[:7], [], order[7:]]
    assert parts_of(random_split(numbers(1), [1], seeded())) == [[0]]


@pytest.mark.parametrize("labels", [np.repeat([0, 1, 2], [60, 30, 10]), np.repeat(["a", "b"], [90, 10])])
def test_a_stratified_split_has_the_same_share_of_each_class_in_every_part(labels: Any) -> None:
    parts = parts_of(random_split(numbers(100), [0.8, 0.2], seeded(1), stratify=labels))
    counts = [collections.Counter(labels[part].tolist()) for part in parts]
    assert all(abs(counts[1][label] - 0.2 * n) <= 1 for label, n in collections.Counter(labels.tolist()).items())
    assert sorted(itertools.chain.from_iterable(parts)) == list(range(100))
    assert parts != parts_of(random_split(numbers(100), [0.8, 0.2], seeded(2), stratify=labels))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([3, 3],), "together 6"),
        (([0.5, 0.4],), "fractions that add up to 1"),
        (([1.5, -0.5],), "0 or more"),
        (([float("nan"), 1.0],), "0 or more"),
        (([],), "0 or more"),
        ((0.8,), "one number for each part"),
        (("ab",), "one number for each part"),
        (([0.5, 0.5], 3), "zkynet.random.Generator"),
        (([0.5, 0.5], None, [0, 1]), "one class for each sample"),
    ],
)
def test_splits_that_make_no_sense(arguments: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        random_split(numbers(10), *arguments)


# -- samplers ---------------------------------------------------------------------------------------------------


def test_orders() -> None:
    assert list(SequentialSampler(range(3))) == [0, 1, 2]
    assert list(RandomSampler(range(5), generator=seeded(2))) == seeded(2).permutation(5).tolist()
    more = list(RandomSampler(range(3), num_samples=7, generator=seeded()))
    assert sorted(more[:3]) == sorted(more[3:6]) == [0, 1, 2]
    assert len(more) == 7
    drawn = list(RandomSampler(range(50), replacement=True, generator=seeded()))
    assert len(drawn) == 50
    assert len(set(drawn)) < 50
    assert sorted(SubsetRandomSampler([4, 8], seeded())) == [4, 8]
    assert list(BatchSampler(range(5), 2, drop_last=True)) == [[0, 1], [2, 3]]


def test_weighted_samples_come_as_often_as_their_weights_say() -> None:
    drawn = collections.Counter(WeightedRandomSampler([1, 0, 3], 4000, generator=seeded()))
    assert drawn[1] == 0
    assert drawn[2] == pytest.approx(3000, abs=5 * np.sqrt(4000 * 0.25 * 0.75))
    assert sorted(WeightedRandomSampler([1, 0, 3], 2, replacement=False, generator=seeded())) == [0, 2]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: RandomSampler(range(3), num_samples=0), "num_samples is 1 or more"),
        (lambda: RandomSampler(range(3), generator=7), "zkynet.random.Generator"),
        (lambda: SubsetRandomSampler(["a"]), "whole number"),
        (lambda: BatchSampler(range(3), 0), "batch_size is 1 or more"),
        (lambda: BatchSampler(range(3), 2.5), "whole number"),
        (lambda: WeightedRandomSampler([], 1), "no values"),
        (lambda: WeightedRandomSampler([-1, 2], 1), "from 0 on"),
        (lambda: WeightedRandomSampler([0, 0], 1), "not all 0"),
        (lambda: WeightedRandomSampler(["a"], 1), "finite numbers"),
        (lambda: WeightedRandomSampler([1, 0], 2, replacement=False), "cannot be drawn"),
        (lambda: BucketBatchSampler([1, 2]), "how large a batch is"),
        (lambda: BucketBatchSampler([1.5], 2), "whole numbers from 0 on"),
        (lambda: BucketBatchSampler([], 2), "whole numbers from 0 on"),
        (lambda: BucketBatchSampler([-1], 2), "whole numbers from 0 on"),
        (lambda: BucketBatchSampler([1], max_tokens=0), "max_tokens is 1 or more"),
        (lambda: BucketBatchSampler([1], max_tokens=1, drop_last=True), "drop_last needs a batch_size"),
    ],
)
def test_samplers_that_make_no_sense(make: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        make()


@given(
    lengths=st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=40),
    batch_size=st.none() | st.integers(1, 7),
    max_tokens=st.integers(1, 40),
)
@settings(max_examples=50, deadline=None)
def test_batches_by_length_hold_every_sample_once_and_no_more_than_allowed(
    lengths: list[tuple[int, int]], batch_size: int | None, max_tokens: int
) -> None:
    sampler = BucketBatchSampler(lengths, batch_size, max_tokens, generator=seeded())
    for _ in range(2):
        batches = list(sampler)
        assert len(batches) == len(sampler)
        assert sorted(itertools.chain.from_iterable(batches)) == list(range(len(lengths)))
        for batch in batches:
            assert batch_size is None or len(batch) <= batch_size
            assert len(batch) == 1 or len(batch) * max(max(lengths[i]) for i in batch) <= max_tokens
    in_order = list(BucketBatchSampler(lengths, 3, shuffle=False))
    assert [lengths[i] for batch in in_order for i in batch] == sorted(lengths)


def test_batches_by_length_change_their_order_and_go_on_in_a_restored_loader() -> None:
    data = numbers(40)

    def make() -> DataLoader:
        return DataLoader(data, batch_sampler=BucketBatchSampler(np.arange(40) % 5, 4))

    zk.random.seed(0)
    first = make()
    epochs = [[x.tolist() for (x,) in first] for _ in range(2)]
    assert epochs[0] != epochs[1]
    batches = iter(first)
    next(batches)
    state = first.state_dict()
    rest = [x.tolist() for (x,) in batches]
    second = make()
    second.load_state_dict(state)
    assert [x.tolist() for (x,) in second] == rest


def test_a_sampler_of_ones_own_draws_from_the_loaders_generator_and_is_restored() -> None:
    class Backwards(Sampler):
        def __len__(self) -> int:
            return 12

        def __iter__(self) -> Any:
            return (11 - i for i in self.generator.permutation(12).tolist())  # type: ignore[union-attr]

    one, two = DataLoader(numbers(12), 3, sampler=Backwards()), DataLoader(numbers(12), 3, sampler=Backwards())
    list(one)
    batches = iter(one)
    next(batches)
    two.load_state_dict(one.state_dict())
    assert [x.tolist() for (x,) in two] == [x.tolist() for (x,) in batches]


def test_a_sampler_gives_what_is_left_out_to_drop_last() -> None:
    assert [len(b) for b in BucketBatchSampler([1, 2, 3], 2, shuffle=False, drop_last=True)] == [2]
    with pytest.raises(InvalidValueError, match="no whole batch"):
        list(DataLoader(numbers(3), 4, drop_last=True))
