"""The quick probe: known devices are measured right, each wrong one is found by the measure meant for it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.app import probed
from tests.models import random_model
from vastudio.app.probe import basics, quick
from vastudio.app.probe.positions import centre, corners
from vastudio.app.probe.positions import probed as probed_positions
from vastudio.app.probe.quick import Recording
from vastudio.app.probe.stimuli import PHRASE_DBFS, standard_phrase
from vastudio.app.probe.subject import Subject
from vastudio.audio.level import peak_db, rms_db
from vastudio.engine.graph import PlayableModel
from vastudio.modelfile.probe import FLOOR_DBFS
from vastudio.types import Audio, Knob, KnobValues

RATE = 48_000


def bad_measures(device: probed.Device, reference: probed.Device | None = None) -> set[str]:
    clean = standard_phrase(RATE)
    recordings = [Recording(clean, reference(clean), {})] if reference else []
    verdicts = basics.judge(quick.probe(probed.subject(device), recordings))
    assert all(verdict.sentence and np.isfinite(verdict.value) for verdict in verdicts)
    assert {verdict.grade for verdict in verdicts} <= {"good", "bad"}
    return {verdict.measure for verdict in verdicts if verdict.grade == "bad"}


@pytest.mark.parametrize(
    ("device", "measures"),
    [
        (probed.soft, set()),
        (probed.late, {"delay"}),
        (probed.inverted, {"polarity"}),
        (probed.offset, {"dc"}),
        (probed.humming, {"rest_noise", "residue"}),
        (probed.loud, set()),
    ],
)
def test_a_wrong_device_is_found_by_the_measure_meant_for_it(
    device: probed.Device, measures: set[str]
) -> None:
    assert bad_measures(device) == measures


@pytest.mark.parametrize(
    ("device", "measures"),
    [
        (probed.soft, set()),
        (probed.late, {"delay", "match_delay"}),
        (probed.inverted, {"polarity", "match_polarity"}),
        (probed.loud, {"match_level"}),
    ],
)
def test_recordings_of_the_target_tell_more(device: probed.Device, measures: set[str]) -> None:
    assert bad_measures(device, reference=probed.soft) == measures


def test_the_figures_are_those_of_the_device() -> None:
    found = quick.probe(
        probed.subject(lambda x: probed.offset(probed.late(-x))),
        [Recording(standard_phrase(RATE), standard_phrase(RATE), {})],
    )
    assert found.latency.samples == pytest.approx(1.0, abs=0.02)
    assert found.latency.inverted
    place = found.positions[0]
    assert place.rest_dc_dbfs == place.residue_dc_dbfs == pytest.approx(-40.0, abs=0.01)
    assert place.residue_dbfs == (FLOOR_DBFS,) * 3
    assert found.matches[0].inverted
    loud = quick.match(
        probed.subject(probed.loud), Recording(standard_phrase(RATE), probed.soft(standard_phrase(RATE)), {})
    )
    assert loud.level_db == pytest.approx(0.5, abs=0.01)
    assert loud.delay_samples == pytest.approx(0.0, abs=0.01)


def test_the_residue_is_measured_when_it_says() -> None:
    """A tail that falls by 60 dB a second: 6 dB after a tenth, 60 dB after one; −300 dB are the floor."""

    def ringing(x: Audio) -> Audio:
        end = int(np.flatnonzero(x)[-1]) + 1
        out = x.copy()
        time = np.arange(x.size - end) / RATE
        out[end:] = 0.1 * 10 ** (-3.0 * time) * np.sqrt(2.0) * np.sin(2 * np.pi * 1000 * time)
        return out

    place = quick.probe_position(probed.subject(ringing), {})
    within = 3.0  # what it falls by within half of the window of 0.1 s
    assert place.residue_dbfs[0] == pytest.approx(-26.0 - within, abs=0.6)
    assert place.residue_dbfs[1] == pytest.approx(-80.0 - within, abs=0.6)
    assert place.residue_dbfs[2] == FLOOR_DBFS
    assert place.rest_noise_dbfs == FLOOR_DBFS


def test_levels_at_each_corner_are_those_of_the_output() -> None:
    knobs = (Knob("volume", maximum=10.0), Knob("bright", kind="switch", default=0.0))

    def play(audio: Audio, values: KnobValues) -> Audio:
        return np.asarray(audio * values["volume"] / 10.0, np.float32)

    found = quick.probe(Subject(play, RATE, knobs)).positions
    assert [dict(place.knobs) for place in found] == [
        {"volume": 5.0, "bright": 0.0},
        {"volume": 0.0, "bright": 0.0},
        {"volume": 0.0, "bright": 1.0},
        {"volume": 10.0, "bright": 0.0},
        {"volume": 10.0, "bright": 1.0},
    ]
    assert [place.rms_dbfs for place in found] == pytest.approx([-24.02, FLOOR_DBFS, FLOOR_DBFS, -18, -18])
    assert found[3].peak_dbfs == pytest.approx(peak_db(standard_phrase(RATE)), abs=0.01)
    assert found[0].loudness_lufs == pytest.approx(found[3].loudness_lufs - 6.02, abs=0.02)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_the_standard_phrase_is_at_its_level_and_not_clipped(rate: int) -> None:
    phrase = standard_phrase(rate)
    assert phrase.size == 1.5 * rate
    assert rms_db(phrase) == pytest.approx(PHRASE_DBFS, abs=0.01)
    assert -6.0 < peak_db(phrase) < 0.0


def test_up_to_six_knobs_every_corner_is_probed() -> None:
    for count in range(1, 7):
        knobs = [Knob(f"k{i}", maximum=2.0) for i in range(count)]
        found = {tuple(place.values()) for place in corners(knobs)}
        assert len(found) == len(corners(knobs)) == 2**count
        assert set(np.unique(np.array(list(found)))) == {0.0, 2.0}
    assert probed_positions(()) == ({},)
    assert centre([Knob("k", minimum=2.0, maximum=4.0, default=2.0)]) == {"k": 3.0}


@pytest.mark.parametrize("count", [7, 12, 32, 40])
def test_beyond_any_three_knobs_are_seen_in_all_combinations(count: int) -> None:
    knobs = [Knob(f"k{i}") for i in range(count)]
    signs = np.array([list(place.values()) for place in corners(knobs)]) * 2.0 - 1.0
    assert signs.shape == (64 if count <= 32 else 128, count)
    np.testing.assert_array_equal(signs.T @ signs, len(signs) * np.eye(count))
    for i, j in ((0, 1), (2, count - 1), (count - 2, count - 1)):
        products = signs[:, i] * signs[:, j]
        assert not (signs.T @ products).any()  # no knob is mistaken for two others


def test_a_model_is_probed_through_the_engine_and_always_alike() -> None:
    model = PlayableModel.from_file(random_model(hidden=8, knobs=2))
    seen: list[tuple[int, int]] = []
    first = quick.probe(Subject.of(model), on_progress=lambda *step: seen.append(step))
    assert first == quick.probe(Subject.of(model))
    assert seen == [(done, 5) for done in range(6)]
    phrase = standard_phrase(RATE)
    heard = model.voice({"knob_1": 0.0, "knob_2": 10.0}).process(np.pad(phrase, (14_400, 0)), 64)[14_400:]
    assert first.positions[2].rms_dbfs == pytest.approx(rms_db(heard), abs=0.01)
    assert dataclasses.asdict(first)["positions"][0]["knobs"] == {"knob_1": 5.0, "knob_2": 5.0}
