"""Flat tops are told from round ones."""

from __future__ import annotations

import numpy as np
import pytest

from tests.audio.material import amplified, noise, riff, sine
from vastudio.audio.clipping import FULL_SCALE_DB, find_clipping
from vastudio.types import Audio


@pytest.mark.parametrize("hertz", [41.0, 82.0, 440.0, 2000.0])
def test_a_round_top_is_not_clipping(hertz: float) -> None:
    wave = sine(hertz, 1.0, 0.999)
    assert find_clipping(wave) is None
    sixteen_bits = (np.rint(wave * 32767.0) / 32768.0).astype(np.float32)
    assert find_clipping(sixteen_bits) is None


def test_music_through_a_saturating_device_does_not_clip() -> None:
    assert find_clipping(riff()) is None
    assert find_clipping(amplified(riff())) is None


@pytest.mark.parametrize("depth_db", [0.5, 1.0, 3.0, 12.0])
@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_cut_tops_are_counted_and_placed(depth_db: float, gain: float) -> None:
    wave = amplified(riff())
    louder = wave * np.float32(10.0 ** (depth_db / 20.0) / np.abs(wave).max())
    cut = (gain * np.clip(louder, -1.0, 1.0)).astype(np.float32)
    found = find_clipping(cut)
    assert found is not None
    truth = np.flatnonzero(np.abs(louder) > 1.0)
    assert found.frames == pytest.approx(len(truth), rel=0.25)
    assert set(found.starts) <= set(truth) | set(truth - 1)
    assert found.kind == ("converter" if gain == 1.0 else "earlier stage")
    assert (found.ceiling_db > FULL_SCALE_DB) == (gain == 1.0)


def test_one_sided_clipping_says_so() -> None:
    wave = sine(200.0, 1.0)
    above, both = find_clipping(np.minimum(wave, 0.5)), find_clipping(np.clip(wave, -0.5, 0.5))
    assert above is not None
    assert both is not None
    assert (above.both_signs, both.both_signs) == (False, True)
    assert above.ceiling_db == pytest.approx(-6.02, abs=0.01)


def test_flat_tops_may_be_as_uneven_as_the_noise_after_them() -> None:
    wave = np.clip(2.0 * sine(100.0, 1.0), -0.5, 0.5) + noise(48_000, 1e-4)
    assert find_clipping(wave) is None
    assert find_clipping(wave, noise_rms=1e-4) is not None
    assert find_clipping(sine(100.0, 1.0) + noise(48_000, 1e-4), noise_rms=1e-4) is None


@pytest.mark.parametrize("x", [np.zeros(0, np.float32), np.zeros(4800, np.float32)])
def test_silence_does_not_clip(x: Audio) -> None:
    assert find_clipping(x) is None
