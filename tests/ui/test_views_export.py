"""What the views save is what they show: times, frequencies, levels and metrics with their units."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from vastudio.app.comparison.timeline import error_over_time
from vastudio.ui.compare.views import export
from vastudio.ui.main_window import MainWindow
from vastudio.ui.widgets.plot_export import PlotExport, write_numbers

PATIENCE = 60_000


def exporter(widget: QWidget) -> PlotExport:
    """The menu of a plot."""
    found = next(child for child in widget.children() if isinstance(child, PlotExport))
    assert found.save_numbers.isVisible()
    return found


def test_every_plot_of_the_views_can_be_saved(compared: MainWindow) -> None:
    views = compared.compare.views
    stage = views.stage
    for widget in (views.waves, views.waves.strip, stage, stage.spectra.average, stage.spectra.null,
                   *stage.spectrograms.views):  # fmt: skip
        saved = exporter(widget).picture()
        assert not saved.isNull()
        assert not widget.isVisible() or saved.size() == 2 * widget.size()
    for card in (views.waves, stage):
        button = exporter(card).button
        assert button is not None and button.isVisible()


def test_numbers_of_the_views_are_what_they_show(qtbot: QtBot, compared: MainWindow, tmp_path: Path) -> None:
    views, subject = compared.compare.views, compared.compare.subject
    qtbot.waitUntil(lambda: bool(subject.comparisons) and not views.is_drawing, timeout=PATIENCE)
    (comparison,) = subject.comparisons
    window = views.window_of_time
    window.show(0.25, 0.5)
    part = slice(12_000, 24_000)

    waves = export.waveforms(views._tracks, window.start, window.stop)
    assert waves["time (s)"][0] == pytest.approx(0.25)
    np.testing.assert_array_equal(waves["Clean (full scale)"], comparison.clean[part])
    np.testing.assert_array_equal(waves["Target (full scale)"], comparison.target[part])
    np.testing.assert_array_equal(waves["Model (full scale)"], comparison.model[part])

    over_time = export.errors(views.waves.strip.errors)
    np.testing.assert_allclose(over_time["ESR (dB)"], error_over_time(comparison).esr_db)

    qtbot.waitUntil(lambda: views.stage.spectrograms.model.image is not None, timeout=PATIENCE)
    view = views.stage.spectrograms.model
    table, image = export.spectrogram(view), view.image
    assert image is not None
    assert list(table)[1].endswith(" Hz (dB)")
    np.testing.assert_array_equal(np.stack(list(table.values())[1:]), image)
    everything = export.spectrograms(views.stage.spectrograms.views)
    assert set(everything["picture"]) == {f"Spectrogram of {name}" for name in
                                          ("Clean", "Target", "Model", "Model − target")}  # fmt: skip
    write_numbers(tmp_path / "all.csv", everything)
    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 1 + 4 * image.shape[1]

    spectra = export.curves(views.stage.spectra.average.curves)
    assert list(spectra) == ["frequency (Hz)", "Clean (dB)", "Target (dB)", "Model (dB)"]
    close = export.close_up(views._tracks, 1_000)
    np.testing.assert_array_equal(close["Target (full scale)"], comparison.target[1_000:1_300])


def test_nothing_shown_is_nothing_saved() -> None:
    assert export.waveforms(None, 0.0, 1.0) == {}
    assert export.close_up(None, 0) == {}
    assert export.errors(None) == {}
    assert export.curves(()) == {}
    assert export.positions(None) == {}


def test_all_metrics_of_all_positions_are_saved(qtbot: QtBot, compared: MainWindow) -> None:
    stage = compared.compare.views.stage
    stage.show_view("positions")
    qtbot.waitUntil(stage.positions.measure.isEnabled, timeout=PATIENCE)
    stage.positions.start()
    qtbot.waitUntil(lambda: stage.positions.result is not None, timeout=PATIENCE)
    table = stage.positions.result
    assert table is not None
    assert exporter(stage).name == "Positions"
    saved = export.positions(table)
    assert list(saved["ESR (ratio)"]) == [row.metrics.esr for row in table.rows]
    assert list(saved["drive (dial)"]) == [row.knobs["drive"] for row in table.rows]
    assert all(heading.endswith(")") for heading in list(saved)[2:])
