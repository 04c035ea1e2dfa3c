"""The equaliser as its knobs have it: up to eight bands, the filters of the audio EQ cookbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from vastudio.errors import KnobError, did_you_mean
from vastudio.kernels import biquads
from vastudio.kernels.biquads import SECTIONS, Section
from vastudio.kernels.voice import Floats, Program

BandKind: TypeAlias = Literal["high_pass", "low_shelf", "peaking", "high_shelf", "low_pass"]

LOWEST_HZ = 10.0
HIGHEST_OF_RATE = 0.49
"""The highest frequency of a band, as a fraction of the sample rate."""

MOST_GAIN_DB = 24.0
SMALLEST_Q, LARGEST_Q = 0.1, 20.0

_SHAPES: Mapping[str, Callable[[float, float, float], Section]] = MappingProxyType(
    {
        "high_pass": lambda frequency, q, gain_db: biquads.high_pass(frequency, q),
        "low_shelf": biquads.low_shelf,
        "peaking": biquads.peaking,
        "high_shelf": biquads.high_shelf,
        "low_pass": lambda frequency, q, gain_db: biquads.low_pass(frequency, q),
    }
)

BAND_KINDS = tuple(_SHAPES)


@dataclass(frozen=True)
class Band:
    """One filter.

    Attributes
    ----------
    kind:
        Its shape.
    frequency_hz:
        Corner, middle of the slope or of the bell; 10 Hz to 0.49 times the sample rate.
    gain_db:
        Of a bell or shelf, −24 to 24 dB; a pass has none.
    q:
        Sharpness, 0.1 to 20; 0.71 is a pass or shelf without overshoot.

    Raises
    ------
    KnobError
        When the kind is unknown or a number is out of its range.
    """

    kind: BandKind
    frequency_hz: float
    gain_db: float = 0.0
    q: float = 0.71

    def __post_init__(self) -> None:
        if self.kind not in _SHAPES:
            raise KnobError(f"There is no band '{self.kind}'.", did_you_mean(self.kind, _SHAPES))
        if not LOWEST_HZ <= self.frequency_hz < float("inf"):
            raise KnobError(
                f"A band cannot be at {self.frequency_hz:g} Hz.", f"Its lowest frequency is {LOWEST_HZ:g} Hz."
            )
        if not -MOST_GAIN_DB <= self.gain_db <= MOST_GAIN_DB:
            raise KnobError(
                f"A band's gain cannot be {self.gain_db:g} dB.",
                f"Its range is {-MOST_GAIN_DB:g} to {MOST_GAIN_DB:g} dB.",
            )
        if not SMALLEST_Q <= self.q <= LARGEST_Q:
            raise KnobError(
                f"A band's Q cannot be {self.q:g}.", f"Its range is {SMALLEST_Q:g} to {LARGEST_Q:g}."
            )

    def section(self, sample_rate: int) -> Section:
        """Return the filter at `sample_rate` in Hz. Raises KnobError where its frequency is too high."""
        highest = HIGHEST_OF_RATE * sample_rate
        if self.frequency_hz > highest:
            raise KnobError(
                f"A band cannot be at {self.frequency_hz:g} Hz when the audio runs at {sample_rate} Hz.",
                f"Its highest frequency is then {highest:.0f} Hz.",
            )
        return _SHAPES[self.kind](self.frequency_hz / sample_rate, self.q, self.gain_db)


GUITAR_BANDS = (
    Band("low_shelf", 100.0),
    Band("peaking", 250.0, q=1.0),
    Band("peaking", 700.0, q=1.0),
    Band("peaking", 2000.0, q=1.0),
    Band("high_shelf", 5000.0),
)
"""Thump, mud, honk, bite and fizz; flat."""


@dataclass(frozen=True)
class Equaliser:
    """Bands in series, at most eight. Settings glide; so do bands that come or go at the end.

    Raises KnobError for more than eight.
    """

    bands: tuple[Band, ...] = GUITAR_BANDS

    def __post_init__(self) -> None:
        if len(self.bands) > SECTIONS:
            raise KnobError(
                f"An equaliser cannot have {len(self.bands)} bands.", f"It has at most {SECTIONS}."
            )

    @property
    def glides(self) -> bool:
        """Settings change without a crossfade."""
        return True

    def program(self, sample_rate: int) -> Program:
        """Return what plays an equaliser, at any rate."""
        return biquads.program()

    def packed(self, sample_rate: int) -> Floats:
        """Return the settings as the program takes them. Raises KnobError where a band is too high."""
        return biquads.pack([band.section(sample_rate) for band in self.bands])
