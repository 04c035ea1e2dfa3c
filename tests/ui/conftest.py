"""Fixtures of the window's tests: a themed application, a studio with real parts, a shown window.

Any message of Qt at the level of a warning fails the test it appears in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.datasets import make_dataset
from tests.models import random_model
from vastudio.app.studio import Studio
from vastudio.dataset.store import Dataset
from vastudio.modelfile import store
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Knob
from vastudio.ui.application import prepare
from vastudio.ui.main_window import MainWindow

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(autouse=True)
def themed(qapp: QApplication) -> None:
    if qapp.applicationName() != "VA Studio":
        prepare(qapp, "dark")


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A soft clipper with one knob, four captures of 1.5 s."""
    return make_dataset(tmp_path_factory.mktemp("recorded"))


def saved(model: ModelFile, folder: Path) -> Path:
    path = folder / f"{model.name}.vamodel"
    store.save(model, path)
    return path


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A studio with a two-knob model, the demo phrase, and no sound card."""
    made = Studio()
    made.open_model(saved(random_model(knobs=2), tmp_path))
    made.use_demo_phrase()
    made.player.open(None)
    return made


@pytest.fixture
def window(qtbot: QtBot, studio: Studio) -> Iterator[MainWindow]:
    """The shown window; afterwards it is closed, its threads have ended and it is freed."""
    made = MainWindow(studio)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.training.close()  # with a run that goes on the window would ask
    made.close()
    assert not made.isVisible()
    assert made.session.pool.activeThreadCount() == 0
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def drive_model(hidden: int = 8, seed: int = 0, name: str = "Clipper") -> ModelFile:
    """A random model with the one knob of `recorded`."""
    model = random_model(hidden, knobs=1, seed=seed)
    return dataclasses.replace(model, name=name, knobs=(Knob("drive"),))


@pytest.fixture
def compared(qtbot: QtBot, window: MainWindow, recorded: Dataset, tmp_path: Path) -> MainWindow:
    """The window on the Compare page with a model of the recorded device, everything computed."""
    with qtbot.waitSignal(window.session.model_changed):
        window.session.open_model(saved(drive_model(), tmp_path))
    window.session.open_dataset(recorded.path)
    window.show_page("compare")
    settle(qtbot, window)
    return window


def settle(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until everything on the Compare page is computed and drawn."""
    page = window.compare
    qtbot.waitUntil(
        lambda: len(page.subject.comparisons) == len(page.subject.columns) and not page.subject.is_busy,
        timeout=30_000,
    )
    qtbot.waitUntil(lambda: not page.views.is_drawing, timeout=30_000)
