"""The numbers behind the plots that several pages share."""

from __future__ import annotations

import numpy as np

from vastudio.ui.widgets.plot_export import Numbers
from vastudio.ui.widgets.waveform import WaveformView


def waveforms(view: WaveformView) -> Numbers:
    """The samples that are seen: the seconds, then a column for every signal. Empty without a signal."""
    if view.is_empty:
        return {}
    start, stop = view.seen
    first, last = round(start * view.rate), round(stop * view.rate)
    parts = {f"{track.title} (full scale)": track.audio[first:last] for track in view.tracks}
    count = max(len(part) for part in parts.values())
    return {"time (s)": (first + np.arange(count)) / view.rate, **parts}
