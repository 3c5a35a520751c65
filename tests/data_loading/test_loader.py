"""Loaders: batches, order, where they are, and how they go on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.data import DataLoader, TensorDataset


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
