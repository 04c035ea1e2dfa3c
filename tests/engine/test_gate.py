"""The gate's settings: ranges, errors, and what the kernel makes of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vastudio.engine.gate import Gate
from vastudio.errors import KnobError
from vastudio.kernels.voice import Voice


@pytest.mark.parametrize("rate", [44_100, 192_000])
def test_silences_hum_and_passes_playing(rate: int) -> None:
    t = np.arange(rate) / rate
    hum = (0.0005 * np.sin(2.0 * np.pi * 50.0 * t)).astype(np.float32)
    playing = (0.1 * np.sin(2.0 * np.pi * 220.0 * t)).astype(np.float32)
    voice = Voice(Gate().program(rate), Gate().packed(rate))
    assert not voice.process(hum, 64).any()
    y = voice.process(playing, 64)
    np.testing.assert_array_equal(y[rate // 100 :], playing[rate // 100 :])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("threshold_db", 1.0, "The gate's threshold cannot be 1 dBFS. Its range is -90 to 0 dBFS."),
        ("hysteresis_db", -1.0, "The gate's hysteresis cannot be -1 dB. Its range is 0 to 24 dB."),
        ("hold_ms", float("nan"), "The gate's hold cannot be nan ms. Its range is 0 to 1000 ms."),
        ("attack_ms", 0.5, "The gate's attack cannot be 0.5 ms. Its range is 1 to 100 ms."),
        ("release_ms", 6000.0, "The gate's release cannot be 6000 ms. Its range is 10 to 5000 ms."),
    ],
)
def test_refuses_what_is_out_of_range(name: str, value: float, message: str) -> None:
    with pytest.raises(KnobError) as refused:
        dataclasses.replace(Gate(), **{name: value})
    assert str(refused.value) == message
