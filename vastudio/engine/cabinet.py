"""A loudspeaker cabinet: a recorded impulse response, made ready to be played through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio import io
from vastudio.audio.level import k_weighting
from vastudio.audio.resample import resample
from vastudio.errors import AudioFileError, KnobError
from vastudio.kernels import convolution
from vastudio.kernels.partitions import MAX_TAPS
from vastudio.kernels.voice import Floats, Program
from vastudio.types import Audio

Doubles = npt.NDArray[np.float64]

LONGEST_SECONDS = 10.0
"""What a file may hold: more is music, not an impulse response."""

SHORTEST_LIMIT_SECONDS = 0.005

_SILENCE = 1e-6
_START_DB = -40.0
"""Where a response begins, below its peak: so high that the resampler's ringing makes no delay."""

_TAIL_DB = -90.0
"""The response ends where what is left of its energy is this far below the whole."""

_FADE_SECONDS = 0.005
_PAD_SECONDS = 0.01
"""Room for the resampler's ringing before the first sample."""

_LOWEST_HZ, _HIGHEST_HZ = 80.0, 8000.0
"""The band of a guitar."""

_PHASE_FLOOR_DB = -120.0


@dataclass(frozen=True, eq=False)
class Cabinet:
    """An impulse response and how it is to be used.

    Attributes
    ----------
    response:
        Mono, shape (frames,), or (frames, channels), which are mixed.
    rate:
        Its sample rate in Hz.
    name:
        What error messages call it.
    trimmed:
        Leave the silence before the response out.
    minimum_phase:
        Keep the sound and let everything arrive as early as it can: responses can be mixed.
    levelled:
        Keep the loudness of a guitar as it is without the cabinet; otherwise the response's own gain counts.
    limit_seconds:
        Where the response is faded out at the latest, 0.005 to 10.

    Raises
    ------
    AudioFileError
        When the response is empty, silent, not a number somewhere, or longer than 10 s.
    KnobError
        When the limit is out of its range.
    """

    response: Floats
    rate: int
    name: str = "The impulse response"
    trimmed: bool = True
    minimum_phase: bool = False
    levelled: bool = True
    limit_seconds: float = 1.0

    def __post_init__(self) -> None:
        _check(self.response, self.rate, self.name)
        if not SHORTEST_LIMIT_SECONDS <= self.limit_seconds <= LONGEST_SECONDS:
            raise KnobError(
                f"A cabinet cannot be limited to {self.limit_seconds:g} s.",
                f"The range is {SHORTEST_LIMIT_SECONDS:g} to {LONGEST_SECONDS:g} s.",
            )

    @property
    def glides(self) -> bool:
        """Cabinets crossfade."""
        return False

    def program(self, sample_rate: int) -> Program:
        """Return what plays the cabinet at `sample_rate` in Hz."""
        return convolution.program(taps(self, sample_rate).size)

    def packed(self, sample_rate: int) -> Floats:
        """Return the response as the program takes it."""
        return convolution.pack(taps(self, sample_rate))


def load(
    path: Path,
    *,
    trimmed: bool = True,
    minimum_phase: bool = False,
    levelled: bool = True,
    limit_seconds: float = 1.0,
) -> Cabinet:
    """Read an impulse response from an audio file; arguments as in `Cabinet`.

    Raises
    ------
    AudioFileError
        When the file is missing, not audio, empty, silent, longer than 10 s, or holds samples that are not
        numbers.
    """
    info = io.probe(path)
    if info.frames > LONGEST_SECONDS * info.rate:  # before it is read
        raise _too_long(str(path), info.frames / info.rate)
    response, rate = io.read_channels(path)
    return Cabinet(response, rate, str(path), trimmed, minimum_phase, levelled, limit_seconds)


def _check(response: Floats, rate: int, name: str) -> None:
    if response.ndim not in (1, 2) or not response.size:
        raise AudioFileError(f"{name} holds no samples.", "Choose another impulse response.")
    if not np.isfinite(response).all():
        raise AudioFileError(
            f"{name} holds samples that are not numbers.", "Export it again from the program that made it."
        )
    if len(response) > LONGEST_SECONDS * rate:
        raise _too_long(name, len(response) / rate)
    if np.max(np.abs(_mixed(response))) < _SILENCE:
        raise AudioFileError(f"{name} is silent.", "Choose another impulse response.")


def _too_long(name: str, seconds: float) -> AudioFileError:
    return AudioFileError(
        f"{name} is {seconds:.1f} s long: no impulse response of a cabinet.",
        f"Choose a file of at most {LONGEST_SECONDS:g} s.",
    )


@lru_cache(maxsize=4)
def taps(cabinet: Cabinet, sample_rate: int) -> Audio:
    """Return the impulse response as it is played at `sample_rate` in Hz, shape (taps,).

    Mixed to mono, resampled, trimmed, of minimum phase and levelled as the cabinet wants it, cut where the
    rest is 90 dB below the whole, and no longer than the limit and than the kernel can play.
    """
    h, begin = _resampled(_mixed(cabinet.response), cabinet.rate, sample_rate)
    h = h[_first_sound(h) if cabinet.trimmed else begin :]
    if cabinet.minimum_phase:
        h = of_minimum_phase(h)
    h = _limited(h[: _end(h)], sample_rate, min(cabinet.limit_seconds, MAX_TAPS / sample_rate))
    if cabinet.levelled:
        h = h / guitar_gain(h, sample_rate)
    ready = h.astype(np.float32)
    ready.flags.writeable = False
    return ready


def _mixed(response: Floats) -> Doubles:
    """Return the mean of the channels."""
    return np.asarray(response.reshape(len(response), -1).mean(axis=1, dtype=np.float64))


def _resampled(h: Doubles, from_rate: int, to_rate: int) -> tuple[Doubles, int]:
    """Convert the rate, keeping the gain; return with it where the first sample has gone.

    Before it is what the resampler's filter makes ring.
    """
    if from_rate == to_rate:
        return h, 0
    whole = from_rate // math.gcd(from_rate, to_rate)  # so many frames are a whole number at both rates
    pad = whole * math.ceil(_PAD_SECONDS * from_rate / whole)
    converted = resample(np.pad(h, (pad, pad)).astype(np.float32), from_rate, to_rate).astype(np.float64)
    # A sample of an impulse response stands for the time that it covers.
    return converted * (from_rate / to_rate), pad * to_rate // from_rate


def _first_sound(h: Doubles) -> int:
    size = np.abs(h)
    return int(np.argmax(size >= size.max() * 10.0 ** (_START_DB / 20.0)))


def _end(h: Doubles) -> int:
    """Return how many samples hold all but the inaudible rest of the energy."""
    left = np.cumsum(h[::-1] ** 2)[::-1]
    return int(np.count_nonzero(left > left[0] * 10.0 ** (_TAIL_DB / 10.0)))


def _limited(h: Doubles, sample_rate: int, seconds: float) -> Doubles:
    """Cut at the limit, with a raised-cosine fade before it."""
    most = int(seconds * sample_rate)
    if h.size <= most:
        return h
    fade = min(round(_FADE_SECONDS * sample_rate), most // 2)
    cut = h[:most].copy()
    cut[most - fade :] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    return cut


def of_minimum_phase(h: Doubles) -> Doubles:
    """Return the response of the same magnitude at all frequencies whose energy comes soonest, same length.

    By the real cepstrum: its part of negative time is folded onto that of positive time (A. Oppenheim and
    R. Schafer, "Discrete-Time Signal Processing", 3rd ed., section 13.5.3).
    """
    size = scipy.fft.next_fast_len(16 * h.size, real=True)
    size += size % 2
    magnitude = np.abs(scipy.fft.rfft(h, size))
    floor = magnitude.max() * 10.0 ** (_PHASE_FLOOR_DB / 20.0)
    cepstrum = scipy.fft.irfft(np.log(np.maximum(magnitude, floor)), size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    return np.asarray(scipy.fft.irfft(np.exp(scipy.fft.rfft(cepstrum, size)), size)[: h.size])


def guitar_gain(h: Doubles, sample_rate: int) -> float:
    """Return the factor by which `h` changes the loudness of a guitar.

    The guitar is pink noise from 80 Hz to 8 kHz; loudness is power weighted after ITU-R BS.1770.
    """
    size = scipy.fft.next_fast_len(max(h.size, sample_rate), real=True)
    hertz = scipy.fft.rfftfreq(size, 1.0 / sample_rate)
    band = (hertz >= _LOWEST_HZ) & (hertz <= _HIGHEST_HZ)
    _, weighting = scipy.signal.sosfreqz(k_weighting(sample_rate), hertz[band], fs=sample_rate)
    power = np.abs(weighting) ** 2 / hertz[band]
    response = np.abs(scipy.fft.rfft(h, size)[band]) ** 2
    return math.sqrt(float(np.sum(power * response) / np.sum(power)))
