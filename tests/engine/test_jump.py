"""Knobs that jump, as a preset makes them: silence stays silent, and what sounds fades over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vastudio import paths
from vastudio.audio.level import from_db, peak_db
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render, render_automation
from vastudio.engine.stream import Player
from vastudio.modelfile import store
from vastudio.types import Audio

RATE = 48_000
BLOCK = 64
RUN_IN = FADE = 960
AT = 9_600
BEFORE, AFTER = {"drive": 0.2, "tone": 0.0}, {"drive": 0.2, "tone": 1.0}


@pytest.fixture(scope="module")
def overdrive() -> PlayableModel:
    return PlayableModel.from_file(store.load(Path(paths.factory_models() / "overdrive.vamodel")))


def played(model: PlayableModel, clean: Audio) -> Audio:
    """What the player plays when its knobs jump at `AT`."""
    player = Player(RATE)
    player.load_model(model)
    player.set_knobs(BEFORE)
    player.set_loop(np.concatenate([clean, clean]), None)  # its end is not reached
    rack, out = player._rack, np.zeros(clean.size, np.float32)
    rack.process(np.zeros(0, np.float32), out[:BLOCK])
    player.play()
    for at in range(0, clean.size, BLOCK):
        if at == AT:
            player.set_knobs(AFTER)
        rack.process(np.zeros(0, np.float32), out[at : at + BLOCK])
        player.meters()
    return out


def test_silence_stays_silent(overdrive: PlayableModel) -> None:
    out = played(overdrive, np.zeros(24_000, np.float32))
    assert peak_db(out[AT:]) < -90.0


def test_what_sounds_fades_over_to_the_new_position(overdrive: PlayableModel) -> None:
    """Held against the fade between two models that have always stood at the two positions."""
    clean = (from_db(-18) * np.sin(2 * np.pi * 110 * np.arange(24_000) / RATE)).astype(np.float32)
    out = played(overdrive, clean)
    before, after = (render(overdrive, clean, position) for position in (BEFORE, AFTER))
    line = np.clip((np.arange(clean.size) - AT - RUN_IN + 1) / FADE, 0.0, 1.0)
    ideal = before + line**2 * (3 - 2 * line) * (after - before)
    assert peak_db((out - ideal)[RATE // 100 :]) < -65.0
    assert peak_db((out - ideal)[AT + 4 * FADE :]) < -75.0


def test_rendering_jumps_as_the_player_does(overdrive: PlayableModel) -> None:
    clean = np.random.default_rng(0).normal(0.0, 0.1, 24_000).astype(np.float32)
    rendered = render_automation(overdrive, clean, [(0, BEFORE), (AT, AFTER)])
    assert np.array_equal(played(overdrive, clean)[FADE:], rendered[FADE:])


def test_moves_during_a_fade_wait_for_its_end_and_the_last_counts(overdrive: PlayableModel) -> None:
    clean = np.random.default_rng(0).normal(0.0, 0.1, 24_000).astype(np.float32)
    last = {"drive": 0.9, "tone": 1.0}
    moves = [(0, BEFORE), (AT, AFTER), (AT + 100, {"drive": 0.5, "tone": 0.5}), (AT + 200, last)]
    expected = render_automation(overdrive, clean, [(0, BEFORE), (AT, AFTER), (AT + FADE, last)])
    assert np.array_equal(render_automation(overdrive, clean, moves), expected)


HAND = [(AT + 480 * step, {"drive": 0.1 * step, "tone": 1.0 - 0.1 * step}) for step in range(1, 11)]
"""Both knobs through their dials in a tenth of a second."""
HELD = {"drive": 0.0, "tone": 1.0}


def turned(model: PlayableModel, clean: Audio) -> Audio:
    """What the player plays while a hand turns."""
    player = Player(RATE)
    player.load_model(model)
    player.set_knobs(HELD)
    player.set_loop(np.concatenate([clean, clean]), None)
    rack, parts = player._rack, []
    rack.process(np.zeros(0, np.float32), np.zeros(BLOCK, np.float32))
    player.play()
    moves = dict(HAND)
    for at in range(0, clean.size, 32):
        if at in moves:
            player.set_knobs(moves[at])
        parts.append(np.zeros(32, np.float32))
        rack.process(np.zeros(0, np.float32), parts[-1])
        player.meters()
    return np.concatenate(parts)


def test_a_hand_that_turns_in_silence_is_not_heard(overdrive: PlayableModel) -> None:
    hum = (from_db(-70) * np.sin(2 * np.pi * 50 * np.arange(24_000) / RATE)).astype(np.float32)
    silent = turned(overdrive, np.zeros(24_000, np.float32))
    assert peak_db(silent[AT:]) < -100.0
    before, after = (peak_db(render(overdrive, hum, position)) for position in (HAND[0][1], HAND[-1][1]))
    assert peak_db(turned(overdrive, hum)[RATE // 100 :]) < max(before, after) + 6.0


def test_rendering_turns_as_the_player_does(overdrive: PlayableModel) -> None:
    moves = [(0, HELD), *HAND]
    for level in (0.0, 0.1):  # fading over and gliding
        clean = np.random.default_rng(0).normal(0.0, level, 24_000).astype(np.float32)
        np.testing.assert_array_equal(
            turned(overdrive, clean)[FADE:], render_automation(overdrive, clean, moves)[FADE:]
        )


def test_a_turning_hand_does_not_make_voices(overdrive: PlayableModel) -> None:
    player = Player(RATE)
    player.load_model(overdrive)
    voice = player._rack.model._voice
    player.set_knobs({"tone": 0.6})
    assert player._rack.model._voice is voice
    player.set_knobs({"tone": 0.8})
    assert player._rack.model._voice is not voice
