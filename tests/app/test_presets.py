"""What presets cost: measured, remembered, and said as a person would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.datasets import make_dataset
from tests.models import random_model
from vastudio import cli, paths
from vastudio.app import preset_measuring, presets
from vastudio.app.presets import Cost, keep, known_cost, known_costs, load_text, round_minutes, time_text
from vastudio.app.studio import Studio, read_model
from vastudio.modelfile import store
from vastudio.training.config import TrainingConfig
from vastudio.training.presets import PRESETS

SMALL = TrainingConfig(hidden=8, groups=4, chunk=64, warm_up=64, threads=1)
COST = Cost(load=0.004, alone=0.01, full=0.04, groups=16)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "about 10 s"),
        (44, "about 40 s"),
        (58, "about 1 min"),
        (100, "about 2 min"),
        (500, "about 8 min"),
        (1100, "about 18 min"),
        (1500, "about 25 min"),
        (3400, "about 1 h"),
        (5000, "about 1½ h"),
        (9100, "about 2½ h"),
    ],
)
def test_a_time_is_rounded_as_a_person_says_it(seconds: float, text: str) -> None:
    assert time_text(round_minutes(seconds)) == text


def test_a_load_is_said_with_a_figure_that_counts() -> None:
    assert load_text(0.0038) == "0.4 % of a core"
    assert load_text(0.123) == "12 % of a core"


def test_few_positions_make_an_update_cheaper_down_to_one() -> None:
    assert COST.update_seconds(1) == COST.alone
    assert COST.update_seconds(16) == COST.update_seconds(100) == COST.update_seconds() == COST.full
    assert COST.update_seconds(6) == pytest.approx(0.01 + 0.03 * 5 / 15)
    assert COST.training_seconds(1000, 1) == pytest.approx(10.0)


def test_a_measurement_is_remembered_for_what_costs_the_same() -> None:
    assert known_cost(SMALL) is None
    keep(SMALL, COST)
    assert known_cost(SMALL) == COST
    longer = TrainingConfig(hidden=8, groups=4, chunk=64, warm_up=64, threads=1, minutes=99.0, seed=5)
    assert known_cost(longer) == COST
    larger = TrainingConfig(hidden=16, groups=4, chunk=64, warm_up=64, threads=1)
    assert known_cost(larger) is None
    assert known_costs() == {}
    for item in PRESETS:
        keep(item.config(), COST)
    assert list(known_costs()) == [item.key for item in PRESETS]


def test_another_processor_or_version_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(SMALL, COST)
    monkeypatch.setattr(presets, "computer", lambda: "another")
    assert known_cost(SMALL) is None


@pytest.mark.parametrize("text", ["", "[]", '{"computer": 1}', '{"computer": "x", "costs": {"a": {}}}'])
def test_a_damaged_file_is_as_good_as_none(text: str) -> None:
    paths.user_data().mkdir(parents=True)
    (paths.user_data() / presets.FILE).write_text(text)
    assert known_cost(SMALL) is None
    keep(SMALL, COST)
    assert known_cost(SMALL) == COST


def test_what_is_measured_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """How the figures compare is not asked: other work on the computer decides that."""
    monkeypatch.setattr(preset_measuring, "FULL_SECONDS", 0.05)
    cost = preset_measuring.cost_of(SMALL)
    assert min(cost.alone, cost.full, cost.load) > 0
    monkeypatch.setattr(preset_measuring, "measure", lambda _config: COST)
    assert preset_measuring.cost_of(SMALL) == cost
    assert preset_measuring.cost_of(SMALL, again=True) == COST == known_cost(SMALL)


def test_the_command_line_plans_what_the_preset_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --minutes a queued run has the time of the preset's updates; --minutes and --hidden win."""
    monkeypatch.setattr(preset_measuring, "measure", lambda _config: COST)
    dataset, queue = make_dataset(tmp_path), tmp_path / "queue.json"
    base = ["train", str(dataset.path), "--out", str(tmp_path / "m.vamodel"), "--enqueue", str(queue)]
    assert cli.run([*base, "--preset", "lite"]) == 0
    assert cli.run([*base, "--preset", "lite", "--minutes", "3", "--hidden", "8"]) == 0
    assert cli.run(base) == 0
    configs = [entry["config"] for entry in json.loads(queue.read_text())["entries"]]
    lite, standard = PRESETS[0], PRESETS[1]
    per_update = COST.update_seconds(3)
    assert [config["minutes"] for config in configs] == [
        round_minutes(lite.updates * per_update), 3.0, round_minutes(standard.updates * per_update),
    ]  # fmt: skip
    assert [config["hidden"] for config in configs] == [lite.config().hidden, 8, standard.config().hidden]


def test_a_model_begins_where_the_knobs_stand(tmp_path: Path) -> None:
    """Loaded with knobs, a model sounds from its first sample on as one that was turned there at leisure."""
    path = tmp_path / "m.vamodel"
    store.save(random_model(knobs=2), path)
    studio = Studio()
    studio.use_model(read_model(path), knobs={"knob_1": 9.0, "other": 1.0}, remember=False)
    assert studio.knob_values == {"knob_1": 9.0, "knob_2": 5.0}
    assert studio.player._values == studio.knob_values
    assert studio.settings.last_model == ""
    assert studio.playable is not None
    assert [knob.default for knob in studio.playable.knobs] == [5.0, 5.0]
    studio.use_model(read_model(path), knobs={"knob_1": 99.0})
    assert studio.knob_values["knob_1"] == 10.0
    assert studio.settings.last_model == str(path)
