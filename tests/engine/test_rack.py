"""The signal chain driven by hand, block by block: what is heard, and that nothing clicks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from tests.models import random_model
from vastudio.engine.graph import PlayableModel
from vastudio.engine.meters import MeterReader
from vastudio.engine.offline import render
from vastudio.engine.rack import Rack
from vastudio.engine.slot import RUN_IN_FADES
from vastudio.kernels import desk
from vastudio.types import Audio

RATE = 48_000
FADE = 240
RUN_IN = RUN_IN_FADES * FADE
"""What is not heard yet of a voice that is to replace another."""
KNOBS = {"knob_1": 3.0}


def sine(frames: int = RATE, frequency: float = 100.0, level: float = 0.25) -> Audio:
    return (level * np.sin(2 * np.pi * frequency * np.arange(frames) / RATE)).astype(np.float32)


def model(seed: int = 0, hidden: int = 8) -> PlayableModel:
    return PlayableModel.from_file(random_model(hidden, seed=seed))


def run(rack: Rack, frames: int, block: int = 64, live: Audio | None = None) -> Audio:
    """Drive the rack; return what it played."""
    parts = []
    for at in range(0, frames, block):
        count = min(block, frames - at)
        out = np.full(count, np.nan, np.float32)
        rack.process(np.zeros(count, np.float32) if live is None else live[at : at + count], out)
        rack.flush()
        parts.append(out)
    return np.concatenate(parts)


def playing_rack(playable: PlayableModel | None = None, clean: Audio | None = None) -> Rack:
    rack = Rack(RATE)
    if playable is not None:
        rack.model.set_voice(playable.voice(KNOBS))
    rack.set_loop(sine() if clean is None else clean, None)
    rack.set_playing(True)
    return rack


def monitor(rack: Rack, *, clean: float = -np.inf, target: float = -np.inf, model: float = -np.inf) -> None:
    for goal, level in ((desk.CLEAN_GOAL, clean), (desk.TARGET_GOAL, target), (desk.MODEL_GOAL, model)):
        rack.set_goal(goal, level)


@pytest.mark.parametrize("block", [1, 63, 64, 65, 8193])
def test_the_model_is_heard_as_rendered_offline(block: int) -> None:
    playable, clean = model(), sine(20_000)
    out = run(playing_rack(playable, clean), 12_000, block)
    expected = render(playable, clean[:12_000], KNOBS)
    fade = np.arange(1, FADE + 1) / FADE
    np.testing.assert_allclose(out[:FADE], expected[:FADE] * fade, atol=1e-6)
    assert np.array_equal(out[FADE:], expected[FADE:])


def test_the_loop_goes_round() -> None:
    rack = playing_rack(clean=sine(1_000))
    out = run(rack, 2_500)
    assert np.array_equal(out[1_000:2_000], sine(1_000))
    assert rack.position == 500


def test_without_a_model_the_input_passes() -> None:
    assert np.array_equal(run(playing_rack(), 2_000)[FADE:], sine()[FADE:2_000])


def test_stopped_is_silent_and_starts_where_it_stopped() -> None:
    rack = playing_rack(model())
    run(rack, 1_000)
    rack.set_playing(False)
    run(rack, 1_000)
    stopped_at = rack.position
    assert stopped_at == 1_000 + FADE
    assert not run(rack, 500).any()
    assert rack.position == stopped_at


def test_the_target_and_the_clean_signal_can_be_heard() -> None:
    rack, target = Rack(RATE), sine(frequency=200.0, level=0.1)
    rack.set_loop(sine(), target)
    monitor(rack, target=6.0)
    rack.set_playing(True)
    out = run(rack, 1_000)
    np.testing.assert_allclose(out[FADE:], 10 ** (6 / 20) * target[FADE:1_000], rtol=1e-5)
    monitor(rack, clean=0.0)
    out = run(rack, 1_000)
    np.testing.assert_allclose(out[FADE:], sine()[1_000 + FADE : 2_000], atol=1e-7)


def test_the_live_input_is_heard_through_the_model() -> None:
    playable, live = model(), sine(4_000)
    rack = Rack(RATE)
    rack.model.set_voice(playable.voice(KNOBS))
    rack.set_source("live")
    rack.set_playing(True)
    out = run(rack, live.size, live=live)
    assert np.array_equal(out[FADE:], render(playable, live, KNOBS)[FADE:])


def test_channels_are_chosen_and_filled() -> None:
    rack = Rack(RATE)
    rack.connect(inputs=3, outputs=2, channel=1)
    rack.set_source("live")
    rack.set_playing(True)
    inp = np.zeros((1_000, 3), np.float32)
    inp[:, 1] = sine(1_000)
    out = np.empty((1_000, 2), np.float32)
    rack.process(inp.reshape(-1), out.reshape(-1))
    assert np.array_equal(out[FADE:], np.stack([sine(1_000)[FADE:]] * 2, 1))
    rack.connect(inputs=0, outputs=1, channel=1)
    assert not run(rack, 64, live=np.zeros(0, np.float32)).any()


@pytest.mark.parametrize(
    "disturb",
    [
        lambda rack: rack.set_playing(False),
        lambda rack: rack.seek(17_003),
        lambda rack: rack.set_loop(sine(frequency=90.0), None),
        lambda rack: rack.set_source("live"),
        lambda rack: monitor(rack, clean=0.0),
        monitor,
        lambda rack: rack.set_goal(desk.TRIM_GOAL, -20.0),
        lambda rack: rack.set_goal(desk.OUTPUT_GOAL, -np.inf),
        lambda rack: rack.model.set_voice(model(seed=1).voice(KNOBS)),
        lambda rack: rack.model.set_voice(None),
        lambda rack: rack.model.set_weights(model().packed({"knob_1": 9.0}), model().glide_steps),
    ],
    ids=["stop", "seek", "loop", "source", "monitor", "mute", "trim", "output", "model", "no-model", "knob"],
)
def test_nothing_clicks(disturb: Callable[[Rack], None]) -> None:
    rack = playing_rack(model())
    steady = run(rack, 4_000)
    disturb(rack)
    after = run(rack, 8_000)
    usual = np.max(np.abs(np.diff(steady[FADE:])))
    level = max(np.max(np.abs(steady)), np.max(np.abs(after)))
    assert np.max(np.abs(np.diff(np.concatenate([steady, after])))) < 1.5 * usual + 2 * level / FADE


def test_another_model_is_heard_after_the_crossfade_as_if_it_had_started_then() -> None:
    first, second, clean = model(), model(seed=1, hidden=16), sine()
    rack = playing_rack(first, clean)
    run(rack, 6_400)
    rack.model.set_voice(second.voice(KNOBS))
    out = run(rack, 6_400)
    expected = render(second, clean[6_400:12_800], KNOBS)
    assert np.array_equal(out[RUN_IN + FADE :], expected[RUN_IN + FADE :])
    before = render(first, clean, KNOBS)[6_400:12_800]
    assert np.array_equal(out[:RUN_IN], before[:RUN_IN])
    line = (np.arange(FADE) + 1) / FADE
    faded = before + np.pad(line**2 * (3 - 2 * line), (RUN_IN, 6_400 - RUN_IN - FADE)) * (expected - before)
    np.testing.assert_allclose(out[: RUN_IN + FADE], faded[: RUN_IN + FADE], atol=1e-6)


def test_many_models_and_knobs_at_once_end_with_the_newest() -> None:
    rack, clean = playing_rack(model()), sine()
    for seed in range(1, 5):
        rack.model.set_voice(model(seed).voice(KNOBS))
        for turn in range(5):
            rack.model.set_weights(model(seed).packed({"knob_1": float(turn)}), model().glide_steps)
    run(rack, 4_800)
    rack.seek(0)
    out = run(rack, 9_600)
    expected = render(model(4), clean, {"knob_1": 4.0})
    assert np.array_equal(out[2 * FADE + 64 :], expected[FADE + 64 : 9_600 - FADE])


def test_knobs_glide_at_the_next_block() -> None:
    playable, clean = model(), sine()
    rack = playing_rack(playable, clean)
    run(rack, 1_280)
    voice = playable.voice(KNOBS)
    voice.process(clean[:1_280], 64)
    rack.model.set_weights(playable.packed({"knob_1": 9.0}), model().glide_steps)
    voice.glide_to(playable.packed({"knob_1": 9.0}), playable.glide_steps)
    assert np.array_equal(run(rack, 3_200), voice.process(clean[1_280:4_480], 64))


def test_the_limiter_is_transparent_below_and_safe_above() -> None:
    out = run(playing_rack(clean=sine(level=0.89)), 4_800)
    assert np.array_equal(out[FADE:], sine(level=0.89)[FADE:4_800])
    rack = playing_rack(clean=sine(level=0.9))
    rack.set_goal(desk.OUTPUT_GOAL, 40.0)
    out = run(rack, 4_800)
    assert np.max(np.abs(out)) <= 1.0
    meters = MeterReader(rack.ints, rack.floats).meters()
    assert meters.output_clipped
    assert not meters.input_clipped


def test_broken_samples_never_reach_the_output() -> None:
    live = sine(2_000)
    live[500], live[900] = np.nan, np.inf
    rack = playing_rack(model())
    rack.set_source("live")
    monitor(rack, clean=0.0, model=0.0)
    out = run(rack, 2_000, live=live)
    assert np.isfinite(out).all()
    assert np.max(np.abs(out)) <= 1.0
    assert out[-500:].any()
    assert rack.ints[desk.FAULTS] == 2


def test_meters_give_the_peak_since_the_last_reading() -> None:
    rack = playing_rack(clean=np.concatenate([np.full(1_000, 0.5), np.full(9_000, 0.25)]).astype(np.float32))
    reader = MeterReader(rack.ints, rack.floats)
    run(rack, 2_000)
    assert reader.meters().input_peak_db == pytest.approx(-6.02, abs=0.01)
    assert reader.meters().input_peak_db == pytest.approx(-6.02, abs=0.01)
    run(rack, 2_000)
    reading = reader.meters()
    assert reading.input_peak_db == pytest.approx(-12.04, abs=0.01)
    assert reading.output_peak_db == pytest.approx(-12.04, abs=0.01)
    assert not reading.input_clipped


def test_taps_hold_the_newest_frames() -> None:
    rack = playing_rack(model())
    heard, made = rack.tap(100)
    assert heard.size == made.size == 100
    assert not heard.any()
    out = run(rack, desk.RING + 5_000, block=512)
    heard, made = rack.tap(4_096)
    assert np.array_equal(made, out[-4_096:])
    assert np.array_equal(heard, sine()[(np.arange(desk.RING + 904, desk.RING + 5_000)) % RATE])


def test_stats_count_blocks_and_load() -> None:
    rack = playing_rack(model())
    reader = MeterReader(rack.ints, rack.floats)
    reader.stats(RATE, 64)
    run(rack, 6_400)
    reader.stats(RATE, 64)
    run(rack, 6_400)
    stats = reader.stats(RATE, 64)
    assert stats.blocks == 200
    assert 0.0 < stats.load <= 1.0
    assert (stats.dropouts, stats.faults) == (0, 0)


def test_a_storm_of_controls_while_sound_flows() -> None:
    """Every control at any moment, from another thread: the memory that the callback uses stays alive."""
    rack, rng, stop = playing_rack(model()), np.random.default_rng(9), threading.Event()
    loudest: list[float] = []

    def drive() -> None:
        inp, out = np.full(64, 0.1, np.float32), np.zeros(64, np.float32)
        while not stop.is_set():
            rack.process(inp, out)
            loudest.append(float(np.max(np.abs(out))))

    models = [model(seed, hidden) for seed, hidden in enumerate((8, 40, 16))]
    newest = models[0]
    driver = threading.Thread(target=drive)
    driver.start()
    for _ in range(300):
        match rng.integers(6):
            case 0:
                newest = models[rng.integers(3)]
                rack.model.set_voice(newest.voice(KNOBS))
            case 1:
                rack.model.set_weights(newest.packed({"knob_1": rng.uniform(0, 10)}), newest.glide_steps)
            case 2:
                rack.set_loop(sine(int(rng.integers(1, 5_000))), sine(int(rng.integers(1, 5_000))))
            case 3:
                rack.seek(int(rng.integers(10_000)))
            case 4:
                rack.set_source("live" if rng.integers(2) else "loop")
            case _:
                rack.set_playing(bool(rng.integers(4)))
    stop.set()
    driver.join()
    assert np.isfinite(loudest).all()
    assert max(loudest) <= 1.0
    assert rack.ints[desk.FAULTS] == 0


def test_a_recording_has_every_frame_once() -> None:
    """Read in pieces of any size, the tap gives input and output without a gap."""
    clean = sine(20_000)
    rack = playing_rack(model(), clean)
    inputs, outputs, since, heard = [], [], 0, []
    for frames in (1, 500, 4_097, 64, 10_000):
        heard.append(run(rack, frames, 63))
        piece = rack.read(since)
        assert piece.lost == 0
        inputs.append(piece.input)
        outputs.append(piece.output)
        since = piece.end
    assert np.array_equal(np.concatenate(outputs), np.concatenate(heard))
    assert np.array_equal(np.concatenate(inputs), clean[:since])
    assert rack.read(since).output.size == 0


def test_a_recording_that_came_too_late_says_what_is_missing() -> None:
    rack = playing_rack(clean=sine(RATE))
    heard = run(rack, desk.RING + 5_000, 1_000)
    late = rack.read(0)
    assert late.end == heard.size
    assert late.lost + late.output.size == heard.size
    assert 5_000 <= late.lost <= 5_000 + desk.CHUNK
    assert np.array_equal(late.output, heard[late.lost :])
