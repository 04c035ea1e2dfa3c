"""The main window: top bar, rail, pages, transport."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from vastudio.app.capture_project import ReadTake
from vastudio.app.studio import Studio
from vastudio.engine.stream import Monitor
from vastudio.errors import StudioError
from vastudio.ui.actions import add_action
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.level_match import LevelMatch
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.training import TrainingBridge
from vastudio.ui.capture.leaving import ask_to_leave_take
from vastudio.ui.capture.page import CapturePage
from vastudio.ui.compare.page import ComparePage
from vastudio.ui.control.installing import Control
from vastudio.ui.library.page import LibraryPage
from vastudio.ui.play.page import PlayPage
from vastudio.ui.practice.installing import Practice
from vastudio.ui.settings.page import SettingsPage
from vastudio.ui.top_bar import TopBar
from vastudio.ui.train.page import TrainPage
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.rail import Rail, RailEntry
from vastudio.ui.widgets.transport import Transport

MINIMUM_SIZE = (1024, 700)
_RETURN_MILLISECONDS = 1500
_PAGES = (
    RailEntry("play", "Play", "play", "Ctrl+1"),
    RailEntry("capture", "Capture", "capture", "Ctrl+2"),
    RailEntry("train", "Train", "train", "Ctrl+3"),
    RailEntry("compare", "Compare", "compare", "Ctrl+4"),
    RailEntry("library", "Library", "library", "Ctrl+5"),
    RailEntry("settings", "Settings", "settings", "Ctrl+6", at_bottom=True),
)
_NO_DEVICE = "There is no audio device to listen to: choose one on the Settings page"
_NO_TARGET = "There is no target to hear: choose a clip on the Compare page"


class MainWindow(QMainWindow):
    """The studio's window on a Studio, which it closes when it closes."""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("VA Studio")
        self.setMinimumSize(*MINIMUM_SIZE)
        self.session = Session(studio, self)
        self.feed = EngineFeed(self.session, self)
        self.training = TrainingBridge(self.session.pool, self)
        self.capturing = CaptureBridge(self)
        self._level_match = LevelMatch(self.session, self)
        self.top_bar = TopBar(self.session, self.feed)
        self.rail = Rail(_PAGES)
        self.notice = Notice()
        self._returning = QTimer(self, singleShot=True, interval=_RETURN_MILLISECONDS)
        self._returning.timeout.connect(self.session.restart_audio)
        self.transport = Transport()
        # The pages grow in their place: for what moves, with all in it, Qt works the style sheet out anew.
        self._centre = QWidget(self)
        self._stack = QStackedWidget(self._centre)
        self.play = PlayPage(self.session, self.feed, self._stack)
        self.capture = CapturePage(self.capturing, self._stack)
        self.train = TrainPage(self.session, self.training, self._stack)
        self.compare = ComparePage(self.session, self.feed, self._stack)
        self.library = LibraryPage(self.session, self._stack)
        self.settings = SettingsPage(self.session, self.feed, self._stack)
        self._pages: dict[str, QWidget] = {
            "play": self.play, "capture": self.capture, "train": self.train, "compare": self.compare,
            "library": self.library, "settings": self.settings,
        }  # fmt: skip
        self._arrange()
        self._connect_pages()
        self._connect_transport()
        self.practice = Practice(self, self.session, self.transport, self.notice)
        self.practice.count_in(self.play.recorder)
        self.control = Control(self, self.session, self.play, self.practice, self.settings, self.notice)
        self._add_actions()
        self._restore()

    # --- building -------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.notice.setProperty("place", "window")
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.notice)
        right.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addLayout(right, 1)
        column = QVBoxLayout(self._centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top_bar)
        column.addLayout(middle, 1)
        column.addWidget(self.transport)
        self.setCentralWidget(self._centre)

    def _connect_pages(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.session.failed.connect(self._show_error)
        self.session.model_changed.connect(self.notice.clear)
        self.session.dataset_changed.connect(self.notice.clear)
        self.play.open_requested.connect(self.ask_for_file)
        self.play.train_requested.connect(lambda: self.show_page("train"))
        self.play.settings_requested.connect(lambda: self.show_page("settings"))
        self.train.play_requested.connect(lambda path: self._open_on(path, "play"))
        self.train.compare_requested.connect(lambda path: self._open_on(path, "compare"))
        self.capture.train_requested.connect(self._train_on)
        self.capturing.device_wanted.connect(self._lend_device)
        self.capturing.recording_changed.connect(self._go_after_take)
        self.capturing.failed.connect(lambda _error: self._stay_after_take())
        self.capture.hear_requested.connect(self._hear_take)
        self.capture.dataset_grew.connect(lambda _folder: self.session.library_changed.emit())
        self._connect_library()
        empty = self.compare.empty
        empty.model_requested.connect(self.ask_for_file)
        empty.dataset_requested.connect(self.train.open_dataset)
        empty.import_requested.connect(lambda: self._on_train(self.train.ask_for_recordings))
        empty.demo_requested.connect(lambda: self._on_train(self.train.make_demo))

    def _connect_library(self) -> None:
        library = self.library
        library.play_requested.connect(lambda: self.show_page("play"))
        library.dataset_requested.connect(self._train_on)
        library.run_requested.connect(self._show_run)
        library.report_requested.connect(self._report_on)
        self.session.library_changed.connect(library.library.look)
        self.setAcceptDrops(True)

    def _connect_transport(self) -> None:
        session, transport = self.session, self.transport
        transport.loudness.match.setChecked(session.studio.settings.level_match)
        transport.loudness.null_gain.setValue(round(session.null_gain_db))
        transport.play_toggled.connect(session.toggle_play)
        transport.source_chosen.connect(session.set_source)
        transport.monitor_chosen.connect(session.set_monitor)
        transport.loudness.match_toggled.connect(session.set_level_match)
        transport.loudness.null_gain_moved.connect(session.set_null_gain_db)
        transport.sought.connect(session.seek)
        session.playing_changed.connect(transport.show_playing)
        session.source_changed.connect(transport.source.select)
        session.source_changed.connect(self._show_target)
        session.monitor_changed.connect(transport.show_monitor)
        session.matched.connect(transport.loudness.show_match)
        session.listening_changed.connect(transport.show_listening)
        session.loop_changed.connect(self._show_loop)
        session.audio_changed.connect(self._show_live_available)
        self.feed.moved.connect(self._show_playhead)
        transport.source.select(session.source)
        transport.monitor.select(session.monitor)
        self._show_loop()
        self._show_live_available()

    def _add_actions(self) -> None:
        add_action(self, "Play or stop", "Space", self.session.toggle_play, plain=True)
        keys: tuple[tuple[str, Monitor], ...] = (
            ("C", "clean"), ("T", "target"), ("M", "model"), ("N", "null"),
        )  # fmt: skip
        for key, monitor in keys:
            add_action(self, f"Hear {monitor}", key, partial(self.session.set_monitor, monitor), plain=True)
        add_action(self, "Open…", "Ctrl+O", self.ask_for_file)
        for entry in _PAGES:
            add_action(self, entry.title, entry.shortcut, partial(self.show_page, entry.key))

    def _restore(self) -> None:
        window = self.session.studio.settings.window
        self.resize(max(window.width, MINIMUM_SIZE[0]), max(window.height, MINIMUM_SIZE[1]))
        if window.maximised:
            self.setWindowState(Qt.WindowState.WindowMaximized)
        self._page = ""
        self._is_closing = self._closes_after_take = False
        self.show_page(window.page if window.page in self._pages else "play")

    # --- pages ----------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """The key of the page that is shown."""
        return self._page

    def show_page(self, key: str) -> None:
        """Show a page."""
        if key == self._page:
            return
        if self._page == "compare":
            self.compare.deactivate()
        self._page = key
        self.rail.select(key)
        self._stack.setCurrentWidget(self._pages[key])
        if key == "compare":
            self.compare.activate()

    def ask_for_file(self) -> None:
        """Ask for a model or a dataset and open it."""
        filters = (
            dialogs.MODEL_OR_DATASET_FILTER,
            dialogs.MODEL_FILTER,
            dialogs.DATASET_FILTER,
        )
        dialogs.ask_for_file(self, "Open a model or a dataset", filters, self.session.open_any)

    def _open_on(self, path: Path, key: str) -> None:
        self.session.open_model(path)
        self.show_page(key)

    def _hear_take(self, take: ReadTake) -> None:
        """Loop a take, beginning with what was recorded."""
        self.session.use_loop(take.clean, take.target, take.rate, f"Take {take.place + 1}")
        self.session.set_source("loop")
        self.session.set_monitor("target")
        if not self.session.studio.player.playing:
            self.session.toggle_play()

    def _train_on(self, folder: Path) -> None:
        self.session.open_dataset(folder)
        self.show_page("train")

    def _show_run(self, folder: Path) -> None:
        self.show_page("train")
        self.train.choose_run(folder)

    def _report_on(self, dataset: Path) -> None:
        self.session.open_dataset(dataset)
        self.show_page("compare")
        self.compare.tab_choice.button("report").click()

    def _on_train(self, act: Callable[[], None]) -> None:
        self.show_page("train")
        QTimer.singleShot(0, self, act)

    def _show_error(self, error: StudioError) -> None:
        self.notice.show_error(error)

    def _lend_device(self, wanted: bool) -> None:
        """Let go of the audio device while takes go through it; it is back soon after the last of them."""
        if wanted:
            self._returning.stop()
            self.session.release_audio()
        else:
            self._returning.start()

    # --- transport ------------------------------------------------------------------------------------

    def _show_loop(self) -> None:
        studio = self.session.studio
        if studio.outline is not None:
            self.transport.show_loop(studio.outline, studio.player.sample_rate, self.session.loop_title)
        self._show_target()

    def _show_target(self) -> None:
        self.transport.show_target_available(self.session.has_target, _NO_TARGET)

    def _show_live_available(self) -> None:
        self.transport.show_live_available(not self.session.studio.player.is_silent, _NO_DEVICE)

    def _show_playhead(self, seconds: float) -> None:
        self.transport.wave.set_playhead(seconds if self.session.source == "loop" else None)

    # --- Qt -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Whatever the library takes in can be dropped anywhere."""
        self.library.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it in, and show where it is now."""
        self.show_page("library")
        self.library.dropEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks: read the meters."""
        super().showEvent(event)
        self.feed.set_active(True)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self.feed.set_active(False)
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus: Space is taken by play and stop."""
        focused = QApplication.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about a run that goes on; remember the window; close the studio."""
        if self.training.is_running and not self._is_closing:
            event.ignore()
            if not self._is_asking:
                self._ask_to_end_training()
            return
        if self.capturing.is_recording and not self._closes_after_take:
            event.ignore()
            if not self._is_asking:
                ask_to_leave_take(self, self._close_after_take)
            return
        self.feed.set_active(False)
        self.training.close()
        self.capture.remember()
        self.capturing.close()
        self.train.cancel_task()
        self._remember()
        self.compare.deactivate()
        self._returning.stop()
        self.session.close()
        super().closeEvent(event)

    @property
    def _is_asking(self) -> bool:
        """Whether a question waits for its answer: the system may close the window again before it."""
        return any(question.isVisible() for question in self.findChildren(QMessageBox))

    def _ask_to_end_training(self) -> None:
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle("Training goes on")
        question.setText("Training is still running.")
        question.setInformativeText("Stop it, keep the best model so far, and close the studio?")
        question.addButton("Go on training", QMessageBox.ButtonRole.RejectRole)
        stop = question.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
        stop.clicked.connect(self._close_after_training)
        question.open()

    def _close_after_training(self) -> None:
        """Close once the run has kept its best model; closing a second time does not wait for that."""
        self._is_closing = True
        self.notice.say("Keeping the best model, then closing…")
        self.training.stop()
        self.training.running_changed.connect(lambda _running: self.close())
        if not self.training.is_running:
            self.close()

    def _close_after_take(self, *, finish: bool) -> None:
        """Close once the take at hand is on the disk, or given up."""
        self._closes_after_take = True
        self.notice.say("Finishing this take, then closing…" if finish else "Stopping, then closing…")
        (self.capturing.pause if finish else self.capturing.cancel)()
        self._go_after_take(self.capturing.is_recording)

    def _go_after_take(self, recording: bool) -> None:
        if self._closes_after_take and not recording:
            QTimer.singleShot(0, self, lambda: self._closes_after_take and self.close())

    def _stay_after_take(self) -> None:
        """The take at hand failed: the person should see why."""
        if self._closes_after_take:
            self._closes_after_take = False
            self.notice.clear()

    def _remember(self) -> None:
        size = self.normalGeometry().size() if self.isMaximized() else self.size()
        window = dataclasses.replace(
            self.session.studio.settings.window,
            width=size.width(),
            height=size.height(),
            maximised=self.isMaximized(),
            page=self._page,
        )
        self.session.studio.save_settings(window=window)
