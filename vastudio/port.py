"""Where hardware is plugged in: what a capture source needs of the computer's audio devices, and no more.

The engine provides it (`engine.duplex`), a source uses it; neither knows the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from vastudio.types import STANDARD_RATE, Audio


@dataclass(frozen=True)
class Wiring:
    """Which sockets are used, and how.

    Attributes
    ----------
    host_api:
        As PortAudio names it, e.g. `ALSA`; empty for whichever has the device.
    output, input:
        Device names; an empty output is the system's default, an empty input the output's own device.
    output_channel, input_channel:
        Counted from 1.
    block:
        Frames of a block; 0 leaves it to the device.
    """

    host_api: str = ""
    output: str = ""
    input: str = ""
    output_channel: int = 1
    input_channel: int = 1
    sample_rate: int = STANDARD_RATE
    block: int = 0


@dataclass(frozen=True)
class Duplex:
    """What one pass recorded: as many frames as were played, and how many blocks were late or lost."""

    audio: Audio
    dropouts: int


class AudioPort(Protocol):
    """Plays and records at once."""

    def check(self, wiring: Wiring) -> str:
        """Return the names of the devices that would be used. Raises DeviceError when one is missing."""
        ...

    def play_and_record(
        self, signal: Audio, wiring: Wiring, on_progress: Callable[[float, float], None]
    ) -> Duplex:
        """Play `signal` and record as many frames, from the same block on.

        Blocks for as long as it sounds. `on_progress` gets the share done and the newest peak.

        Raises
        ------
        DeviceError
            When a device is missing, refuses the settings, or goes away.
        """
        ...
