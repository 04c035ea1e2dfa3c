"""Python's garbage is collected in the window's thread alone.

Python collects objects that hold each other in whichever thread happens to make the next object. Where Qt's
are among them, that thread takes them apart while the window's thread works with others: one of the two has
a lock of Qt and waits for the interpreter, the other has the interpreter and waits for the lock, for ever.
So Python's own collecting is switched off, and the window's event loop does it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QCoreApplication, QObject, QTimer

LOOK_MILLISECONDS = 500


class Collector(QObject):
    """Looks every now and then whether so much was made that Python would collect, and collects."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, most) in enumerate(counts) if count > most]
        if due:
            gc.collect(due[-1])


def collect_here(app: QCoreApplication) -> None:
    """From now on, have only this thread, the window's, collect; calling it again changes nothing."""
    if app.findChild(Collector) is None:
        Collector(app)


def spare_what_is_there() -> None:
    """Leave what there is now out of every search: of a window most stays, and a search takes 0.14 s."""
    gc.freeze()
