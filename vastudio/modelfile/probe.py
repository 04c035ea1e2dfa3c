"""What a probe after training leaves in a .vamodel: how the model behaves beyond its error.

These dataclasses are both the inside and the header: pydantic checks them when a file is read. Levels are
finite: silence is written as `FLOOR_DBFS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ConfigDict

FLOOR_DBFS = -200.0
"""What stands for silence: far below what single precision can hold beside a sound."""

RESIDUE_SECONDS = (0.1, 1.0, 5.0)
"""When, after the end of the music, the residue is measured."""

_CHECKS = ConfigDict(extra="ignore", allow_inf_nan=False)


@dataclass(frozen=True)
class Latency:
    """How late the output is against the input.

    Attributes
    ----------
    samples:
        Sub-sample; negative when the model is early.
    inverted:
        The output has the opposite polarity.
    confidence:
        0..1; below 0.75 the device disperses, the delay is good to a few samples and the polarity a guess.
    """

    __pydantic_config__ = _CHECKS

    samples: float
    inverted: bool
    confidence: float


@dataclass(frozen=True)
class ProbedPosition:
    """The model at rest, playing, and falling quiet, at one knob position.

    Attributes
    ----------
    rest_dc_dbfs, rest_noise_dbfs:
        Mean of the output and root mean square of the rest of it, before anything is played.
    rms_dbfs, peak_dbfs, loudness_lufs:
        Level of the output for the standard phrase, which is at −18 dBFS RMS.
    residue_dbfs:
        Root mean square beside the mean at `RESIDUE_SECONDS` after the end of the phrase.
    residue_dc_dbfs:
        Mean at the last of these times.
    """

    __pydantic_config__ = _CHECKS

    knobs: Mapping[str, float]
    rest_dc_dbfs: float
    rest_noise_dbfs: float
    rms_dbfs: float
    peak_dbfs: float
    loudness_lufs: float
    residue_dbfs: tuple[float, ...]
    residue_dc_dbfs: float


@dataclass(frozen=True)
class Match:
    """The model beside one recording of its target.

    Attributes
    ----------
    delay_samples:
        How much later the model is than the target; negative when it is earlier.
    level_db:
        How much louder it is, by root mean square beside the mean, which `dc` measures.
    confidence:
        0..1, of delay and polarity: low where model and target have little in common.
    """

    __pydantic_config__ = _CHECKS

    knobs: Mapping[str, float]
    delay_samples: float
    inverted: bool
    level_db: float
    confidence: float


@dataclass(frozen=True)
class Probe:
    """Everything that is probed in seconds: latency at the centre of the dials, the rest at every corner too.

    Attributes
    ----------
    matches:
        One for each recording it was held against; empty without recordings.
    """

    __pydantic_config__ = _CHECKS

    latency: Latency
    positions: tuple[ProbedPosition, ...]
    matches: tuple[Match, ...] = ()
