"""Tokens → Qt: the palette, and a short style sheet for what a palette cannot say."""

from __future__ import annotations

from string import Template
from typing import Literal, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from vastudio.paths import resources
from vastudio.ui.theme import fonts
from vastudio.ui.theme.tokens import Tokens, activate, mixed, tokens

_ICONS_OF_SHEET = ("arrow", "arrow-up", "check", "check-faint")
"""Icons that the style sheet names; a style sheet cannot tint, so they come per scheme."""

ThemeChoice: TypeAlias = Literal["dark", "light", "system"]


def resolve(choice: ThemeChoice, app: QApplication) -> Literal["dark", "light"]:
    """The theme a choice stands for; `system` follows the desktop, dark where it does not say."""
    if choice != "system":
        return choice
    return "light" if app.styleHints().colorScheme() == Qt.ColorScheme.Light else "dark"


def apply(app: QApplication, choice: ThemeChoice) -> None:
    """Make `choice` the look of every window, now."""
    activate(resolve(choice, app))
    theme = tokens()
    app.setFont(fonts.ui_font())
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def palette(theme: Tokens) -> QPalette:
    """The Qt palette of a theme."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.ground.window,
        role.Base: theme.ground.panel,
        role.AlternateBase: theme.ground.raised,
        role.Button: theme.ground.control,
        role.ToolTipBase: theme.ground.control,
        role.WindowText: theme.text.primary,
        role.Text: theme.text.primary,
        role.ButtonText: theme.text.primary,
        role.ToolTipText: theme.text.primary,
        role.PlaceholderText: theme.text.faint,
        role.Highlight: theme.meaning.model,
        role.HighlightedText: theme.text.on_accent,
        role.Link: theme.meaning.model,
        role.Mid: theme.ground.line,
    }
    result = QPalette()
    for key, colour in colours.items():
        result.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.text.faint))
    return result


def style_sheet(theme: Tokens) -> str:
    """The style sheet of a theme: `resources/themes/studio.qss` with its colours filled in."""
    names = {
        **vars(theme.ground),
        **vars(theme.text),
        **vars(theme.meaning),
        "selected": mixed(theme.ground.panel, theme.meaning.model, 0.16).name(),
        "hover": mixed(theme.ground.control, theme.text.primary, 0.08).name(),
        "bad_hover": mixed(theme.meaning.bad, "#FFFFFF", 0.12).name(),
        "accent_hover": mixed(theme.meaning.model, theme.text.primary, 0.15).name(),
        **{
            name.replace("-", "_"): (resources() / "icons" / f"{name}-{theme.scheme}.svg").as_posix()
            for name in _ICONS_OF_SHEET
        },
    }
    sheet = (resources() / "themes" / "studio.qss").read_text(encoding="utf-8")
    return Template(sheet).substitute(names)
