"""What makes the chain run: an audio device, or a silent clock where there is none.

Activities: PortAudio's own thread calls the compiled callback (it never waits for Python); the silent
clock is a Python thread that calls the same function at the pace of the wall clock and sleeps in between.
The controlling thread opens and closes them and may wait for them to end.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import Any, Protocol

import numpy as np

from vastudio.engine import devices
from vastudio.engine.devices import DeviceChoice
from vastudio.engine.rack import Rack
from vastudio.errors import DeviceError
from vastudio.kernels import desk
from vastudio.kernels.callback import native_callback
from vastudio.kernels.memory import address, observe

SILENT_BLOCK = 480
_MOST_BEHIND_SECONDS = 0.25
_STALLED_SECONDS = 2.0
_MOST_LATENCY_SECONDS = 2.0

_left_behind: list[object] = []
"""Streams that cannot be closed any more, with the memory they know."""


class Driver(Protocol):
    """Something that runs a rack."""

    name: str
    block: int
    is_silent: bool

    @property
    def latency_seconds(self) -> float | None:
        """From the input to the output as the device reports it; None where nothing is reported."""

    def is_alive(self) -> bool:
        """Whether blocks still come."""

    def close(self) -> None:
        """Stop; when this returns, the rack is left alone."""


class SilentClock:
    """Runs a rack without a device: nothing is heard, everything else works."""

    name = "No audio device"
    block = SILENT_BLOCK
    is_silent = True
    latency_seconds = None

    def __init__(self, rack: Rack, sample_rate: int) -> None:
        rack.connect(inputs=0, outputs=1, channel=0)
        self._rack, self._rate = rack, sample_rate
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="silent clock", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        nothing, out = np.zeros(0, np.float32), np.zeros(SILENT_BLOCK, np.float32)
        period = SILENT_BLOCK / self._rate
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            self._rack.process(nothing, out)
            due = max(due + period, time.monotonic() - _MOST_BEHIND_SECONDS)

    def is_alive(self) -> bool:
        """The clock always runs."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop the clock."""
        self._stop.set()
        self._thread.join()


class DeviceStream:
    """Runs a rack on an audio device.

    Raises
    ------
    DeviceError
        When PortAudio is missing, or the device is, or it refuses the rate or the block.
    """

    is_silent = False

    def __init__(self, rack: Rack, choice: DeviceChoice) -> None:
        self._rack, self._heard = rack, rack
        self._table = rack.table
        self._callback = native_callback()
        self._seen = (0, time.monotonic())
        with ExitStack() as held:
            held.enter_context(devices.stream_open())
            self._stream = self._open(devices.portaudio(), choice)
            self._held = held.pop_all()
        self.block = int(self._stream.blocksize) or choice.block

    def _open(self, sd: Any, choice: DeviceChoice) -> Any:
        try:
            found = devices.find(sd, choice)
            self.name, self._is_jack = found.name, found.is_jack
            try:
                return self._start(sd, choice, found)
            except sd.PortAudioError:
                if found.input is None:
                    raise
                return self._start(sd, choice, devices.without_input(found))
        except sd.PortAudioError as error:
            raise DeviceError(
                f"The audio device '{choice.name or 'default'}' cannot be opened"
                f" at {choice.sample_rate} Hz with {choice.block} frames.",
                "Choose another rate, block or device in the settings.",
                str(error),
            ) from error

    def _start(self, sd: Any, choice: DeviceChoice, found: devices.FoundDevice) -> Any:
        """Open and start a stream whose callback is compiled code."""
        self._wiring = (
            found.inputs, found.outputs, choice.input_channel - 1, choice.output_channel - 1, choice.outputs,
        )  # fmt: skip
        self._rack.connect(*self._wiring)
        plays_only = found.input is None
        stream = sd._StreamBase(
            kind="output" if plays_only else "duplex",
            samplerate=choice.sample_rate,
            blocksize=choice.block,
            device=found.output if plays_only else (found.input, found.output),
            channels=found.outputs if plays_only else (found.inputs, found.outputs),
            dtype="float32",
            latency="low",
            callback=sd._ffi.cast("PaStreamCallback *", self._callback.address),
            userdata=sd._ffi.cast("void *", address(self._table)),
        )
        try:
            stream.start()
        except sd.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        return stream

    @property
    def latency_seconds(self) -> float | None:
        """From the input to the output as the device reports it; None where that cannot be."""
        told = self._stream.latency
        whole = float(sum(told)) if isinstance(told, tuple) else float(told)
        return whole if 0.0 < whole < _MOST_LATENCY_SECONDS else None

    @property
    def can_sleep(self) -> bool:
        """Whether a stream that stands still has to be waited for: closing it would wait, too."""
        return self._is_jack and bool(self._stream.active)

    def fall_asleep(self) -> None:
        """Have the stream play another, silent rack from now on, should it wake up."""
        devices.note_sleep()
        rate = int(self._stream.samplerate)
        self._rack = Rack(rate)
        self._rack.connect(*self._wiring)
        self._table[:] = self._rack.table

    def is_awake(self) -> bool:
        """Whether blocks have come since it fell asleep."""
        return bool(observe(self._rack.ints, desk.BLOCKS) > 0)

    def has_ended(self) -> bool:
        """Whether it will never wake up."""
        return not bool(self._stream.active)

    def wake(self) -> None:
        """Play the rack again that was played before. Only while nothing drives that one."""
        self._heard.connect(*self._wiring)
        self._rack = self._heard
        self._table[:] = self._rack.table
        self._seen = (observe(self._rack.ints, desk.BLOCKS), time.monotonic())

    def leave(self) -> None:
        """Let go of a stream that sleeps, without waiting for it."""
        _left_behind.append(self)

    def is_alive(self) -> bool:
        """False once the device has ended the stream or has been still for two seconds."""
        blocks, now = observe(self._rack.ints, desk.BLOCKS), time.monotonic()
        if blocks != self._seen[0]:
            self._seen = (blocks, now)
        return bool(self._stream.active) and now - self._seen[1] < _STALLED_SECONDS

    def close(self) -> None:
        """End the stream at once; a device that is gone is no error any more."""
        if self._is_jack and not self._stream.active:
            devices.abandon_jack()
            _left_behind.append(self)
            return
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)
        self._held.close()
