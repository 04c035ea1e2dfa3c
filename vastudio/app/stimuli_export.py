"""What has to be played where the studio does not reach: files for a recorder, and a text that tells how.

The folder holds the clean signals, `plan.toml`, and `positions.txt`, which tells a person what to set for
which file or at which time, and how to name what is recorded. Nothing is written where something is already:
a folder that is not empty may hold recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from vastudio.atomic import atomic_folder
from vastudio.audio import io
from vastudio.capture.plan_file import CapturePlan, write_plan
from vastudio.capture.sources.files import PAUSE_SECONDS, laid_out, place_of
from vastudio.capture.stimuli import signal_for
from vastudio.types import STANDARD_RATE, Audio

LISTING, PLAN, WHOLE = "positions.txt", "plan.toml", "played.wav"

_INTRODUCTION = """\
{device}: {count} positions, {minutes:.1f} minutes of sound at {rate} Hz

"""
_BY_FILE = """\
For every line: set the knobs, play the file through the device, and record what comes out from the same
moment on, at {rate} Hz, mono, at least as long as the file. Store each recording under the same name in a
folder of its own. Leave every level as it is from the first position to the last.

"""
_IN_ONE = """\
Play {file} through the device and record what comes out from the same moment on, at {rate} Hz, mono, to the
end. In the pause of {pause:g} s before each position, set the knobs. Leave every level as it is.

"""
_THEN = """
Then choose the recordings on the Capture page, or:
vastudio capture {plan} --source files --recordings {what} --out DATASET{options}
"""


@dataclass(frozen=True)
class Exported:
    """What was written: the folder, and how many seconds there are to play."""

    folder: Path
    seconds: float


def export_stimuli(
    plan: CapturePlan,
    folder: Path,
    *,
    in_one: bool = False,
    pause: float = PAUSE_SECONDS,
    rate: int = STANDARD_RATE,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Exported:
    """Write what to play for every position of `plan` into the new folder `folder`.

    Parameters
    ----------
    in_one:
        One long file with `pause` seconds before every position, instead of a file for each.
    on_progress:
        Called with how many of how many positions are done; an exception from it leaves nothing behind.

    Raises
    ------
    AudioFileError
        When the plan's own stimulus cannot be read.
    OutputError
        When the folder is not empty, or cannot be written.
    """
    with atomic_folder(folder) as temporary:
        signals = _signals(plan, rate, on_progress)
        frames = (
            _write_one(signals, temporary, pause, rate) if in_one else _write_each(signals, temporary, rate)
        )
        seconds = sum(frames) / rate
        write_plan(plan, temporary / PLAN)
        text = _listing(plan, frames, rate, pause if in_one else None)
        (temporary / LISTING).write_text(text, encoding="utf-8")
    return Exported(folder, seconds + (pause * (len(frames) + 1) if in_one else 0.0))


def _signals(plan: CapturePlan, rate: int, tell: Callable[[int, int], None]) -> Iterator[Audio]:
    for done, position in enumerate(plan.positions):
        tell(done, len(plan.positions))
        yield signal_for(plan.stimulus, position, rate)
    tell(len(plan.positions), len(plan.positions))


def _write_each(signals: Iterator[Audio], folder: Path, rate: int) -> list[int]:
    """Write a file for each; return their frames."""
    frames = []
    for number, signal in enumerate(signals, 1):
        io.write(folder / f"{number:03d}.wav", signal, rate, "PCM_24")
        frames.append(signal.size)
    return frames


def _write_one(signals: Iterator[Audio], folder: Path, pause: float, rate: int) -> list[int]:
    """Write all into one file; return the frames of each."""
    every = list(signals)
    io.write(folder / WHOLE, laid_out(iter(every), pause, rate), rate, "PCM_24")
    return [signal.size for signal in every]


def _listing(plan: CapturePlan, frames: list[int], rate: int, pause: float | None) -> str:
    """What to do, line by line; `pause` is None for a file each."""
    named = {"device": plan.device or "Capture", "count": len(frames), "rate": rate, "file": WHOLE}
    head = _INTRODUCTION.format(**named, minutes=sum(frames) / rate / 60.0)
    head += (_BY_FILE if pause is None else _IN_ONE).format(**named, pause=pause)
    lines = []
    for place, (position, size) in enumerate(zip(plan.positions, frames, strict=True)):
        where = f"{place + 1:03d}.wav"
        if pause is not None:
            where = f"{place + 1:3d}  at {_clock(place_of(place, size, pause, rate) / rate)}"
        values = ", ".join(f"{knob.title} {position.values[knob.name]:g}" for knob in plan.knobs)
        lines.append(f"{where}   {values}".rstrip())
    options = "" if rate == STANDARD_RATE else f" --rate {rate}"
    if pause not in (None, PAUSE_SECONDS):
        options += f" --pause {pause:g}"
    what = "FOLDER" if pause is None else "RECORDING.wav"
    return head + "\n".join(lines) + "\n" + _THEN.format(plan=PLAN, what=what, options=options)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60.0)
    return f"{int(minutes):3d}:{rest:04.1f}"
