"""Equally loud by ear: what the player plays after the match, measured again on what is looped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.datasets import clean_signal, device
from tests.engine.test_rack import FADE, run
from tests.models import random_model
from vastudio import paths
from vastudio.app.loudness_match import LoudnessMatch, measure
from vastudio.app.studio import Studio, read_model
from vastudio.audio.level import from_db, integrated_loudness
from vastudio.engine.cabinet import Cabinet
from vastudio.engine.cabinet_mix import CabinetMix, Microphone
from vastudio.engine.effects import Shaping
from vastudio.engine.equaliser import GUITAR_BANDS, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.stream import Monitor
from vastudio.modelfile import store
from vastudio.types import STANDARD_RATE, Audio

RATE = STANDARD_RATE
EXCERPTS = (None, (0.5, 2.5), (1.25, 1.75))


@pytest.fixture
def studio() -> Studio:
    """A studio with the factory model, driven by hand, that loops plucks with a quieter and a louder half."""
    made = Studio()
    made.open_model(paths.factory_models() / "overdrive.vamodel")
    clean = clean_signal(3.0)
    clean[: clean.size // 2] *= 0.1
    made.use_loop(clean, 0.3 * device(clean, 0.6), RATE)
    return made


def matched(studio: Studio) -> LoudnessMatch:
    loop = studio.loop
    assert loop is not None
    match = measure(loop)
    gains = match.gains
    studio.player.set_monitor_gains_db(gains.clean, gains.target, gains.model)
    if match.entry is not None:
        assert studio.player.set_entry(loop.model, loop.values, match.entry)
    return match


def heard(studio: Studio, monitor: Monitor) -> Audio:
    """One pass of the loop, after one that is not listened to."""
    loop, rack = studio.loop, studio.player._rack
    assert loop is not None
    studio.player.set_monitor(monitor)
    frames = loop.stop - loop.start
    left = loop.stop - studio.player.position
    run(rack, left if left > FADE else left + frames, 480)
    return run(rack, frames, 480)


@pytest.mark.parametrize("excerpt", EXCERPTS)
def test_clean_target_and_models_are_heard_equally_loud(
    studio: Studio, tmp_path: Path, excerpt: tuple[float, float] | None
) -> None:
    """Within 0.1 LU on the stretch, also with another model in the place of the first, and after a knob."""
    other = random_model(8)
    store.save(other, tmp_path / "other.vamodel")
    studio.set_excerpt(excerpt)
    run(studio.player._rack, 512)
    match = matched(studio)
    studio.player.play()
    run(studio.player._rack, RATE)
    names: tuple[Monitor, ...] = ("clean", "target", "model")
    levels = [integrated_loudness(heard(studio, name), RATE) for name in names]
    studio.use_model(read_model(tmp_path / "other.vamodel"))
    run(studio.player._rack, 512)
    match = matched(studio)
    levels += [integrated_loudness(heard(studio, name), RATE) for name in ("model", "target")]
    studio.set_knob("knob_1", 9.0)
    run(studio.player._rack, 2_000)
    again = matched(studio)
    levels += [integrated_loudness(heard(studio, "model"), RATE)]
    assert again.lufs == pytest.approx(match.lufs, abs=3.0)
    assert max(levels[:3]) - min(levels[:3]) < 0.1
    assert max(levels[3:5]) - min(levels[3:5]) < 0.1
    assert levels[5] == pytest.approx(again.lufs, abs=0.1)


def test_what_stands_around_the_model_is_in_the_match(studio: Studio) -> None:
    """Trim, gate, equaliser, cabinet and mix: within 0.1 LU, as it is heard."""
    player = studio.player
    player.set_input_trim_db(6.0)
    player.set_gate(Gate(-40.0))
    player.set_equaliser(Equaliser(tuple(replace(band, gain_db=9.0) for band in GUITAR_BANDS)))
    taps = np.exp(-np.arange(400) / 40).astype(np.float32)
    player.set_cabinet(CabinetMix((Microphone(Cabinet(taps, RATE)),)))
    player.set_mix(0.7)
    run(player._rack, 512)
    bare = replace(studio.loop, shaping=Shaping()) if studio.loop is not None else None
    match = matched(studio)
    assert bare is not None
    assert abs(measure(bare).gains.model - match.gains.model) > 3.0, "it makes a difference"
    player.play()
    run(player._rack, RATE)
    names: tuple[Monitor, ...] = ("clean", "target", "model")
    levels = [integrated_loudness(heard(studio, name), RATE) for name in names]
    assert max(levels) - min(levels) < 0.1
    assert levels[0] == pytest.approx(match.lufs, abs=0.1)


def test_the_match_is_of_the_stretch_not_of_the_whole(studio: Studio) -> None:
    whole = matched(studio)
    studio.set_excerpt((0.0, 1.0))
    quiet = matched(studio)
    assert abs(quiet.gains.model - whole.gains.model) > 1.0


def test_nothing_clips_for_being_matched(studio: Studio) -> None:
    studio.use_loop(
        0.9 * np.sign(clean_signal(1.0)) * np.abs(clean_signal(1.0)) ** 3, clean_signal(1.0), RATE
    )
    match = matched(studio)
    assert all(abs(by) < 0.1 for by in match.off_db.values())
    studio.player.play()
    for name in ("clean", "target", "model"):
        assert np.abs(heard(studio, name)).max() <= from_db(-1.0) + 1e-6


def test_what_is_nearly_silent_is_not_blown_up_and_that_is_said(studio: Studio) -> None:
    clean = clean_signal(1.0)
    studio.use_loop(4e-3 * clean, clean, RATE)
    match = matched(studio)
    assert match.off_db["clean"] < -10.0
    assert match.off_db["target"] == pytest.approx(0.0, abs=0.05)
    studio.use_loop(np.zeros(RATE, np.float32), clean, RATE)
    assert "clean" not in matched(studio).off_db


def test_the_null_is_never_louder_than_the_target_nor_clips(studio: Studio) -> None:
    studio.set_excerpt((1.6, 2.9))
    run(studio.player._rack, 512)
    match = matched(studio)
    studio.player.set_null_gain_db(match.null_gain_db)
    studio.player.set_monitor_gains_db(0.0, 0.0, 0.0)
    studio.player.play()
    run(studio.player._rack, RATE)
    null, target = heard(studio, "null"), heard(studio, "target")
    assert np.abs(null).max() <= from_db(-1.0) + 1e-6
    assert integrated_loudness(null, RATE) <= integrated_loudness(target, RATE) + 0.05
    assert match.null_gain_db > 0.0


def test_a_loop_without_a_target_is_as_loud_as_the_model(studio: Studio) -> None:
    studio.use_loop(clean_signal(1.0), None, RATE)
    match = matched(studio)
    assert match.gains.model == 0.0
    assert match.null_gain_db == 0.0
    assert "target" not in match.off_db
