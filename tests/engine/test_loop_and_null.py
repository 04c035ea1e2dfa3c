"""Loops that sound as measured in every pass, the null, changes of what is heard: all sample by sample."""

from __future__ import annotations

from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest

from tests.engine.test_rack import FADE, RATE, run, sine
from tests.models import random_model
from vastudio import paths
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.engine.stream import SEAM_SECONDS, Monitor, Player
from vastudio.modelfile import store
from vastudio.types import Audio

SEAM = round(SEAM_SECONDS * RATE)
CEILING = 10 ** (-0.2 / 20)


def noise(frames: int, seed: int = 0, level: float = 0.1) -> Audio:
    return (level * np.random.default_rng(seed).normal(size=frames)).astype(np.float32)


@pytest.fixture(scope="module", params=sorted(path.stem for path in paths.factory_models().glob("*.vamodel")))
def factory(request: pytest.FixtureRequest) -> PlayableModel:
    """Every factory model: each kind of network remembers in its own way."""
    return PlayableModel.from_file(store.load(Path(paths.factory_models() / f"{request.param}.vamodel")))


@pytest.fixture(scope="module")
def model() -> PlayableModel:
    return PlayableModel.from_file(random_model(8))


def window(frames: int) -> Audio:
    """Raised cosines over SEAM frames at both ends."""
    edge = np.minimum(np.arange(frames), np.arange(frames)[::-1])
    return np.where(edge < SEAM, 0.5 - 0.5 * np.cos(np.pi * (edge + 0.5) / SEAM), 1.0).astype(np.float32)


def loaded(model: PlayableModel, clean: Audio, target: Audio | None = None) -> Player:
    player = Player(RATE)
    player.load_model(model)
    player.set_loop(clean, target)
    return player


def settle(player: Player) -> None:
    """Have the callback take all mail, one after the other."""
    run(player._rack, 256)


def entered(player: Player, model: PlayableModel, clean: Audio, start: int, **values: float) -> None:
    """Tell the player the model's state at the start of the stretch."""
    positions = {knob.name: values.get(knob.name, knob.default) for knob in model.knobs}
    voice = model.voice(positions)
    voice.process(clean[:start], 512)
    assert player.set_entry(model, positions, voice)


def pass_of(model: PlayableModel, clean: Audio, start: int, stop: int, **values: float) -> Audio:
    """One pass of a stretch, from rendering the whole signal."""
    return render(model, clean, values)[start:stop] * window(stop - start)


def test_every_pass_of_a_whole_loop_is_what_is_rendered(factory: PlayableModel) -> None:
    clean = noise(5_000)
    player = loaded(factory, clean)
    player.play()
    heard = run(player._rack, 15_000, 441).reshape(3, 5_000)
    expected = pass_of(factory, clean, 0, 5_000)
    np.testing.assert_allclose(heard[0, FADE:], expected[FADE:], atol=1e-7)
    np.testing.assert_allclose(heard[1], expected, atol=1e-7)
    np.testing.assert_allclose(heard[2], expected, atol=1e-7)


@pytest.mark.parametrize("block", [1, 64, 441])
def test_every_pass_of_a_stretch_is_what_is_rendered(factory: PlayableModel, block: int) -> None:
    clean, start, stop = noise(9_000), 4_321, 6_987
    player = loaded(factory, clean)
    player.set_stretch(start, stop)
    settle(player)
    entered(player, factory, clean, start)
    player.play()
    frames = stop - start
    heard = run(player._rack, 3 * frames, block).reshape(3, frames)
    expected = pass_of(factory, clean, start, stop)
    np.testing.assert_allclose(heard[0, FADE:], expected[FADE:], atol=1e-7)
    np.testing.assert_allclose(heard[1], expected, atol=1e-7)
    np.testing.assert_allclose(heard[2], expected, atol=1e-7)


def test_a_knob_that_turns_is_heard_as_rendered_from_the_next_pass_on(factory: PlayableModel) -> None:
    clean, start, stop = noise(9_000), 3_000, 8_000
    knob = factory.knobs[0]
    player = loaded(factory, clean)
    player.set_stretch(start, stop)
    settle(player)
    entered(player, factory, clean, start)
    player.play()
    run(player._rack, 2_000)
    player.set_knobs({knob.name: knob.maximum})
    run(player._rack, 1_000)
    entered(player, factory, clean, start, **{knob.name: knob.maximum})
    run(player._rack, 2_000)
    expected = pass_of(factory, clean, start, stop, **{knob.name: knob.maximum})
    np.testing.assert_allclose(run(player._rack, 5_000), expected, atol=1e-7)


def test_a_state_for_other_knobs_is_never_used(model: PlayableModel) -> None:
    clean = noise(9_000)
    player = loaded(model, clean)
    player.set_stretch(3_000, 8_000)
    assert not player.set_entry(model, {"knob_1": 1.0, "knob_2": 5.0}, model.voice({"knob_1": 1.0}))
    settle(player)
    entered(player, model, clean, 3_000)
    settle(player)
    player.set_knobs({"knob_1": 9.0})
    player.play()
    heard = run(player._rack, 10_000)
    going_on = model.voice({"knob_1": 9.0}).process(np.tile(clean[3_000:8_000], 2), 64)
    expected = going_on * np.tile(window(5_000), 2)
    np.testing.assert_allclose(heard[FADE:], expected[FADE:], atol=1e-7)


def test_the_null_is_model_less_target_at_every_gain(model: PlayableModel) -> None:
    clean = noise(6_000, level=0.01)
    difference = noise(6_000, seed=1, level=1e-4)
    target = render(model, clean, {}) - difference
    player = loaded(model, clean, target)
    player.set_monitor("null")
    player.play()
    run(player._rack, 6_000)
    for level_db in (0.0, 20.0, 60.0):
        player.set_null_gain_db(level_db)
        run(player._rack, 6_000)
        expected = difference.astype(np.float64) * 10 ** (level_db / 20) * window(6_000)
        np.testing.assert_allclose(
            run(player._rack, 6_000), expected, atol=1e-8 + 1e-7 * 10 ** (level_db / 20)
        )
    player.set_null_gain_db(99.0)
    assert player._null_gain_db == 60.0


def test_a_model_that_is_the_target_nulls_to_nothing(factory: PlayableModel) -> None:
    """Latency zero, no sample beside its place: in every pass, at the highest gain."""
    clean = noise(6_000)
    player = loaded(factory, clean, render(factory, clean, {}))
    player.set_null_gain_db(60.0)
    player.set_monitor("null")
    player.play()
    assert not run(player._rack, 20_000).any()


def test_the_loudest_null_stays_below_full_scale(model: PlayableModel) -> None:
    clean = noise(6_000, level=0.3)
    player = loaded(model, clean, -render(model, clean, {}))
    player.set_null_gain_db(60.0)
    player.set_monitor("null")
    player.play()
    heard = run(player._rack, 6_000)
    assert 0.9 < np.abs(heard).max() <= CEILING


def test_changes_of_what_is_heard_are_crossfades_and_nothing_else(model: PlayableModel) -> None:
    """At every change, what is heard is a·(1 − r) + b·r with r from 0 to 1: no sample, no energy besides."""
    clean = noise(9_000, level=0.05)
    target = noise(9_000, seed=3, level=0.05)
    output = render(model, clean, {})
    gains = {"clean": 6.0, "target": -3.0, "model": 2.5}
    player = loaded(model, clean, target)
    player.set_monitor_gains_db(**gains)
    player.set_null_gain_db(12.0)
    sounds = {"clean": clean, "target": target, "model": output}
    as_heard = {name: 10 ** (gains[name] / 20) * sound.astype(np.float64) for name, sound in sounds.items()}
    as_heard["null"] = 10 ** (12 / 20) * (output.astype(np.float64) - target)
    player.set_stretch(0, 9_000)
    order: list[Monitor] = ["clean"]
    pairs: list[tuple[Monitor, Monitor]] = list(permutations(("clean", "target", "model", "null"), 2))  # type: ignore[arg-type]
    for first, second in pairs:
        order += [first, second]
    player.set_monitor("clean")
    player.play()
    run(player._rack, 9_000)
    edges = window(9_000)
    for before, after in pairwise(order):
        player.set_monitor(before)
        run(player._rack, 4_000)
        player.set_monitor(after)
        heard = run(player._rack, 5_000)
        r = np.minimum(np.arange(1, 5_001) / FADE, 1.0)
        expected = (1 - r) * as_heard[before][4_000:] + r * as_heard[after][4_000:]
        np.testing.assert_allclose(heard, expected * edges[4_000:], atol=2e-6)


def test_the_stretch_goes_on_where_it_is_or_begins(model: PlayableModel) -> None:
    player = loaded(model, sine(9_000))
    player.play()
    run(player._rack, 2_000)
    player.set_stretch(1_000, 5_000)
    run(player._rack, FADE)
    assert player.position == 2_000
    player.set_stretch(6_000, 7_000)
    run(player._rack, FADE)
    assert player.position == 6_000
    run(player._rack, 500)
    player.seek(8_000)
    run(player._rack, FADE)
    assert player.position == 6_000
    for start, stop, looped in (
        (-5, 99_999, (0, 9_000)),
        (8_999, 3, (8_999, 9_000)),
        (99_999, 0, (8_999, 9_000)),
    ):
        player.set_stretch(start, stop)
        assert (player._rack._place.start, player._rack._place.stop) == looped
        assert np.isfinite(run(player._rack, 2 * FADE)).all()


def bank() -> list[Audio]:
    edges = np.sin(np.pi * np.arange(4_000) / 4_000).astype(np.float32)
    return [edges * noise(4_000, seed=seed) for seed in range(16)]


def test_a_bank_is_heard_sample_by_sample_and_changes_by_crossfades(model: PlayableModel) -> None:
    sounds = bank()
    player = loaded(model, sine(), sine(frequency=300.0))
    player.set_input_trim_db(-20.0)
    player.set_monitor_gains_db(10.0, 10.0, 10.0)
    player.play()
    run(player._rack, 1_000)
    player.set_bank(sounds)
    run(player._rack, FADE + 4_000)
    assert np.array_equal(run(player._rack, 4_000), sounds[0])
    before = 0
    for after in (15, 3, 3, 8, 0):
        player.hear(after)
        heard = run(player._rack, 4_000, 63)
        r = np.minimum(np.arange(1, 4_001) / FADE, 1.0)
        np.testing.assert_allclose(heard, (1 - r) * sounds[before] + r * sounds[after], atol=1e-7)
        assert np.array_equal(heard[FADE:], sounds[after][FADE:])
        before = after


def test_wishes_during_a_crossfade_end_with_the_newest() -> None:
    sounds = bank()
    player = Player(RATE)
    player.set_bank(sounds)
    player.play()
    for sound in (3, 7, 1, 12, 5):
        player.hear(sound)
        run(player._rack, 40)
    run(player._rack, 4_000 - 200)
    assert np.array_equal(run(player._rack, 4_000), sounds[5])


def test_after_a_bank_everything_is_as_it_was(model: PlayableModel) -> None:
    clean, target = noise(9_000), noise(9_000, seed=1)
    player = loaded(model, clean, target)
    player.set_stretch(2_000, 7_000)
    player.set_monitor("target")
    player.play()
    run(player._rack, 1_500)
    place = player.position
    player.set_bank(bank())
    player.hear(9)
    run(player._rack, 3_000)
    player.seek(4_000)
    player.leave_bank()
    run(player._rack, FADE)
    assert player.position == 4_000 != place
    heard = run(player._rack, 1_000)
    np.testing.assert_allclose(heard[FADE:], target[4_000 + FADE : 5_000], atol=1e-7)
    assert (player._rack._place.start, player._rack._place.stop) == (2_000, 7_000)


def test_a_loop_that_is_set_during_a_bank_is_heard_after_it(model: PlayableModel) -> None:
    player = loaded(model, noise(9_000))
    settle(player)
    player.set_bank(bank())
    settle(player)
    player.play()
    player.set_loop(sine(5_000), None)
    player.set_monitor("clean")
    run(player._rack, 4_000)
    assert np.array_equal(run(player._rack, 4_000), bank()[0])
    player.leave_bank()
    run(player._rack, 5_000 + FADE)
    assert np.allclose(run(player._rack, 5_000), sine(5_000) * window(5_000), atol=1e-7)


def test_banks_that_cannot_be_heard_are_refused() -> None:
    player = Player(RATE)
    for sounds in ([], [sine(10)] * 17, [sine(10), sine(11)]):
        with pytest.raises(ValueError, match="1 to 16 sounds of one length"):
            player.set_bank(sounds)
    with pytest.raises(IndexError):
        player.hear(0)
    player.set_bank([sine(10)])
    with pytest.raises(IndexError):
        player.hear(1)
