"""What the views draw, worked out in the pool: signals ready to draw, spectrograms, spectra, errors.

Every function takes what was worked out before and does only what is new: when one of four models changes,
the other three and the recordings are not looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vastudio.app.comparison.bands import NullByBand, null_by_band
from vastudio.app.comparison.comparing import Rendering
from vastudio.app.comparison.pair import Pair
from vastudio.app.comparison.spectrum import AverageSpectra, average_spectra
from vastudio.app.comparison.timeline import ErrorOverTime, error_over_time
from vastudio.audio.envelope import Pyramid
from vastudio.audio.spectral import Scale, Spectrogram, spectrogram
from vastudio.types import Audio
from vastudio.ui.widgets.waveform import Track

Levels: TypeAlias = npt.NDArray[np.floating[Any]]

RANGE_DB = 80.0
"""Levels further below the loudest point of all are drawn, and compared, as silence."""
DIFFERENCE_DB = 24.0
"""Differences of this much, up or down, have the strongest colours."""
_MOST_ENLARGED = 1024.0
_LEAST_ENLARGED = 4.0


@dataclass(frozen=True, eq=False)
class Shown:
    """What there is to draw: a pair, what models make of it, and which of them is heard."""

    pair: Pair
    renderings: tuple[Rendering, ...]
    heard: int

    @property
    def titles(self) -> list[str]:
        """What the models are called on the plots."""
        count = len(self.renderings)
        return ["Model"] if count == 1 else [f"Model {place + 1}" for place in range(count)]

    @property
    def heard_rendering(self) -> Rendering | None:
        """What the heard model makes of the pair."""
        return self.renderings[self.heard] if self.renderings else None


# --- waveforms ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Tracks:
    """Signals ready to draw: the recordings and the models, and model − target of the heard one."""

    signals: tuple[Track, ...]
    difference: Track | None
    rate: int


def tracks(shown: Shown, known: Tracks | None = None) -> Tracks:
    """Prepare what is new.

    A recording much quieter than the other is enlarged, the models with the target.
    """
    pair, heard = shown.pair, shown.heard_rendering
    old = {id(track.audio): track.envelope for track in known.signals} if known else {}
    audios = (pair.clean, pair.target, *(rendering.model for rendering in shown.renderings))
    with ThreadPoolExecutor(2) as both:
        envelopes = list(both.map(lambda audio: old.get(id(audio)) or Pyramid(audio), audios))
    peaks = [envelope.peak for envelope in envelopes[:2]]
    clean_room, target_room = (_power_of_two(max(peaks), peak, least=_LEAST_ENLARGED) for peak in peaks)
    models = [
        Track(title, "model", rendering.model, envelope, target_room, column)
        for column, (title, rendering, envelope) in enumerate(
            zip(shown.titles, shown.renderings, envelopes[2:], strict=True)
        )
    ]
    signals = (
        Track("Clean", "clean", pair.clean, envelopes[0], clean_room),
        Track("Target", "target", pair.target, envelopes[1], target_room),
        *models,
    )
    difference = None if heard is None else _difference(heard, peaks[1] * target_room, known)
    return Tracks(signals, difference, pair.sample_rate)


def _difference(rendering: Rendering, height: float, known: Tracks | None) -> Track:
    """Model − target, enlarged to at most the height of the target."""
    audio = rendering.difference
    if known is not None and known.difference is not None and known.difference.audio is audio:
        return known.difference
    envelope = Pyramid(audio)
    return Track("Difference", "difference", audio, envelope, _power_of_two(height, envelope.peak))


def _power_of_two(wanted: float, peak: float, least: float = 1.0) -> float:
    """The largest factor that keeps `peak` at or below `wanted`; 1 where it would be less than `least`."""
    if not 0.0 < peak <= wanted:
        return 1.0
    factor = 2.0 ** math.floor(math.log2(min(wanted / peak, _MOST_ENLARGED)))
    return factor if factor >= least else 1.0


# --- spectrograms -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Spectra:
    """Levels in dB of shape (bins, frames) on a common scale that ends at `top_db`.

    `stretch` is what they cover, in seconds; `cells` holds what each signal gave, for the next time.
    """

    scale: Scale
    stretch: tuple[float, float]
    times_s: Levels
    frequencies_hz: Levels
    signals: tuple[Levels, ...]
    difference: Levels | None
    top_db: float
    cells: Mapping[int, tuple[Audio, Spectrogram]]


def spectra(
    shown: Shown,
    scale: Scale,
    stretch: tuple[float, float],
    known: Spectra | None = None,
    top_db: float | None = None,
) -> Spectra:
    """Spectrograms of all signals over a stretch of seconds, and of the heard model over the target.

    The strongest colour is for `top_db`, or for the loudest cell of all.
    """
    pair, rate = shown.pair, shown.pair.sample_rate
    usable = known is not None and (known.scale, known.stretch) == (scale, stretch)
    old = known.cells if usable and known is not None else {}
    first, last = (round(second * rate) for second in stretch)
    cells: dict[int, tuple[Audio, Spectrogram]] = {}
    for audio in (pair.clean, pair.target, *(rendering.model for rendering in shown.renderings)):
        before = old.get(id(audio))
        cells[id(audio)] = before or (audio, spectrogram(audio[first:last], rate, scale=scale))
    pictures = [picture for _audio, picture in cells.values()]
    top = max(float(picture.level_db.max()) for picture in pictures) if top_db is None else top_db
    difference = None
    if shown.renderings:
        model, target = pictures[2 + shown.heard].level_db, pictures[1].level_db
        difference = np.maximum(model, top - RANGE_DB) - np.maximum(target, top - RANGE_DB)
    times = pictures[0].times_s + first / rate
    levels = tuple(picture.level_db for picture in pictures)
    return Spectra(scale, stretch, times, pictures[0].frequencies_hz, levels, difference, top, cells)


# --- figures ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Figures:
    """What is worked out of one rendering besides its metrics."""

    rendering: Rendering
    smoothed: bool
    errors: ErrorOverTime
    averages: AverageSpectra
    null: NullByBand


def figures(
    renderings: Sequence[Rendering], smoothed: bool, known: Sequence[Figures] = ()
) -> tuple[Figures, ...]:
    """Error over time, average spectra and null by band of every rendering."""
    old = {id(figure.rendering.model): figure for figure in known}
    return tuple(_figures(rendering, smoothed, old.get(id(rendering.model))) for rendering in renderings)


def _figures(rendering: Rendering, smoothed: bool, known: Figures | None) -> Figures:
    if known is None:
        errors, null = error_over_time(rendering), null_by_band(rendering)
        return Figures(rendering, smoothed, errors, average_spectra(rendering, smoothed=smoothed), null)
    if known.smoothed == smoothed:
        return known
    return replace(known, smoothed=smoothed, averages=average_spectra(rendering, smoothed=smoothed))
