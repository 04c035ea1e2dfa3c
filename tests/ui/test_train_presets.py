"""The model card: what presets cost, what Advanced changes, and when this computer is measured."""

from __future__ import annotations

import sys

import pytest
from pytestqt.qtbot import QtBot

from vastudio.app.presets import Cost, keep, round_minutes
from vastudio.dataset.store import Dataset
from vastudio.training.presets import PRESETS, STANDARD
from vastudio.ui.bridge import preset_figures
from vastudio.ui.bridge.preset_figures import PresetFigures
from vastudio.ui.main_window import MainWindow
from vastudio.ui.train.model_card import ModelCard

PATIENCE = 60_000
COST = Cost(load=0.0042, alone=0.01, full=0.04, groups=16)
COSTS = {item.key: COST for item in PRESETS}


@pytest.fixture
def card(qtbot: QtBot) -> ModelCard:
    made = ModelCard()
    qtbot.addWidget(made)
    made.show()
    made.advanced.click()
    return made


def test_the_page_shows_what_is_known_for_the_positions_of_the_dataset(
    qtbot: QtBot, window: MainWindow, recorded: Dataset
) -> None:
    for item in PRESETS:
        keep(item.config(), COST)
    window.session.open_dataset(recorded.path)
    window.show_page("train")
    model = window.train.model
    qtbot.waitUntil(lambda: model.presets.button("lite").lines[1].text() == "load 0.4 %", timeout=PATIENCE)
    minutes = round_minutes(PRESETS[0].updates * COST.update_seconds(3))
    assert model.presets.button("lite").lines[2].text() == f"about {minutes:.0f} min"
    assert "load 0.4 % of a core" in model.presets.button("lite").accessibleName()
    model.presets.button("lite").click()
    assert model.config == PRESETS[0].config(minutes=minutes)


def test_the_plan_follows_the_figures_until_the_person_has_another(card: ModelCard) -> None:
    assert card.config.minutes == STANDARD.minutes
    card.show_costs(COSTS, measuring=False)
    assert card.config.minutes == round_minutes(STANDARD.updates * COST.full)
    card.form.minutes.setValue(3.0)
    card.show_positions(1)
    assert card.config == STANDARD.config(minutes=3.0)
    assert card.reset.isVisible()
    card.reset.click()
    assert card.config.minutes == round_minutes(STANDARD.updates * COST.alone)
    assert not card.form.changes


def test_options_are_offered_where_the_architecture_has_them(card: ModelCard) -> None:
    form = card.form
    assert form.options["hidden"].isVisible()
    assert form.options["biases"].isVisible()
    form.architecture.setCurrentIndex(form.architecture.findData("concat-lstm"))
    form.architecture.activated.emit(form.architecture.currentIndex())
    assert form.options["hidden"].isVisible()
    assert not form.options["biases"].isVisible()
    assert form.changes == {"architecture": "concat-lstm"}
    assert card.config == STANDARD.config(architecture="concat-lstm")
    form.learning_rate.setValue(0.001)
    assert card.config.learning_rate == 0.001
    assert "changed: concat-lstm-" in card.promise.text()


def test_nothing_is_measured_before_it_is_quiet(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not again where everything is known."""
    monkeypatch.setattr(preset_figures, "QUIET_MILLISECONDS", 10)
    asked: list[bool] = []
    monkeypatch.setattr(preset_figures._Child, "measure", lambda _self, again: asked.append(again) or COSTS)
    quiet = False
    figures = PresetFigures(lambda: quiet)
    figures.look()
    qtbot.waitUntil(figures._timer.isActive, timeout=PATIENCE)
    qtbot.wait(100)
    assert asked == []
    assert not figures.costs
    quiet = True
    qtbot.waitUntil(lambda: figures.costs == COSTS, timeout=PATIENCE)
    assert asked == [False]
    assert not figures._timer.isActive()
    figures.close()


def test_measuring_ends_at_once_when_something_begins_to_work(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real process, which would take seconds, is ended; that is no failure."""
    figures = PresetFigures(lambda: True)
    failed: list[object] = []
    figures.failed.connect(failed.append)
    figures.measure()
    assert figures.is_measuring
    qtbot.waitUntil(lambda: figures._child._process is not None, timeout=PATIENCE)
    begun = figures._child._process
    assert begun is not None
    figures.interrupt()
    qtbot.waitUntil(lambda: not figures.is_measuring, timeout=PATIENCE)
    assert begun.returncode not in (None, 0)
    assert not failed
    figures.close()


def test_a_process_that_fails_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    figures = PresetFigures(lambda: True)
    with qtbot.waitSignal(figures.failed, timeout=PATIENCE) as told:
        figures.measure()
    assert "could not be measured" in str(told.args[0])
    assert not figures.is_measuring
    figures.close()
