"""The audio devices of this computer, as PortAudio sees them.

PortAudio lists devices when it starts and never again: to see what was plugged in since, it has to be
started anew, which ends every open stream. `list_devices` therefore looks again only while the studio has
no stream open. Calls from different threads are put in line by a lock; the audio callback never comes here.

A JACK server that stands still makes everybody wait who asks it anything; closing a stream is asking. One
that ends takes its clients' threads with it: PortAudio then waits for ever on closing such a stream, and
stops the whole program on ending its session. A session with JACK in it is therefore ended only with the
program and while the server answers, and a stream whose server is gone is left behind.
"""

from __future__ import annotations

import atexit
import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from vastudio.errors import DeviceError
from vastudio.types import STANDARD_RATE

NO_LIBRARY = "The audio library PortAudio is missing: install it (Debian, Ubuntu: apt install libportaudio2)."
NO_DEVICES = "PortAudio found no audio device."

JACK_GONE = "The JACK server has ended."

_JACK_NO_START_SERVER = 1

_ANSWER_SECONDS = 1.0

_lock = threading.RLock()
_open_streams = 0
_jack_is_gone = False
_jack_slept = False


@dataclass(frozen=True)
class AudioDevice:
    """One device of one host API (ALSA, JACK, CoreAudio, WASAPI, …)."""

    host_api: str
    name: str
    inputs: int
    outputs: int
    default_rate: float
    is_default: bool = False


@dataclass(frozen=True)
class DeviceList:
    """What was found; `problem` is empty, or says why nothing was."""

    devices: tuple[AudioDevice, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class DeviceChoice:
    """What to open.

    Attributes
    ----------
    host_api, name:
        As listed; empty for the system's default.
    block:
        Frames of a block; 0 leaves it to the device.
    input_channel:
        The channel of the live input, counted from 1.
    output_channel, outputs:
        The first channel that sounds, counted from 1, and how many do: 1 or 2.
    """

    host_api: str = ""
    name: str = ""
    sample_rate: int = STANDARD_RATE
    block: int = 128
    input_channel: int = 1
    output_channel: int = 1
    outputs: int = 2


def portaudio() -> ModuleType:
    """Import sounddevice, which starts PortAudio. Raises DeviceError where the library is missing."""
    try:
        import sounddevice  # noqa: PLC0415  # starting PortAudio takes time and may fail: only when needed
    except (ImportError, OSError) as error:
        raise DeviceError(NO_LIBRARY, details=str(error)) from error
    module: ModuleType = sounddevice
    atexit.unregister(module._exit_handler)
    atexit.unregister(_end)
    atexit.register(_end, module)
    return module


def _end(sd: ModuleType) -> None:
    """End PortAudio's session with the program, unless that would stop it half-way."""
    if not _has_jack(sd) or (not _jack_is_gone and _jack_answers_soon()):
        sd._exit_handler()


def _jack_answers_soon() -> bool:
    """Whether a JACK server takes a new client within a second: one that is stopped lets everybody wait."""
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(_jack_answers()), name="JACK?", daemon=True)
    asking.start()
    asking.join(_ANSWER_SECONDS)
    return any(answers)


def _jack_answers() -> bool:
    """Whether a JACK server takes a new client; True where that cannot be tried."""
    try:
        library = ctypes.CDLL("libjack.so.0")
    except OSError:
        return True
    library.jack_client_open.restype = ctypes.c_void_p
    library.jack_client_close.argtypes = [ctypes.c_void_p]
    status = ctypes.c_int()
    client = library.jack_client_open(b"vastudio-probe", _JACK_NO_START_SERVER, ctypes.byref(status))
    if client:
        library.jack_client_close(client)
    return bool(client)


def _is_jack(host_api: str) -> bool:
    return "JACK" in host_api


def _has_jack(sd: ModuleType) -> bool:
    """Whether PortAudio's session is a client of a JACK server, perhaps of one that is gone."""
    return any(_is_jack(api["name"]) and api["devices"] for api in sd.query_hostapis())


def abandon_jack() -> None:
    """Remember that the JACK server is gone: nothing can be opened on it until the studio starts again."""
    global _jack_is_gone  # noqa: PLW0603  # PortAudio itself is global
    _jack_is_gone = True


def note_sleep() -> None:
    """Remember that a JACK server stood still: from now on it is asked first whether it answers."""
    global _jack_slept  # noqa: PLW0603  # PortAudio itself is global
    _jack_slept = True


@contextmanager
def stream_open() -> Iterator[None]:
    """Hold PortAudio as it is, for as long as a stream is open."""
    global _open_streams  # noqa: PLW0603  # PortAudio itself is global
    with _lock:
        _open_streams += 1
    try:
        yield
    finally:
        with _lock:
            _open_streams -= 1


def _look_again(sd: ModuleType) -> None:
    """Have PortAudio see what was connected since; nothing where a stream is open or JACK forbids it."""
    if _open_streams == 0 and not _has_jack(sd):
        sd._terminate()
        sd._initialize()


def is_connected(choice: DeviceChoice) -> bool:
    """Whether a device is there to be opened. Looks again, which may take a good part of a second."""
    with _lock:
        try:
            sd = portaudio()
            _look_again(sd)
            find(sd, choice)
        except DeviceError:
            return False
        except sd.PortAudioError:
            return False
    return True


def list_devices() -> DeviceList:
    """Return the devices that can play or record. Never raises: what went wrong is the list's `problem`."""
    with _lock:
        try:
            sd = portaudio()
        except DeviceError as error:
            return DeviceList(problem=error.message)
        try:
            _look_again(sd)
            devices = tuple(_devices(sd))
        except sd.PortAudioError as error:
            return DeviceList(problem=f"PortAudio cannot list the audio devices: {error}.")
    return DeviceList(devices, "" if devices else NO_DEVICES)


def _devices(sd: ModuleType) -> Iterator[AudioDevice]:
    apis = sd.query_hostapis()
    for index, found in enumerate(sd.query_devices()):
        api = apis[found["hostapi"]]
        yield AudioDevice(
            api["name"],
            found["name"],
            found["max_input_channels"],
            found["max_output_channels"],
            found["default_samplerate"],
            index == api["default_output_device"],
        )


@dataclass(frozen=True)
class FoundDevice:
    """A choice, resolved to PortAudio's numbers; `input` is None where the device has no such channel."""

    name: str
    is_jack: bool
    output: int
    outputs: int
    input: int | None
    inputs: int


def without_input(found: FoundDevice) -> FoundDevice:
    """The same device, for playing only."""
    return replace(found, input=None, inputs=0)


def find(sd: ModuleType, choice: DeviceChoice) -> FoundDevice:
    """Look a choice up among the devices. Raises DeviceError when it is not there or cannot play."""
    output = _index(sd, choice, "max_output_channels", default=1)
    played: dict[str, Any] = sd.query_devices(output)
    source = _input_index(sd, choice, output)
    inputs = sd.query_devices(source)["max_input_channels"] if source is not None else 0
    if choice.input_channel > inputs:
        source, inputs = None, 0
    is_jack = _is_jack(sd.query_hostapis(played["hostapi"])["name"])
    if is_jack and _jack_is_gone:
        raise DeviceError(JACK_GONE, "Start it again, then the studio.")
    if is_jack and _jack_slept and not _jack_answers_soon():
        raise DeviceError("The JACK server does not answer.", "Wait until it does, or choose another device.")
    outputs = played["max_output_channels"]
    if choice.output_channel > outputs:
        raise DeviceError(
            f"'{played['name']}' has no output {choice.output_channel}.",
            f"It has {outputs}: choose another one in the settings.",
        )
    opened = min(outputs, max(2, choice.output_channel + choice.outputs - 1))
    return FoundDevice(played["name"], is_jack, output, opened, source, inputs)


def _index(sd: ModuleType, choice: DeviceChoice, channels: str, default: int) -> int:
    if not choice.name:
        index = int(sd.default.device[default])
        if index < 0:
            raise DeviceError(NO_DEVICES, "Connect a device, or choose another one in the settings.")
        return index
    apis = sd.query_hostapis()
    for index, found in enumerate(sd.query_devices()):
        api = apis[found["hostapi"]]["name"]
        if found["name"] == choice.name and choice.host_api in ("", api) and found[channels] > 0:
            return index
    raise DeviceError(
        f"The audio device '{choice.name}' is not connected.", "Connect it, or choose another one."
    )


def _input_index(sd: ModuleType, choice: DeviceChoice, output: int) -> int | None:
    """The input of the chosen device itself, else the one of the same name, else the system's default."""
    if sd.query_devices(output)["max_input_channels"] > 0:
        return output
    try:
        return _index(sd, choice, "max_input_channels", default=0)
    except DeviceError:
        return None
