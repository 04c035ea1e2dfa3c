"""What is known about a run's error over the knobs. Reads files: made in the pool, not in the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vastudio.app.knob_errors import PositionScore, next_positions, scores_of
from vastudio.app.suspects import Suspect, suspicious_captures
from vastudio.dataset.store import Dataset
from vastudio.training.events import Validated
from vastudio.training.run_files import read_settings
from vastudio.types import Knob, KnobValues
from vastudio.ui.widgets import numbers

_PROPOSALS = 3


@dataclass(frozen=True)
class ErrorPicture:
    """The knobs of the device, the error at its captures, and what follows from it."""

    knobs: tuple[Knob, ...]
    scores: tuple[PositionScore, ...]
    suspects: tuple[Suspect, ...] = ()
    record_next: tuple[KnobValues, ...] = ()


def read_picture(folder: Path, event: Validated) -> ErrorPicture:
    """The picture that a validation of the run in `folder` gives.

    Raises
    ------
    TrainingError, DatasetError
        When the folder is no run, or its dataset is not where it was.
    """
    dataset = Dataset.open(read_settings(folder).dataset)
    scores = scores_of(dataset, event)
    suspects = suspicious_captures(dataset.knobs, scores)
    doubtful = {suspect.score.capture for suspect in suspects}
    sound = [score for score in scores if score.capture not in doubtful]
    recorded = [capture.knobs for capture in dataset.captures()]
    proposals = next_positions(dataset.knobs, sound, _PROPOSALS, recorded=recorded)
    return ErrorPicture(dataset.knobs, scores, suspects, proposals)


def position_text(knobs: tuple[Knob, ...], values: KnobValues) -> str:
    """`Drive 0.70, Tone 0.30`."""
    return ", ".join(f"{knob.title} {numbers.knob_text(knob, values[knob.name])}" for knob in knobs)
