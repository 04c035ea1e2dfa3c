"""The studio's font: Inter where it is shipped or installed, otherwise the system's; tabular figures."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from vastudio.paths import resources

BASE_PIXELS = 13


def load_shipped_fonts() -> None:
    """Register the fonts in `resources/fonts` with Qt. Nothing happens where there are none."""
    for path in sorted((resources() / "fonts").glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))


def ui_font(pixels: int = BASE_PIXELS, *, bold: bool = False) -> QFont:
    """A font of the given height in pixels, with figures of equal width so that numbers do not jump."""
    families = QFontDatabase.families()
    family = next((name for name in ("Inter", "Inter Variable") if name in families), "")
    font = QFont(family) if family else QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(pixels)
    font.setFeature(QFont.Tag("tnum"), 1)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font
