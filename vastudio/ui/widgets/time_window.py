"""The stretch of time that several views show together."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

_SHORTEST_SECONDS = 0.001


class TimeWindow(QObject):
    """From `start` to `stop` seconds of a signal that is `length` seconds long.

    Signals
    -------
    changed():
        The views that share this window draw themselves again.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.length = 1.0
        self.start = 0.0
        self.stop = 1.0

    def reset(self, length: float) -> None:
        """A new signal, shown whole."""
        self.length = max(length, _SHORTEST_SECONDS)
        self.start, self.stop = 0.0, self.length
        self.changed.emit()

    def show(self, start: float, stop: float) -> None:
        """Show a stretch; it is moved and shortened until it lies inside the signal."""
        span = min(max(stop - start, _SHORTEST_SECONDS), self.length)
        start = min(max(start, 0.0), self.length - span)
        if (start, start + span) != (self.start, self.stop):
            self.start, self.stop = start, start + span
            self.changed.emit()

    def zoom(self, factor: float, around: float) -> None:
        """Show `factor` times as much, keeping the second `around` in its place."""
        span = min(max((self.stop - self.start) * factor, _SHORTEST_SECONDS), self.length)
        share = (around - self.start) / (self.stop - self.start)
        self.show(around - share * span, around + (1 - share) * span)

    def pan(self, seconds: float) -> None:
        """Show what comes `seconds` later."""
        self.show(self.start + seconds, self.stop + seconds)

    @property
    def is_whole(self) -> bool:
        """Whether the whole signal is shown."""
        return self.stop - self.start >= self.length * 0.9999
