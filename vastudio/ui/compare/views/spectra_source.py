"""Spectrograms at the resolution that is looked at.

Activities: the whole pair is transformed first, long pairs with frames far apart. When the person has zoomed
in and rests, the pool transforms the visible stretch again with frames close together; until it is ready, and
as soon as the stretch is left, the coarse picture is shown.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from vastudio.audio.spectral import Scale
from vastudio.ui.bridge.work import Latest
from vastudio.ui.compare.views.analysis import Shown, Spectra, spectra
from vastudio.ui.widgets.time_window import TimeWindow

_REST_MILLISECONDS = 160
_FINEST_SECONDS = 22.0
"""The frames of a pair up to this long are as close together as they ever are."""


class SpectraSource(QObject):
    """Signals
    -------
    ready(object, object):
        A `Shown` and the `Spectra` to draw of it.
    failed(object):
        The StudioError that ended the work.
    """

    ready = Signal(object, object)
    failed = Signal(object)

    def __init__(self, pool: QThreadPool, window: TimeWindow, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._shown: Shown | None = None
        self._scale: Scale = "mel"
        self._whole: Spectra | None = None
        self._detail: Spectra | None = None
        self._transforming = Latest(pool, self)
        self._refining = Latest(pool, self)
        self._transforming.done.connect(self._show_whole)
        self._refining.done.connect(self._show_detail)
        for work in (self._transforming, self._refining):
            work.failed.connect(self.failed)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MILLISECONDS)
        self._rest.timeout.connect(self._refine)
        window.changed.connect(self._follow)

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being worked out."""
        return self._transforming.is_busy or self._refining.is_busy

    def forget(self) -> None:
        """There is nothing to show."""
        self._shown = self._whole = self._detail = None
        self._rest.stop()
        for work in (self._transforming, self._refining):
            work.forget()

    def show(self, shown: Shown, scale: Scale) -> None:
        """Transform what is shown, on a frequency scale."""
        self._shown, self._scale = shown, scale
        self._refining.forget()
        self._transforming.submit(partial(spectra, shown, scale, (0.0, shown.pair.seconds), self._whole))

    def _show_whole(self, whole: Spectra) -> None:
        self._whole, self._detail = whole, None
        if self._shown is not None:
            self.ready.emit(self._shown, whole)
            self._follow()

    def _follow(self) -> None:
        """Another stretch is looked at: leave a detail that no longer covers it, and wait for rest."""
        detail, window = self._detail, self._window
        if detail is not None and not detail.stretch[0] <= window.start < window.stop <= detail.stretch[1]:
            self._detail = None
            if self._shown is not None and self._whole is not None:
                self.ready.emit(self._shown, self._whole)
        if self._wants_detail:
            self._rest.start()

    @property
    def _wants_detail(self) -> bool:
        if self._shown is None or self._whole is None or self._shown.pair.seconds <= _FINEST_SECONDS:
            return False
        covered = self._detail.stretch if self._detail is not None else self._whole.stretch
        seen = self._window.stop - self._window.start
        return covered[1] - covered[0] > max(4.0 * seen, _FINEST_SECONDS)

    def _refine(self) -> None:
        shown, whole, window = self._shown, self._whole, self._window
        if shown is None or whole is None or not self._wants_detail:
            return
        seen = window.stop - window.start
        stretch = (max(window.start - seen, 0.0), min(window.stop + seen, shown.pair.seconds))
        self._refining.submit(partial(spectra, shown, self._scale, stretch, None, whole.top_db))

    def _show_detail(self, detail: Spectra) -> None:
        self._detail = detail
        if self._shown is not None:
            self.ready.emit(self._shown, detail)
            self._follow()
