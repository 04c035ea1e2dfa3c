"""What the views save: pictures as they are seen, and the numbers behind them with their units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial

import numpy as np

from vastudio.app.comparison.goals import GOALS
from vastudio.app.comparison.positions import PositionTable
from vastudio.app.comparison.timeline import ErrorOverTime
from vastudio.ui.compare.views.analysis import Tracks
from vastudio.ui.compare.views.stage_card import StageCard
from vastudio.ui.compare.views.wave_card import WaveCard
from vastudio.ui.widgets.close_up import SAMPLES
from vastudio.ui.widgets.frequency_plot import Curve, Levels
from vastudio.ui.widgets.plot_export import Numbers, exportable
from vastudio.ui.widgets.spectrogram import SpectrogramView
from vastudio.ui.widgets.time_window import TimeWindow

AskTracks = Callable[[], Tracks | None]


def make_exportable(waves: WaveCard, stage: StageCard, window: TimeWindow, tracks: AskTracks) -> None:
    """Give both cards a button, and every plot in them a menu, to save what it shows."""
    exportable(waves, "Waveform", lambda: waveforms(tracks(), window.start, window.stop))
    exportable(waves.strip, "Error over time", lambda: errors(waves.strip.errors))
    for view in stage.spectrograms.views:
        exportable(view, view.accessibleName, partial(spectrogram, view))
    spectra = stage.spectra
    exportable(spectra.average, "Average spectra", lambda: curves(spectra.average.curves))
    exportable(spectra.null, "Null depth by band", lambda: curves(spectra.null.curves))
    names = {"spectrograms": "Spectrograms", "spectra": "Spectra", "positions": "Positions"}
    exportable(stage, lambda: names.get(stage.key, f"{SAMPLES} samples"), lambda: _of_stage(stage, tracks()))


def _of_stage(stage: StageCard, tracks: Tracks | None) -> Numbers:
    """What the stage shows now."""
    if stage.key == "spectrograms":
        return spectrograms(stage.spectrograms.views)
    if stage.key == "spectra":
        return curves((*stage.spectra.average.curves, *stage.spectra.null.curves))
    if stage.key == "positions":
        return positions(stage.positions.result)
    return close_up(tracks, stage.close_up.view.first)


def waveforms(tracks: Tracks | None, start_s: float, stop_s: float) -> Numbers:
    """The samples between two seconds: a column for every signal."""
    if tracks is None:
        return {}
    return _samples(tracks, round(start_s * tracks.rate), round(stop_s * tracks.rate))


def close_up(tracks: Tracks | None, first: int) -> Numbers:
    """`SAMPLES` samples from `first` on."""
    return {} if tracks is None else _samples(tracks, first, first + SAMPLES)


def _samples(tracks: Tracks, first: int, last: int) -> Numbers:
    parts = {f"{track.title} (full scale)": track.audio[first:last] for track in tracks.signals}
    count = max((len(part) for part in parts.values()), default=0)
    return {"time (s)": (first + np.arange(count)) / tracks.rate, **parts}


def errors(found: ErrorOverTime | None) -> Numbers:
    """The error of every window."""
    return {} if found is None else {"time (s)": found.times_s, "ESR (dB)": found.esr_db}


def spectrogram(view: SpectrogramView) -> Numbers:
    """A row for every frame, a column for every band."""
    levels = view.image
    if levels is None:
        return {}
    bands = {f"{hz:.1f} Hz (dB)": level for hz, level in zip(view.frequencies_hz, levels, strict=True)}
    return {"time (s)": view.times_s, **bands}


def spectrograms(views: Sequence[SpectrogramView]) -> Numbers:
    """All of them below each other, each row with the name of its spectrogram."""
    shown = [view for view in views if view.image is not None]
    if not shown:
        return {}
    names = [name for view in shown for name in [view.accessibleName()] * len(view.times_s)]
    parts = [spectrogram(view) for view in shown]
    joined = {heading: np.concatenate([part[heading] for part in parts]) for heading in parts[0]}
    return {"picture": names, **joined}


def curves(shown: Sequence[Curve]) -> Numbers:
    """Frequencies once for all curves that share them, then the levels."""
    columns: dict[str, Levels] = {}
    last = None
    for curve in shown:
        if last is None or not np.array_equal(last, curve.frequencies_hz):
            last = curve.frequencies_hz
            columns["frequency (Hz)" if not columns else f"frequency of {curve.title} (Hz)"] = last
        columns[f"{curve.title} (dB)"] = curve.level_db
    return columns


def positions(table: PositionTable | None) -> Numbers:
    """All metrics, a row for every position, the worst first."""
    if table is None:
        return {}
    knobs = {name: [row.knobs[name] for row in table.rows] for name in table.rows[0].knobs}
    measured = [asdict(row.metrics) for row in table.rows]
    metrics = {
        f"{goal.title} ({goal.unit or 'ratio'})": [values[name] for values in measured]
        for name, goal in GOALS.items()
    }
    return {
        "capture": [row.capture for row in table.rows],
        "split": [row.split for row in table.rows],
        **{f"{name} (dial)": values for name, values in knobs.items()},
        **metrics,
    }
