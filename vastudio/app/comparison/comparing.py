"""Clean, target and model side by side: the same stretch three times, measured and matched in loudness."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from vastudio.app.comparison.pair import Pair
from vastudio.audio import metrics
from vastudio.audio.level import integrated_loudness
from vastudio.audio.resample import resample
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.types import Audio, KnobValues

LOUDEST_GAIN_DB = 30.0
"""Level matching never amplifies by more: a nearly silent signal is not blown up."""


@dataclass(frozen=True)
class ComparisonMetrics:
    """How far the model is from the target; definitions in `audio.metrics`. LUFS may be −inf."""

    esr: float
    null_depth_db: float
    mr_stft: float
    complex_stft: float
    mae: float
    dc: float
    mfcc_distance: float
    predicted_mushra: float
    loudness_difference: float
    clean_lufs: float
    target_lufs: float
    model_lufs: float


@dataclass(frozen=True)
class MatchGains:
    """Gains in dB that bring clean, target and model to the same BS.1770 loudness."""

    clean: float
    target: float
    model: float


@dataclass(frozen=True, eq=False)
class Rendering:
    """A pair and what a model makes of its clean signal, not measured yet: enough to draw and to hear.

    Attributes
    ----------
    knobs:
        Where the model's knobs stood, in the units of the dials.
    model:
        The model's output (frames,), as long as the pair and at its rate.
    """

    pair: Pair
    model_name: str
    knobs: dict[str, float]
    model: Audio

    @property
    def clean(self) -> Audio:
        """What went into device and model."""
        return self.pair.clean

    @property
    def target(self) -> Audio:
        """What came out of the device."""
        return self.pair.target

    @property
    def sample_rate(self) -> int:
        """Hz, of all three."""
        return self.pair.sample_rate

    @property
    def capture(self) -> str:
        """The pair's capture."""
        return self.pair.capture

    @property
    def clip(self) -> int:
        """The pair's clip."""
        return self.pair.clip

    @cached_property
    def difference(self) -> Audio:
        """Model − target: what is left when one is subtracted from the other."""
        return np.subtract(self.model, self.target)


@dataclass(frozen=True, eq=False)
class Comparison(Rendering):
    """A rendering, and what was measured of it."""

    metrics: ComparisonMetrics
    gains: MatchGains


def compare(model: PlayableModel, pair: Pair, values: KnobValues) -> Comparison:
    """Render a pair's clean signal with the model's knobs at `values` and measure it against the target.

    The two stages `render_pair` and `measure_rendering` in one. Raises KnobError when `values` do not fit the
    model.
    """
    return measure_rendering(render_pair(model, pair, values))


def render_pair(model: PlayableModel, pair: Pair, values: KnobValues) -> Rendering:
    """Render a pair's clean signal with the model's knobs at `values`.

    A model that runs at another rate than the pair hears the clean signal resampled, and its output comes
    back resampled (−97 dB or better below the music; nothing above the lower of the two rates' half).

    Raises
    ------
    KnobError
        When `values` do not fit the model.
    """
    theirs, ours = pair.sample_rate, model.sample_rate
    output = render(model, resample(pair.clean, theirs, ours), values)
    if theirs != ours:
        output = _as_long_as(pair.clean, resample(output, ours, theirs))
    return Rendering(pair, model.name, dict(values), output)


def measure_rendering(rendering: Rendering, *, quick: bool = False) -> Comparison:
    """Measure what was rendered.

    Parameters
    ----------
    quick:
        Leave out what compares spectra, which takes longer than the rendering on minutes of audio; these
        metrics are nan then.
    """
    signals = (rendering.clean, rendering.target, rendering.model)
    measured = measure_clips([signals], rendering.sample_rate, quick=quick)
    gains = match_gains(measured.clean_lufs, measured.target_lufs, measured.model_lufs)
    return Comparison(rendering.pair, rendering.model_name, rendering.knobs, rendering.model, measured, gains)


def measure(clean: Audio, target: Audio, model: Audio, rate: int) -> ComparisonMetrics:
    """All metrics of one aligned stretch."""
    return measure_clips([(clean, target, model)], rate)


def measure_clips(
    clips: Sequence[tuple[Audio, Audio, Audio]], rate: int, *, quick: bool = False
) -> ComparisonMetrics:
    """All metrics of clean, target and model of several clips together.

    Clips count as one signal, one after the other; only the distances of spectra are means over the clips.
    With `quick` the metrics that compare spectra are nan.
    """
    clean, target, model = (
        parts[0] if len(parts) == 1 else np.concatenate(parts) for parts in zip(*clips, strict=True)
    )
    distance = math.nan if quick else metrics.mfcc_distance(target, model, rate)
    lufs = [integrated_loudness(signal, rate) for signal in (clean, target, model)]
    return ComparisonMetrics(
        esr=metrics.esr(target, model),
        null_depth_db=metrics.null_depth_db(target, model),
        mr_stft=math.nan if quick else _mean_over(clips, metrics.mr_stft),
        complex_stft=math.nan if quick else _mean_over(clips, metrics.complex_stft),
        mae=metrics.mae(target, model),
        dc=metrics.dc(target, model),
        mfcc_distance=distance,
        predicted_mushra=metrics.predicted_mushra(distance),
        loudness_difference=0.0 if lufs[1] == lufs[2] else abs(lufs[2] - lufs[1]),
        clean_lufs=lufs[0],
        target_lufs=lufs[1],
        model_lufs=lufs[2],
    )


def _mean_over(clips: Sequence[tuple[Audio, Audio, Audio]], metric: Callable[[Audio, Audio], float]) -> float:
    return float(np.mean([metric(target, model) for _, target, model in clips]))


def match_gains(clean_lufs: float, target_lufs: float, model_lufs: float) -> MatchGains:
    """Gains that bring clean and model to the target's loudness; without a target, clean to the model's.

    A silent signal gets no gain, and none gets more than `LOUDEST_GAIN_DB`.
    """
    reference = target_lufs if math.isfinite(target_lufs) else model_lufs
    return MatchGains(
        _gain(clean_lufs, reference), _gain(target_lufs, reference), _gain(model_lufs, reference)
    )


def _gain(lufs: float, reference: float) -> float:
    if not (math.isfinite(lufs) and math.isfinite(reference)):
        return 0.0
    return min(reference - lufs, LOUDEST_GAIN_DB)


def _as_long_as(reference: Audio, x: Audio) -> Audio:
    """`x` cut or padded by the sample or two that resampling there and back may differ."""
    return np.pad(x, (0, max(0, len(reference) - len(x))))[: len(reference)]
