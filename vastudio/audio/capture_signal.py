"""What is played through a device to learn it: about 20 seconds that visit its levels and frequencies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy

from vastudio.audio import phrase
from vastudio.audio.level import from_db
from vastudio.audio.stimulus import log_sweep
from vastudio.types import STANDARD_RATE, Audio

_BURSTS_DB = (-30.0, -18.0, -8.0)


def capture_signal(rate: int = STANDARD_RATE) -> Audio:
    """Return the standard signal, peaks at −6 dBFS, equal on every call.

    Silence, noise bursts rising in level, a sweep, a riff as loud as one plays, strummed chords 14 dB
    softer, a bass line, silence. Silence at both ends shows a device's noise and lets it settle.
    """
    silence = np.zeros(rate // 2, np.float32)
    riff, chords, bass = (phrase.render(score, rate) for score in (phrase.RIFF, phrase.CHORDS, phrase.BASS))
    parts = [
        silence,
        *(_burst(level, rate, seed) for seed, level in enumerate(_BURSTS_DB)),
        log_sweep(2.0, rate) * np.float32(from_db(-12.0)),
        riff,
        _excerpt(chords, 2.7, rate) * np.float32(from_db(-14.0)),
        _excerpt(bass, 1.9, rate),
        silence,
    ]
    return np.concatenate(parts)


def _burst(level_db: float, rate: int, seed: int) -> Audio:
    """Return 0.4 s of noise falling by 3 dB per octave, peak `level_db`, and 0.1 s of silence."""
    frames = int(0.4 * rate)
    hertz = np.fft.rfftfreq(frames, 1.0 / rate)
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    noise: npt.NDArray[np.float64] = np.fft.irfft(white * np.sqrt(50.0 / np.maximum(hertz, 50.0)), frames)
    noise *= scipy.signal.windows.tukey(frames, 0.1)
    noise *= from_db(level_db) / np.max(np.abs(noise))
    return np.concatenate([noise, np.zeros(rate // 10)]).astype(np.float32)


def _excerpt(audio: Audio, seconds: float, rate: int) -> Audio:
    """Return the beginning, faded in over 5 ms and out over 100 ms."""
    part = audio[: int(seconds * rate)].copy()
    fade_in, fade_out = rate // 200, rate // 10
    part[:fade_in] *= np.linspace(0.0, 1.0, fade_in, dtype=np.float32)
    part[-fade_out:] *= np.linspace(1.0, 0.0, fade_out, dtype=np.float32)
    return part
