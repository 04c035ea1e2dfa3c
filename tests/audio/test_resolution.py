"""Steps are found at every coarseness; what has none is not accused."""

from __future__ import annotations

import numpy as np
import pytest

from vastudio.audio.resolution import FINEST_BITS, resolution_bits

NOISE = (0.1 * np.random.default_rng(0).normal(size=72_000)).astype(np.float32)


@pytest.mark.parametrize("bits", [4, 8, 12, 16])
@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_steps_are_counted(bits: int, gain: float) -> None:
    step = np.float32(2.0 ** (1 - bits))
    found = resolution_bits(np.round(NOISE / step) * step * np.float32(gain))
    assert found == pytest.approx(bits - np.log2(gain), abs=0.01)


def test_what_has_no_steps_counts_as_fine() -> None:
    assert resolution_bits(NOISE) == FINEST_BITS
    assert resolution_bits(np.clip(NOISE, -0.01, 0.01)) == FINEST_BITS  # rests at its rails nearly always
    assert resolution_bits(np.zeros(100, np.float32)) == FINEST_BITS
    assert resolution_bits(np.zeros(0, np.float32)) == FINEST_BITS
