"""Metronome and looper as Qt signals.

Activities: everything runs in the window's thread. While something runs, a timer looks thirty times a second
where the beat and the loop are, and lets the looper copy a loop that is whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from vastudio.app.practice import loops, store
from vastudio.app.practice.store import PracticeSettings
from vastudio.app.practice.tap import TapTempo
from vastudio.engine.metronome import Beat
from vastudio.ui.bridge.session import Session

_INTERVAL_MILLISECONDS = 33
_COUNT_MILLISECONDS = 5
LOOP_TITLE = "Looped"


class PracticeBridge(QObject):
    """What one practises with.

    Signals
    -------
    beat_changed():
        The metronome is set to something else, or was switched.
    loop_changed():
        The looper does something else.
    moved():
        Beat and loop have gone on.
    counting_changed(bool):
        A recording is being counted in.
    """

    beat_changed = Signal()
    loop_changed = Signal()
    moved = Signal()
    counting_changed = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._player = session.studio.player
        self.settings: PracticeSettings = store.load()
        self._taps = TapTempo()
        self._shown: object = None
        self._then: Callable[[], None] | None = None
        self._count_end: int | None = None
        self._stops_after_count = False
        self._ticking = QTimer(self, interval=_INTERVAL_MILLISECONDS)
        self._ticking.timeout.connect(self._tick)
        self._counting = QTimer(self, interval=_COUNT_MILLISECONDS)
        self._counting.timeout.connect(self._count)
        self._player.metronome.set_beat(self.settings.beat)
        session.source_changed.connect(self._follow_source)
        session.listening_changed.connect(self._go_silent)
        session.audio_changed.connect(self._tick)
        session.closing.connect(self._close)

    # --- metronome ------------------------------------------------------------------------------------

    @property
    def beat(self) -> Beat:
        """What the metronome is set to."""
        return self.settings.beat

    @property
    def is_clicking(self) -> bool:
        """Whether the metronome runs."""
        return self._player.metronome.is_on

    def set_clicking(self, on: bool) -> None:
        """Switch the metronome; not during a blind test."""
        if on and self._session.is_listening:
            return
        self._player.metronome.set_on(on)
        self._run()
        self.beat_changed.emit()

    def toggle_clicking(self) -> None:
        """Switch the metronome on or off."""
        self.set_clicking(not self.is_clicking)

    def set_beat(self, **changes: Any) -> None:
        """Change tempo, bar, subdivision or level, by the names of `Beat`. Raises KnobError."""
        beat = replace(self.beat, **changes)
        self.settings = replace(self.settings, beat=beat)
        self._player.metronome.set_beat(beat)
        self.beat_changed.emit()

    def tap(self) -> None:
        """Take a tap of the tempo."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is not None:
            self.set_beat(bpm=round(bpm, 1))

    @property
    def place(self) -> tuple[int, float] | None:
        """The beat of the bar, from 0, and how far into it, 0..1; None while the metronome does not run."""
        grid = self._player.metronome.grid
        return None if grid is None else grid.beat_at(self._player.looper.clock)

    # --- counting in ----------------------------------------------------------------------------------

    def set_counting_in(self, on: bool) -> None:
        """Count recordings in from now on, or let them begin at once."""
        self.settings = replace(self.settings, counts_in=on)
        self.beat_changed.emit()

    @property
    def is_counting(self) -> bool:
        """Whether a bar is being counted."""
        return self._then is not None

    def count_in(self, then: Callable[[], None]) -> None:
        """Do `then` with the first beat after a bar, where recordings are counted in, else at once.

        Asked for once more while it counts, nothing is done at all.
        """
        if self._then is not None:
            self._end_count()
        elif not self.settings.counts_in or self._session.is_listening:
            then()
        else:
            self._then, self._count_end = then, None
            self._stops_after_count = False
            if not self.is_clicking:
                self.set_clicking(True)
            self._counting.start()
            self.counting_changed.emit(True)

    def _count(self) -> None:
        grid, clock = self._player.metronome.grid, self._player.looper.clock
        self._player.meters()
        if self._then is None or not self.is_clicking:
            self._end_count()
        elif self._count_end is None and grid is not None:
            first = grid.nearest_bar(clock)
            if first < clock - grid.period / 2:
                first += round(grid.period * grid.beats)
            self._count_end = first + round(grid.period * grid.beats)
        elif self._count_end is not None and clock >= self._count_end:
            then = self._then
            self._end_count()
            then()

    def _end_count(self) -> None:
        self._counting.stop()
        self._then = None
        self.counting_changed.emit(False)

    # --- looper ---------------------------------------------------------------------------------------

    def press_loop(self) -> None:
        """Do what comes next with the loop: record, close, add, end adding, play."""
        if not self._ready():
            return
        loops.press(self._player)
        self._run()

    def keep_last(self, amount: float) -> None:
        """Loop what was just played: seconds of it, or bars while the metronome runs."""
        if self._ready():
            loops.keep_last(self._player, amount)
            self._run()

    def stop_loop(self) -> None:
        """Silence the loop; it stays."""
        self._player.looper.stop()
        self._tick()

    def undo_loop(self) -> None:
        """Take back what was added last."""
        self._player.looper.undo()
        self._tick()

    def redo_loop(self) -> None:
        """Add again what was taken back."""
        self._player.looper.redo()
        self._tick()

    def clear_loop(self) -> None:
        """Forget the loop."""
        self._player.looper.clear()
        self._tick()

    def use_as_phrase(self) -> None:
        """Loop the loop's clean sound as the DI loop, to compare and to listen to without playing."""
        audio = self._player.looper.audio
        if audio is not None:
            self._player.looper.stop()
            self._session.use_loop(audio, None, self._player.sample_rate, LOOP_TITLE)
            self._session.set_source("loop")
            self._tick()

    @property
    def can_loop(self) -> bool:
        """Whether there is a live input."""
        return not self._session.is_listening and (
            self._session.source == "live" or not self._player.is_silent
        )

    def _ready(self) -> bool:
        """Listen to the live input, with sound, and keep it."""
        if not self.can_loop:
            return False
        if self._session.source != "live":
            self._session.set_source("live")
        self._player.looper.set_on()
        if not self._player.playing:
            self._session.toggle_play()
        return True

    # --- keeping up -----------------------------------------------------------------------------------

    def _follow_source(self, source: str) -> None:
        if source == "live":
            self._player.looper.set_on()
        self._tick()

    def _go_silent(self, listening: bool) -> None:
        """A blind test has nothing beside it."""
        if listening and self.is_clicking:
            self.set_clicking(False)

    def _run(self) -> None:
        self._ticking.start()
        self._tick()

    def _tick(self) -> None:
        looper = self._player.looper
        self._player.meters()
        looper.refresh()
        shown = (looper.state, looper.can_undo, looper.can_redo, looper.layer_count, self.can_loop)
        if shown != self._shown:
            self._shown = shown
            self.loop_changed.emit()
        self.moved.emit()
        if not self.is_clicking and looper.state in ("empty", "stopped"):
            self._ticking.stop()

    # --- memory ---------------------------------------------------------------------------------------

    def remember_phrase(self, path: Path, *, found: bool) -> None:
        """A phrase was played, or could not be."""
        settings = self.settings
        self.settings = settings.with_recent(path) if found else settings.without_recent(path)
        self.save()

    def _close(self) -> None:
        if self.is_counting:
            self._end_count()
        self._ticking.stop()
        self.save()

    def save(self) -> None:
        """Write what is remembered."""
        store.save(self.settings)
