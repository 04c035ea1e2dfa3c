"""Tap tempo: the median of the last taps; a pause or another tempo begins anew."""

from __future__ import annotations

from statistics import median

from vastudio.engine.metronome import FASTEST_BPM, SLOWEST_BPM

_MOST_INTERVALS = 8
_LONGEST_SECONDS = 60.0 / SLOWEST_BPM * 1.1
_SHORTEST_SECONDS = 60.0 / FASTEST_BPM * 0.7
_OTHER_TEMPO = 1.3
"""An interval that differs by more than this ratio from the others belongs to another tempo, or to none."""


class TapTempo:
    """Listens to taps."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._intervals: list[float] = []
        self._odd: float | None = None

    def tap(self, seconds: float) -> float | None:
        """Take a tap at a time in seconds, of any clock; return beats in a minute, None until there are two.

        One interval that does not fit is left out; a second one like it is the new tempo.
        """
        interval = None if self._last is None else seconds - self._last
        if interval is not None and interval < _SHORTEST_SECONDS:
            return self.bpm  # the same tap twice
        self._last = seconds
        if interval is None or interval > _LONGEST_SECONDS:
            self._intervals, self._odd = [], None
            return None
        if self._fits(interval):
            self._intervals, self._odd = [*self._intervals, interval][-_MOST_INTERVALS:], None
        elif self._odd is not None and _are_alike(interval, self._odd):
            self._intervals, self._odd = [self._odd, interval], None
        else:
            self._odd = interval
        return self.bpm

    def _fits(self, interval: float) -> bool:
        return not self._intervals or _are_alike(interval, median(self._intervals))

    @property
    def bpm(self) -> float | None:
        """The tempo, within the metronome's range; None while there is none."""
        if not self._intervals:
            return None
        return min(max(60.0 / median(self._intervals), SLOWEST_BPM), FASTEST_BPM)


def _are_alike(a: float, b: float) -> bool:
    return max(a, b) <= _OTHER_TEMPO * min(a, b)
