"""Loaders: batches, order, where they are, and how they go on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.data import DataLoader, TensorDataset
from zkynet.errors import InvalidValueError, ShapeError, StateDictError


def numbers(n: int = 10) -> TensorDataset:
    return TensorDataset(np.arange(n))


def taken(loader: Any) -> list[list[int]]:
    return [x.tolist() for (x,) in loader]


def test_batches_are_tensors_on_the_current_backend() -> None:
    x, y = next(iter(DataLoader(TensorDataset(np.ones((3, 2), "float32"), [0, 1, 2]), batch_size=3)))
    assert x.shape == (3, 2)
    assert str(x.dtype) == "float32"
    assert str(y.dtype) == "int64"
    assert x.backend is zk.get_backend()


@pytest.mark.once
def test_in_order_with_and_without_the_last_batch() -> None:
    assert taken(DataLoader(numbers(5), batch_size=2)) == [[0, 1], [2, 3], [4]]
    loader = DataLoader(numbers(5), batch_size=2, drop_last=True)
    assert (len(loader), taken(loader)) == (2, [[0, 1], [2, 3]])


def test_the_order_of_a_seed_is_the_generators_permutation() -> None:
    loader = DataLoader(numbers(), batch_size=10, shuffle=True, generator=zk.random.Generator(3))
    by_hand = zk.random.Generator(3)
    for _ in range(2):
        by_hand.bits(2, dtype="uint64")  # the key of the samples' own streams
        assert taken(loader) == [by_hand.permutation(10).tolist()]


class Drawing(zk.data.Dataset):
    """Samples that draw, one by one."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, i: int) -> Any:
        return i, zk.data.sample_stream().uniform()


@pytest.mark.once
@pytest.mark.parametrize("stop", range(5))
def test_a_restored_loader_gives_the_rest_of_the_epoch_and_those_that_follow(stop: int) -> None:
    def make() -> DataLoader:
        return DataLoader(Drawing(), batch_size=2, shuffle=True)

    zk.random.seed(1)
    first = make()
    list(first)
    epoch = iter(first)
    for _ in range(stop):
        next(epoch)
    state = json.loads(json.dumps(first.state_dict()))
    rest = [[(x.tolist(), u.tolist()) for x, u in epoch], [(x.tolist(), u.tolist()) for x, u in first]]
    zk.random.seed(2)
    second = make()
    second.load_state_dict(state)
    assert [[(x.tolist(), u.tolist()) for x, u in second] for _ in range(2)] == rest


@pytest.mark.once
def test_a_batch_transform_draws_the_same_numbers_as_samples_one_by_one() -> None:
    def noisy(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if x.ndim == 0:
            return x + zk.data.sample_stream().uniform()
        return x + np.array([s.uniform() for s in zk.data.sample_streams(len(x))])

    x = np.arange(6.0)
    whole = DataLoader(TensorDataset(x, transform=noisy), batch_size=4, generator=zk.random.Generator(0))
    single = DataLoader(
        TensorDataset(x, transform=noisy),
        batch_size=4,
        generator=zk.random.Generator(0),
        collate_fn=zk.data.default_collate,
    )
    assert taken(whole) == taken(single)


@pytest.mark.once
def test_samples_of_a_subset_have_the_streams_of_their_own_positions() -> None:
    drawn = [
        np.concatenate([u.numpy() for _, u in DataLoader(data, size, generator=zk.random.Generator(0))])
        for data, size in ((Drawing(), 3), (zk.data.Subset(Drawing(), range(7)), 3), (Drawing() + Drawing(), 7))
    ]
    assert drawn[0].tolist() == drawn[1].tolist() == drawn[2][:7].tolist()
    assert len(set(drawn[2].tolist())) == 14


@pytest.mark.once
def test_two_loops_over_one_loader_do_not_disturb_each_other() -> None:
    def make() -> DataLoader:
        return DataLoader(numbers(), 3, shuffle=True, generator=zk.random.Generator(0))

    one, two = make(), make()
    epochs = [taken(one), taken(one)]
    first, second = iter(two), iter(two)
    mixed = [(a.tolist(), b.tolist()) for (a,), (b,) in zip(first, second, strict=True)]
    assert [[a for a, _ in mixed], [b for _, b in mixed]] == epochs
    assert two.state_dict()["epoch"] == 2  # it was the newer loop, and its epoch is over
    assert two.state_dict()["delivered"] == 0


@pytest.mark.once
def test_a_loop_that_is_not_begun_changes_nothing() -> None:
    loader = DataLoader(numbers(), 3, shuffle=True)
    before = loader.state_dict()
    iter(loader)
    assert loader.state_dict() == before


@pytest.mark.once
def test_an_order_without_an_end_is_taken_as_it_comes() -> None:
    class Endless:
        def __iter__(self) -> Any:
            return itertools.cycle([[0, 1], [2]])

    loader = DataLoader(numbers(3), batch_sampler=Endless())
    assert [x.tolist() for (x,) in itertools.islice(loader, 3)] == [[0, 1], [2], [0, 1]]
    assert loader.state_dict()["delivered"] == 3
    with pytest.raises(TypeError):
        len(loader)


@pytest.mark.once
def test_an_order_may_be_a_list_and_samples_may_come_alone() -> None:
    assert [x.tolist() for (x,) in DataLoader(numbers(3), 2, sampler=[2, 2, 0])] == [[2, 2], [0]]
    loader = DataLoader(numbers(3), batch_size=None, shuffle=True)
    assert sorted(x.item() for (x,) in loader) == [0, 1, 2]
    assert len(loader) == 3


class Counting(zk.data.IterableDataset):
    """A stream that says where it is."""

    def __init__(self, n: int) -> None:
        self.n, self.at, self.first, self.given = n, 0, 0, 0

    def __iter__(self) -> Iterator[int]:
        self.at, self.first = self.first, 0
        while self.at < self.n:
            self.at += 1
            self.given += 1
            yield self.at - 1

    def state_dict(self) -> dict[str, int]:
        return {"at": self.at}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.first = state["at"]


@pytest.mark.once
@pytest.mark.parametrize("prefetch", [None, 3])
@pytest.mark.parametrize("stop", [0, 2, 4])
def test_a_stream_that_says_where_it_is_does_not_begin_again(stop: int, prefetch: int | None) -> None:
    one, two = (DataLoader(Counting(11), 3, prefetch_factor=prefetch) for _ in range(2))
    batches = iter(one)
    for _ in range(stop):
        next(batches)
    state = json.loads(json.dumps(one.state_dict()))
    rest = [x.tolist() for x in batches]
    two.load_state_dict(state)
    assert two.state_dict() == state
    assert [x.tolist() for x in two] == rest
    assert two.dataset.given == sum(map(len, rest))
    assert [x.tolist() for x in two] == [x.tolist() for x in one]


@pytest.mark.once
@pytest.mark.parametrize("drop_last", [False, True])
def test_a_stream_that_does_not_is_gone_through_again_up_to_there(drop_last: bool) -> None:
    class Plain(zk.data.IterableDataset):
        def __iter__(self) -> Iterator[float]:
            return (k + zk.data.sample_stream().uniform() for k in range(8))

    one, two = (DataLoader(Plain(), 3, drop_last=drop_last, generator=zk.random.Generator(0)) for _ in range(2))
    batches = iter(one)
    next(batches)
    state = one.state_dict()
    two.load_state_dict(state)
    rest = [x.tolist() for x in batches]
    assert len(rest) == 2 - drop_last
    assert [x.tolist() for x in two] == rest


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"dataset": 3}, "samples by number, received int"),
        ({"dataset": iter([1])}, "IterableDataset"),
        ({"batch_size": 0}, "batch_size is 1 or more, received 0"),
        ({"batch_size": 2.5}, "whole number"),
        ({"batch_size": None, "drop_last": True}, "there are none"),
        ({"shuffle": "yes"}, "True or False"),
        ({"shuffle": True, "sampler": [0]}, "both say the order"),
        ({"sampler": 3}, "sampler gives the numbers"),
        ({"batch_sampler": 3}, "batch_sampler gives the numbers"),
        ({"batch_sampler": [[0]], "batch_size": 2}, "pass it alone"),
        ({"dataset": Counting(3), "shuffle": True}, "order of its own"),
        ({"collate_fn": 3}, "collate_fn is a function"),
        ({"generator": 3}, "zkynet.random.Generator"),
        ({"num_workers": -1}, "num_workers is 0 or more"),
        ({"prefetch_factor": 0}, "prefetch_factor is 1 or more"),
        ({"timeout": -1}, "timeout is 0 or more"),
        ({"timeout": float("nan")}, "timeout is 0 or more"),
        ({"multiprocessing_context": "teleport"}, "called 'teleport'"),
    ],
)
def test_loaders_that_make_no_sense(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        DataLoader(**{"dataset": numbers(3)} | arguments)


@pytest.mark.once
@pytest.mark.parametrize(
    ("loader", "words"),
    [
        (DataLoader(numbers(0)), "is empty"),
        (DataLoader(numbers(0), shuffle=True), "is empty"),
        (DataLoader(numbers(3), 4, drop_last=True), "no whole batch"),
        (DataLoader(numbers(3), sampler=[]), "gives no samples"),
    ],
)
def test_a_loop_without_a_single_batch_is_an_error(loader: DataLoader, words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        list(loader)


@pytest.mark.once
def test_an_error_says_which_samples_it_is_about() -> None:
    class Ragged(Drawing):
        def __getitem__(self, i: int) -> Any:
            return np.ones(3 + (i == 5))

    class Many(Drawing):
        def __getitems__(self, numbers: Any) -> Any:
            raise OSError("disk on fire")

    with pytest.raises(ShapeError, match="sample 1: shape") as e:
        list(DataLoader(Ragged(), 4))
    assert e.value.__notes__ == ["while samples 4, 5, 6 of the dataset were made a batch"]
    with pytest.raises(OSError) as f:
        list(DataLoader(Many(), 2))
    assert f.value.__notes__ == ["while samples 0, 1 of the dataset were fetched"]


@pytest.mark.once
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    loader = DataLoader(numbers(), 2, shuffle=True)
    for (_,) in itertools.islice(loader, 2):
        pass
    before = loader.state_dict()
    half = DataLoader(numbers(), 5, shuffle=True)
    list(itertools.islice(half, 1))
    for state, words in [
        (half.state_dict(), "with other batches"),
        ({}, "no state of this DataLoader"),
        (None, "no state of this DataLoader"),
        ({**before, "epoch": -1}, "no state of this DataLoader"),
        ({**before, "delivered": "2"}, "no state of this DataLoader"),
        ({**before, "delivered": 7}, "with other batches"),
        ({**before, "beginning": {}}, "no state of this DataLoader"),
        ({**before, "streams": [[0, 1]]}, "no state of this DataLoader"),
        ({**before, "streams": [[0, 1, {}]], "num_workers": 2}, "as many workers as before"),
    ]:
        with pytest.raises(StateDictError, match=words):
            loader.load_state_dict(state)
        assert loader.state_dict() == before


@pytest.mark.once
def test_between_epochs_a_state_fits_a_loader_with_other_batches() -> None:
    one, two = DataLoader(numbers(), 2, shuffle=True), DataLoader(numbers(), 5, shuffle=True)
    list(one)
    two.load_state_dict(one.state_dict())
    assert sum(taken(two), []) == sum(taken(one), [])  # noqa: RUF017
    assert two.state_dict()["epoch"] == 2
