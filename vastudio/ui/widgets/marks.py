"""What is marked across linked views: where the sound is, where the person points, what they selected."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class Marks(QObject):
    """One set of marks, drawn by every view that shares it.

    Attributes
    ----------
    playhead:
        Where the sound is, in seconds; None for no mark. So it is with the others.
    time_s, frequency_hz:
        Where the person points; a waveform knows no frequency, an average spectrum no time.
    excerpt:
        Start and stop, in seconds, of the selected stretch.
    instant:
        Where the close-up starts, in seconds.

    Signals
    -------
    changed():
        A mark moved.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.playhead: float | None = None
        self.time_s: float | None = None
        self.frequency_hz: float | None = None
        self.excerpt: tuple[float, float] | None = None
        self.instant: float | None = None

    def set_playhead(self, seconds: float | None) -> None:
        """The sound is elsewhere."""
        if seconds != self.playhead:
            self.playhead = seconds
            self.changed.emit()

    def point(self, time_s: float | None, frequency_hz: float | None = None) -> None:
        """The person points at a time, a frequency, both or, without arguments that are set, nowhere."""
        if (time_s, frequency_hz) != (self.time_s, self.frequency_hz):
            self.time_s, self.frequency_hz = time_s, frequency_hz
            self.changed.emit()

    def select(self, excerpt: tuple[float, float] | None) -> None:
        """Another stretch is selected, or none."""
        if excerpt != self.excerpt:
            self.excerpt = excerpt
            self.changed.emit()

    def set_instant(self, seconds: float | None) -> None:
        """The close-up shows another instant."""
        if seconds != self.instant:
            self.instant = seconds
            self.changed.emit()
