"""The built-in amplifier circuit, recorded at planned knob positions: a dataset without any equipment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vastudio.audio.capture_signal import capture_signal
from vastudio.capture.plan import KnobPlan, plan_knobs
from vastudio.capture.record import RecordingEvent, record_plan
from vastudio.capture.source import Request, Source, build_source
from vastudio.dataset.store import Dataset
from vastudio.types import Audio

SOURCE = "virtual"


def virtual_amp() -> Source:
    """The built-in amplifier as a capture source."""
    return build_source(SOURCE, Request())


def capture_demo_dataset(
    out: Path,
    on_progress: Callable[[RecordingEvent], None] | None = None,
    *,
    plan: KnobPlan | None = None,
    signal: Audio | None = None,
) -> Dataset:
    """Record the virtual amp at planned positions into the new dataset folder `out`.

    By default four corners, the centre and 8 positions between them for training, 4 for validation,
    20 s each. Raises OutputError when `out` exists already or cannot be written.
    """
    source = virtual_amp()
    plan = plan or plan_knobs(source.knobs)
    return record_plan(source, plan, capture_signal() if signal is None else signal, out, on_progress)
