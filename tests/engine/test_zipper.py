"""A knob that sweeps while a sine sounds: no stairs are heard, and the player and the renderer agree."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vastudio import paths
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render_automation
from vastudio.engine.stream import SEAM_SECONDS, Player
from vastudio.kernels.voice import Program, Voice
from vastudio.modelfile import store
from vastudio.types import Audio

RATE = 48_000
TURN = 480
"""Frames between two positions of the knob: 100 a second."""

BEGIN = 9_600
POSITIONS = 10
EDGE_HZ = 2_500.0
"""Stairs sound from here on: the lowest of theirs repeats 6,000 times a second."""


@pytest.fixture(scope="module")
def overdrive() -> PlayableModel:
    return PlayableModel.from_file(store.load(Path(paths.factory_models() / "overdrive.vamodel")))


def sine() -> Audio:
    """220 Hz at −12 dBFS, half a second."""
    return (10 ** (-12 / 20) * np.sin(2 * np.pi * 220 * np.arange(RATE // 2) / RATE)).astype(np.float32)


def swept(model: PlayableModel, program: Program, knob: str) -> Audio:
    """Turn a knob through its whole dial in 100 ms."""
    low, high = next((k.minimum, k.maximum) for k in model.knobs if k.name == knob)
    stations = [model.packed({knob: value}) for value in np.linspace(low, high, POSITIONS + 1)]
    audio, voice = sine(), Voice(program, stations[0])
    parts = [voice.process(audio[:BEGIN], 64)]
    for index, packed in enumerate(stations[1:]):
        voice.glide_to(packed, program.glide_steps(RATE))
        parts.append(voice.process(audio[BEGIN + index * TURN :][:TURN], 64))
    parts.append(voice.process(audio[BEGIN + POSITIONS * TURN :], 64))
    return np.concatenate(parts)


def above(audio: npt.NDArray[np.floating], edge_hz: float) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft(audio.astype(np.float64))
    spectrum[np.fft.rfftfreq(audio.size, 1 / RATE) < edge_hz] = 0
    return np.fft.irfft(spectrum, audio.size)


@pytest.mark.parametrize("knob", ["drive", "tone"])
def test_no_stairs_are_heard_while_a_knob_sweeps(overdrive: PlayableModel, knob: str) -> None:
    """Against the same glide in the smallest steps: the stairs stay 80 dB below full scale."""
    ours = overdrive.program
    smooth = dataclasses.replace(ours, stride=2)
    stairs = above(swept(overdrive, ours, knob) - swept(overdrive, smooth, knob), EDGE_HZ)[BEGIN - 600 :]
    assert 20 * np.log10(np.max(np.abs(stairs))) < -79.5
    assert 10 * np.log10(np.mean(np.square(stairs[: 2 * TURN + POSITIONS * TURN]))) < -95.0


@pytest.mark.parametrize("knob", ["drive", "tone"])
@pytest.mark.parametrize("way", [1, -1])
def test_no_thump_is_heard_while_a_knob_sweeps_in_silence(
    overdrive: PlayableModel, knob: str, way: int
) -> None:
    low, high = next((k.minimum, k.maximum) for k in overdrive.knobs if k.name == knob)
    stations = [overdrive.packed({knob: value}) for value in np.linspace(low, high, POSITIONS + 1)[::way]]
    voice, parts = Voice(overdrive.program, stations[0]), []
    for packed in stations[1:]:
        voice.glide_to(packed, overdrive.glide_steps)
        parts.append(voice.process(np.zeros(TURN, np.float32), 64))
    parts.append(voice.process(np.zeros(RATE // 10, np.float32), 64))
    assert 20 * np.log10(np.max(np.abs(np.concatenate(parts)))) < -50.0


def test_the_player_glides_as_the_renderer_does(overdrive: PlayableModel) -> None:
    player, audio = Player(RATE), sine()
    player.load_model(overdrive)
    player.set_loop(audio, None)
    rack, out = player._rack, np.zeros(audio.size, np.float32)
    rack.process(np.zeros(0, np.float32), out[:64])
    player.play()
    moves = [(0, {"drive": 0.5}), *((960 * turn, {"drive": 0.5 + 0.04 * turn}) for turn in range(1, 11))]
    for at in range(0, audio.size, 96):
        player.set_knobs(dict(moves).get(at, {}))
        rack.process(np.zeros(0, np.float32), out[at : at + 96])
        player.meters()
    rendered = render_automation(overdrive, audio, moves)
    seam = round(SEAM_SECONDS * RATE)
    assert np.array_equal(out[240:-seam], rendered[240:-seam])
