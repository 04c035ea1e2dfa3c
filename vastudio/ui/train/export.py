"""What the plots of the Train page save: pictures as they are seen, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Sequence

from vastudio.ui.train.curve_card import CurveCard
from vastudio.ui.train.error_picture import ErrorPicture
from vastudio.ui.train.errors_card import ErrorsCard
from vastudio.ui.train.hear_card import HearCard
from vastudio.ui.widgets.plot_export import Numbers, exportable
from vastudio.ui.widgets.plot_numbers import waveforms
from vastudio.ui.widgets.run_plot import Curve, RunPlot

_RECORD_NEXT = "record next"


def make_exportable(curve: CurveCard, errors: ErrorsCard, hear: HearCard) -> None:
    """Give the plot of each card a menu, and the card a button, to save what it shows."""
    exportable(curve.drawing, "Training", lambda: training(curve.curve), curve)
    exportable(errors.drawing, "Error over the knobs", lambda: knob_errors(errors.picture), errors)
    exportable(hear.wave, "Target and model", lambda: waveforms(hear.wave), hear)


def training(plot: RunPlot) -> Numbers:
    """Two columns for each curve: seconds of training, ESR. The other runs come after the one at hand."""
    columns: dict[str, Sequence[float]] = {}
    curves: list[tuple[str, Curve]] = [
        ("validation", plot.validation_points),
        ("training", plot.train_points),
        *((f"{run.title}, run {number}", run.curve) for number, run in enumerate(plot.others, 2)),
    ]
    for title, points in curves:
        if points:
            columns[f"time of {title} (s)"] = [seconds for seconds, _ in points]
            columns[f"ESR of {title} (ratio)"] = [esr for _, esr in points]
    if columns and plot.floor is not None:
        columns["floor of the recordings, ESR (ratio)"] = [plot.floor]
    return columns


def knob_errors(picture: ErrorPicture | None) -> Numbers:
    """A row for every capture, then one without an error for every position to record next."""
    if picture is None or not picture.scores:
        return {}
    scores, proposals = picture.scores, picture.record_next
    doubtful = {suspect.score.capture for suspect in picture.suspects}
    places = [*(score.knobs for score in scores), *proposals]
    return {
        "capture": [*(score.capture for score in scores), *("" for _ in proposals)],
        "split": [*(score.split for score in scores), *(_RECORD_NEXT for _ in proposals)],
        **{f"{knob.name} (dial)": [place[knob.name] for place in places] for knob in picture.knobs},
        "ESR (ratio)": [score.esr for score in scores],
        "doubtful": ["yes" if score.capture in doubtful else "no" for score in scores],
    }
