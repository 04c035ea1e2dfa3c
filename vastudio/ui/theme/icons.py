"""The studio's own line icons, tinted for the theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from vastudio.paths import resources


def pixmap(name: str, colour: str | QColor, size: int = 20, ratio: float = 2.0) -> QPixmap:
    """`resources/icons/{name}.svg` in one colour, `size` logical pixels square; drawn once, then kept."""
    tint = QColor(colour)
    key = f"{name} {tint.rgba():x} {size} {ratio}"
    image = QPixmap()
    if not QPixmapCache.find(key, image):
        image = _drawn(name, tint, size, ratio)
        QPixmapCache.insert(key, image)
    return image


def _drawn(name: str, colour: QColor, size: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(str(resources() / "icons" / f"{name}.svg"))
    image = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(image.rect(), colour)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def icon(name: str, colour: str | QColor, size: int = 20) -> QIcon:
    """The icon in one colour."""
    return QIcon(pixmap(name, colour, size))
