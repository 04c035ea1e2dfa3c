"""The equaliser's settings: ranges, errors, and the response that is heard."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from vastudio.engine.equaliser import GUITAR_BANDS, Band, Equaliser
from vastudio.errors import KnobError
from vastudio.kernels.voice import Voice


def gain_db(equaliser: Equaliser, hertz: float, rate: int) -> float:
    """The gain at a frequency, from the response to an impulse."""
    impulse = np.zeros(rate, np.float32)
    impulse[0] = 1.0
    y = Voice(equaliser.program(rate), equaliser.packed(rate)).process(impulse, 64)
    return float(20.0 * np.log10(np.abs(np.sum(y * np.exp(-2j * np.pi * hertz / rate * np.arange(rate))))))


def test_five_flat_bands_change_nothing() -> None:
    x = np.random.default_rng(1).uniform(-0.5, 0.5, 4800).astype(np.float32)
    y: npt.NDArray[np.float32] = Voice(Equaliser().program(48_000), Equaliser().packed(48_000)).process(x, 64)
    np.testing.assert_allclose(y, x, rtol=0, atol=1e-6)
    assert len(GUITAR_BANDS) == 5


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize(
    ("band", "hertz", "wanted"),
    [
        (Band("peaking", 700.0, 9.0, 2.0), 700.0, 9.0),
        (Band("low_shelf", 400.0, -6.0), 10.0, -6.0),
        (Band("low_shelf", 400.0, -6.0), 400.0, -3.0),
        (Band("high_shelf", 1000.0, 12.0), 20_000.0, 12.0),
        (Band("high_pass", 100.0, q=0.5**0.5), 100.0, -3.01),
        (Band("low_pass", 5000.0, q=0.5**0.5), 5000.0, -3.01),
    ],
)
def test_a_band_does_what_it_says_at_any_rate(band: Band, hertz: float, wanted: float, rate: int) -> None:
    assert gain_db(Equaliser((band,)), hertz, rate) == pytest.approx(wanted, abs=0.03)


def test_settings_and_bands_glide() -> None:
    first, second = Equaliser(()), Equaliser((Band("peaking", 1000.0, 12.0), Band("high_pass", 80.0)))
    assert first.glides
    assert first.program(48_000) is second.program(96_000)
    assert first.packed(48_000).shape == second.packed(48_000).shape


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"frequency_hz": 5.0}, "A band cannot be at 5 Hz. Its lowest frequency is 10 Hz."),
        ({"frequency_hz": float("nan")}, "A band cannot be at nan Hz. Its lowest frequency is 10 Hz."),
        ({"gain_db": 25.0}, "A band's gain cannot be 25 dB. Its range is -24 to 24 dB."),
        ({"q": 0.05}, "A band's Q cannot be 0.05. Its range is 0.1 to 20."),
        ({"kind": "peakin"}, "There is no band 'peakin'. Did you mean 'peaking'?"),
    ],
)
def test_refuses_what_is_out_of_range(change: dict[str, Any], message: str) -> None:
    with pytest.raises(KnobError) as refused:
        dataclasses.replace(Band("peaking", 1000.0), **change)
    assert str(refused.value) == message


def test_refuses_a_band_above_what_the_rate_can_carry() -> None:
    equaliser = Equaliser((Band("low_pass", 23_000.0),))
    assert equaliser.packed(48_000).any()
    with pytest.raises(KnobError, match=r"23000 Hz when the audio runs at 44100 Hz\. .* 21609 Hz"):
        equaliser.packed(44_100)


def test_refuses_nine_bands() -> None:
    with pytest.raises(KnobError, match="cannot have 9 bands"):
        Equaliser((Band("peaking", 1000.0),) * 9)
