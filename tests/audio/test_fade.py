"""A loop joins its own beginning."""

from __future__ import annotations

import numpy as np

from vastudio.audio.fade import faded_ends

RATE = 48_000


def test_a_cut_out_stretch_no_longer_jumps_where_it_begins_again() -> None:
    x = np.cos(2 * np.pi * 440.3 * np.arange(RATE) / RATE).astype(np.float32)
    faded = faded_ends(x, 144)
    step_inside = np.abs(np.diff(x)).max()
    assert abs(x[0] - x[-1]) > step_inside
    assert abs(faded[0] - faded[-1]) < step_inside
    np.testing.assert_array_equal(faded[144:-144], x[144:-144])


def test_the_ramps_are_raised_cosines_the_same_at_both_ends() -> None:
    faded = faded_ends(np.ones(1_000, np.float32), 100)
    expected = np.sin(np.pi * (np.arange(100) + 0.5) / 200) ** 2
    np.testing.assert_allclose(faded[:100], expected, atol=1e-6)
    assert np.array_equal(faded, faded[::-1])


def test_short_and_empty_signals_and_no_ramps() -> None:
    x = np.ones(5, np.float32)
    assert faded_ends(x, 0) is x
    assert faded_ends(x[:0], 10).size == 0
    short = faded_ends(x, 10)
    assert short.dtype == np.float32
    assert 0.0 < short[0] < short[2] < 0.2
