"""MIDI inputs: found, opened, and opened again when they come back.

Activities: a thread looks at the ports twice a second and opens those that are wanted; each open port has a
thread of python-rtmidi's that hands every message to `heard` at once. Nothing here waits for the window.

python-rtmidi is an extra (`pip install vastudio[midi]`): without it there are no ports; `problem` says why.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vastudio.app.control.events import Event, parse
from vastudio.app.control.store import MidiSettings

CLIENT = "VA Studio"
HOW_TO_INSTALL = (
    "MIDI needs python-rtmidi, which is not installed. Install it with: pip install vastudio[midi]"
)
_NO_MIDI = "This computer offers no MIDI ports to VA Studio."
_LOOK_SECONDS = 0.5


def is_installed() -> bool:
    """Whether python-rtmidi is there."""
    return importlib.util.find_spec("rtmidi") is not None


class MidiInputs:
    """Listens to the ports that the settings name, as soon and as long as they are there."""

    def __init__(self, heard: Callable[[Event], None], changed: Callable[[], None]) -> None:
        self._heard, self._changed = heard, changed
        self._settings = MidiSettings()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._open: dict[str, Any] = {}
        self.ports: tuple[str, ...] = ()
        self.problem = "" if is_installed() else HOW_TO_INSTALL

    @property
    def open_ports(self) -> tuple[str, ...]:
        """The ports that are heard now."""
        return tuple(self._open)

    def use(self, settings: MidiSettings) -> None:
        """Listen as the settings say, from the next look on."""
        self._settings = settings
        if settings.enabled and self._thread is None and is_installed():
            self._ending.clear()
            self._thread = threading.Thread(target=self._run, name="midi", daemon=True)
            self._thread.start()
        elif not settings.enabled:
            self.close()

    def close(self) -> None:
        """End listening; waits for the look that goes on."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ending.set()
            thread.join()

    # --- the watching thread --------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            import rtmidi  # noqa: PLC0415  an extra
        except ImportError as error:  # it is there, and does not load
            self.problem = f"python-rtmidi cannot be used: {error}"
            self._changed()
            return
        looker: Any = None
        while True:
            if looker is not None and not _runs(rtmidi, looker.get_current_api()):
                _shut(looker)  # the MIDI service itself has ended; it does not always say so
                looker = None
            if looker is None:
                looker = _made(rtmidi)
            try:
                self._look(rtmidi, looker)
            except (rtmidi.RtMidiError, OSError):
                looker = None
            if self._ending.wait(_LOOK_SECONDS):
                break
        for port in (*self._open.values(), looker):
            _shut(port)
        self._open = {}

    def _look(self, rtmidi: Any, looker: Any) -> None:
        """Open what has come and is wanted, let go of the rest."""
        names = _without_own(looker.get_ports()) if looker is not None else ()
        settings = self._settings
        wanted = [name for name in names if settings.all_ports or name in settings.ports]
        before = (self.ports, tuple(self._open), self.problem)
        for name in [name for name in self._open if name not in wanted]:
            _shut(self._open.pop(name))
        for name in wanted:
            if name not in self._open:
                port = self._opened(rtmidi, name)
                if port is not None:
                    self._open[name] = port
        self.ports = names
        self.problem = _NO_MIDI if looker is None else ""
        if before != (self.ports, tuple(self._open), self.problem):
            self._changed()

    def _opened(self, rtmidi: Any, name: str) -> Any:
        port = _made(rtmidi)
        if port is None:
            return None
        try:
            port.set_callback(self._receive)
            port.open_port(port.get_ports().index(name), name="in")
        except (rtmidi.RtMidiError, ValueError):  # it went away, or another program has it for itself
            _shut(port)
            return None
        return port

    def _receive(self, received: tuple[list[int], float], _data: object = None) -> None:
        """A port's thread."""
        event = parse(received[0])
        if event is not None:
            self._heard(event)


def _made(rtmidi: Any) -> Any:
    """A client of the first MIDI service that runs; None where none does."""
    for service in rtmidi.get_compiled_api():
        if _runs(rtmidi, service):
            try:
                return rtmidi.MidiIn(service, name=CLIENT)
            except rtmidi.RtMidiError:
                continue
    return None


def _runs(rtmidi: Any, service: int) -> bool:
    """Whether it is worth asking: a service that does not run complains on the terminal."""
    if not sys.platform.startswith("linux"):
        return True
    if service == rtmidi.API_LINUX_ALSA:
        return Path("/dev/snd/seq").exists()
    if service == rtmidi.API_UNIX_JACK:
        name = os.environ.get("JACK_DEFAULT_SERVER", "default")
        return any(Path("/dev/shm").glob(f"jack_{name}_*_0"))
    return True


def _without_own(names: list[str]) -> tuple[str, ...]:
    """Ports of others: not what the studio itself offers, nor what only passes MIDI through."""
    return tuple(name for name in names if not name.startswith((CLIENT, "Midi Through")))


def _shut(port: Any) -> None:
    """Give a client back to the MIDI service; None is none."""
    if port is not None:
        port.cancel_callback()
        port.close_port()
        port.delete()
