"""The choice of the theme."""

from __future__ import annotations

from typing import cast

from PySide6.QtWidgets import QApplication, QWidget

from vastudio.ui.bridge.session import Session
from vastudio.ui.theme import style
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

_THEMES = (
    Segment("dark", "Dark"),
    Segment("light", "Light"),
    Segment("system", "System", tip="As the desktop is"),
)


class LookCard(Card):
    """Dark, light, or as the desktop is."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Look", parent)
        self._session = session
        self.theme = Segmented("Theme", _THEMES)
        self.theme.select(session.studio.settings.theme)
        self.theme.chosen.connect(self._choose)
        self.body.addWidget(label("Theme", "quiet"))
        self.body.addWidget(self.theme)
        self.body.addWidget(
            label(
                "Clean is slate, target amber, model teal and difference rose in every theme.",
                "note",
                wrap=True,
            )
        )
        self.body.addStretch(1)

    def _choose(self, theme: str) -> None:
        self._session.studio.save_settings(theme=theme)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            style.apply(app, cast(style.ThemeChoice, theme))
