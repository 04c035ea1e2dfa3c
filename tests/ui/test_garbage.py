"""Objects of Qt that hold each other end in the window's thread, whoever makes the next object."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vastudio.ui import garbage

ENOUGH = 20_000
"""More objects than Python makes before it collects in the thread that makes them."""


class Told(QObject):
    """Says in which thread it went, after a life in a circle."""

    def __init__(self, where: list[int]) -> None:
        super().__init__()
        self._where = where
        self.itself = self

    def __del__(self) -> None:
        self._where.append(threading.get_ident())


def make_many() -> None:
    for _ in range(ENOUGH):
        circle: list[object] = []
        circle.append(circle)


def test_only_the_windows_thread_collects(qtbot: QtBot, qapp: QApplication) -> None:
    garbage.collect_here(qapp)
    assert len(qapp.findChildren(garbage.Collector)) == 1
    where: list[int] = []
    Told(where)
    worker = threading.Thread(target=make_many)
    worker.start()
    worker.join()
    assert where == []
    qtbot.waitUntil(lambda: len(where) == 1)
    assert where == [threading.get_ident()]


def test_what_is_old_is_collected_too(qtbot: QtBot) -> None:
    where: list[int] = []
    told = Told(where)
    gc.collect()  # now it is of the oldest generation
    del told
    before = gc.get_stats()[2]["collections"]
    for _ in range(gc.get_threshold()[2] + 1):
        gc.collect(1)
    qtbot.waitUntil(lambda: len(where) == 1)
    assert gc.get_stats()[2]["collections"] == before + 1
