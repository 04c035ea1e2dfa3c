"""Banks of presets in the window: chosen from, ordered, searched, and played by number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from vastudio.app import rack_bank
from vastudio.ui.main_window import MainWindow
from vastudio.ui.play.preset_bridge import PresetBridge
from vastudio.ui.play.preset_dialog import PresetDialog

PATIENCE = 30_000


@pytest.fixture
def do(qtbot: QtBot, window: MainWindow) -> Callable[[Callable[[], object]], None]:
    """Do something with the presets and wait until it is done."""

    def doing(act: Callable[[], object]) -> None:
        with qtbot.waitSignal(window.play.presets.bank_changed, timeout=PATIENCE):
            act()

    return doing


def names(presets: PresetBridge) -> list[str]:
    return [entry.name for entry in presets.entries]


def rows(dialog: PresetDialog) -> list[str]:
    return [dialog.list.item(row).text().strip() for row in range(dialog.list.count())]


def test_banks_and_their_order(
    qtbot: QtBot, window: MainWindow, do: Callable[[Callable[[], object]], None], tmp_path: Path
) -> None:
    presets, bar = window.play.presets, window.play.preset_bar
    qtbot.waitUntil(lambda: not presets._writing.is_busy, timeout=PATIENCE)
    window.play.output.cell.dial.move_to(-9.0)
    for name in ("Clean", "Crunch", "Lead"):
        do(partial(presets.save, name))
    dialog = bar.manage()
    qtbot.addWidget(dialog)
    dialog.list.setCurrentRow(2)
    do(dialog.up.click)
    assert names(presets) == ["Clean", "Lead", "Crunch"]
    assert rows(dialog)[1].split() == ["2", "Lead"]
    assert dialog.chosen is not None
    assert dialog.chosen.name == "Lead"
    do(lambda: dialog._do(presets.duplicate))
    assert names(presets) == ["Clean", "Lead", "Lead 2", "Crunch"]
    do(lambda: presets.add_bank("Stage"))
    assert (presets.bank, names(presets)) == ("Stage", [])
    assert presets.current is not None, "what plays goes on"
    assert not dialog.play.isEnabled()
    do(lambda: presets.choose_bank(rack_bank.FIRST))
    do(lambda: presets.move(presets.entries[0], "Stage"))
    do(lambda: presets.choose_bank("Stage"))
    assert names(presets) == ["Clean"]
    assert dialog.bank.currentText() == "Stage"
    dialog.search.setText("lead")
    assert rows(dialog) == ["Presets: Lead", "Presets: Lead 2"]
    dialog.search.setText("")
    do(lambda: presets.export_bank(tmp_path / "Stage.vabank"))
    do(presets.delete_bank)
    assert (presets.bank, presets.banks) == (rack_bank.FIRST, [rack_bank.FIRST])
    do(lambda: presets.add(tmp_path / "Stage.vabank"))
    assert (presets.bank, names(presets)) == ("Stage", ["Clean"])
    window.play.output.cell.dial.move_to(0.0)
    with qtbot.waitSignal(window.play.rig.recalled, timeout=PATIENCE):
        presets.recall_number(0, 1)
    assert presets.current is not None
    assert (presets.bank, presets.current.name) == (rack_bank.FIRST, "Lead 2")
    assert window.play.output.cell.value == -9.0
    dialog.close()
