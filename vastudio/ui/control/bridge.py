"""MIDI and OSC as Qt signals, and their messages carried out by the window.

Activities: the threads of MIDI and OSC only fill the router and emit `_woken`, which Qt queues for the
window's thread; there `drain` runs at once, and then at most sixty times a second, however much comes in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from vastudio.app.control import store
from vastudio.app.control.mapping import ControlMap, Mapping
from vastudio.app.control.midi import MidiInputs
from vastudio.app.control.osc import OscServer
from vastudio.app.control.parameter import Parameter
from vastudio.app.control.router import Router
from vastudio.app.control.store import ControlSettings
from vastudio.errors import ControlError, StudioError
from vastudio.ui.bridge.session import Session

_SHORTEST_MILLISECONDS = 16
_COUNT_MILLISECONDS = 500


class ControlBridge(QObject):
    """What controllers do to the window.

    Signals
    -------
    learning_changed(str):
        The key of the parameter whose control is being learned; empty: none.
    map_changed():
        Other controls move other things.
    ports_changed():
        MIDI ports have come or gone.
    counted():
        Messages have come in since the last time.
    failed(object):
        A StudioError.
    """

    learning_changed = Signal(str)
    map_changed = Signal()
    ports_changed = Signal()
    counted = Signal()
    failed = Signal(object)
    _woken = Signal()
    _ports_seen = Signal()

    def __init__(
        self, session: Session, parameters: Callable[[], dict[str, Parameter]], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._make_parameters = session, parameters
        self.settings: ControlSettings = store.load()
        self.router = Router(self._woken.emit)
        self.midi = MidiInputs(self.router.push, self._ports_seen.emit)
        self.osc = OscServer(self.router)
        self.parameters: dict[str, Parameter] = {}
        self.osc_problem: ControlError | None = None
        self._since = QElapsedTimer()
        self._since.start()
        self._waiting = QTimer(self, singleShot=True)
        self._waiting.setTimerType(Qt.TimerType.PreciseTimer)
        self._waiting.timeout.connect(self._drain)
        self._counting = QTimer(self, interval=_COUNT_MILLISECONDS)
        self._counting.timeout.connect(self._count)
        self._shown = (0, 0)
        self._woken.connect(self._drain_soon, Qt.ConnectionType.QueuedConnection)
        self._ports_seen.connect(self.ports_changed, Qt.ConnectionType.QueuedConnection)
        session.model_changed.connect(self.refresh)
        session.closing.connect(self.close)
        self.refresh()

    def start(self) -> None:
        """Listen as the settings say."""
        self.router.channel = self.settings.midi.channel
        self.midi.use(self.settings.midi)
        self._open_osc()
        self._counting.start()

    def _open_osc(self) -> None:
        self.osc_problem = None
        try:
            self.osc.open(self.settings.osc)
        except ControlError as error:
            self.osc_problem = error

    def close(self) -> None:
        """Listen no longer, and remember everything."""
        self._counting.stop()
        self.midi.close()
        self.osc.close()
        store.save(self.settings)

    # --- carrying out ---------------------------------------------------------------------------------

    def _drain_soon(self) -> None:
        left = _SHORTEST_MILLISECONDS - self._since.elapsed()
        if left <= 0:
            self._drain()
        elif not self._waiting.isActive():
            self._waiting.start(left)

    def _drain(self) -> None:
        """Do what has come in; during a blind test nothing may change what is heard."""
        self._since.restart()
        if self._session.is_listening:
            self.router.discard()
        else:
            self.router.drain()

    def _count(self) -> None:
        shown = (self.router.received, self.router.ignored)
        if shown != self._shown:
            self._shown = shown
            self.counted.emit()

    def refresh(self) -> None:
        """There are other parameters: another model is open, or there are other presets."""
        self.parameters = self._make_parameters()
        self.osc.know(self.parameters)
        self.router.use(self.parameters, self.map.of(self.model))
        self.map_changed.emit()

    # --- the map --------------------------------------------------------------------------------------

    @property
    def map(self) -> ControlMap:
        """What moves what."""
        return self.settings.map

    @property
    def model(self) -> str:
        """The name of the model that is open, to which the mappings of its knobs belong."""
        model = self._session.studio.model
        return model.name if model is not None else ""

    def mapping_of(self, key: str) -> Mapping | None:
        """What moves a parameter now."""
        return self.map.find(key, self.model)

    def set_map(self, control_map: ControlMap) -> None:
        """Go on with another map, and remember it."""
        self._change(map=control_map)
        self.router.use(self.parameters, control_map.of(self.model))
        self.map_changed.emit()

    def change_mapping(self, key: str, **changes: Any) -> None:
        """Change how a parameter is moved, by the names of `Mapping`."""
        mapping = self.mapping_of(key)
        if mapping is not None:
            self.set_map(self.map.added(replace(mapping, **changes), self.model))

    def forget(self, key: str) -> None:
        """Let nothing move a parameter."""
        self.set_map(self.map.without(key, self.model))

    def learn(self, key: str) -> None:
        """Have the next control that is moved be the one of a parameter."""
        self.router.learn(key, self._take)
        self.learning_changed.emit(key)

    def _take(self, mapping: Mapping) -> None:
        self.set_map(self.map.added(mapping, self.model))
        self.learning_changed.emit("")

    def stop_learning(self) -> None:
        """Learn nothing after all."""
        self.router.forget_learning()
        self.learning_changed.emit("")

    def export_map(self, path: Path) -> None:
        """Write the map to a file."""
        try:
            store.export_map(self.map, path)
        except StudioError as error:
            self.failed.emit(error)

    def import_map(self, path: Path) -> None:
        """Go on with the map of a file."""
        try:
            self.set_map(store.import_map(path))
        except StudioError as error:
            self.failed.emit(error)

    # --- what is heard --------------------------------------------------------------------------------

    def set_midi(self, **changes: Any) -> None:
        """Change what is heard of MIDI, by the names of `MidiSettings`."""
        self._change(midi=replace(self.settings.midi, **changes))
        self.router.channel = self.settings.midi.channel
        self.midi.use(self.settings.midi)
        self.ports_changed.emit()

    def set_osc(self, **changes: Any) -> None:
        """Change what is heard of OSC, by the names of `OscSettings`."""
        self._change(osc=replace(self.settings.osc, **changes))
        self._open_osc()
        self.counted.emit()

    def _change(self, **changes: Any) -> None:
        self.settings = replace(self.settings, **changes)
        store.save(self.settings)
