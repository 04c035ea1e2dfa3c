"""A device on the desk: the computer's output feeds it, an input records it, a person turns its knobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vastudio.audio.io import Subtype
from vastudio.audio.level import from_db
from vastudio.capture.source import OnProgress, Option, Recording, Request, ignore_progress
from vastudio.errors import CaptureError
from vastudio.port import AudioPort, Wiring
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues, knob_vector

LEAD_SECONDS = 0.5
"""Silence before the signal: clicks of opening die away, and the device's noise can be measured."""

TAIL_SECONDS = 0.5
"""Silence after it: the longest latency that can be made up for."""


@dataclass(frozen=True)
class Hardware:
    """Two sockets and what hangs between them. `gain` is that of the send, linear."""

    name: str
    knobs: tuple[Knob, ...]
    port: AudioPort
    wiring: Wiring
    gain: float
    needs_hands: bool = True
    coding: Subtype = "PCM_24"

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.wiring.sample_rate

    @property
    def lead(self) -> int:
        """Frames of silence at the beginning of a recording."""
        return round(LEAD_SECONDS * self.sample_rate)

    def open(self) -> None:
        """See that both devices are there; each take opens them anew. Raises DeviceError."""
        self.port.check(self.wiring)

    def close(self) -> None:
        """Nothing is open between takes."""

    def record(
        self,
        signal: Audio,
        values: KnobValues,
        place: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> Recording:
        """Play and record; the knobs are as the person set them.

        Raises
        ------
        KnobError
            When a knob is unknown or outside its dial.
        DeviceError
            When a device is missing, refuses the settings, or goes away.
        """
        knob_vector(self.knobs, values)
        tail = round(TAIL_SECONDS * self.sample_rate)
        silences = np.zeros(self.lead, np.float32), np.zeros(tail, np.float32)
        played = np.concatenate([silences[0], signal * np.float32(self.gain), silences[1]])
        heard = self.port.play_and_record(played, self.wiring, on_progress)
        return Recording(heard.audio, heard.dropouts)


class HardwareKind:
    """Sockets, rate and block."""

    title = "an amp or a pedal on the desk, through the computer's audio device"
    options = (
        Option("output", "name of the output device (default: the system's)"),
        Option("input", "name of the input device (default: the output's own input)"),
        Option("host_api", "only devices of this system, e.g. ALSA, JACK, CoreAudio, ASIO"),
        Option("output_channel", "output that feeds the device, from 1 (default 1)", 1),
        Option("input_channel", "input that records it, from 1 (default 1)", 1),
        Option("rate", "sample rate in Hz (default 48000)", STANDARD_RATE),
        Option("block", "frames of a block; 0 leaves it to the device (default 0)", 0),
        Option("send_db", "level of the send in dB, 0 or less (default 0)", 0.0),
    )

    def build(self, request: Request) -> Hardware:
        """Return the source; its knobs are the plan's. Raises CaptureError without audio devices."""
        if request.port is None:
            raise CaptureError("There are no audio devices here.", "Capture from another source.")
        chosen = request.options
        send_db = float(chosen["send_db"])
        if send_db > 0.0:
            raise CaptureError(f"A send of {send_db:+g} dB would clip.", "Choose 0 dB or less.")
        wiring = Wiring(
            str(chosen["host_api"]),
            str(chosen["output"]),
            str(chosen["input"]),
            int(chosen["output_channel"]),
            int(chosen["input_channel"]),
            int(chosen["rate"]),
            int(chosen["block"]),
        )
        return Hardware(request.device or "amp", request.knobs, request.port, wiring, from_db(send_db))


KIND = HardwareKind()
