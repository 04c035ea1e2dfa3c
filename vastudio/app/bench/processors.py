"""What is measured besides networks: the other processors of the rack, and the rack as a whole."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy

from vastudio.app.bench import networks
from vastudio.app.bench.instruments import (
    Doubles,
    Instrument,
    Make,
    onnx_engines,
    timed,
    torch_engines,
    with_rivals,
)
from vastudio.app.bench.timing import Play
from vastudio.engine.gate import Gate
from vastudio.engine.rack import Rack
from vastudio.kernels import biquads, convolution, gate, recurrent
from vastudio.kernels.chain import process
from vastudio.kernels.jit import compiled
from vastudio.kernels.rest import settled
from vastudio.kernels.voice import Floats, Voice
from vastudio.types import STANDARD_RATE, Audio

RACK_TAPS = 2048
RACK_HIDDEN = 32
_TAPS = (512, RACK_TAPS, 8192, 48_000)

_DECAY_TAPS = 300.0


def common() -> tuple[Make, ...]:
    """One of each."""
    return (partial(cabinet, RACK_TAPS), equaliser, noise_gate, whole_rack)


def every() -> tuple[Make, ...]:
    """With short and long impulse responses."""
    return (
        *(partial(cabinet, taps) for taps in (512, RACK_TAPS, 8192, 48_000)),
        equaliser,
        noise_gate,
        whole_rack,
    )


def cabinet(taps: int) -> Instrument:
    """A convolution with a decaying impulse response."""
    response = impulse_response(taps)
    program, seconds = timed(lambda: convolution.program(taps))
    voice = Voice(program, convolution.pack(response))

    def onnx(block: int) -> Play:
        return onnx_engines().filter_of(response, block)  # type: ignore[no-any-return]

    def torch(block: int) -> Play:
        engines = torch_engines()
        return engines.streaming(engines.filter_of(response), block, time_last=True)  # type: ignore[no-any-return]

    def judge(audio: Audio) -> Doubles:
        heard = scipy.signal.fftconvolve(audio.astype(np.float64), response.astype(np.float64))
        return np.asarray(heard[: audio.size], np.float64)

    return Instrument(
        "convolution", taps, voice.process, voice.reset, seconds, with_rivals(torch, onnx), judge, voice=voice
    )


def impulse_response(taps: int) -> Audio:
    """Noise that dies away within milliseconds, as a cabinet's response does."""
    envelope = np.exp(-np.arange(taps) / _DECAY_TAPS)
    noise = np.random.default_rng(0).normal(size=taps) * envelope
    return np.asarray(noise / np.sqrt(np.sum(noise * noise)), np.float32)


def equaliser() -> Instrument:
    """Five bands."""
    program, seconds = timed(biquads.program)
    voice = Voice(program, five_bands())
    return Instrument("equaliser", 5, voice.process, voice.reset, seconds, voice=voice)


def five_bands() -> Floats:
    """A low cut, two shelves and two bells, packed."""

    def at(hertz: float) -> float:
        return hertz / STANDARD_RATE

    return biquads.pack((
        biquads.high_pass(at(70.0), 0.7),
        biquads.low_shelf(at(120.0), 0.7, 3.0),
        biquads.peaking(at(500.0), 1.0, -4.0),
        biquads.peaking(at(2200.0), 1.0, 3.0),
        biquads.high_shelf(at(5000.0), 0.7, -2.0),
    ))  # fmt: skip


def noise_gate() -> Instrument:
    """A gate as it is set at first."""
    program, seconds = timed(gate.program)
    voice = Voice(program, Gate().packed(STANDARD_RATE))
    return Instrument("gate", "defaults", voice.process, voice.reset, seconds, voice=voice)


def whole_rack() -> Instrument:
    """Gate, GRU, five bands and cabinet, with trims, meters and limiter: all that the player runs."""
    seconds = 0.0
    rack = Rack(STANDARD_RATE)
    cell = settled(networks.random_cell("gru", RACK_HIDDEN)).packed
    cabinet_weights = convolution.pack(impulse_response(RACK_TAPS))
    parts = (
        (rack.gate, gate.program, Gate().packed(STANDARD_RATE)),
        (rack.model, partial(recurrent.program, "gru", RACK_HIDDEN), cell),
        (rack.equaliser, biquads.program, five_bands()),
        (rack.cabinet, partial(convolution.program, RACK_TAPS), cabinet_weights),
    )
    voices = []
    for slot, make, packed in parts:
        program, taken = timed(make)
        seconds += taken
        voices.append(Voice(program, packed))
        slot.set_voice(voices[-1])
    rack.set_source("live")
    rack.set_playing(True)

    def play(audio: Audio, block: int) -> Audio:
        out = np.empty_like(audio)
        _run_rack(rack.ints, rack.floats, rack.audio, audio, out, block)
        return out

    def reset() -> None:
        for voice in voices:
            voice.reset()

    return Instrument("rack", f"gru-{RACK_HIDDEN}", play, reset, seconds, voice=voices[1])


def _run(ints: object, floats: object, audio: object, source: Audio, out: Audio, block: int) -> None:
    """Run the rack over `source`, mono, in blocks."""
    for begin in range(0, source.size, block):
        count = min(block, source.size - begin)
        process(ints, floats, audio, source[begin : begin + count], out[begin : begin + count], count)


_run_rack = compiled(_run)
