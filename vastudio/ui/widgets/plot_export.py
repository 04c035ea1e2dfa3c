"""Saving what a plot shows: as a picture, and as the numbers behind it.

    exportable(card, "Average spectra", numbers=lambda: {"frequency (Hz)": hz, "target (dB)": level})

gives a card, a plot or any painted widget a context menu, and a card a button in its header.

Activities: pictures and numbers are taken in the window's thread; a worker writes the files.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QThreadPool
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from vastudio.atomic import atomic_file
from vastudio.errors import OutputError
from vastudio.ui.bridge.work import Latest
from vastudio.ui.theme import icons
from vastudio.ui.theme.tokens import tokens
from vastudio.ui.widgets import dialogs
from vastudio.ui.widgets.card import Card

Numbers: TypeAlias = Mapping[str, Sequence[float | str | None] | npt.NDArray[Any]]
"""Columns by their heading, which tells the unit: `frequency (Hz)`. Shorter columns end in empty cells."""

_LEAST_RATIO = 2.0
"""Pixels of a saved picture to one of the window: sharp in print too."""

_ROWS_AT_ONCE = 4096
_NOTHING_YET = "Save them when the plot shows something."


def exportable(
    widget: QWidget,
    name: str | Callable[[], str],
    numbers: Callable[[], Numbers] | None = None,
    card: Card | None = None,
) -> PlotExport:
    """Let a person save `widget` as PNG, and as CSV where there are `numbers`; `name` names the files.

    `card` is the card whose header gets a button for it; a widget that is a card itself gets one in any case.
    """
    return PlotExport(widget, name, numbers, card or (widget if isinstance(widget, Card) else None))


class PlotExport(QObject):
    """The menu of one plot; it lives as long as the plot does."""

    def __init__(
        self,
        widget: QWidget,
        name: str | Callable[[], str],
        numbers: Callable[[], Numbers] | None,
        card: Card | None,
    ) -> None:
        super().__init__(widget)
        self._widget, self._name, self._numbers = widget, name, numbers
        self._pool = QThreadPool(self)  # before the work, so that it is waited for first
        self._writing = Latest(self._pool, self)
        self._writing.failed.connect(partial(dialogs.say_error, widget))
        self.menu = QMenu(widget)
        self.save_picture = self.menu.addAction("Save picture…")
        self.save_numbers = self.menu.addAction("Save numbers…")
        self.save_numbers.setVisible(numbers is not None)
        self.save_picture.triggered.connect(self._ask_for_picture)
        self.save_numbers.triggered.connect(self._ask_for_numbers)
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(self._open_menu)
        self.button: ExportButton | None = None
        if card is not None:
            self.button = ExportButton(self.name)
            self.button.clicked.connect(self._open_menu_at_button)
            card.header.addWidget(self.button)

    @property
    def is_writing(self) -> bool:
        """Whether a file is being written."""
        return self._writing.is_busy

    @property
    def name(self) -> str:
        """What the files are called that are proposed."""
        return self._name() if callable(self._name) else self._name

    def _open_menu(self, place: QPoint) -> None:
        self.menu.popup(self._widget.mapToGlobal(place))

    def _open_menu_at_button(self) -> None:
        assert self.button is not None
        self.menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def _ask_for_picture(self) -> None:
        image = self.picture()
        dialogs.ask_where_to_save(
            self._widget, "Save the picture", Path(f"{self.name}.png"), dialogs.PNG_FILTER,
            lambda path: self._writing.submit(partial(write_picture, path, image)),
        )  # fmt: skip

    def _ask_for_numbers(self) -> None:
        assert self._numbers is not None
        numbers = self._numbers()
        if not any(len(column) for column in numbers.values()):
            dialogs.say_error(self._widget, OutputError("There are no numbers to save yet.", _NOTHING_YET))
            return
        dialogs.ask_where_to_save(
            self._widget, "Save the numbers", Path(f"{self.name}.csv"), dialogs.NUMBERS_FILTER,
            lambda path: self._writing.submit(partial(write_numbers, path, numbers)),
        )  # fmt: skip

    def picture(self) -> QImage:
        """The widget as it is, without its button, twice as sharp as on a plain screen."""
        if self.button is not None:
            self.button.hide()
        image = picture(self._widget)
        if self.button is not None:
            self.button.show()
        return image


class ExportButton(QPushButton):
    """A small button with an arrow into a tray."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "link")
        self.setAccessibleName(f"Save {name}")
        self.setToolTip("Save the picture or its numbers")
        self._tint()

    def _tint(self) -> None:
        self.setIcon(icons.icon("export", tokens().text.secondary, 16))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)


def picture(widget: QWidget) -> QImage:
    """Paint a widget on the ground of a card."""
    ratio = max(_LEAST_RATIO, widget.devicePixelRatioF())
    image = QImage(widget.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(tokens().ground.panel))
    widget.render(image, QPoint())
    return image


def write_picture(path: Path, image: QImage) -> None:
    """Write a PNG file atomically. Raises OutputError."""
    with atomic_file(path) as temporary:
        if not image.save(str(temporary), "PNG"):  # type: ignore[call-overload]
            raise OutputError(f"Cannot write {path}.", "Choose another folder.")


def write_numbers(path: Path, numbers: Numbers) -> None:
    """Write a CSV file atomically: UTF-8, one heading line, nine digits. Raises OutputError."""
    with atomic_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(numbers)
        length = max((len(column) for column in numbers.values()), default=0)
        for start in range(0, length, _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, length)
            texts = [_texts(column[start:stop]) for column in numbers.values()]
            writer.writerows(itertools.zip_longest(*texts, fillvalue=""))


def _texts(values: Iterable[float | str | None]) -> list[str]:
    plain = values.tolist() if isinstance(values, np.ndarray) else values
    return [_text(value) for value in plain]


def _text(value: float | str | None) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return value if isinstance(value, str) else f"{value:.9g}"
