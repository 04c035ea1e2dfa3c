"""Clean, target and model side by side: the same stretch three times, measured and matched in loudness."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vastudio.app.evaluate import check_match
from vastudio.audio import metrics
from vastudio.audio.level import integrated_loudness
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import DatasetError
from vastudio.types import Audio, KnobValues

LOUDEST_GAIN_DB = 30.0
"""Level matching never amplifies by more: a nearly silent signal is not blown up."""


@dataclass(frozen=True)
class ComparisonMetrics:
    """How far the model is from the target; definitions in `audio.metrics`. LUFS may be −inf."""

    esr: float
    null_depth_db: float
    mr_stft: float
    mae: float
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


@dataclass(frozen=True)
class Comparison:
    """One clip three times, each (frames,), and what was measured."""

    capture: str
    clip: int
    knobs: dict[str, float]
    sample_rate: int
    clean: Audio
    target: Audio
    model: Audio
    metrics: ComparisonMetrics
    gains: MatchGains


def compare(
    model: PlayableModel, dataset: Dataset, capture_id: str, clip_index: int, values: KnobValues
) -> Comparison:
    """Render a clip of the dataset with the model's knobs at `values` and measure it against the target.

    Raises
    ------
    DatasetError
        When model and dataset do not belong together, or the capture or clip does not exist.
    KnobError
        When `values` do not fit the model.
    """
    check_match(model, dataset)
    clips = dataset.capture(capture_id).clips
    if not 0 <= clip_index < len(clips):
        raise DatasetError(f"Capture {capture_id} has no clip {clip_index}.", f"It has {len(clips)}.")
    clean, target = dataset.read_clip(clips[clip_index])
    output = render(model, clean, values)
    measured = measure(clean, target, output, dataset.sample_rate)
    gains = match_gains(measured.clean_lufs, measured.target_lufs, measured.model_lufs)
    return Comparison(
        capture_id, clip_index, dict(values), dataset.sample_rate, clean, target, output, measured, gains
    )


def measure(clean: Audio, target: Audio, model: Audio, rate: int) -> ComparisonMetrics:
    """All metrics of one aligned stretch."""
    distance = metrics.mfcc_distance(target, model, rate)
    return ComparisonMetrics(
        esr=metrics.esr(target, model),
        null_depth_db=metrics.null_depth_db(target, model),
        mr_stft=metrics.mr_stft(target, model),
        mae=metrics.mae(target, model),
        mfcc_distance=distance,
        predicted_mushra=metrics.predicted_mushra(distance),
        loudness_difference=metrics.loudness_difference(target, model, rate),
        clean_lufs=integrated_loudness(clean, rate),
        target_lufs=integrated_loudness(target, rate),
        model_lufs=integrated_loudness(model, rate),
    )


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
