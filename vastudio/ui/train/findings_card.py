"""What the import found out about the recordings."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vastudio.dataset.manifest import Finding
from vastudio.dataset.store import Dataset
from vastudio.ui.theme.tokens import Meaning
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.scroll import scrolling
from vastudio.ui.widgets.text import label

_SIGNS: dict[str, tuple[str, Meaning | None]] = {
    "info": ("✓", "good"),
    "warning": ("!", "warning"),
    "error": ("✕", "bad"),
}
_ORDER = ("error", "warning", "info")


class FindingsCard(Card):
    """Equal findings are joined into one line; the worst come first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Checks", parent)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(8)
        self.body.addWidget(scrolling(self._list, "Findings of the import"))
        self.show_dataset(None)

    def show_dataset(self, dataset: Dataset | None) -> None:
        """List the findings of a dataset."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if dataset is None:
            self._rows.addWidget(label("Nothing to check yet: no dataset is open.", "note", wrap=True))
        else:
            self._fill(dataset)
        self._rows.addStretch(1)

    def _fill(self, dataset: Dataset) -> None:
        lines = joined(dataset.manifest.all_findings())
        for severity, message, hint in lines:
            self._rows.addWidget(_row(severity, message, hint))
        if not any(severity != "info" for severity, _, _ in lines):
            self._rows.addWidget(
                _row("info", "Rate, length, delay, polarity and level of all captures fit.", "")
            )


def joined(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """(severity, message, hint) of the findings, one line per kind, the worst first."""
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.severity, finding.code), []).append(finding)
    lines = []
    for severity, code in sorted(kinds, key=lambda key: _ORDER.index(key[0])):
        group = kinds[severity, code]
        captures = list(dict.fromkeys(finding.capture for finding in group if finding.capture))
        where = f"{_places(captures)}: " if captures else ""
        lines.append((severity, f"{where}{group[0].message}", group[0].hint))
    return lines


def _places(captures: list[str]) -> str:
    shown = ", ".join(captures[:4])
    more = f" and {len(captures) - 4} more" if len(captures) > 4 else ""
    return f"Capture {shown}" if len(captures) == 1 else f"Captures {shown}{more}"


def _row(severity: str, message: str, hint: str) -> QWidget:
    sign, meaning = _SIGNS[severity]
    mark = label(sign, meaning=meaning)
    mark.setFixedWidth(14)
    mark.setAccessibleName(severity)
    text: QLabel = label(f"{message} {hint}".strip(), "note", wrap=True)
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(4)
    line.addWidget(mark, alignment=Qt.AlignmentFlag.AlignTop)
    line.addWidget(text, 1)
    return row
