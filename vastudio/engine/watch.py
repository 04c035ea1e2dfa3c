"""Waits for an audio device to come back.

Activity: a thread of its own that looks at the devices every few seconds, because looking again can take
longer than a window may wait. It opens nothing.
"""

from __future__ import annotations

import threading

from vastudio.engine.devices import DeviceChoice, is_connected

FIRST_LOOK_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class DeviceWatch:
    """Looks for a device until it is there or the watch is stopped, ever less often."""

    def __init__(self, choice: DeviceChoice, pause_seconds: float = FIRST_LOOK_SECONDS) -> None:
        self._choice = choice
        self._pause = pause_seconds
        self._stop, self._found = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="device watch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            if is_connected(self._choice):
                self._found.set()
                return

    @property
    def is_back(self) -> bool:
        """Whether the device was seen."""
        return self._found.is_set()

    @property
    def pause_seconds(self) -> float:
        """How long the next look would be waited for."""
        return self._pause

    def stop(self) -> None:
        """End the watch and wait for its thread, for as long as one look at the devices takes."""
        self._stop.set()
        self._thread.join()
