"""Every device is remembered as it was used; levels in dBu; the way through a cable."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from vastudio.app import calibration, device_test, settings
from vastudio.app.calibration import CalibrationError, Driven
from vastudio.app.settings import AudioSettings, Settings
from vastudio.errors import DeviceError

RATE = 48_000
BOX = AudioSettings("ALSA", "Box", 96_000, 64, 2, 3, 1, 12.5, 8.0, 301.5)
OTHER = AudioSettings("JACK", "system")


def test_a_device_comes_back_as_it_was_used() -> None:
    used = Settings().using(BOX).using(OTHER)
    assert used.audio == OTHER
    assert used.device("ALSA", "Box") == BOX
    assert used.using(used.device("ALSA", "Box")).audio == BOX
    assert used.using(BOX).device("JACK", "system") == OTHER
    assert used.device("ALSA", "new") == AudioSettings("ALSA", "new", OTHER.sample_rate, OTHER.block)


def test_devices_survive_a_restart_with_all_that_is_known_of_them() -> None:
    used = Settings().using(BOX).using(OTHER)
    settings.save(used)
    assert settings.load() == used


def test_whole_numbers_typed_into_the_file_are_levels() -> None:
    settings.save(Settings(audio=BOX))
    path = settings.settings_file()
    path.write_text(path.read_text().replace("input_dbu = 12.5", "input_dbu = 12"))
    assert settings.load().audio.input_dbu == 12.0


def test_only_so_many_devices_are_kept() -> None:
    used = Settings()
    for count in range(settings.MOST_DEVICES + 5):
        used = used.using(AudioSettings("ALSA", f"Box {count}"))
    assert len(used.devices) == settings.MOST_DEVICES


def test_a_measured_latency_belongs_to_rate_and_block() -> None:
    assert BOX.changed(input_channel=1).latency_samples == 301.5
    assert BOX.changed(block=128).latency_samples is None
    assert BOX.changed(sample_rate=48_000).latency_samples is None
    assert BOX.changed(latency_samples=5.0).latency_samples == 5.0


# --- levels -----------------------------------------------------------------------------------------------


def test_dbu() -> None:
    """0 dBu is a milliwatt into 600 ohms; +4 dBu is 1.228 V, as every data sheet says."""
    assert calibration.dbu_of(math.sqrt(0.6)) == pytest.approx(0.0)
    assert calibration.volts_of(4.0) == pytest.approx(1.228, abs=5e-4)
    assert calibration.dbu_of(calibration.volts_of(-7.3)) == pytest.approx(-7.3)


def test_an_input_is_measured_with_a_known_voltage() -> None:
    """An input that reaches full scale at 12 dBu shows 0 dBu at −12 dBFS."""
    assert calibration.input_dbu(calibration.volts_of(0.0), -12.0) == pytest.approx(12.0)


def test_an_output_is_measured_with_the_studios_tone() -> None:
    """−20 dBFS at an output that gives 18 dBu at full scale is −2 dBu."""
    assert calibration.output_dbu(calibration.volts_of(-2.0)) == pytest.approx(18.0)


@pytest.mark.parametrize(
    ("volts", "peak_db", "words"),
    [(0.0, -12.0, "above 0 V"), (math.nan, -12.0, "above 0 V"), (1.0, -80.0, "next to nothing"),
     (1.0, 0.0, "clips"), (9e6, -12.0, "no interface")],
)  # fmt: skip
def test_what_cannot_be_is_not_believed(volts: float, peak_db: float, words: str) -> None:
    with pytest.raises(CalibrationError, match=words):
        calibration.input_dbu(volts, peak_db)


def test_the_model_is_driven_by_the_voltage_it_was_captured_with() -> None:
    """A guitar of −10 dBu: what this device makes of it, trimmed, is what the capture's device made of it."""
    guitar_dbu, captured = -10.0, {"input_dbu": 18.3, "output_dbu": 4.0}
    trim = calibration.input_trim(BOX, captured).level_db
    assert BOX.input_dbu is not None
    assert trim is not None
    assert (guitar_dbu - BOX.input_dbu) + trim == pytest.approx(guitar_dbu - captured["input_dbu"])
    assert BOX.output_dbu is not None
    level = calibration.output_level(BOX, captured).level_db
    assert level is not None
    model_db = -6.0
    assert model_db + level + BOX.output_dbu == pytest.approx(model_db + captured["output_dbu"])


def test_what_is_not_known_is_named() -> None:
    unknown = dataclasses.replace(BOX, input_dbu=None, output_dbu=None)
    assert calibration.input_trim(BOX, {}) == Driven(None, "model")
    assert calibration.input_trim(unknown, {"input_dbu": 4.0}) == Driven(None, "device")
    assert calibration.output_level(BOX, {}) == Driven(None, "model")
    assert calibration.output_level(unknown, {"output_dbu": 4.0}) == Driven(None, "device")


# --- trying a device --------------------------------------------------------------------------------------


def test_the_tone_is_harmless() -> None:
    made = device_test.tone(RATE)
    assert np.abs(made).max() == pytest.approx(0.1, rel=1e-4)
    assert made[0] == 0.0
    assert np.abs(made[:240]).max() < 0.011
    assert np.abs(made[-240:]).max() < 0.011


@pytest.mark.parametrize("gain", [0.3, -0.3])
def test_the_way_through_a_cable_is_told_to_a_fraction_of_a_sample(gain: float) -> None:
    """A delay of 517.25 samples, made in the spectrum, with noise 50 dB below it."""
    played = device_test.burst(RATE)
    spectrum = np.fft.rfft(played, 2 * played.size)
    phase = np.exp(-2j * np.pi * np.arange(spectrum.size) * 517.25 / (2 * played.size))
    noise = 3e-5 * np.random.default_rng(0).normal(size=played.size)
    heard = (gain * np.fft.irfft(spectrum * phase)[: played.size] + noise).astype(np.float32)
    found = device_test.judge(played, heard, RATE)
    assert found.samples == pytest.approx(517.25, abs=0.05)
    assert found.milliseconds == pytest.approx(517.25 / 48.0, abs=0.002)
    assert found.inverted == (gain < 0)


def test_silence_and_hum_are_no_answer() -> None:
    played = device_test.burst(RATE)
    hum = 0.01 * np.sin(2 * np.pi * 50 / RATE * np.arange(played.size))
    noise = 1e-4 * np.random.default_rng(0).normal(size=played.size)
    for heard in (np.zeros_like(played), (hum + noise).astype(np.float32)):
        with pytest.raises(DeviceError, match="Nothing of the noise"):
            device_test.judge(played, heard, RATE)
