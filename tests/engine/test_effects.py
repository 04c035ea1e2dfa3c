"""Gate, equaliser and cabinet in the rack: what is heard is what they do offline, one after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.engine.test_rack import FADE, KNOBS, RATE, model, monitor, playing_rack, run, sine
from vastudio.engine.cabinet import Cabinet
from vastudio.engine.effects import Effect, EffectSlot
from vastudio.engine.equaliser import GUITAR_BANDS, Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.offline import apply, render
from vastudio.engine.rack import Rack
from vastudio.engine.stream import Player
from vastudio.kernels import desk
from vastudio.types import Audio

FRAMES = 9_600


def speaker(taps: int = 2048, seed: int = 0) -> Cabinet:
    decay = np.exp(-np.arange(taps) / 200)
    return Cabinet((np.random.default_rng(seed).normal(size=taps) * decay).astype(np.float32), RATE)


def tone(mid_db: float) -> Equaliser:
    bands = list(GUITAR_BANDS)
    bands[2] = replace(bands[2], gain_db=mid_db)
    return Equaliser(tuple(bands))


def full_rack(target: Audio | None = None) -> Rack:
    rack = Rack(RATE)
    rack.model.set_voice(model().voice(KNOBS))
    rack.set_loop(sine(FRAMES), target)
    rack.set_playing(True)
    for slot, effect in ((rack.gate, Gate()), (rack.equaliser, tone(6.0)), (rack.cabinet, speaker())):
        EffectSlot(slot).set(effect, RATE)
    return rack


def chain(clean: Audio) -> Audio:
    audio = render(model(), apply(Gate(), clean, RATE), KNOBS)
    for effect in (tone(6.0), speaker()):
        audio = apply(effect, audio, RATE)
    return audio


@pytest.mark.parametrize("block", [1, 63, 64, 65, 8193])
def test_the_whole_rack_is_heard_as_rendered(block: int) -> None:
    out = run(full_rack(), FRAMES, block)
    assert np.array_equal(out[FADE:], chain(sine(FRAMES))[FADE:])


@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000, 176_400, 192_000])
def test_the_rack_plays_at_every_rate(rate: int) -> None:
    effects: list[tuple[str, Effect]] = [("gate", Gate()), ("equaliser", tone(6.0)), ("cabinet", speaker())]
    rack, audio = Rack(rate), sine(FRAMES)
    rack.model.set_voice(model().voice(KNOBS))
    for name, effect in effects:
        EffectSlot(getattr(rack, name)).set(effect, rate)
    rack.set_loop(audio, None)
    rack.set_playing(True)
    expected = render(model(), apply(Gate(), audio, rate), KNOBS)
    for _, effect in effects[1:]:
        expected = apply(effect, expected, rate)
    assert np.array_equal(run(rack, FRAMES)[rate // 200 :], expected[rate // 200 :])


def test_target_passes_tone_and_cabinet_and_clean_passes_nothing() -> None:
    target = sine(FRAMES, frequency=300.0)
    rack = full_rack(target)
    monitor(rack, target=0.0)
    expected = apply(speaker(), apply(tone(6.0), target, RATE), RATE)
    assert np.array_equal(run(rack, FRAMES)[FADE:], expected[FADE:])
    rack = full_rack()
    monitor(rack, clean=0.0)
    assert np.array_equal(run(rack, FRAMES)[FADE:], sine(FRAMES)[FADE:])


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, speaker()), (speaker(), None), (speaker(), speaker(512, 1)), (None, Gate()), (tone(0), tone(12))],
)
def test_a_change_of_effect_does_not_click(before: Effect | None, after: Effect | None) -> None:
    """The loudest step from sample to sample stays what it is before and afterwards."""
    rack = playing_rack()
    slot = rack.gate if isinstance(after, Gate) else rack.equaliser if before else rack.cabinet
    effect = EffectSlot(slot)
    effect.set(before, RATE)
    first = run(rack, FRAMES)
    effect.set(after, RATE)
    changing, settled = run(rack, FRAMES), run(rack, FRAMES)
    steps = [np.max(np.abs(np.diff(part[FADE:]))) for part in (first, settled)]
    assert np.max(np.abs(np.diff(np.concatenate([first[FADE:], changing])))) <= 1.25 * max(steps)


def test_effects_follow_the_sample_rate() -> None:
    player = Player(RATE)
    player.set_equaliser(tone(3.0))
    player.set_cabinet(speaker())
    player._set_rate(96_000)
    rack = player._rack
    rack.set_loop(sine(FRAMES), None)
    run(rack, 640)
    rack.set_playing(True)
    audio = apply(speaker(), apply(tone(3.0), sine(FRAMES), 96_000), 96_000)
    assert np.array_equal(run(rack, FRAMES)[480:], audio[480:])
    assert rack.ints[desk.FAULTS] == 0
