"""Beginning a capture session, or going on with one; adding positions to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vastudio.app.recording_advice import advice_on
from vastudio.audio import io
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import CapturePlan
from vastudio.capture.session import Session
from vastudio.capture.session_file import Setup, SourceChoice, is_session
from vastudio.capture.source import OptionValues, Request, Source, build_source, complete_options
from vastudio.capture.sources.files import KIND as FILES
from vastudio.capture.sources.files import laid_out
from vastudio.capture.stimuli import signal_for
from vastudio.engine.duplex import PortAudioPort
from vastudio.errors import CaptureError
from vastudio.types import Knob


@dataclass(frozen=True)
class Bench:
    """A session and the source it records from, neither of them open for recording yet."""

    session: Session
    source: Source


def source_for(choice: SourceChoice, knobs: Sequence[Knob] = (), device: str = "") -> Source:
    """Build a source on this computer. Raises CaptureError, KnobError."""
    return build_source(choice.kind, Request(tuple(knobs), choice.options, device, PortAudioPort()))


def set_up(plan: CapturePlan | None, out: Path, kind: str = "", options: OptionValues | None = None) -> Bench:
    """Begin a session in the new folder `out`, or go on with the one that is there.

    Parameters
    ----------
    plan:
        Needed for a new session. Given for one that is there, it must be the same plan; positions it has at
        its end beyond those of the session are added.
    kind, options:
        The source; for a session that is there its own, with `options` in place of what was chosen then.

    Raises
    ------
    CaptureError
        When plan or source do not fit the session, or cannot be used.
    KnobError
        When the source lacks a knob of the plan.
    OutputError
        When `out` is not a session and not empty, or cannot be written.
    """
    choice = SourceChoice(kind, dict(options or {}))
    if is_session(out):
        return _go_on(out, plan, choice)
    if plan is None or not kind:
        raise CaptureError(f"{out} holds no capture session yet.", "Begin one with a plan and --source.")
    source = source_for(choice, plan.knobs, plan.device)
    return Bench(Session.create(out, plan, Setup.of(source, choice, plan.device)), source)


def export_stimulus(plan: CapturePlan, path: Path, options: OptionValues) -> float:
    """Write what to play elsewhere for a capture from files: every position in order; return its seconds.

    Raises
    ------
    AudioFileError
        When the plan's own stimulus cannot be read.
    OutputError
        When the file cannot be written.
    """
    chosen = complete_options(FILES, "files", {"recordings": "later", **options})
    pause, rate = float(chosen["pause"]), int(chosen["rate"])
    signals = (signal_for(plan.stimulus, position, rate) for position in plan.positions)
    played = laid_out(signals, pause, rate)
    io.write(path, played, rate, "PCM_24")
    return played.size / rate


def worst_positions(session: Session, run: Path, count: int = 3) -> list[Position]:
    """Where the training run in `run` is worst and nothing was recorded yet, the worst first.

    Raises
    ------
    CaptureError
        When the run says nothing about this device.
    DatasetError
        When the dataset is not where it was.
    """
    names = {knob.name for knob in session.plan.knobs}
    positions = [Position(dict(values), "train") for values in advice_on(run, count).record_next]
    if not positions or any(set(position.values) != names for position in positions):
        raise CaptureError(
            f"The run {run} does not say where to record next.", "Train on this dataset for longer first."
        )
    return positions


def _go_on(out: Path, plan: CapturePlan | None, choice: SourceChoice) -> Bench:
    session = Session.open(out)
    try:
        setup, own = session.setup, session.setup.source
        if own.kind and choice.kind not in ("", own.kind):
            raise CaptureError(
                f"The session in {out} records from '{own.kind}', not '{choice.kind}'.",
                "Choose the same source, or another folder.",
            )
        if not own.kind and not choice.kind:
            raise CaptureError(f"The takes in {out} were made without a source.", "Choose one with --source.")
        chosen = SourceChoice(own.kind or choice.kind, {**own.options, **choice.options})
        source = source_for(chosen, session.plan.knobs, setup.device)
        if (source.sample_rate, source.lead) != (setup.sample_rate, setup.lead):
            raise CaptureError(f"The session in {out} is at {setup.sample_rate} Hz.", "Choose the same rate.")
        if plan is not None:
            session.append(_additions(out, session, plan))
    except BaseException:
        session.close()
        raise
    return Bench(session, source)


def _additions(out: Path, session: Session, plan: CapturePlan) -> tuple[Position, ...]:
    """What the plan has beyond the session. Raises CaptureError when it is another plan."""
    recorded = tuple(slot.position for slot in session.state.slots)
    common = min(len(recorded), len(plan.positions))
    if plan.knobs != session.plan.knobs or plan.positions[:common] != recorded[:common]:
        raise CaptureError(
            f"{out} was begun with another plan.", "Go on with that one, or choose another folder."
        )
    return plan.positions[common:]
