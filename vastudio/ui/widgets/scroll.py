"""Scroll areas: where space runs out, content scrolls instead of being cut."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


def scrolling(content: QWidget, title: str) -> QScrollArea:
    """Wrap `content` so that it fills the area, and scrolls up and down once it no longer fits."""
    content.setProperty("role", "page")
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(title)
    area.setWidget(content)
    return area
