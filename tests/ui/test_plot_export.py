"""Any plot can be saved: the picture as it is seen, the numbers with their units."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QGraphicsView, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import plot_export, plots
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.plot_export import PlotExport, exportable, write_numbers

NUMBERS = {"frequency (Hz)": np.array([100.0, 1000.0, 20_000.0 / 3]), "level (dB)": [-3.0, math.nan]}


@pytest.fixture
def card(qtbot: QtBot) -> Iterator[Card]:
    """A card with a curve of the model's colour."""
    made = Card("Curve")
    plot = plots.plain_plot("Curve")
    plot.plot([0, 1, 2], [0, 1, 0], pen=tokens().of("model"))
    made.body.addWidget(plot)
    made.resize(400, 240)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made


def save(qtbot: QtBot, card: Card, export: PlotExport, kind: str, path: Path) -> None:
    """Choose the menu's entry, and the path in the dialog that opens."""
    {"picture": export.save_picture, "numbers": export.save_numbers}[kind].trigger()
    dialog = card.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(lambda: not export.is_writing, timeout=10_000)


def test_the_picture_is_what_is_seen_and_twice_as_sharp(qtbot: QtBot, card: Card, tmp_path: Path) -> None:
    export = exportable(card, "Curve", lambda: NUMBERS)
    save(qtbot, card, export, "picture", tmp_path / "curve.png")
    saved = QImage(str(tmp_path / "curve.png"))
    assert (saved.width(), saved.height()) == (800, 480)
    model, ground = tokens().of("model"), QColor(tokens().ground.panel)
    colours = {saved.pixelColor(x, y).name() for x in range(0, 800, 2) for y in range(0, 480)}
    assert {model.name(), ground.name()} <= colours
    assert export.button is not None and export.button.isVisible()


def test_numbers_have_units_and_end_in_empty_cells(qtbot: QtBot, card: Card, tmp_path: Path) -> None:
    export = exportable(card, "Curve", lambda: NUMBERS)
    save(qtbot, card, export, "numbers", tmp_path / "curve.csv")
    with (tmp_path / "curve.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows == [["frequency (Hz)", "level (dB)"], ["100", "-3"], ["1000", ""], ["6666.66667", ""]]
    assert [path.name for path in tmp_path.iterdir()] == ["curve.csv"]


def test_long_columns_are_written_whole(tmp_path: Path) -> None:
    columns = {"time (s)": np.arange(10_000) / 48_000, "name": [f"n{i}" for i in range(10_000)]}
    write_numbers(tmp_path / "long.csv", columns)
    read = np.genfromtxt(tmp_path / "long.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    np.testing.assert_allclose(read["time_s"], columns["time (s)"], rtol=1e-8)
    assert read["name"][-1] == "n9999"


def test_what_has_no_numbers_offers_none(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    export = exportable(widget, "Painted")
    assert not export.save_numbers.isVisible()
    assert export.button is None


def test_a_right_click_on_the_plot_itself_opens_the_menu(qtbot: QtBot, card: Card) -> None:
    export = exportable(card, "Curve", lambda: NUMBERS)
    view = card.findChild(QGraphicsView)
    assert view is not None
    viewport = view.viewport()
    place = QPoint(50, 50)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)
    assert export.menu.isVisible()
    export.menu.close()


def test_the_button_in_the_header_opens_the_menu_and_can_be_read_aloud(card: Card) -> None:
    export = exportable(card.findChildren(QWidget)[-1], "Curve", card=card)
    assert export.button is not None
    assert export.button.accessibleName() == "Save Curve"
    export.button.click()
    assert export.menu.isVisible()
    export.menu.close()


def test_what_cannot_be_written_is_said_and_leaves_nothing(
    qtbot: QtBot, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    export = exportable(card, "Curve", lambda: NUMBERS)
    save(qtbot, card, export, "numbers", tmp_path / "file" / "curve.csv")
    qtbot.waitUntil(lambda: card.findChild(QMessageBox) is not None)
    box = card.findChild(QMessageBox)
    assert box is not None and "Cannot write" in box.text()
    box.close()
    monkeypatch.setattr(plot_export, "_texts", lambda _values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_numbers(tmp_path / "half.csv", NUMBERS)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
