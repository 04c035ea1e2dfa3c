"""A plan as a file: opened, saved, and exported as what has to be played elsewhere."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from vastudio.app.capture_project import Draft
from vastudio.app.library import free_path
from vastudio.app.stimuli_export import LISTING, Exported
from vastudio.capture.plan_file import CapturePlan, write_plan
from vastudio.errors import StudioError
from vastudio.ui.bridge.capture import CaptureBridge
from vastudio.ui.widgets import dialogs, numbers
from vastudio.ui.widgets.notice import Notice

PLAN_FILTER = "Plans (*.toml)"


class PlanFiles(QWidget):
    """Buttons for the plan at hand; `export` and `stop` are for another place on the same step."""

    def __init__(self, bridge: CaptureBridge, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._notice = bridge, notice
        self._plan: CapturePlan | None = None
        self._draft = Draft()
        self.open = _button("Open plan…", "Use the knobs and positions of a plan file (PLAN.toml)")
        self.save = _button("Save plan…", "Write the plan to a file that a person can read and edit")
        self.export = _button(
            "Export what to play", "Write what has to be played for each position, and a list"
        )
        self.stop = _button("Stop", "End the export; nothing of it stays")
        menu = QMenu(self.export)
        self.each = menu.addAction("One file per position…", lambda: self._ask_where(in_one=False))
        self.whole = menu.addAction("One long file with pauses…", lambda: self._ask_where(in_one=True))
        self.export.setMenu(menu)
        self.open.clicked.connect(self._ask_for_plan)
        self.save.clicked.connect(self._ask_where_to_save)
        self.stop.clicked.connect(bridge.stop_export)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for button in (self.open, self.save):
            row.addWidget(button, 1)
        bridge.exporting.connect(self._show_progress)
        bridge.exporting_changed.connect(self._show_exporting)
        bridge.exported.connect(self._tell)
        self._show_exporting(False)
        self.show_plan(self._draft, None, can_open=True)

    def show_plan(self, draft: Draft, plan: CapturePlan | None, *, can_open: bool) -> None:
        """Offer what can be done with a plan; only what is recorded elsewhere has something to export."""
        self._draft, self._plan = draft, plan
        self.open.setVisible(can_open)
        self.save.setEnabled(plan is not None)
        self.export.setVisible(draft.kind == "files")
        self.export.setEnabled(plan is not None)

    def read(self, path: Path) -> None:
        """Plan what a file says, if the source can follow it."""
        self._notice.clear()
        self._bridge.adopt(self._draft, path)

    def write(self, path: Path) -> None:
        """Write the plan to a file."""
        if self._plan is None:
            return
        try:
            write_plan(self._plan, path)
        except StudioError as error:
            self._notice.show_error(error)
        else:
            self._notice.say(f"The plan is in {path}.", severity="good")

    def export_to(self, parent: Path, *, in_one: bool) -> None:
        """Write what to play into a new folder in `parent`."""
        if self._plan is not None:
            self._notice.clear()
            folder = free_path(parent, f"{self._plan.device or 'Capture'} to play")
            self._bridge.export(self._plan, folder, self._draft.options, in_one=in_one)

    def _ask_for_plan(self) -> None:
        dialogs.ask_for_file(self, "Open a plan", (PLAN_FILTER, dialogs.ALL_FILTER), self.read)

    def _ask_where_to_save(self) -> None:
        name = f"{self._plan.device or 'plan' if self._plan is not None else 'plan'}.toml"
        dialogs.ask_where_to_save(self, "Save the plan", Path(name), PLAN_FILTER, self.write)

    def _ask_where(self, *, in_one: bool) -> None:
        dialogs.ask_for_folder(
            self, "Where to write the folder", lambda parent: self.export_to(parent, in_one=in_one)
        )

    def _show_exporting(self, exporting: bool) -> None:
        self.stop.setVisible(exporting)
        self.export.setEnabled(not exporting and self._plan is not None)
        if not exporting:
            self.export.setText("Export what to play")

    def _show_progress(self, done: int, total: int) -> None:
        self.export.setText(f"Writing {min(done + 1, total)} of {total}…")

    def _tell(self, exported: Exported) -> None:
        self._notice.say(
            f"{numbers.duration(exported.seconds)} to play are in {exported.folder}.",
            f"{LISTING} there says what to set for each. Then choose the recordings on the Source step.",
            severity="good",
        )


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    return button
