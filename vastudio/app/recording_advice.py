"""What a run tells about its recordings: which of them look wrong, and which positions are missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vastudio.app.knob_errors import next_positions, scores_of_run
from vastudio.app.runs import read_run
from vastudio.app.suspects import Suspect, suspicious_captures
from vastudio.dataset.store import Dataset
from vastudio.types import KnobValues


@dataclass(frozen=True)
class Advice:
    """Captures to look at, and positions to record next, the most useful first."""

    suspects: tuple[Suspect, ...] = ()
    record_next: tuple[KnobValues, ...] = ()

    @property
    def lines(self) -> Iterator[str]:
        """What to tell a person, line by line."""
        for suspect in self.suspects:
            yield suspect.message
        if self.record_next:
            places = (
                ", ".join(f"{name} {value:g}" for name, value in place.items()) for place in self.record_next
            )
            yield f"To get better, record next at: {'; '.join(places)}."


def advice_on(folder: Path, count: int = 3) -> Advice:
    """Advice from the run in `folder`, with at most `count` positions; none where it tells nothing.

    Raises
    ------
    DatasetError
        When the dataset is not where it was.
    """
    run = read_run(folder)
    scores = scores_of_run(run) if run is not None else ()
    if run is None or run.dataset_path is None or not scores:
        return Advice()
    dataset = Dataset.open(run.dataset_path)
    suspects = suspicious_captures(dataset.knobs, scores)
    doubtful = {suspect.score.capture for suspect in suspects}
    sound = [score for score in scores if score.capture not in doubtful]
    recorded = [capture.knobs for capture in dataset.captures()]
    return Advice(suspects, next_positions(dataset.knobs, sound, count, recorded=recorded))
