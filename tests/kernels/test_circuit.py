"""The amplifier against its own circuit: operating point, tone stack, harmonics, aliases, silence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

from vastudio.errors import KnobError
from vastudio.kernels import circuit, triode
from vastudio.kernels.circuit import Amplifier, amplify
from vastudio.kernels.tone_stack import ToneStack
from vastudio.types import Audio

RATE = 48_000


def sine(hertz: float, amplitude: float, seconds: float = 0.5) -> Audio:
    time = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def settled_spectrum(audio: Audio) -> npt.NDArray[np.float64]:
    """Power by frequency of the last half, through a window whose side lobes are below −120 dB."""
    tail = audio[audio.size // 2 :].astype(np.float64)
    return np.abs(np.fft.rfft(tail * signal.windows.chebwin(tail.size, 120))) ** 2


def harmonic_power(spectrum: npt.NDArray[np.float64], hertz: float, number: int) -> float:
    bin_hertz = RATE / 2 / (spectrum.size - 1)
    centre = round(number * hertz / bin_hertz)
    return float(spectrum[max(0, centre - 5) : centre + 6].sum())


def distortion(gain: float) -> float:
    spectrum = settled_spectrum(amplify(sine(200, 0.3), gain, 5.0))
    first = harmonic_power(spectrum, 200, 1)
    return sum(harmonic_power(spectrum, 200, n) for n in range(2, 20)) / first


def nodal_response(stack: ToneStack, t: float, m: float, b: float, hertz: float) -> complex:
    """Solve the tone stack's network node by node: an independent way to the paper's formula."""
    s = 2j * np.pi * hertz
    source, ground, tiny = -1, -2, 1e-3
    branches = [  # node, node, admittance; node 1 is the treble pot's wiper, the output
        (source, 0, s * stack.c1),
        (0, 1, 1 / ((1 - t) * stack.r1 + tiny)),
        (1, 2, 1 / (t * stack.r1 + tiny)),
        (source, 3, 1 / stack.r4),
        (3, 2, s * stack.c2),
        (3, 5, s * stack.c3),
        (2, 4, 1 / (b * stack.r2 + tiny)),
        (4, 5, 1 / ((1 - m) * stack.r3 + tiny)),
        (5, ground, 1 / (m * stack.r3 + tiny)),
    ]
    matrix, current = np.zeros((6, 6), complex), np.zeros(6, complex)
    for one, other, admittance in branches:
        for here, there in ((one, other), (other, one)):
            if here >= 0:
                matrix[here, here] += admittance
                if there >= 0:
                    matrix[here, there] -= admittance
                if there == source:
                    current[here] += admittance
    return complex(np.linalg.solve(matrix, current)[1])


@pytest.mark.parametrize("pots", [(0, 0, 0), (1, 1, 1), (0.5, 0.5, 0.5), (0.2, 0.7, 0.9), (1, 0, 0.3)])
def test_tone_stack_formula_equals_nodal_analysis(pots: tuple[float, float, float]) -> None:
    stack = ToneStack()
    hertz = np.geomspace(20, 20_000, 30)
    _, response = signal.freqs(*stack.analog(*pots), 2 * np.pi * hertz)
    nodal = [nodal_response(stack, *pots, float(f)) for f in hertz]
    np.testing.assert_allclose(response, nodal, atol=1e-6)


def test_operating_point_satisfies_ohm_and_lies_where_a_12ax7_rests() -> None:
    stage = circuit.FIRST_STAGE
    rest = stage.rest()
    assert rest.cathode_volt == pytest.approx(rest.plate_ampere * stage.cathode_ohm, rel=1e-6)
    assert rest.plate_to_ground == pytest.approx(stage.supply - rest.plate_ampere * stage.plate_ohm, abs=1e-3)
    assert 0.8e-3 < rest.plate_ampere < 1.2e-3
    assert rest.grid_volt == pytest.approx(-rest.cathode_volt, abs=1e-3)


def test_plate_current_equals_korens_equation() -> None:
    for grid in np.linspace(-5.0, 1.5, 27):
        for plate in (0.5, 5.0, 80.0, 250.0, 400.0):
            drive = triode.KP * (1 / triode.MU + grid / np.sqrt(triode.KVB + plate**2))
            expected = 2 * (plate / triode.KP * np.logaddexp(0.0, drive)) ** triode.EXPONENT / triode.KG1
            assert triode.plate_current(float(grid), plate)[0] == pytest.approx(expected, rel=1e-5, abs=1e-12)


def test_input_that_is_not_a_number_does_no_harm() -> None:
    audio = sine(200, 0.5, 0.01)
    audio[100] = np.nan
    assert amplify(audio, 5.0, 5.0).shape == audio.shape


def test_tube_curves_have_the_slopes_they_report() -> None:
    for grid, plate in ((-2.0, 250.0), (-0.5, 120.0), (0.3, 40.0)):
        step = 1e-5
        _, by_grid, by_plate = triode.plate_current(grid, plate)
        up, down = (triode.plate_current(grid + d, plate)[0] for d in (step, -step))
        assert by_grid == pytest.approx((up - down) / (2 * step), rel=1e-4)
        up, down = (triode.plate_current(grid, plate + d)[0] for d in (step, -step))
        assert by_plate == pytest.approx((up - down) / (2 * step), rel=1e-4)
        up, down = (triode.grid_current(grid + d)[0] for d in (step, -step))
        assert triode.grid_current(grid)[1] == pytest.approx((up - down) / (2 * step), rel=1e-3, abs=1e-12)


def test_silence_stays_silent_from_the_first_sample() -> None:
    for gain, tone in ((0, 0), (10, 10), (5, 5)):
        assert np.max(np.abs(amplify(np.zeros(RATE // 4, np.float32), gain, tone))) < 1e-9


def test_distortion_grows_with_gain() -> None:
    values = [distortion(gain) for gain in (0, 2.5, 5, 7.5, 10)]
    assert values == sorted(values)
    assert values[0] < 1e-3
    assert values[-1] > 0.02


def test_small_signals_follow_the_analytic_tone_stack() -> None:
    impulse = np.zeros(RATE // 2, np.float32)
    impulse[100] = 1e-4
    hertz = np.geomspace(80, 12_000, 40)
    bins = np.round(hertz * impulse.size / RATE).astype(int)

    def response_db(tone: float) -> npt.NDArray[np.float64]:
        return 20 * np.log10(np.abs(np.fft.rfft(amplify(impulse, 0.0, tone).astype(np.float64))[bins]))

    def analytic_db(tone: float) -> npt.NDArray[np.float64]:
        stack = circuit.TONE_STACK.analog(tone / 10, circuit.MIDDLE, circuit.BASS)
        _, response = signal.freqs(*stack, 2 * np.pi * bins * RATE / impulse.size)
        return 20 * np.log10(np.abs(response))

    # The stages before the tone stack are the same at every tone: differences between tones are its own.
    for tone in (0.0, 3.0, 10.0):
        measured, expected = response_db(tone) - response_db(5.0), analytic_db(tone) - analytic_db(5.0)
        np.testing.assert_allclose(measured, expected, atol=0.5)


def test_aliases_are_low() -> None:
    spectrum = settled_spectrum(amplify(sine(5000, 0.5), 10.0, 10.0))
    harmonics = sum(harmonic_power(spectrum, 5000, n) for n in range(5))
    ratio_db = 10 * np.log10((spectrum.sum() - harmonics) / harmonics)
    assert ratio_db < -60


def test_output_stays_below_full_scale_for_the_loudest_input() -> None:
    noise = np.random.default_rng(0).uniform(-1, 1, RATE // 4).astype(np.float32)
    for gain in (0.0, 5.0, 10.0):
        for loud in (noise, np.sign(sine(100, 1.0, 0.25)), np.sign(sine(1000, 1.0, 0.25))):
            assert np.max(np.abs(amplify(loud, gain, 10.0))) < 10 ** (-1 / 20)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 3000])
def test_block_size_does_not_change_a_sample(size: int) -> None:
    audio = sine(220, 0.8, 0.05)
    whole = Amplifier(8.0, 5.0).process(audio)
    amplifier = Amplifier(8.0, 5.0)
    parts = [amplifier.process(audio[i : i + size]) for i in range(0, audio.size, size)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_output_is_aligned_with_the_input_and_repeatable() -> None:
    click = np.zeros(4800, np.float32)
    click[2000] = 1e-3
    out = amplify(click, 5.0, 10.0)
    assert out.size == click.size
    assert abs(int(np.argmax(np.abs(out))) - 2000) <= 1
    np.testing.assert_array_equal(out, amplify(click, 5.0, 10.0))


def test_knob_outside_its_dial_is_refused() -> None:
    with pytest.raises(KnobError, match="gain"):
        amplify(np.zeros(10, np.float32), 11.0, 5.0)
