"""The random numbers of samples."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zkynet as zk
from zkynet.data.streams import drawing_from, fetching, stream

pytestmark = pytest.mark.once

words = st.integers(0, 2**64 - 1)


@given(words, words, st.integers(0, 2**63), st.integers(0, 1))
def test_a_stream_is_that_of_philox_at_the_samples_place(low: int, high: int, position: int, lane: int) -> None:
    ours = stream((low, high), position, lane)
    theirs = np.random.Philox(key=low | high << 64, counter=lane << 128 | position << 192)
    assert ours.bit_generator.random_raw(6).tolist() == theirs.random_raw(6).tolist()
    assert pickle.loads(pickle.dumps(ours)).random() == ours.random()


def test_several_transforms_of_a_sample_go_on_with_its_stream() -> None:
    with fetching((1, 2), [7, 8]):
        numbers = [[s.random() for s in zk.data.sample_streams(2)] for _ in range(3)]
    expected = [stream((1, 2), position).random(3) for position in (7, 8)]
    np.testing.assert_array_equal(numbers, np.transpose(expected))


def test_one_sample_of_several_has_its_stream_alone() -> None:
    with fetching((1, 2), [7, 8]):
        for position, own in zip((7, 8), zk.data.sample_streams(2), strict=True):
            with drawing_from(own):
                assert zk.data.sample_stream().random() == stream((1, 2), position).random()
        assert len(zk.data.sample_streams(2)) == 2
