"""A session's manifest: the dataset as far as it is recorded, derived anew from all takes.

The takes agree on one latency and one polarity (`dataset.latency`); both are facts for reading, the files
stay as they were recorded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from vastudio.capture.session_file import Setup
from vastudio.capture.session_state import SessionState, Slot
from vastudio.dataset import latency, splits
from vastudio.dataset.importing import corrected
from vastudio.dataset.latency import Latency
from vastudio.dataset.manifest import AudioRecord, Capture, Finding, Manifest
from vastudio.types import Knob


def manifest_of(setup: Setup, knobs: Sequence[Knob], state: SessionState) -> Manifest:
    """Return the manifest of all takes that were checked; one with an error is in it, marked as unusable."""
    taken = [(place, slot) for place, slot in enumerate(state.slots) if slot.take is not None]
    usable = [slot.take.alignment for _, slot in taken if slot.take is not None and slot.take.is_usable]
    agreed = latency.settle(usable)
    captures = tuple(_capture(place, slot, agreed, setup.sample_rate) for place, slot in taken)
    if not any(slot.position.split == "validation" for slot in state.slots):
        captures = _with_ends_held_out(captures)
    return Manifest(
        device=setup.device,
        knobs=tuple(knobs),
        sample_rate=setup.sample_rate,
        captures=captures,
        audio=_files(taken),
        findings=agreed.findings() if usable else (),
        send_dbu=setup.send_dbu,
        return_dbu=setup.return_dbu,
    )


def capture_at(place: int, manifest: Manifest) -> Capture:
    """The capture of one position."""
    return next(capture for capture in manifest.captures if capture.id == _identity(place))


def _identity(place: int) -> str:
    return f"{place:03d}"


def _capture(place: int, slot: Slot, agreed: Latency, rate: int) -> Capture:
    assert slot.take is not None
    clip, found = corrected(slot.take, agreed, rate)
    identity = _identity(place)
    findings: tuple[Finding, ...] = tuple(
        dataclasses.replace(finding, capture=identity, clip=0) for finding in found
    )
    return Capture(identity, dict(slot.position.values), slot.position.split, (clip,), findings)


def _with_ends_held_out(captures: tuple[Capture, ...]) -> tuple[Capture, ...]:
    """Judge on the ends of the clips: the plan has no position for validation."""
    parts = splits.hold_out_ends(captures)
    usable = (capture for capture in captures if capture.usable_clips)
    ends = (
        dataclasses.replace(end, id=f"{capture.id}-end")
        for capture, end in zip(usable, parts[len(captures) :], strict=True)
    )
    return (*parts[: len(captures)], *ends)


def _files(taken: Sequence[tuple[int, Slot]]) -> tuple[AudioRecord, ...]:
    """Every file that a clip names, once."""
    records: dict[str, AudioRecord] = {}
    for _, slot in taken:
        newest = next(each for each in reversed(slot.attempts) if each.take is not None)
        records.update((record.path, record) for record in newest.audio)
    return tuple(records.values())
