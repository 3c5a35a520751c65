"""Seeds, states, streams, threads, and what is refused."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, ZkynetError
from zkynet.random import Generator, process


def words(generator: Generator, n: int = 8) -> list[int]:
    return generator.bits(n).tolist()


# -- seeds and streams --------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    assert words(Generator(3)) == words(Generator(3)) != words(Generator(4))


def test_without_a_seed_every_generator_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Generator().seed != Generator().seed
    seeds = set()
    for _ in range(2):  # as in two processes
        monkeypatch.setattr(process, "_default", None)
        seeds.add(zk.random.default_generator().seed)
    assert len(seeds) == 2


def test_seeding_the_process_makes_runs_repeatable() -> None:
    zk.random.seed(5)
    first = [zk.random.normal(shape=3).tolist(), zk.random.integers(10, shape=4).tolist()]
    zk.random.seed(5)
    assert [zk.random.normal(shape=3).tolist(), zk.random.integers(10, shape=4).tolist()] == first
    assert zk.random.default_generator().seed == 5
    zk.random.seed()
    assert zk.random.default_generator().seed != 5


def test_functions_use_the_generator_they_are_given() -> None:
    zk.random.seed(0)
    before = zk.random.get_state()
    assert zk.random.normal(shape=4, generator=Generator(9)).tolist() == Generator(9).normal(shape=4).tolist()
    assert zk.random.get_state() == before


def test_spawned_streams_are_those_of_numpys_seed_sequences() -> None:
    parent = Generator(11)
    children = [*parent.spawn(2), *parent.spawn(1)]
    sequences = np.random.SeedSequence(11).spawn(3)
    expected = [np.random.Philox(s).random_raw(4).tolist() for s in sequences]
    assert [c.bits(4, dtype="uint64").tolist() for c in children] == expected
    grandchild = np.random.Philox(sequences[1].spawn(1)[0]).random_raw(4).tolist()
    assert children[1].spawn(1)[0].bits(4, dtype="uint64").tolist() == grandchild
    assert words(parent) == words(Generator(11)), "spawning uses nothing of the parent's stream"


def test_a_draw_is_the_beginning_of_a_longer_one() -> None:
    for draw in (
        lambda g, n: g.bits(n),
        lambda g, n: g.uniform(shape=n),
        lambda g, n: g.normal(shape=n, dtype="float64"),
        lambda g, n: g.exponential(shape=n),
        lambda g, n: g.gamma(0.7, shape=n),
        lambda g, n: g.truncated_normal(shape=n),
        lambda g, n: g.bernoulli(0.4, shape=n),
        lambda g, n: g.integers(5, shape=n),
        lambda g, n: g.integers(2**40, shape=n),
    ):
        assert draw(Generator(1), 5).tolist() == draw(Generator(1), 23).tolist()[:5]


def test_successive_draws_use_disjoint_blocks() -> None:
    g = Generator(0)
    g.uniform(shape=9)  # 9 words of 32 bits: 2 blocks of 8
    assert g.state_dict()["block"] == 2
    together = np.random.Philox(0).random_raw(12)
    assert g.bits(4, dtype="uint64").tolist() == together[8:].tolist()


# -- states -------------------------------------------------------------------------------------------------------


def test_a_state_goes_through_json_and_continues_the_stream() -> None:
    g = Generator().spawn(3)[2]
    g.normal(shape=100)
    g.spawn(1)
    text = json.dumps(g.state_dict())
    other = Generator(0)
    other.load_state_dict(json.loads(text))
    assert words(g) == words(other)
    assert words(g.spawn(1)[0]) == words(other.spawn(1)[0])


def test_the_state_of_the_process() -> None:
    state = zk.random.get_state()
    first = zk.random.bits(4).tolist()
    zk.random.set_state(state)
    assert zk.random.bits(4).tolist() == first


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_copies_go_on_alike_and_apart(copied: Any) -> None:
    g = Generator(2)
    words(g)
    twin = copied(g)
    assert words(g) == words(twin)
    words(g)
    assert words(g) != words(twin)


def test_a_state_as_an_array_draws_the_same_numbers() -> None:
    g = Generator(8)
    g.normal(shape=5)
    state = g.as_array()
    with g.lifted(state) as lifted:
        got = [g.normal(shape=9).tolist(), g.integers(7, shape=5).tolist(), g.bits(3).tolist()]
        with pytest.raises(InvalidValueError, match="spawn"):
            g.spawn(1)
    assert got == [g.normal(shape=9).tolist(), g.integers(7, shape=5).tolist(), g.bits(3).tolist()]
    other = Generator(8)
    other.normal(shape=5)
    other.advance(lifted.blocks)
    assert words(other) == words(g)


def test_threads_never_draw_the_same_numbers() -> None:
    g = Generator(1)
    backend = zk.get_backend()

    def some(_: int) -> list[list[int]]:
        with zk.use_backend(backend.name):
            return [g.bits(2, dtype="uint64").tolist() for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        drawn = [tuple(pair) for part in pool.map(some, range(8)) for pair in part]
    assert len(set(drawn)) == 80
    expected = np.random.Philox(1).random_raw(4 * 80).reshape(-1, 4)[:, :2]
    assert sorted(drawn) == sorted(map(tuple, expected.tolist()))


# -- results ------------------------------------------------------------------------------------------------------


def test_dtypes_and_shapes_and_devices() -> None:
    g = Generator(0)
    assert g.normal().dtype == zk.float32
    assert g.normal().shape == ()
    assert g.uniform(shape=(0, 3)).shape == (0, 3)
    assert g.uniform(shape=4, dtype="float64").dtype == zk.float64
    assert g.integers(3, shape=(2, 1), dtype="uint8").dtype == zk.uint8
    assert g.bernoulli(0.5, 3).dtype == zk.bool
    assert g.bernoulli(1.0, 3, dtype="float32").tolist() == [1.0, 1.0, 1.0]
    assert g.permutation(4).dtype == zk.int64
    assert g.categorical(zk.zeros((2, 5, 3)), axis=1, shape=(7, 2, 3)).shape == (7, 2, 3)
    assert g.choice(zk.zeros((2, 5, 3)), (4, 6), axis=1).shape == (2, 4, 6, 3)
    assert g.normal(shape=2, requires_grad=True).requires_grad
    device = zk.get_backend().devices()[-1]
    x = g.normal(1.0, 2.0, shape=3, device=device)
    assert x.device == device
    assert g.gamma(zk.full_like(x, 2.0)).device == device
    assert g.choice(x, 2, p=[0.5, 0.25, 0.25]).device == device
    assert g.categorical(x).device == device
    assert g.bernoulli(zk.sigmoid(x)).device == device


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits(dtype: str) -> None:
    backend = zk.get_backend()
    if not backend.supports(zk.dtypes.as_dtype(dtype)):
        pytest.skip(f"{backend} has no {dtype}")
    g = Generator(0)
    x = g.uniform(2.0, 3.0, 2000, dtype=dtype)
    assert x.dtype == dtype
    assert 2.0 <= float(x.min().item()) < float(x.max().item()) < 3.0
    unit = g.uniform(shape=2000, dtype=dtype).numpy().astype(float)
    assert 0.0 <= unit.min() < 0.02
    assert 0.98 < unit.max() < 1.0
    y = g.normal(1.0, 0.5, 2000, dtype=dtype).numpy().astype(float)
    assert abs(y.mean() - 1.0) < 0.05
    assert abs(y.std() - 0.5) < 0.05


def test_the_upper_bound_is_left_out() -> None:
    low, high = 1.0, float(np.nextafter(np.float32(1.0), np.float32(2.0), dtype=np.float32))
    assert set(Generator(0).uniform(low, high, 1000).tolist()) == {1.0}
    x = Generator(0).uniform(-3.0, 5.0, 100_000).numpy()
    assert x.min() >= -3.0
    assert x.max() < 5.0


def test_gradients_flow_to_parameters() -> None:
    mean = zk.tensor([1.0, 2.0], requires_grad=True)
    std = zk.tensor([0.5, 3.0], requires_grad=True)
    x = Generator(0).normal(mean, std, (4, 2))
    x.sum().backward()
    np.testing.assert_allclose(mean.grad.numpy(), [4.0, 4.0])
    noise = Generator(0).normal(shape=(4, 2)).numpy()
    np.testing.assert_allclose(std.grad.numpy(), noise.sum(0), rtol=1e-5)
    np.testing.assert_allclose(x.numpy(), noise * [0.5, 3.0] + [1.0, 2.0], rtol=1e-6)
    low = zk.tensor(0.0, requires_grad=True)
    Generator(0).uniform(low, 2.0, 5).sum().backward()
    np.testing.assert_allclose(low.grad.item(), (1 - Generator(0).uniform(shape=5)).sum().item(), rtol=1e-6)


def test_shuffling_moves_whole_slices_and_leaves_the_argument_alone() -> None:
    x = zk.reshape(zk.arange(12), (4, 3))
    y = Generator(5).shuffle(x)
    assert sorted(y.tolist()) == x.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]
    assert y.tolist() != x.tolist()
    columns = Generator(5).permutation(x, axis=-1)
    assert sorted(zk.permute_dims(columns, (1, 0)).tolist()) == zk.permute_dims(x, (1, 0)).tolist()


def test_choices_without_replacement_are_different_and_have_a_chance() -> None:
    g = Generator(0)
    assert sorted(g.choice(6, 6, replace=False).tolist()) == [0, 1, 2, 3, 4, 5]
    for _ in range(10):
        assert sorted(g.choice(5, 3, replace=False, p=[0.5, 0.0, 0.25, 0.0, 0.25]).tolist()) == [0, 2, 4]
    assert set(g.choice(3, 200, p=[0.5, 0.0, 0.5]).tolist()) == {0, 2}


def test_a_checkpoint_repeats_its_draws() -> None:
    g = Generator(0)

    def noisy(x: Any) -> Any:
        y = zk.tanh(x * zk.exp(g.normal(shape=4)))
        inner = zk.checkpoint(lambda v: zk.exp(v * g.uniform(shape=4)) * v)
        return inner(y) + zk.checkpoint(lambda v: zk.sin(v) * g.normal(shape=4))(y)

    def gradient(f: Any) -> Any:
        g.load_state_dict(Generator(0).state_dict())
        x = zk.tensor([0.1, 0.2, 0.3, 0.4], requires_grad=True)
        f(x).sum().backward()
        return x.grad.tolist(), words(g)

    assert gradient(zk.checkpoint(noisy)) == gradient(noisy)


# -- refused ------------------------------------------------------------------------------------------------------

NAN = float("nan")
REFUSED: tuple[tuple[Any, type[Exception], str], ...] = (
    (lambda g: Generator(-1), InvalidValueError, "a seed is 0 or more"),
    (lambda g: Generator(1.5), ArgumentError, "a seed is a whole number"),
    (lambda g: zk.random.seed("x"), ArgumentError, "a seed is a whole number"),
    (lambda g: g.load_state_dict({"seed": 1}), InvalidValueError, "lacks algorithm, path, block, children"),
    (lambda g: g.load_state_dict(3), ArgumentError, "is a dict"),
    (lambda g: g.load_state_dict({**g.state_dict(), "algorithm": "mt"}), InvalidValueError, "'mt'"),
    (lambda g: g.load_state_dict({**g.state_dict(), "block": -1}), InvalidValueError, "that none has"),
    (lambda g: g.spawn(-1), InvalidValueError, "0 or more"),
    (lambda g: g.advance(-1), InvalidValueError, "0 or more"),
    (lambda g: zk.random.normal(generator=3), ArgumentError, "generator is a zkynet.random.Generator"),
    (lambda g: g.uniform(shape=-1), ShapeError, "negative lengths"),
    (lambda g: g.uniform(1.0, 0.0), InvalidValueError, "low is 1.0 and high 0.0"),
    (lambda g: g.uniform(0.0, NAN), InvalidValueError, "high is nan"),
    (lambda g: g.uniform("a"), ArgumentError, "low is a plain number"),
    (lambda g: g.uniform(dtype="int32"), DTypeError, "gives real floating-point numbers, not int32"),
    (lambda g: g.normal(0.0, -1.0), InvalidValueError, "std is -1.0"),
    (lambda g: g.exponential(-1.0), InvalidValueError, "scale is -1.0"),
    (lambda g: g.gamma(0.0), InvalidValueError, "alpha is positive"),
    (lambda g: g.gamma(zk.tensor([1.0, 0.0])), InvalidValueError, "alpha is positive, received 0.0"),
    (lambda g: g.truncated_normal(0.0, 0.0), InvalidValueError, "std is 0.0"),
    (lambda g: g.truncated_normal(low=2.0, high=1.0), InvalidValueError, "low is 2.0 and high 1.0"),
    (lambda g: g.truncated_normal(low=20.0, high=30.0), InvalidValueError, "hardly any"),
    (lambda g: g.bernoulli(1.5), InvalidValueError, "p lies between 0 and 1"),
    (lambda g: g.bernoulli(zk.tensor([0.5, NAN])), InvalidValueError, "p lies between 0 and 1, received nan"),
    (lambda g: g.bernoulli(zk.tensor([1, 0])), DTypeError, "p is a tensor of floats"),
    (lambda g: g.integers(0), InvalidValueError, "there is no whole number from 0 to -1"),
    (lambda g: g.integers(0, 300, dtype="uint8"), DTypeError, "do not fit into uint8"),
    (lambda g: g.integers(0.5), ArgumentError, "low is a whole number"),
    (lambda g: g.integers(3, dtype="float32"), DTypeError, "gives integers"),
    (lambda g: g.bits(3, dtype="int32"), DTypeError, "uint32 or uint64"),
    (lambda g: g.permutation(-1), InvalidValueError, "0 or more"),
    (lambda g: g.shuffle(zk.tensor(1.0)), InvalidValueError, "without axes"),
    (lambda g: g.choice(3, 4, replace=False), InvalidValueError, "4 elements cannot be chosen from 3"),
    (lambda g: g.choice(0, 1), InvalidValueError, "cannot be chosen from 0"),
    (lambda g: g.choice(3, 1, p=[0.5, 0.5]), ShapeError, r"p has the shape \(2,\)"),
    (lambda g: g.choice(2, 1, p=[0.5, 0.4]), InvalidValueError, "add up to 0.9"),
    (lambda g: g.choice(2, 1, p=[1.5, -0.5]), InvalidValueError, "p lies between 0 and 1"),
    (lambda g: g.choice(2, 2, replace=False, p=[1.0, 0.0]), InvalidValueError, "1 have a chance"),
    (lambda g: g.categorical(zk.zeros((2, 0))), InvalidValueError, "no classes"),
    (lambda g: g.categorical(zk.tensor(1.0)), InvalidValueError, "without axes"),
    (lambda g: g.categorical(zk.tensor([0.0, NAN])), InvalidValueError, "below infinity, received nan"),
    (lambda g: g.categorical(zk.zeros((2, 3)), shape=(3,)), ShapeError, "ends in that of the logits"),
)


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED, ids=[text for _, _, text in REFUSED])
def test_what_cannot_be_is_refused_and_uses_nothing(call: Any, kind: type[Exception], text: str) -> None:
    g = Generator(3)
    with pytest.raises(kind, match=text) as caught:
        call(g)
    assert isinstance(caught.value, ZkynetError)
    assert caught.value.fix
    assert g.state_dict() == Generator(3).state_dict()


def test_names_of_other_libraries_lead_to_ours() -> None:
    with pytest.raises(AttributeError, match=r"use zk\.random\.normal"):
        _ = zk.random.randn  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match=r"use zk\.random\.integers"):
        _ = zk.randint  # type: ignore[attr-defined]
    assert not hasattr(zk.random, "beta")
    assert all(hasattr(zk.random, ours) for ours in zk.random._OURS.values())
