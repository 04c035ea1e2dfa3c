"""What the plots of the Play page save: as they stand at the moment of saving."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from vastudio.ui.play.cabinet_panel import CabinetPanel
from vastudio.ui.play.gate_panel import GatePanel
from vastudio.ui.play.overview_card import OverviewCard
from vastudio.ui.play.tone_panel import TonePanel
from vastudio.ui.play.views_card import ViewsCard
from vastudio.ui.widgets.impulse_view import ImpulseView
from vastudio.ui.widgets.level_history import LEVELS_A_SECOND, LevelHistory
from vastudio.ui.widgets.plot_export import Numbers, exportable
from vastudio.ui.widgets.response_curve import ResponseCurve
from vastudio.ui.widgets.scope import ScopeView
from vastudio.ui.widgets.spectrum import SpectrumView
from vastudio.ui.widgets.tuner_view import TunerView
from vastudio.ui.widgets.waterfall import COLUMNS_A_SECOND, WaterfallView

_EQUALISER, _CABINET = "Equaliser", "Cabinet"


def make_exportable(
    views: ViewsCard, gate: GatePanel, tone: TonePanel, cabinet: CabinetPanel, overview: OverviewCard
) -> None:
    """Give every plot a menu, and the cards with room for it a button, to save what it shows."""
    exportable(views, views.title.text, lambda: _of_view(views))
    exportable(gate.history, "Input level", lambda: levels(gate.history), gate)
    exportable(tone.curve, _EQUALISER, lambda: response(tone.curve), tone)
    exportable(overview.curve, _EQUALISER, lambda: response(overview.curve))
    exportable(overview.impulse, _CABINET, lambda: impulses({_CABINET: overview.impulse}))
    rows = {f"Microphone {number}": row.view for number, row in enumerate(cabinet.rows.values(), 1)}
    exportable(cabinet, _CABINET, lambda: impulses(rows))
    for name, view in rows.items():
        exportable(view, name, partial(impulses, {name: view}))


def _of_view(card: ViewsCard) -> Numbers:
    if card.view == "spectrum":
        return spectrum(card.spectrum)
    if card.view == "spectrogram":
        return spectrogram(card.spectrogram)
    return scope(card.scope) if card.view == "scope" else tuner(card.tuner)


def spectrum(view: SpectrumView) -> Numbers:
    """The levels of input and output over frequency."""
    found = {key: view.levels_db(key) for key in ("input", "output")}
    return {
        "frequency (Hz)": view.frequencies_hz,
        **{f"{key} (dBFS)": level for key, level in found.items() if level is not None},
    }


def spectrogram(view: WaterfallView) -> Numbers:
    """A row for every column of the picture, the newest at 0 s, with the level of every band."""
    levels_db = view.levels_db
    bands = zip(view.frequencies_hz, levels_db, strict=True)
    return {
        "time (s)": _until_now(levels_db.shape[1], COLUMNS_A_SECOND),
        **{f"{hz:.1f} Hz (dBFS)": level for hz, level in bands},
    }


def scope(view: ScopeView) -> Numbers:
    """The waves of input and output."""
    heard, made = view.wave("clean"), view.wave("model")
    if heard is None or made is None:
        return {}
    return {
        "time (ms)": 1e3 * np.arange(len(heard)) / view.rate,
        "input (full scale)": heard,
        "output (full scale)": made,
    }


def tuner(view: TunerView) -> Numbers:
    """The note of the moment."""
    reading = view.reading
    if reading is None:
        return {}
    return {
        "note": [f"{reading.note}{reading.octave}"],
        "frequency (Hz)": [reading.frequency_hz],
        "deviation (cents)": [reading.cents],
    }


def levels(view: LevelHistory) -> Numbers:
    """The level of the last seconds, the newest at 0 s, empty where nothing is heard; both thresholds."""
    told = [level if math.isfinite(level) else None for level in view.levels_db]
    opens, closes = view.thresholds_db
    return {
        "time (s)": _until_now(len(told), LEVELS_A_SECOND),
        "input (dBFS)": told,
        "gate opens (dBFS)": [opens] * len(told),
        "gate closes (dBFS)": [closes] * len(told),
    }


def response(view: ResponseCurve) -> Numbers:
    """Level over frequency."""
    hz, db = view.response
    return {"frequency (Hz)": hz, "response (dB)": db}


def impulses(views: dict[str, ImpulseView]) -> Numbers:
    """The first milliseconds of every response that is there, each relative to its highest value."""
    shown = {name: view for name, view in views.items() if view.response.size}
    if not shown:
        return {}
    longest = max(shown.values(), key=lambda view: view.response.size)
    return {
        "time (ms)": 1e3 * np.arange(longest.response.size) / longest.rate,
        **{f"{name} (relative to its peak)": view.response for name, view in shown.items()},
    }


def _until_now(count: int, rate: int) -> list[float]:
    return [(place - count + 1) / rate for place in range(count)]
