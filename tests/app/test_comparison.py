"""What is measured of a comparison, against closed forms."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from tests.app.compared import RATE, comparison, noise, rendering
from tests.datasets import make_dataset
from tests.models import random_model
from vastudio.app.comparison import records
from vastudio.app.comparison.bands import null_by_band
from vastudio.app.comparison.comparing import compare, measure, measure_clips, measure_rendering, render_pair
from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.naming import told_apart
from vastudio.app.comparison.pair import dataset_pair
from vastudio.app.comparison.positions import position_metrics
from vastudio.app.comparison.spectrum import average_spectra, third_octave_mean
from vastudio.app.comparison.timeline import LEAST_DB, error_over_time
from vastudio.app.evaluate import evaluate
from vastudio.app.studio import OpenedModel
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import DatasetError, KnobError
from vastudio.types import Knob


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"), seconds=0.6)


@pytest.fixture(scope="module")
def model() -> PlayableModel:
    return PlayableModel.from_file(replace(random_model(knobs=1), name="Clipper", knobs=(Knob("drive"),)))


# --- comparing --------------------------------------------------------------------------------------------


def test_a_model_like_its_target_has_no_error_and_reaches_every_goal() -> None:
    same = comparison(noise(1.0), noise(1.0))
    measured = same.metrics
    assert (measured.esr, measured.mae, measured.dc, measured.mr_stft, measured.complex_stft) == (0,) * 5
    assert (measured.null_depth_db, measured.predicted_mushra) == (-math.inf, 100.0)
    assert all(goal.is_met(getattr(measured, name)) is not False for name, goal in GOALS.items())
    assert (same.gains.clean, same.gains.target, same.gains.model) == (0.0, 0.0, 0.0)


def test_half_the_level_in_numbers() -> None:
    target = noise(1.0)
    measured = comparison(target, 0.5 * target).metrics
    assert measured.esr == pytest.approx(0.25)
    assert measured.null_depth_db == pytest.approx(10 * math.log10(0.25))
    assert measured.loudness_difference == pytest.approx(20 * math.log10(2.0), abs=1e-3)
    assert measured.mae == pytest.approx(0.5 * np.abs(target).mean(), rel=1e-5)


def test_first_the_sound_then_what_is_quick_then_everything(dataset: Dataset, model: PlayableModel) -> None:
    pair = dataset_pair(dataset, dataset.captures("validation")[0].id)
    heard = render_pair(model, pair, {"drive": 0.25})
    np.testing.assert_array_equal(heard.model, render(model, pair.clean, {"drive": 0.25}))
    np.testing.assert_array_equal(heard.difference, heard.model - pair.target)
    quick = asdict(measure_rendering(heard, quick=True).metrics)
    whole = compare(model, pair, {"drive": 0.25})
    missing = {name for name, value in quick.items() if math.isnan(value)}
    assert missing == {"mr_stft", "complex_stft", "mfcc_distance", "predicted_mushra"}
    everything = asdict(whole.metrics)
    assert {name: everything[name] for name in quick.keys() - missing} == {
        name: quick[name] for name in quick.keys() - missing
    }
    assert (whole.model_name, whole.capture, whole.clip, whole.sample_rate) == (
        "Clipper", pair.capture, 0, RATE,
    )  # fmt: skip
    with pytest.raises(KnobError):
        compare(model, pair, {"gain": 1.0})


def test_a_model_at_another_rate_hears_and_answers_at_the_pairs_rate(dataset: Dataset) -> None:
    """A network without units passes its input on: what is left is the resampling, there and back."""
    wire = replace(random_model(knobs=0), sample_rate=44_100)
    silent = {name: np.zeros_like(value) for name, value in wire.weights.items()}
    cell = silent["conditioner.0.bias"]
    cell[-1] = 1.0  # the skip from input to output
    model = PlayableModel.from_file(replace(wire, weights=silent))
    pair = dataset_pair(dataset, dataset.captures()[0].id)
    heard = render_pair(model, pair, {})
    assert heard.model.shape == pair.clean.shape
    inner = slice(2_000, -2_000)
    error = (heard.model - pair.clean)[inner]
    assert float(np.mean(error**2) / np.mean(pair.clean[inner] ** 2)) < 1e-4


def test_clips_count_as_one_signal_and_spectra_as_a_mean_over_clips() -> None:
    first, second = noise(0.7, 1), noise(1.1, 2, 0.3)
    clips = [(first, first, 0.9 * first), (second, second, 0.5 * second)]
    together = measure_clips(clips, RATE)
    alone = [measure(*clip, RATE) for clip in clips]
    energies = [float(np.sum(x.astype(float) ** 2)) for x in (first, second)]
    expected = (0.01 * energies[0] + 0.25 * energies[1]) / sum(energies)
    assert together.esr == pytest.approx(expected, rel=1e-5)
    assert together.mr_stft == pytest.approx(np.mean([one.mr_stft for one in alone]))
    assert together.complex_stft == pytest.approx(np.mean([one.complex_stft for one in alone]))


def test_models_of_one_name_are_told_apart_by_their_files(model: PlayableModel) -> None:
    file = random_model(knobs=1)
    opened = [
        OpenedModel(Path(path), replace(file, name=name), replace(model, name=name))
        for path, name in (("a/long.vamodel", "Amp"), ("b/short.vamodel", "Amp"), ("c.vamodel", "Other"))
    ]
    names = ["Amp (long)", "Amp (short)", "Other"]
    assert [item.model.name for item in told_apart(opened)] == names
    assert [item.playable.name for item in told_apart(opened)] == names
    assert [item.model.name for item in told_apart(told_apart(opened))] == names
    twice = told_apart(told_apart([opened[0], opened[0]]))
    assert [item.model.name for item in twice] == ["Amp (long) 1", "Amp (long) 2"]


# --- closer looks -----------------------------------------------------------------------------------------


def test_an_error_in_one_band_shows_in_that_band() -> None:
    target, time = noise(4.0), np.arange(4 * RATE) / RATE
    tone = (0.01 * np.sin(2 * np.pi * 1000.0 * time)).astype(np.float32)
    found = null_by_band(rendering(target, target + tone))
    worst = int(np.nanargmax(found.depth_db))
    assert found.centres_hz[worst] == pytest.approx(1000.0)
    band_power = 0.1**2 * (1000.0 * (2 ** (1 / 6) - 2 ** (-1 / 6))) / (RATE / 2)
    assert found.depth_db[worst] == pytest.approx(10 * np.log10(0.01**2 / 2 / band_power), abs=0.5)
    far = np.abs(np.log2(found.centres_hz / 1000.0)) > 1.0
    assert found.depth_db[far].max() < found.depth_db[worst] - 40.0


def test_the_worst_second_is_found_and_the_windows_have_the_ratio_they_have() -> None:
    target = noise(6.0)
    model = target.copy()
    model[3 * RATE : 4 * RATE] *= np.float32(0.5)
    found = error_over_time(rendering(target, model))
    assert found.worst_second_s == pytest.approx(3.0)
    assert found.worst_second_db == pytest.approx(10 * math.log10(0.25), abs=1e-3)
    inside = (found.times_s > 3.0) & (found.times_s < 4.0)
    np.testing.assert_allclose(found.esr_db[inside], 10 * math.log10(0.25), atol=1e-3)
    np.testing.assert_array_equal(found.esr_db[~inside], LEAST_DB)
    assert len(found.times_s) == 120
    assert found.times_s[0] == pytest.approx(0.025)


def test_a_whisper_in_a_rest_is_not_the_worst_second() -> None:
    target = noise(6.0)
    target[RATE : 3 * RATE] = 0.0
    model = target + noise(6.0, 1, 1e-5)
    model[4 * RATE : 5 * RATE] *= np.float32(0.7)
    assert error_over_time(rendering(target, model)).worst_second_s == pytest.approx(4.0)


@pytest.mark.parametrize("seconds", [0.3, 0.01, 1.013])
def test_short_and_odd_lengths_have_an_error_over_time(seconds: float) -> None:
    target = noise(seconds)
    found = error_over_time(rendering(target, 0.5 * target))
    np.testing.assert_allclose(found.esr_db, 10 * math.log10(0.25), atol=1e-3)
    assert found.worst_second_s == pytest.approx(0.0, abs=0.051)
    assert found.times_s[-1] < seconds


def test_silence_has_the_least_error_where_nothing_plays_and_an_infinite_one_where_something_does() -> None:
    silent = np.zeros(RATE, np.float32)
    np.testing.assert_array_equal(error_over_time(rendering(silent, silent)).esr_db, LEAST_DB)
    assert np.isposinf(error_over_time(rendering(silent, noise(1.0))).esr_db).all()


def test_average_spectra_of_sines_have_their_levels() -> None:
    time = np.arange(2 * RATE) / RATE
    hz = RATE / 4096 * 200
    sine = np.sin(2 * np.pi * hz * time).astype(np.float32)
    found = average_spectra(rendering(0.1 * sine, 0.01 * sine, clean=sine))
    peak = int(np.argmax(found.clean_db))
    assert found.frequencies_hz[peak] == pytest.approx(hz)
    assert (found.clean_db[peak], found.target_db[peak], found.model_db[peak]) == pytest.approx(
        (0.0, -20.0, -40.0), abs=0.01
    )
    assert found.frequencies_hz[0] > 0.0


def test_smoothing_by_third_octaves_keeps_what_is_flat_and_averages_power() -> None:
    hz = np.arange(1, 2049) * 11.7
    np.testing.assert_allclose(third_octave_mean(hz, np.full(2048, -30.0)), -30.0)
    line = np.full(2048, -120.0)
    line[500] = 0.0
    smoothed = third_octave_mean(hz, line)
    width = np.count_nonzero((hz >= hz[500] / 2 ** (1 / 6)) & (hz <= hz[500] * 2 ** (1 / 6)))
    assert smoothed[500] == pytest.approx(-10 * math.log10(width), abs=0.01)
    assert smoothed[1000] == pytest.approx(-120.0, abs=0.01)


# --- goals ------------------------------------------------------------------------------------------------


def test_goals_know_their_side() -> None:
    assert GOALS["esr"].is_met(0.01) is True
    assert GOALS["esr"].is_met(0.011) is False
    assert GOALS["null_depth_db"].is_met(-math.inf) is True
    assert GOALS["null_depth_db"].is_met(-19.0) is False
    assert GOALS["predicted_mushra"].is_met(90.0) is True
    assert GOALS["predicted_mushra"].is_met(79.0) is False
    assert GOALS["mr_stft"].is_met(0.1) is None
    assert GOALS["mfcc_distance"].is_met(math.nan) is None


def test_values_and_goals_in_words() -> None:
    assert GOALS["null_depth_db"].value_text(-24.04) == "−24.0 dB"
    assert GOALS["null_depth_db"].value_text(-math.inf) == "−∞ dB"
    assert GOALS["null_depth_db"].goal_text == "≤ −20 dB"
    assert GOALS["esr"].value_text(0.00312) == "0.0031"
    assert GOALS["esr"].value_text(1e-9) == "< 0.000001"
    assert GOALS["esr"].value_text(math.inf) == "—"
    assert GOALS["mfcc_distance"].value_text(math.nan) == "—"
    assert GOALS["predicted_mushra"].goal_text == "≥ 80"
    assert GOALS["mr_stft"].goal_text == ""


def test_every_goal_is_a_metric_and_says_what_it_means() -> None:
    names = asdict(comparison(noise(0.5), noise(0.5)).metrics)
    for name, goal in GOALS.items():
        assert goal.metric == name in names
        assert goal.meaning.endswith(".")
        assert (goal.limit is None) == (goal.reason == "")


# --- positions and records --------------------------------------------------------------------------------


def test_positions_come_worst_first_with_the_engines_numbers(dataset: Dataset, model: PlayableModel) -> None:
    told: list[tuple[int, int]] = []
    table = position_metrics(model, dataset, "all", lambda done, total: told.append((done, total)))
    evaluation = {score.capture: score.esr for score in evaluate(model, dataset, "all").captures}
    assert [row.metrics.esr for row in table.rows] == pytest.approx(sorted(evaluation.values(), reverse=True))
    assert {row.capture: row.metrics.esr for row in table.rows} == pytest.approx(evaluation)
    assert table.median["esr"] == pytest.approx(np.median(list(evaluation.values())))
    assert table.worst["esr"] == pytest.approx(max(evaluation.values()))
    scores = [row.metrics.predicted_mushra for row in table.rows]
    assert table.worst["predicted_mushra"] == min(scores)
    assert told == [(done, 4) for done in range(5)]
    assert {row.split for row in table.rows} == {"train", "validation"}
    assert [row.seconds for row in table.rows] == pytest.approx([0.6] * 4)


def test_positions_of_what_does_not_fit_are_refused(dataset: Dataset) -> None:
    stranger = PlayableModel.from_file(random_model(knobs=2))
    with pytest.raises(DatasetError, match="knobs"):
        position_metrics(stranger, dataset)
    with pytest.raises(DatasetError, match="split"):
        position_metrics(stranger, dataset, "test")


def test_records_are_plain_json_without_infinities() -> None:
    same = comparison(noise(0.5), noise(0.5))
    record = records.comparison_record(same)
    assert record["metrics"]["null_depth_db"] == {"value": None, "goal": -20.0, "unit": "dB", "met": True}
    assert record["metrics"]["esr"]["value"] == 0.0
    json.dumps(record["metrics"], allow_nan=False)
    assert len(record["error_over_time"]["times_s"]) == 10
    assert records.pair_record(same.pair)["seconds"] == 0.5


def test_tables_have_one_number_and_one_position_a_line(dataset: Dataset, model: PlayableModel) -> None:
    half = comparison(noise(0.5), 0.5 * noise(0.5))
    lines = list(csv.DictReader(io.StringIO(records.comparison_csv([half, half]))))
    esr = [float(line["value"]) for line in lines if line["measure"] == "esr"]
    assert esr == pytest.approx([0.25, 0.25])
    over_time = [line for line in lines if line["measure"] == "error_over_time"]
    assert len(over_time) == 20
    assert {line["at_unit"] for line in over_time} == {"s"}
    table = position_metrics(model, dataset)
    (line,) = csv.DictReader(io.StringIO(records.tables_csv([table])))
    assert line["knob drive"] == "0.25"
    assert float(line["esr"]) == pytest.approx(table.rows[0].metrics.esr, rel=1e-8)
