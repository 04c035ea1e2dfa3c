"""Keeps a rack running: on the chosen device while it is there, on a silent clock while it is not.

Activities: one controlling thread calls the methods; `open` and `close` wait for a driver to end, nothing
waits for sound. While the device is away a watch looks for it (`watch`).
"""

from __future__ import annotations

from dataclasses import dataclass

from vastudio.engine.devices import DeviceChoice
from vastudio.engine.drivers import DeviceStream, Driver, SilentClock
from vastudio.engine.rack import Rack
from vastudio.engine.watch import FIRST_LOOK_SECONDS, DeviceWatch
from vastudio.errors import DeviceError


@dataclass(frozen=True)
class DeviceNews:
    """What happened to the audio device, as a sentence for a person, and whether it can be heard now."""

    text: str
    is_good: bool


class DeviceKeeper:
    """Runs one rack, once it is opened."""

    def __init__(self, rack: Rack) -> None:
        self._rack = rack
        self._driver: Driver | None = None
        self._sleeper: DeviceStream | None = None
        self._wanted: DeviceChoice | None = None
        self._watch: DeviceWatch | None = None

    def open(self, choice: DeviceChoice | None, sample_rate: int) -> str:
        """Run on a device; on None, or while it cannot be opened, on the silent clock at `sample_rate`.

        Returns what went wrong, with what to do, or an empty text. A device that is not there is opened by
        `check` as soon as it is.
        """
        self.close()
        self._wanted = choice
        return self._run(choice, sample_rate, FIRST_LOOK_SECONDS)

    def _run(self, choice: DeviceChoice | None, sample_rate: int, pause_seconds: float) -> str:
        problem = ""
        if choice is not None:
            try:
                self._driver = DeviceStream(self._rack, choice)
            except DeviceError as error:
                problem = str(error)
                self._watch = DeviceWatch(choice, pause_seconds)
        if self._driver is None:
            self._driver = SilentClock(self._rack, sample_rate)
        self._rack.flush()
        return problem

    def close(self) -> None:
        """Let go of the device or the clock."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        if self._sleeper is not None:
            self._sleeper.leave()
            self._sleeper = None
        self._stop_driver()

    def check(self, sample_rate: int) -> DeviceNews | None:
        """Look after the device; call it about once a second. Returns what there is to say, if anything.

        When it is gone (unplugged, or the computer slept), the silent clock takes over, so that everything
        but the sound goes on; when it is back, it is opened again. A device that only stands still is not
        closed, but taken up again when it goes on.
        """
        if self._sleeper is not None:
            return self._check_sleeper(self._sleeper, sample_rate)
        if self._watch is not None and self._watch.is_back:
            pause_seconds = self._watch.pause_seconds
            self.close()
            problem = self._run(self._wanted, sample_rate, pause_seconds)
            return None if problem else DeviceNews(f"The audio device '{self.name}' is back.", is_good=True)
        if self._driver is None or self._driver.is_alive():
            return None
        name = self._driver.name
        if isinstance(self._driver, DeviceStream) and self._driver.can_sleep:
            self._driver.fall_asleep()
            self._sleeper, self._driver = self._driver, SilentClock(self._rack, sample_rate)
            return DeviceNews(
                f"The audio device '{name}' stands still. It is used again when it goes on.", False
            )
        self.close()
        self._run(None, sample_rate, FIRST_LOOK_SECONDS)
        if self._wanted is not None:
            self._watch = DeviceWatch(self._wanted)
        return DeviceNews(
            f"The audio device '{name}' is gone. It is used again as soon as it is back.", False
        )

    def _check_sleeper(self, sleeper: DeviceStream, sample_rate: int) -> DeviceNews | None:
        """Take a device up again that stood still; look for it where it has ended meanwhile."""
        if sleeper.is_awake():
            self._sleeper = None
            self._stop_driver()
            sleeper.wake()
            self._driver = sleeper
            return DeviceNews(f"The audio device '{sleeper.name}' goes on.", is_good=True)
        if sleeper.has_ended():
            self._sleeper = None
            sleeper.close()
            if self._wanted is not None:
                self._watch = DeviceWatch(self._wanted)
        return None

    def _stop_driver(self) -> None:
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    @property
    def latency_seconds(self) -> float | None:
        """From input to output as the device reports it; None where nothing is reported."""
        return self._driver.latency_seconds if self._driver else None

    @property
    def is_silent(self) -> bool:
        """Whether no device is open."""
        return self._driver is None or self._driver.is_silent

    @property
    def name(self) -> str:
        """What the rack runs on, empty when it is closed."""
        return self._driver.name if self._driver else ""

    @property
    def block(self) -> int:
        """Frames of a block, 0 when it is closed."""
        return self._driver.block if self._driver else 0
