"""Playing a signal through an audio device and recording what comes back, in one pass.

Activities: PortAudio's thread runs the compiled callback (`kernels.duplex`), which copies between the device
and memory that was there before and does nothing else. The calling thread sleeps, looks where the callback
is, and notices when a device has ended or stands still.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from vastudio.engine import devices
from vastudio.engine.devices import DeviceChoice, FoundDevice
from vastudio.errors import DeviceError, did_you_mean
from vastudio.kernels import duplex
from vastudio.kernels.duplex import native_duplex
from vastudio.kernels.memory import address, aligned, observe
from vastudio.port import Duplex, Wiring
from vastudio.types import Audio

_LOOK_SECONDS = 0.03
_STALLED_SECONDS = 2.0

_left_behind: list[object] = []
"""Streams that cannot be closed any more, with the memory they know."""


class PortAudioPort:
    """The computer's audio devices, for capturing (`vastudio.port.AudioPort`)."""

    def check(self, wiring: Wiring) -> str:
        """Return the names of the devices that would be used. Raises DeviceError when one is missing."""
        with devices.stream_open():
            output, source = _find(devices.portaudio(), wiring)
        return output.name if source == output.name else f"{output.name} to {source}"

    def play_and_record(
        self, signal: Audio, wiring: Wiring, on_progress: Callable[[float, float], None]
    ) -> Duplex:
        """Play `signal` and record as many frames, from the same block on; see `AudioPort`."""
        return _run(signal, wiring, on_progress)

    def play(self, signal: Audio, wiring: Wiring, on_progress: Callable[[float, float], None]) -> None:
        """Play `signal` on the output of `wiring`; its input may be missing. Errors as `play_and_record`."""
        _run(signal, wiring, on_progress, deaf=True)


def _run(
    signal: Audio, wiring: Wiring, on_progress: Callable[[float, float], None], *, deaf: bool = False
) -> Duplex:
    with devices.stream_open():
        one_pass = _Pass(signal, wiring, deaf)
        try:
            one_pass.wait(on_progress)
        finally:
            one_pass.close()
    return one_pass.result()


class _Pass:
    """One stream, the memory that its callback works on, and how far it is."""

    def __init__(self, signal: Audio, wiring: Wiring, deaf: bool) -> None:
        self._played = np.ascontiguousarray(signal, np.float32)
        self._recorded = np.zeros_like(self._played)
        self._ints, self._peak = aligned(duplex.INTS, np.int64), aligned(1, np.float64)
        self._where = np.array([address(self._ints), address(self._peak)], np.int64)
        self._callback = native_duplex()
        self._is_jack = False
        self._stream = self._open(devices.portaudio(), wiring, deaf)

    def _open(self, sd: Any, wiring: Wiring, deaf: bool) -> Any:
        found, self._name = _find(sd, wiring, deaf)
        self._is_jack = found.is_jack
        channels = (found.inputs, max(found.outputs, wiring.output_channel))
        self._ints[[duplex.IN_CHANNELS, duplex.OUT_CHANNELS]] = channels
        self._ints[duplex.IN_CHANNEL] = wiring.input_channel - 1
        self._ints[duplex.OUT_CHANNEL] = wiring.output_channel - 1
        self._ints[duplex.FRAMES] = self._played.size
        self._ints[duplex.PLAYED] = address(self._played)
        self._ints[duplex.RECORDED] = address(self._recorded)
        stream = None
        try:
            stream = sd._StreamBase(
                kind="output" if deaf else "duplex",
                samplerate=wiring.sample_rate,
                blocksize=wiring.block,
                device=found.output if deaf else (found.input, found.output),
                channels=channels[1] if deaf else channels,
                dtype="float32",
                latency="high",
                callback=sd._ffi.cast("PaStreamCallback *", self._callback.address),
                userdata=sd._ffi.cast("void *", address(self._where)),
            )
            stream.start()
        except sd.PortAudioError as error:
            if stream is not None:
                stream.close(ignore_errors=True)
            raise DeviceError(
                f"'{found.name}' cannot be opened at {wiring.sample_rate} Hz with {wiring.block} frames.",
                "Choose another rate, block, channel or device.",
                str(error),
            ) from error
        return stream

    def wait(self, on_progress: Callable[[float, float], None]) -> None:
        """Return when everything is recorded. Raises DeviceError when the device ends or stands still."""
        seen, since = 0, time.monotonic()
        while (position := observe(self._ints, duplex.POSITION)) < self._played.size:
            blocks, now = observe(self._ints, duplex.BLOCKS), time.monotonic()
            if blocks != seen:
                seen, since = blocks, now
            if not self._stream.active or now - since > _STALLED_SECONDS:
                raise DeviceError(
                    f"The audio device '{self._name}' is gone.",
                    "Connect it again, then record this take again.",
                )
            on_progress(position / self._played.size, float(self._peak[0]))
            time.sleep(_LOOK_SECONDS)
        on_progress(1.0, float(self._peak[0]))

    def result(self) -> Duplex:
        """What was recorded."""
        return Duplex(self._recorded, int(self._ints[duplex.DROPOUTS]))

    def close(self) -> None:
        """End the stream at once; a JACK server that is gone takes it with it (see `devices`)."""
        if self._is_jack and not self._stream.active:
            devices.abandon_jack()
            _left_behind.append(self)
            return
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def _find(sd: Any, wiring: Wiring, deaf: bool = False) -> tuple[FoundDevice, str]:
    """The devices to open as PortAudio numbers them, and the name of the input; `deaf`: without one."""
    choice = DeviceChoice(
        wiring.host_api, wiring.output, wiring.sample_rate, wiring.block, wiring.input_channel
    )
    found = devices.find(sd, choice)
    if deaf:
        _check_channel(sd, "Output", found.output, wiring.output_channel)
        return devices.without_input(found), found.name
    if wiring.input not in ("", found.name):
        found = replace(found, input=_input(sd, wiring.input, found.output), inputs=0)
    if found.input is None:
        raise DeviceError(f"'{found.name}' has no input.", "Choose an input of the same kind.")
    _check_channel(sd, "Output", found.output, wiring.output_channel)
    inputs = _check_channel(sd, "Input", found.input, wiring.input_channel)
    return replace(found, inputs=inputs), sd.query_devices(found.input)["name"]


def _check_channel(sd: Any, kind: str, device: int, channel: int) -> int:
    """Return how many channels an `Input` or `Output` has. Raises DeviceError for one it does not have."""
    told = sd.query_devices(device)
    channels = int(told[f"max_{kind.lower()}_channels"])
    if not 1 <= channel <= channels:
        raise DeviceError(f"{kind} '{told['name']}' has no channel {channel}.", f"It has {channels}.")
    return channels


def _input(sd: Any, name: str, output: int) -> int:
    """An input by name, of the same host API as `output`: only those share a stream."""
    api = sd.query_devices(output)["hostapi"]
    for index, found in enumerate(sd.query_devices()):
        if (found["name"], found["hostapi"]) == (name, api) and found["max_input_channels"] > 0:
            return index
    known = [
        each["name"] for each in sd.query_devices() if each["hostapi"] == api and each["max_input_channels"]
    ]
    raise DeviceError(f"There is no input '{name}' beside that output.", did_you_mean(name, known))
