"""The Probe tab on a real model: what is measured is shown, judged, drawn and saved."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.models import random_model
from tests.ui.conftest import saved
from vastudio.app.probe import quick
from vastudio.app.probe.measure import measures
from vastudio.app.probe.measures.aliasing import Aliasing
from vastudio.app.probe.report import Report, report
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import ORDER, Verdict
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.modelfile.schema import Evaluation, ModelFile
from vastudio.types import Knob
from vastudio.ui.compare.probe import pictures
from vastudio.ui.compare.probe.page import Finding, ProbeTab
from vastudio.ui.compare.probe.picture_card import PictureCard
from vastudio.ui.compare.probe.position_choice import PositionChoice
from vastudio.ui.compare.probe.words import counted, goal_text, value_text
from vastudio.ui.main_window import MainWindow
from vastudio.ui.theme import style
from vastudio.ui.widgets.plot_export import write_numbers

PATIENCE = 120_000


def drive_model() -> ModelFile:
    """A random model with the dataset's one knob, probed as after training."""
    model = replace(random_model(knobs=1), name="Clipper", knobs=(Knob("drive"),))
    stored = quick.probe(Subject.of(PlayableModel.from_file(model)))
    first = replace(stored.positions[0], rest_dc_dbfs=-30.0)
    probe = replace(stored, positions=(first, *stored.positions[1:]))
    return replace(model, evaluation=Evaluation("validation", 0.01, 0.01, 0.01, (), probe))


@pytest.fixture(scope="module")
def found() -> Report:
    model = replace(random_model(knobs=1), name="Clipper", knobs=(Knob("drive"),))
    return report(Subject.of(PlayableModel.from_file(model)))


@pytest.fixture
def probing(qtbot: QtBot, window: MainWindow, recorded: Dataset, tmp_path: Path) -> Iterator[ProbeTab]:
    """The tab with a model whose file has a probe in it."""
    with qtbot.waitSignal(window.session.model_changed):
        window.session.open_model(saved(drive_model(), tmp_path))
    window.session.open_dataset(recorded.path)
    window.show_page("compare")
    window.compare.show_tab("probe")
    tab = cast(ProbeTab, window.compare.tab)
    qtbot.waitUntil(lambda: tab.head.position.values == {"drive": pytest.approx(0.25)}, timeout=PATIENCE)
    yield tab


def shown(tab: ProbeTab) -> list[PictureCard]:
    return [card for card in tab.cards if not card.isHidden()]


def test_before_probing_the_models_file_is_told(probing: ProbeTab) -> None:
    assert "says the model file" in probing.head.summary.text()
    assert probing.verdicts.items["dc"].verdict.grade == "bad"
    assert next(iter(probing.verdicts.items.values())).verdict.grade == "bad"
    assert shown(probing) == []
    assert not probing.head.save.isEnabled()


def test_a_probe_is_shown_worst_first_with_pictures_and_saved(
    qtbot: QtBot, probing: ProbeTab, tmp_path: Path
) -> None:
    steps: list[str] = []
    probing._task.progressed.connect(lambda done, total, text: steps.append(text))
    qtbot.mouseClick(probing.head.start, Qt.MouseButton.LeftButton)
    assert probing.head.busy.isVisibleTo(probing)
    qtbot.waitUntil(lambda: probing.report is not None, timeout=PATIENCE)
    result = probing.report
    assert result is not None and result.knobs == {"drive": pytest.approx(0.25)}
    assert {measure.title for measure in measures().values()} < set(steps)
    grades = [ORDER.index(item.verdict.grade) for item in probing.verdicts.items.values()]
    assert grades == sorted(grades)
    assert "match_level" in probing.verdicts.items, "the open dataset was not held against the model"
    assert probing.verdicts.items["dc"].stored.text() == "the model file says −30.0 dBFS"
    assert probing.verdicts.note.full_text == "5 of 6 as stored in the model file"
    assert len(shown(probing)) == len(pictures.ALL)
    assert counted(result.verdicts) == probing.head.summary.text()
    assert "Drive 0.25" in probing.head.text.text()

    probing.head.save.click()
    dialog = probing.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "probe.json"))
    dialog.close()
    assert json.loads((tmp_path / "probe.json").read_text()) == json.loads(json.dumps(result.record()))


def test_a_model_is_probed_and_reported_without_any_recordings(window: MainWindow) -> None:
    compare = window.compare
    window.show_page("compare")
    assert compare.empty.isVisible()
    for key in ("probe", "report"):
        compare.show_tab(key)
        assert cast(QWidget, compare.tab).isVisible()
        assert not compare.empty.isVisible()
    assert cast(ProbeTab, compare.tabs["probe"]).head.start.isEnabled()
    compare.show_tab("views")
    assert compare.empty.isVisible()


def test_a_probe_can_be_cancelled(qtbot: QtBot, probing: ProbeTab) -> None:
    probing.head.start.click()
    probing.head.cancel.click()
    qtbot.waitUntil(lambda: not probing._task.is_running, timeout=PATIENCE)
    assert probing.report is None
    assert "Cancelled" in probing.notice.message.text()
    assert probing.head.start.isEnabled()


def test_what_was_found_stays_with_its_model(
    qtbot: QtBot, probing: ProbeTab, window: MainWindow, found: Report, tmp_path: Path
) -> None:
    (column,) = window.compare.subject.columns
    probing._take(Finding(column, found))
    assert probing.report is found
    window.compare.subject.add_model(saved(replace(drive_model(), name="Other"), tmp_path))
    qtbot.waitUntil(lambda: len(window.compare.subject.columns) == 2, timeout=PATIENCE)
    assert probing.report is found
    assert not probing.head.model.isHidden()
    probing.head.model_chosen.emit(1)
    assert probing.report is None
    assert shown(probing) == []
    probing.head.model_chosen.emit(0)
    assert probing.report is found


def test_positions_have_names_and_can_be_turned(qtbot: QtBot) -> None:
    choice = PositionChoice()
    qtbot.addWidget(choice)
    knobs = (
        Knob("gain", minimum=-10.0, maximum=30.0, default=2.0),
        Knob("bright", kind="switch", default=1.0),
    )
    choice.show_knobs(knobs, {"gain": 7.0, "bright": 0.0})
    seen = [choice.values]
    for index in range(1, 5):
        choice.names.setCurrentIndex(index)
        choice.names.activated.emit(index)
        seen.append(choice.values)
    assert [tuple(values.values()) for values in seen] == [
        (7.0, 0.0), (2.0, 1.0), (10.0, 1.0), (-10.0, 0.0), (30.0, 1.0),
    ]  # fmt: skip
    with qtbot.waitSignal(choice.moved):
        qtbot.keyClick(choice.cells["gain"].dial, Qt.Key.Key_Home)
    assert choice.names.currentText() == "A position of my own"
    choice.follow({"gain": 0.0, "bright": 0.0})
    assert choice.values["gain"] == -10.0
    choice.names.setCurrentIndex(0)
    choice.names.activated.emit(0)
    assert choice.values["gain"] == 0.0


def test_every_measure_but_resolution_has_its_picture() -> None:
    drawn = {name for plan in pictures.ALL for name in plan.verdicts}
    of_measures = {"startup": "startup_pop"}
    assert all(of_measures.get(name, name) in drawn for name in set(measures()) - {"resolution"})


@pytest.mark.parametrize("plan", pictures.ALL, ids=lambda plan: plan.title)
def test_a_card_draws_in_both_themes_and_its_numbers_have_units(
    qtbot: QtBot, qapp: QApplication, found: Report, plan: pictures.PicturePlan, tmp_path: Path
) -> None:
    card = PictureCard(plan)
    qtbot.addWidget(card)
    card.show_report(found)
    for choice in plan.choices or (None,):
        if choice is not None and card.choice is not None:
            card.choice.button(choice.key).click()
        assert not card.isHidden()
        dark = card.grab().toImage()
        assert len({dark.pixelColor(x, 90).rgb() for x in range(dark.width())}) > 1
        style.apply(qapp, "light")
        light = card.grab().toImage()
        style.apply(qapp, "dark")
        assert light != dark
    write_numbers(tmp_path / "numbers.csv", card._numbers())
    with (tmp_path / "numbers.csv").open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    assert all(column.endswith(")") or column in {"knob", "cause", "position"} for column in heading)
    assert rows and all(len(row) == len(heading) for row in rows)
    card.show_report(None)
    assert card.isHidden()


def test_numbers_are_those_of_the_report(found: Report, qtbot: QtBot) -> None:
    card = PictureCard(next(plan for plan in pictures.ALL if plan.title == "Alias to signal"))
    qtbot.addWidget(card)
    card.show_report(found)
    aliasing: Aliasing = found.measures["aliasing"]
    numbers = card._numbers()
    assert list(numbers["sine (Hz)"]) == [step.fundamental_hz for step in aliasing.steps]
    assert list(numbers["alias to signal (dB)"]) == [step.alias_to_signal_db for step in aliasing.steps]


def test_what_cannot_be_measured_has_no_card(found: Report, qtbot: QtBot) -> None:
    plain = replace(found, measures={})
    for plan in pictures.ALL:
        card = PictureCard(plan)
        qtbot.addWidget(card)
        card.show_report(plain)
        assert card.isHidden() == (plan.title not in {"Falling quiet", "Level at the corners"})


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-58.36, "dB", "−58.4 dB"), (-200.0, "dBFS", "silent"), (-1.0, "sign", "inverted"),
        (24.0, "bits", "no steps"), (8.0, "bits", "8.0 bits"), (0.3884, "% of a core", "0.39 % of a core"),
    ],
)  # fmt: skip
def test_values_as_people_read_them(value: float, unit: str, text: str) -> None:
    verdict = Verdict("m", "M", value, unit, "≤ -55 dB", "good", "")
    assert value_text(verdict) == text
    assert goal_text(verdict) == "goal ≤ −55 dB"
