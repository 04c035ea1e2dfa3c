"""The sounds of a page: an excerpt of clean, target, model and null, made comparable and packed."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import soundfile

from vastudio.app.comparison.comparing import Comparison, Rendering, match_gains
from vastudio.app.comparison.timeline import error_over_time
from vastudio.audio.level import from_db, gain_to_loudness, integrated_loudness
from vastudio.types import Audio

EXCERPT_SECONDS = 8.0
LOUDEST_NULL_DB = 60.0
"""The null is never raised by more."""

_PEAK = from_db(-1.0)


@dataclass(frozen=True, eq=False)
class Excerpt:
    """What is heard of comparisons of one pair, all equally loud.

    Attributes
    ----------
    start_s, stop_s:
        Which stretch it is.
    clean, target:
        Each (frames,).
    models, nulls:
        Model, and model − target, of each comparison.
    null_gains_db:
        By how much each null was raised relative to the target as heard.
    """

    start_s: float
    stop_s: float
    sample_rate: int
    clean: Audio
    target: Audio
    models: tuple[Audio, ...]
    nulls: tuple[Audio, ...]
    null_gains_db: tuple[float, ...]


def excerpt(comparisons: list[Comparison], seconds: float = EXCERPT_SECONDS) -> Excerpt:
    """Cut the stretch around the worst second of the first comparison and match loudness (BS.1770).

    The null is the difference before matching, so that a difference of level is heard in it too, raised to
    the loudness of the target. One gain for all keeps the loudest sound 1 dB below full scale.
    """
    first = comparisons[0]
    rate, stretch = first.sample_rate, _stretch(first, seconds)
    clean, target = first.clean[stretch], first.target[stretch]
    wanted = integrated_loudness(target, rate)
    models = [item.model[stretch] for item in comparisons]
    gains = [
        match_gains(integrated_loudness(clean, rate), wanted, integrated_loudness(x, rate)) for x in models
    ]
    nulls = [np.subtract(x, target) for x in models]
    null_gains = [_null_gain(null, rate, wanted) for null in nulls]
    heard = [_raised(clean, gains[0].clean), target]
    heard += [_raised(x, gain.model) for x, gain in zip(models, gains, strict=True)]
    heard += [_raised(null, gain) for null, gain in zip(nulls, null_gains, strict=True)]
    loudest = max(float(np.max(np.abs(x), initial=0.0)) for x in heard)
    scale = np.float32(_PEAK / max(loudest, 1e-9))
    heard = [x * scale for x in heard]
    count = len(models)
    return Excerpt(
        stretch.start / rate, stretch.stop / rate, rate, heard[0], heard[1],
        tuple(heard[2 : 2 + count]), tuple(heard[2 + count :]), tuple(null_gains),
    )  # fmt: skip


def flac(audio: Audio, rate: int) -> bytes:
    """Return mono audio as a 16-bit FLAC file, which every browser plays; full scale is clipped."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(audio, -1.0, 1.0), rate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def _stretch(rendering: Rendering, seconds: float) -> slice:
    frames, rate = len(rendering.target), rendering.sample_rate
    length = min(round(seconds * rate), frames)
    middle = round((error_over_time(rendering).worst_second_s + 0.5) * rate)
    start = min(max(0, middle - length // 2), frames - length)
    return slice(start, start + length)


def _null_gain(null: Audio, rate: int, wanted: float) -> float:
    """Gain in dB that makes a null as loud as wanted; measured raised, where no gate leaves it out."""
    if not null.any() or not np.isfinite(wanted):
        return 0.0
    rest = gain_to_loudness(_raised(null, LOUDEST_NULL_DB), rate, wanted)
    return LOUDEST_NULL_DB if rest is None else min(LOUDEST_NULL_DB + rest, LOUDEST_NULL_DB)


def _raised(x: Audio, gain_db: float) -> Audio:
    return x * np.float32(from_db(gain_db))
