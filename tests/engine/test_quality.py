"""High quality and other rates in the player: what is heard beside a model that is late waits for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import scipy

from tests.app.test_rack_state import chord
from tests.engine.test_rack import FADE, RATE, run, sine
from tests.models import random_model
from vastudio import paths
from vastudio.engine.bounce import Chain, bounce
from vastudio.engine.equaliser import Equaliser
from vastudio.engine.gate import Gate
from vastudio.engine.graph import PlayableModel
from vastudio.engine.load import estimated_load
from vastudio.engine.offline import render
from vastudio.engine.passive_tone import PassiveTone
from vastudio.engine.quality import Quality
from vastudio.engine.stream import SEAM_SECONDS, Monitor, Player
from vastudio.kernels import doubled, fir
from vastudio.kernels.voice import Floats, Program
from vastudio.modelfile import store
from vastudio.types import Audio, KnobValues

LATE_WAYS = [(RATE, Quality.HIGH), (44_100, Quality.NORMAL), (44_100, Quality.HIGH)]
SEAM = round(SEAM_SECONDS * RATE)
FAR_BELOW_DB = -80.0


@dataclass(frozen=True)
class _Wire:
    """A network that changes nothing: whatever is mixed with it has to be in time with it."""

    title: str = "wire"

    @property
    def program(self) -> Program:
        return fir.program(1)

    def packed(self, _position: npt.NDArray[np.float32]) -> Floats:
        return fir.pack(np.ones(1, np.float32))


def wire(rate: int = RATE) -> PlayableModel:
    return PlayableModel("wire", (), rate, _Wire())


def music(frames: int) -> Audio:
    """Noise of the band that passes."""
    taps = scipy.signal.firwin(511, 14_000, fs=RATE, window=("kaiser", 11.0))
    noise = 0.1 * np.random.default_rng(5).normal(size=frames)
    return np.convolve(noise, taps, "same").astype(np.float32)


def level_db(x: Audio, of: Audio) -> float:
    return float(10 * np.log10(np.mean(x.astype(float) ** 2) / np.mean(of.astype(float) ** 2) + 1e-30))


def playing(model: PlayableModel, quality: Quality, clean: Audio, target: Audio | None) -> Player:
    player = Player(RATE)
    player.set_quality(quality)
    player.load_model(model)
    player.set_loop(clean, target)
    player.play()
    return player


@pytest.mark.parametrize(("rate", "quality"), LATE_WAYS)
def test_half_dry_half_wet_is_no_comb_filter(rate: int, quality: Quality) -> None:
    x = music(12_000)
    player = playing(wire(rate), quality, x, None)
    player.set_mix(0.5)
    heard, late = run(player._rack, x.size), player.latency
    assert late > 0
    expected = x[1000 - late : -1000 - late]
    assert level_db(heard[1000:-1000] - expected, expected) < FAR_BELOW_DB


@pytest.mark.parametrize(("rate", "quality"), LATE_WAYS)
def test_null_is_deep_and_the_monitors_are_in_time(rate: int, quality: Quality) -> None:
    x = music(9_000)
    heard = {}
    monitors: tuple[Monitor, ...] = ("null", "clean", "target", "model")
    for monitor in monitors:
        player = playing(wire(rate), quality, x, x)
        player.set_monitor(monitor)
        heard[monitor] = run(player._rack, x.size)[1000:-1000]
    assert level_db(heard["null"], x) < FAR_BELOW_DB
    np.testing.assert_array_equal(heard["clean"], heard["target"])
    assert level_db(heard["clean"] - heard["model"], x) < FAR_BELOW_DB


def test_live_input_waits_as_a_loop_does() -> None:
    x = music(6_000)
    player = Player(RATE)
    player.set_quality(Quality.HIGH)
    player.load_model(wire())
    player.set_source("live")
    player.set_monitor("clean")
    player.play()
    out = np.empty_like(x)
    for begin, end in pairwise(range(0, x.size + 1, 100)):
        player._rack.process(x[begin:end], out[begin:end])
    np.testing.assert_array_equal(out[1000:], x[1000 - player.latency : -player.latency])


@pytest.mark.parametrize("block", [1, 63, 8193])
def test_a_change_of_quality_does_not_depend_on_blocks(block: int) -> None:
    model = PlayableModel.from_file(random_model(8))
    heard = []
    for size in (64, block):
        player = playing(model, Quality.NORMAL, sine(8_000), None)
        player.set_mix(0.7)
        run(player._rack, 4_032, min(size, 4_032))
        player.set_quality(Quality.HIGH)
        heard.append(run(player._rack, 4_032, size))
    np.testing.assert_array_equal(heard[0], heard[1])


def test_the_player_plays_what_is_rendered() -> None:
    model = PlayableModel.from_file(random_model(8))
    x = music(9_000)
    player = playing(model, Quality.HIGH, x, None)
    assert player.model is not None
    late = player.latency
    assert late == doubled.LATENCY
    heard = run(player._rack, x.size)
    np.testing.assert_allclose(
        heard[FADE + late : -SEAM], render(player.model, x)[FADE : -late - SEAM], atol=1e-6
    )


def _bypassed(player: Player) -> None:
    player.set_model_bypassed(True)


def _other_model(player: Player) -> None:
    player.load_model(PlayableModel.from_file(random_model(8)))


@pytest.mark.parametrize(
    "switch",
    [
        _bypassed,
        _other_model,
        lambda player: player.set_quality(Quality.HIGH),
        lambda player: player.set_dc_blocking("on"),
        lambda player: player.set_equaliser(PassiveTone()),
        lambda player: player.set_gate(Gate(threshold_db=-50.0)),
        lambda player: player.set_knobs({"drive": 0.2, "tone": 1.0}),
    ],
    ids=["bypass", "model", "quality", "dc", "tone", "gate", "knobs"],
)
def test_no_switch_clicks_at_high_gain(switch: Callable[[Player], None]) -> None:
    """Above 6 kHz a chord of low sines leaves nothing of its own, even distorted, above −80 dBFS."""
    overdrive = PlayableModel.from_file(store.load(Path(paths.factory_models() / "overdrive.vamodel")))
    player = playing(overdrive, Quality.NORMAL, chord(RATE), None)
    player.set_equaliser(Equaliser())
    run(player._rack, RATE // 5)
    switch(player)
    high = scipy.signal.butter(6, 6_000, "high", fs=RATE, output="sos")
    heard = scipy.signal.sosfilt(high, run(player._rack, RATE // 2).astype(float))
    assert 20 * np.log10(np.abs(heard[100:]).max()) < -80


@pytest.mark.parametrize("mix", [1.0, 0.5])
@pytest.mark.parametrize(("rate", "quality"), LATE_WAYS)
def test_bouncing_is_in_time_at_any_rate_and_quality(rate: int, quality: Quality, mix: float) -> None:
    x = music(9_000)
    chain = Chain(wire(rate).at_rate(RATE).at_quality(quality), mix=mix)
    heard = np.concatenate(list(bounce(chain, x, RATE)))
    assert heard.size == x.size
    assert level_db(heard[200:-200] - x[200:-200], x) < FAR_BELOW_DB
    own = np.concatenate(list(bounce(Chain(wire(rate), mix=mix), x, RATE)))
    assert level_db(own[200:-200] - x[200:-200], x) < FAR_BELOW_DB


def test_load_is_told_before_it_is_chosen() -> None:
    model = PlayableModel.from_file(random_model(16))
    normal, high = (estimated_load(model, quality) for quality in Quality)
    assert 0.0 < normal < 1.0
    assert high > normal
    knobs: KnobValues = {}
    assert model.at_quality(Quality.HIGH).voice(knobs).program.latency == doubled.LATENCY
