"""Plot envelopes: no peak is lost at any zoom."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vastudio.audio import envelope

SIGNAL = np.random.default_rng(0).standard_normal(100_003).astype(np.float32)
PYRAMID = envelope.Pyramid(SIGNAL)


def test_minmax_of_equal_parts() -> None:
    low, high = envelope.minmax(np.array([1, -2, 3, 4, 0, 9], np.float32), 3)
    np.testing.assert_array_equal(low, [-2, 3, 0])
    np.testing.assert_array_equal(high, [1, 4, 9])


def test_more_columns_than_samples_repeat_them() -> None:
    low, high = envelope.minmax(np.array([1, 2], np.float32), 4)
    np.testing.assert_array_equal(low, [1, 1, 2, 2])
    np.testing.assert_array_equal(high, low)


def test_an_empty_range_is_flat() -> None:
    for low, high in (
        envelope.minmax(SIGNAL, 5, 10, 10),
        envelope.Pyramid(SIGNAL).minmax(7, 7, 5),
        envelope.Pyramid(np.zeros(0, np.float32)).minmax(0, 100, 5),
    ):
        assert low.shape == high.shape == (5,)
        assert not low.any()


@settings(max_examples=60, deadline=None)
@given(start=st.integers(0, 100_000), length=st.integers(1, 100_003), columns=st.integers(1, 700))
def test_pyramid_covers_every_sample_and_little_more(start: int, length: int, columns: int) -> None:
    stop = min(start + length, len(SIGNAL))
    low, high = PYRAMID.minmax(start, stop, columns)
    exact_low, exact_high = envelope.minmax(SIGNAL, columns, start, stop)
    assert np.all(low <= exact_low)
    assert np.all(high >= exact_high)
    margin = (stop - start) // columns + 1
    around = SIGNAL[max(0, start - margin) : stop + margin]
    assert low.min() >= around.min()
    assert high.max() <= around.max()


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0]), max_size=700))
def test_loudest_is_where_the_largest_magnitude_is_first_reached(samples: list[float]) -> None:
    signal = np.array(samples, np.float32)
    expected = int(np.argmax(np.abs(signal))) if samples else 0
    assert envelope.Pyramid(signal).loudest == expected
