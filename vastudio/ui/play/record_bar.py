"""Recording what is played, and what can be done with a take afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from vastudio.app import rack_preset, recording
from vastudio.app.rack_bank import BankEntry
from vastudio.app.reamp import Reamped, read_take, reamp_all, reamp_timed
from vastudio.app.recording import Recording
from vastudio.errors import OutputError
from vastudio.types import Audio
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.task import LongTask, Report
from vastudio.ui.bridge.work import Latest
from vastudio.ui.play.reamp_dialog import ReampDialog
from vastudio.ui.play.rig_bridge import RigBridge
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.text import ElidedLabel

_TICK_MILLISECONDS = 200


class RecordBar(QWidget):
    """A button that records, a line that says how it goes, and a menu for takes.

    Signals
    -------
    failed(object):
        A StudioError of a recording or of re-amping.
    """

    failed = Signal(object)

    def __init__(self, session: Session, rig: RigBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._rig = session, rig
        self._recording: Recording | None = None
        self.take: Path | None = None
        self.record = QPushButton("● Record")
        self.record.setCheckable(True)
        self.record.setToolTip("Record the clean and the processed sound into one file (Ctrl+R)")
        self.line = ElidedLabel("", "note")
        self.more = QPushButton("Takes")
        self.more.setToolTip("Hear a take as the loop, or play it through the rack as it stands now")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("End the re-amping")
        self.cancel.hide()
        self._menu = QMenu(self)
        self.more.setMenu(self._menu)
        self._fill_menu()
        self.count_in: Callable[[Callable[[], None]], None] = lambda begin: begin()
        self._ticking = QTimer(self, interval=_TICK_MILLISECONDS)
        self._reamping = LongTask(session.pool, self)
        self._reading = Latest(session.pool, self)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.record, self.more, self.line, self.cancel):
            row.addWidget(widget)

    def _connect(self) -> None:
        self.record.clicked.connect(self.toggle)
        self._ticking.timeout.connect(self._tick)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._reading.done.connect(self._loop)
        self._reading.failed.connect(self.failed)
        task = self._reamping
        task.progressed.connect(self._show_progress)
        task.done.connect(self._reamped)
        task.failed.connect(self.failed)
        task.running_changed.connect(self.cancel.setVisible)
        task.cancelled.connect(lambda: self.line.set_full_text("Re-amping was cancelled."))
        self.cancel.clicked.connect(task.cancel)

    # --- recording ------------------------------------------------------------------------------------

    @property
    def is_recording(self) -> bool:
        """Whether a recording runs."""
        return self._recording is not None

    def toggle(self) -> None:
        """Record, or end the recording."""
        if self._recording is None:
            self.count_in(self._begin)
        else:
            self.stop()
        self._show_button()

    def _begin(self) -> None:
        try:
            self._recording = Recording(self._session.studio.player, recording.new_path())
        except OutputError as error:
            self.failed.emit(error)
            return
        self._ticking.start()
        self._tick()
        self._show_button()

    def stop(self) -> None:
        """End the recording, if one runs; what was recorded is on the disk then."""
        if self._recording is None:
            return
        report, self._recording = self._recording.stop(), None
        self._ticking.stop()
        self.take = report.paths[0]
        self.line.set_full_text(f"Recorded {_clock(report.seconds)}: {self.take.name}", str(self.take))
        if report.problem is not None:
            self.failed.emit(report.problem)
        elif report.lost_frames:
            lost = report.lost_frames / self._session.studio.player.sample_rate
            error = OutputError(
                f"The disk was too slow: {lost:.1f} s of the recording are silence.",
                "Record to another disk, or end what else writes to this one.",
            )
            self.failed.emit(error)
        self._show_button()

    def _tick(self) -> None:
        if self._recording is None:
            return
        self.line.set_full_text(_clock(self._recording.seconds))
        if self._recording.problem is not None:
            self.stop()

    def _show_button(self) -> None:
        self.record.setChecked(self.is_recording)
        self.record.setText("■ Stop" if self.is_recording else "● Record")
        bad = QColor(tokens().meaning.bad).name()
        self.record.setStyleSheet(f"color: {bad};" if self.is_recording else "")

    # --- takes ----------------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        self._menu.clear()
        takes = recording.takes()
        newest = takes[0] if takes else None
        loop = self._menu.addAction("Loop the newest take")
        again = self._menu.addAction("Re-amp the newest take through this rack")
        for action, act in ((loop, self.loop), (again, self.reamp)):
            action.setEnabled(newest is not None)
            if newest is not None:
                action.triggered.connect(partial(act, newest))
        self._menu.addSeparator()
        several = self._menu.addAction("Re-amp the newest take through presets…")
        several.setEnabled(newest is not None)
        if newest is not None:
            several.triggered.connect(partial(self.ask_for_presets, newest))
        self._menu.addAction("Re-amp another recording…").triggered.connect(self._ask)
        self._menu.addAction("Show the recordings").triggered.connect(_show_folder)

    def _ask(self) -> None:
        dialogs.ask_for_file(
            self, "Re-amp a recording", (dialogs.AUDIO_FILTER, dialogs.ALL_FILTER), self.reamp
        )

    def reamp(self, take: Path, _checked: bool = False) -> None:
        """Play a take's clean sound through the rack as it stands, into a file beside it."""
        rig = self._rig.rig
        self._reamping.run(lambda report: [reamp_timed(take, rig, report)])

    def ask_for_presets(self, take: Path, _checked: bool = False) -> ReampDialog:
        """Choose presets to play a take's clean sound through, into a file for each."""
        dialog = ReampDialog(take, self)
        dialog.accepted.connect(lambda: self.reamp_through(take, dialog.chosen))
        dialog.open()
        return dialog

    def reamp_through(self, take: Path, presets: list[BankEntry]) -> None:
        """Play a take's clean sound through presets, one after the other."""

        def work(report: Report) -> list[Reamped]:
            rigs = [(preset.name, rack_preset.unpack(preset.path)[1]) for preset in presets]
            return reamp_all(take, rigs, report)

        self._reamping.run(work)

    def _show_progress(self, done: int, total: int, text: str) -> None:
        share = f" {100 * done // total} %" if total else "…"
        self.line.set_full_text(text + share)

    def _reamped(self, made: list[Reamped]) -> None:
        files = "\n".join(str(each.path) for each in made)
        what = made[0].path.name if len(made) == 1 else f"{len(made)} files"
        seconds, took = sum(each.seconds for each in made), sum(each.took_seconds for each in made)
        self.line.set_full_text(f"Made {what}, {seconds / max(took, 1e-9):.0f} × real time", files)

    def loop(self, take: Path, _checked: bool = False) -> None:
        """Loop a take's clean sound, with what was made of it as the target."""
        self._reading.submit(lambda: (take, *read_take(take)))

    def _loop(self, read: tuple[Path, Audio, Audio | None, int]) -> None:
        take, clean, processed, rate = read
        self._session.use_loop(clean, processed, rate, take.stem)
        self._session.set_source("loop")


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _show_folder() -> None:
    recording.folder().mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(recording.folder())))
