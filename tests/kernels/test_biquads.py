"""The equaliser's kernel against scipy and the audio EQ cookbook, both in double precision."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import sosfilt, sosfreqz

from tests.kernels.filters import RATE, assert_contract, noise
from vastudio.kernels.biquads import (
    SECTIONS,
    Section,
    high_pass,
    high_shelf,
    low_pass,
    low_shelf,
    pack,
    peaking,
    program,
)
from vastudio.kernels.voice import Voice

Row = list[float]

SHAPES: dict[str, Callable[[float, float, float], Section]] = {
    "low_pass": lambda f, q, gain: low_pass(f, q),
    "high_pass": lambda f, q, gain: high_pass(f, q),
    "peaking": peaking,
    "low_shelf": low_shelf,
    "high_shelf": high_shelf,
}


def cookbook(shape: str, f: float, q: float, gain_db: float) -> Row:
    """A second-order section b0 b1 b2 a0 a1 a2 as R. Bristow-Johnson's cookbook has it, a0 = 1."""
    w, big = 2.0 * math.pi * f, 10.0 ** (gain_db / 40.0)
    c, alpha = math.cos(w), math.sin(w) / (2.0 * q)
    slope = 2.0 * math.sqrt(big) * alpha
    rows = {
        "low_pass": [(1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha],
        "high_pass": [(1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha],
        "peaking": [1 + alpha * big, -2 * c, 1 - alpha * big, 1 + alpha / big, -2 * c, 1 - alpha / big],
        "low_shelf": [
            big * ((big + 1) - (big - 1) * c + slope),
            2 * big * ((big - 1) - (big + 1) * c),
            big * ((big + 1) - (big - 1) * c - slope),
            (big + 1) + (big - 1) * c + slope,
            -2 * ((big - 1) + (big + 1) * c),
            (big + 1) + (big - 1) * c - slope,
        ],
        "high_shelf": [
            big * ((big + 1) + (big - 1) * c + slope),
            -2 * big * ((big - 1) + (big + 1) * c),
            big * ((big + 1) + (big - 1) * c - slope),
            (big + 1) - (big - 1) * c + slope,
            2 * ((big - 1) - (big + 1) * c),
            (big + 1) - (big - 1) * c - slope,
        ],
    }
    return [number / rows[shape][3] for number in rows[shape]]


SETTINGS = [
    ("high_pass", 30.0, 0.707, 0.0),
    ("low_shelf", 120.0, 0.707, 6.0),
    ("peaking", 400.0, 1.2, -9.0),
    ("peaking", 2500.0, 4.0, 12.0),
    ("high_shelf", 5000.0, 0.9, -7.0),
    ("low_pass", 15_000.0, 0.6, 0.0),
]


def sections(settings: list[tuple[str, float, float, float]], rate: int = RATE) -> list[Section]:
    return [SHAPES[shape](hertz / rate, q, gain) for shape, hertz, q, gain in settings]


def exact(settings: list[tuple[str, float, float, float]], rate: int = RATE) -> npt.NDArray[np.float64]:
    return np.array([cookbook(shape, hertz / rate, q, gain) for shape, hertz, q, gain in settings])


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
def test_agrees_with_the_cookbook(rate: int) -> None:
    x = noise(20_000)
    y = Voice(program(), pack(sections(SETTINGS, rate))).process(x, 64)
    np.testing.assert_allclose(y, sosfilt(exact(SETTINGS, rate), x.astype(np.float64)), rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("hertz", [10.0, 1000.0, 0.49 * RATE])
@pytest.mark.parametrize(("q", "gain"), [(0.1, 24.0), (0.7, -24.0), (20.0, 12.0)])
def test_every_shape_agrees_with_the_cookbook(shape: str, hertz: float, q: float, gain: float) -> None:
    setting = [(shape, hertz, q, gain)]
    x = noise(8000, 0.1)
    y = Voice(program(), pack(sections(setting))).process(x, 64)
    wanted = sosfilt(exact(setting), x.astype(np.float64))
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-5 * max(1.0, np.abs(wanted).max()))


def test_eight_sections_work_in_a_row() -> None:
    eight = [*SETTINGS, ("peaking", 700.0, 2.0, 3.0), ("peaking", 90.0, 2.0, -3.0)]
    x = noise(4000)
    y = Voice(program(), pack(sections(eight))).process(x, 64)
    np.testing.assert_allclose(y, sosfilt(exact(eight), x.astype(np.float64)), rtol=0, atol=1e-5)


def test_nine_sections_are_refused() -> None:
    with pytest.raises(ValueError, match="9 sections, at most 8"):
        pack([low_pass(0.1, 0.7)] * (SECTIONS + 1))


def test_without_sections_nothing_changes() -> None:
    x = noise(1000)
    np.testing.assert_array_equal(Voice(program(), pack([])).process(x, 64), x)


def test_keeps_the_contract_in_any_blocks() -> None:
    assert_contract(program(), pack(sections(SETTINGS)), noise(8500))


def test_silence_follows_on_sound() -> None:
    x = np.concatenate([noise(4800), np.zeros(3 * RATE, np.float32)])
    y = Voice(program(), pack(sections(SETTINGS))).process(x, 64)
    assert not y[-4800:].any()


@pytest.mark.parametrize("hertz", [40.0, 440.0])
def test_a_low_high_pass_is_quiet(hertz: float) -> None:
    """Rounding noise of a 30 Hz high-pass under a sine of −6 dBFS, against double precision."""
    setting = [("high_pass", 30.0, 0.707, 0.0)]
    x = (0.5 * np.sin(2.0 * np.pi * hertz / RATE * np.arange(2 * RATE))).astype(np.float32)
    y = Voice(program(), pack(sections(setting))).process(x, 64)
    error = y - sosfilt(exact(setting), x.astype(np.float64))
    assert 20.0 * np.log10(np.sqrt(np.mean(error**2))) < -120.0


def test_weights_glide_without_zipper() -> None:
    """A bell sweeps from +12 to −12 dB in 100 ms on a sine at its centre; what is not the sine stays low."""
    steps = round(0.1 * RATE / program().stride)
    hertz, frames = 1000.0, steps * program().stride
    x = (0.25 * np.sin(2.0 * np.pi * hertz / RATE * np.arange(3 * frames))).astype(np.float32)
    high, low = (pack([peaking(hertz / RATE, 1.0, gain)]) for gain in (12.0, -12.0))
    voice = Voice(program(), high)
    before = voice.process(x[:frames], 64)
    voice.glide_to(low, steps)
    moving, after = voice.process(x[frames:-frames], 64), voice.process(x[-frames:], 64)
    assert np.abs(before[-480:]).max() == pytest.approx(0.25 * 10 ** (12 / 20), rel=1e-3)
    assert np.abs(after[-480:]).max() == pytest.approx(0.25 * 10 ** (-12 / 20), rel=1e-3)
    window = np.blackman(frames) ** 2
    spectrum = 20.0 * np.log10(np.abs(np.fft.rfft(moving * window)) / (0.25 * window.sum() / 2.0))
    other = np.abs(np.fft.rfftfreq(frames, 1.0 / RATE) - hertz) > 500.0
    assert spectrum[other].max() < -65.0


def test_stays_stable_while_weights_jump_about() -> None:
    rng = np.random.default_rng(3)
    voice = Voice(program(), pack([]))
    x = noise(RATE)
    for at in range(0, x.size, 64):
        settings = [
            (
                "peaking",
                float(rng.uniform(20, 20_000)),
                float(rng.uniform(0.1, 20)),
                float(rng.uniform(-24, 24)),
            )
            for _ in range(2)
        ]
        voice.glide_to(pack(sections(settings)), 2)
        y = voice.process(x[at : at + 64], 64)
        assert np.abs(y).max() < 1000.0
    assert voice.faults == 0


@pytest.mark.parametrize("shape", ["low_shelf", "high_shelf", "peaking"])
def test_gain_is_where_it_is_asked_for(shape: str) -> None:
    at = {"low_shelf": 1.0, "high_shelf": 23_990.0, "peaking": 1000.0}[shape]
    impulse = np.zeros(1 << 16, np.float32)
    impulse[0] = 1.0
    y = Voice(program(), pack([SHAPES[shape](1000.0 / RATE, 0.7, 9.0)])).process(impulse, 64)
    gain = abs(np.sum(y * np.exp(-2j * np.pi * at / RATE * np.arange(y.size))))
    assert 20.0 * np.log10(gain) == pytest.approx(9.0, abs=0.01)
    _, wanted = sosfreqz(exact([(shape, 1000.0, 0.7, 9.0)]), [at], fs=RATE)
    assert gain == pytest.approx(abs(wanted[0]), rel=1e-4)
