"""A loop joins its own beginning."""

from __future__ import annotations

import numpy as np

from vastudio.audio.fade import without_seam

RATE = 48_000


def test_a_cut_out_stretch_no_longer_jumps_where_it_begins_again() -> None:
    x = np.cos(2 * np.pi * 440.3 * np.arange(RATE) / RATE).astype(np.float32)
    faded = without_seam(x, RATE)
    step_inside = np.abs(np.diff(x)).max()
    assert abs(x[0] - x[-1]) > step_inside
    assert abs(faded[0] - faded[-1]) < step_inside
    np.testing.assert_array_equal(faded[144:-144], x[144:-144])


def test_what_is_silent_at_the_ends_or_empty_stays_as_it_is() -> None:
    x = np.hanning(RATE).astype(np.float32)
    assert without_seam(x, RATE) is x
    assert without_seam(x[:0], RATE).size == 0
    assert without_seam(np.ones(1, np.float32), RATE).size == 1
