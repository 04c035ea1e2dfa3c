"""Resampling keeps what fits."""

from __future__ import annotations

import numpy as np

from vastudio.audio.resample import resample


def test_a_tone_survives_the_change_of_rate() -> None:
    def tone(rate: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.sin(2 * np.pi * 1000 * np.arange(rate) / rate).astype(np.float32)

    converted = resample(tone(44_100), 44_100, 48_000)
    assert converted.dtype == np.float32
    np.testing.assert_allclose(converted[1000:-1000], tone(48_000)[1000:-1000], atol=1e-5)


def test_equal_rates_change_nothing() -> None:
    x = np.ones(5, np.float32)
    assert resample(x, 48_000, 48_000) is x
