"""A session's takes beside each other: a gain that was nudged, a plug turned round, a delay that changed.

What comparing needs of a take is measured once and kept in memory; a session that is opened again reads it
from the recordings when the next take is compared with them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from vastudio.audio import io
from vastudio.audio.transfer import measure_transfer
from vastudio.capture.session_state import SessionState, Slot
from vastudio.dataset import beside
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.checks import Reviewed, judge_takes
from vastudio.dataset.manifest import Finding
from vastudio.dataset.takes import Take
from vastudio.errors import DatasetError, StudioError
from vastudio.types import Knob


class SessionBeside:
    """Compares the takes of the session in `folder`, recorded with `knobs` at `rate` Hz."""

    def __init__(self, folder: Path, knobs: Sequence[Knob], rate: int) -> None:
        self._folder = folder
        self._knobs = tuple(knobs)
        self._rate = rate
        self._known: dict[str, Reviewed] = {}
        self.findings: tuple[Finding, ...] = ()

    def recall(self) -> None:
        """Take over what the manifest on the disk says."""
        try:
            written = manifest_file.read(self._folder)
        except DatasetError:
            return
        codes = beside.codes()
        every = (finding for capture in written.captures for finding in capture.findings)
        self.findings = tuple(finding for finding in every if finding.code in codes)

    def judge(self, state: SessionState) -> None:
        """Look at all good takes of `state` anew."""
        takes = [self._reviewed(place, slot) for place, slot in enumerate(state.slots)]
        self.findings = judge_takes([take for take in takes if take is not None])

    def _reviewed(self, place: int, slot: Slot) -> Reviewed | None:
        """One position's newest take; None where there is none that is good, or it cannot be read."""
        take = slot.take
        if take is None or not take.is_usable or slot.status == "rejected":
            return None
        if take.clip.output not in self._known:
            try:
                self._known[take.clip.output] = self._measured(f"{place:03d}", slot, take)
            except StudioError:
                return None
        return self._known[take.clip.output]

    def _measured(self, capture: str, slot: Slot, take: Take) -> Reviewed:
        clip, levels, values = take.clip, take.clip.measured, slot.position.values
        clean, _ = io.read(self._folder / clip.input, clip.input_start, clip.frames)
        target, _ = io.read(self._folder / clip.output, clip.output_start, clip.frames)
        return Reviewed(
            capture=capture,
            clip=0,
            knobs={knob.name: knob.normalised(values.get(knob.name, knob.default)) for knob in self._knobs},
            values=dict(values),
            alignment=take.alignment,
            transfer=measure_transfer(clean, target, self._rate, take.alignment.correlation_lag),
            input_db=-math.inf if levels.input_rms_db is None else levels.input_rms_db,
            output_db=-math.inf if levels.rms_db is None else levels.rms_db,
            previous=None,
        )
