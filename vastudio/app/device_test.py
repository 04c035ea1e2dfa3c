"""Trying a device: a tone on one of its outputs, and how long a signal takes through a cable back into it.

Both open the device for themselves: whoever plays through it has to let go of it before. They block for as
long as it sounds; an exception from `on_progress` ends them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vastudio.app.calibration import TONE_DB
from vastudio.app.settings import AudioSettings
from vastudio.audio import align
from vastudio.audio.answer import measure_answer
from vastudio.audio.fade import faded_ends
from vastudio.audio.level import from_db
from vastudio.engine.duplex import PortAudioPort
from vastudio.errors import DeviceError
from vastudio.port import Wiring
from vastudio.types import Audio

OnProgress = Callable[[float, float], None]
"""Called with the share done and the newest peak at the input."""

TONE_HZ = 440.0
TONE_SECONDS = 1.5
LONG_TONE_SECONDS = 20.0
"""As long as it takes to read a voltmeter."""

_FADE_SECONDS = 0.05
_BEFORE_SECONDS, _NOISE_SECONDS, _AFTER_SECONDS = 0.6, 1.0, 1.2


@dataclass(frozen=True)
class RoundTrip:
    """How late what is played comes back.

    Attributes
    ----------
    inverted:
        With the opposite polarity.
    dropouts:
        Blocks lost meanwhile; with any, the figure is a guess.
    """

    samples: float
    sample_rate: int
    inverted: bool
    dropouts: int

    @property
    def milliseconds(self) -> float:
        """The same in time."""
        return 1e3 * self.samples / self.sample_rate


def tone(rate: int, seconds: float = TONE_SECONDS, hertz: float = TONE_HZ) -> Audio:
    """A sine of −20 dBFS, (frames,), fading in and out over 50 ms."""
    phase = 2.0 * np.pi * hertz / rate * np.arange(round(seconds * rate))
    return faded_ends((from_db(TONE_DB) * np.sin(phase)).astype(np.float32), round(_FADE_SECONDS * rate))


def play_tone(
    audio: AudioSettings, channel: int, on_progress: OnProgress, seconds: float = TONE_SECONDS
) -> None:
    """Play a tone on one output (counted from 1) of the device. Raises DeviceError."""
    PortAudioPort().play(tone(audio.sample_rate, seconds), _wiring(audio, channel), on_progress)


def burst(rate: int) -> Audio:
    """Silence, a second of noise up to −20 dBFS, the same every time, silence."""
    noise = np.random.default_rng(0).uniform(-1.0, 1.0, round(_NOISE_SECONDS * rate)) * from_db(TONE_DB)
    before, after = (np.zeros(round(s * rate), np.float32) for s in (_BEFORE_SECONDS, _AFTER_SECONDS))
    return np.concatenate([before, faded_ends(noise.astype(np.float32), round(_FADE_SECONDS * rate)), after])


def measure_round_trip(audio: AudioSettings, on_progress: OnProgress) -> RoundTrip:
    """Play noise on the first output in use and find it at the live input.

    Raises DeviceError, also when nothing comes back.
    """
    played = burst(audio.sample_rate)
    heard = PortAudioPort().play_and_record(played, _wiring(audio, audio.output_channel), on_progress)
    return judge(played, heard.audio, audio.sample_rate, heard.dropouts)


def judge(played: Audio, heard: Audio, rate: int, dropouts: int = 0) -> RoundTrip:
    """Find what was played in what was heard. Raises DeviceError when it is not in there."""
    found = align.measure(played, heard, rate)
    if not measure_answer(played, heard, rate).is_there or found.confidence < align.DISPERSIVE:
        raise DeviceError(
            "Nothing of the noise came back.",
            "Connect the output to the input with a cable, choose both channels, turn the input up.",
        )
    return RoundTrip(found.delay_samples, rate, found.inverted, dropouts)


def _wiring(audio: AudioSettings, channel: int) -> Wiring:
    return Wiring(
        audio.host_api, audio.device, "", channel, audio.input_channel, audio.sample_rate, audio.block
    )
