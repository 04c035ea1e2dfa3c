"""Levels in the world: what a sine at full scale is in dBu, measured, and what follows from it for a model.

0 dBu is 0.7746 V RMS. A model that knows at which level it was captured wants to be driven as its device was:
the same voltage at the socket has to become the same voltage at the model, whatever stands between.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vastudio.app.settings import AudioSettings
from vastudio.errors import StudioError

REFERENCE_VOLTS = math.sqrt(0.6)
"""RMS of 0 dBu: a milliwatt into 600 Ω."""

LOWEST_DBU, HIGHEST_DBU = -40.0, 40.0
QUIETEST_MEASURED_DB = -60.0
"""Below this peak, in dBFS, the noise of an input says more than the voltage at it."""

TONE_DB = -20.0
"""Peak, in dBFS, of the tones that are played: no harm to loudspeakers and ears."""


class CalibrationError(StudioError):
    """A level that cannot be measured."""


def dbu_of(volts: float) -> float:
    """Return the level in dBu of a voltage (RMS). Raises CalibrationError for one that is not above 0."""
    if not 0.0 < volts < math.inf:
        raise CalibrationError("The voltage must be above 0 V.", "Type what the meter shows, as RMS.")
    return 20.0 * math.log10(volts / REFERENCE_VOLTS)


def volts_of(dbu: float) -> float:
    """Return the voltage (RMS) of a level in dBu."""
    return REFERENCE_VOLTS * float(10.0 ** (dbu / 20.0))


def input_dbu(volts: float, peak_db: float) -> float:
    """Return the dBu of full scale at an input that shows a sine of `volts` RMS at `peak_db` dBFS.

    Raises CalibrationError when the sine is too quiet, clips, or gives a level that no input has.
    """
    if peak_db < QUIETEST_MEASURED_DB:
        raise CalibrationError(
            "The input hears next to nothing.", "Check cable and channel, and play the sine louder."
        )
    if peak_db > -0.1:
        raise CalibrationError("The input clips.", "Turn its gain or the sine down.")
    return _believable(dbu_of(volts) - peak_db)


def output_dbu(volts: float, peak_db: float = TONE_DB) -> float:
    """Return the dBu of full scale at an output at which a sine of `peak_db` dBFS measures `volts` RMS.

    Raises CalibrationError for a level that no output has.
    """
    return _believable(dbu_of(volts) - peak_db)


def _believable(dbu: float) -> float:
    if not LOWEST_DBU <= dbu <= HIGHEST_DBU:
        raise CalibrationError(
            f"That would be {dbu:.1f} dBu at full scale, which no interface has.",
            "Check the voltage (RMS, in volts) and the cable.",
        )
    return dbu


@dataclass(frozen=True)
class Driven:
    """By how much a level has to be turned so that the model is driven, or heard, as its device was.

    Attributes
    ----------
    level_db:
        For the trim in front of the model, or the level behind it; None where something is not known.
    lacks:
        What is not known: nothing, `model` or `device`.
    """

    level_db: float | None
    lacks: str = ""


def input_trim(audio: AudioSettings, levels: Mapping[str, float]) -> Driven:
    """Return the trim at which a model with these `levels` (`ModelFile.levels`) is driven as captured."""
    if "input_dbu" not in levels:
        return Driven(None, "model")
    if audio.input_dbu is None:
        return Driven(None, "device")
    return Driven(audio.input_dbu - levels["input_dbu"])


def output_level(audio: AudioSettings, levels: Mapping[str, float]) -> Driven:
    """Return the level at which the output puts out what the captured device did."""
    if "output_dbu" not in levels:
        return Driven(None, "model")
    if audio.output_dbu is None:
        return Driven(None, "device")
    return Driven(levels["output_dbu"] - audio.output_dbu)
