"""Clicks of a recorded evening: `python tools/soak_clicks.py FOLDER [--json]`, see `soak_evening`.

While a chord of low sines stands still, what is heard repeats exactly with their common period. Above 6 kHz
its peak per period is then a constant, before something is done and some time after. A click is what
exceeds both constants in between. Where a distorting model's own harmonics are above `HIDING_DB`, a click
could hide among them: such actions are only counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import scipy
import soundfile

from vastudio.types import Audio

PERIOD_HERTZ = 41.0
"""Of the chord 82, 123, 164 Hz."""

HIGH_HERTZ = 6_000.0
BEFORE_SECONDS, AFTER_SECONDS = 0.5, 1.7
STEADY_SECONDS = 0.3
SILENCE_DB = -160.0
HIDING_DB = -60.0


@dataclass(frozen=True)
class Click:
    """The loudest thing above 6 kHz after one action, in dBFS.

    Attributes
    ----------
    at:
        Seconds into the recording.
    excess_db:
        Peak, less the larger of the two constants.
    steady_db:
        The larger of the constants before and after.
    """

    at: float
    act: str
    excess_db: float
    peak_db: float
    steady_db: float


def clicks(folder: Path) -> Iterator[Click]:
    """Measure every action that was done while the chord stood still."""
    lines = (folder / "actions.jsonl").read_text("utf-8").splitlines()
    actions = [json.loads(line) for line in lines]
    with soundfile.SoundFile(folder / "evening.wav") as sound:
        rate = sound.samplerate
        for before, action in zip([None, *actions], actions, strict=False):
            if not action["chord"] or before is None or not before["chord"]:
                continue
            if action["act"] in ("source", "save"):
                continue
            first = max(0, round((action["at"] - BEFORE_SECONDS) * rate))
            sound.seek(first)
            heard = sound.read(round((BEFORE_SECONDS + AFTER_SECONDS) * rate), dtype="float32")
            yield measured(heard[:, 1], rate, action["at"], action["act"])


def measured(heard: Audio, rate: int, at: float, act: str) -> Click:
    """Measure one stretch that begins `BEFORE_SECONDS` in front of an action."""
    high = scipy.signal.butter(6, HIGH_HERTZ, "high", fs=rate, output="sos")
    filtered = np.abs(scipy.signal.sosfilt(high, heard.astype(float)))
    period = round(rate / PERIOD_HERTZ)
    settled = filtered[round(0.1 * rate) :]
    peaks = settled[: len(settled) // period * period].reshape(-1, period).max(axis=1)
    steady = round(STEADY_SECONDS * PERIOD_HERTZ)
    constant = max(float(np.median(peaks[:steady])), float(np.median(peaks[-steady:])))
    peak = float(peaks.max())
    return Click(at, act, decibels(peak - constant), decibels(peak), decibels(constant))


def decibels(amplitude: float) -> float:
    """Return dBFS, not below the floor."""
    return max(SILENCE_DB, 20.0 * float(np.log10(max(amplitude, 1e-9))))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the worst per kind of action, and the ten worst of all."""
    parser = argparse.ArgumentParser(description="Clicks of a recorded evening.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    every = sorted(clicks(chosen.folder), key=lambda click: -click.excess_db)
    found = [click for click in every if click.steady_db < HIDING_DB]
    if chosen.json:
        sys.stdout.write(json.dumps([asdict(click) for click in every]) + "\n")
        return 0
    for act in sorted({click.act for click in found}):
        own = [click for click in found if click.act == act]
        worst, middle = own[0], own[len(own) // 2]
        sys.stdout.write(
            f"{act:16} {len(own):4} times  worst {worst.excess_db:7.1f}  "
            f"median {middle.excess_db:7.1f} dBFS\n"
        )
    sys.stdout.write(f"{len(every) - len(found)} of {len(every)} lie among harmonics\n")
    for click in found[:10]:
        sys.stdout.write(
            f"{click.at:9.1f} s  {click.act:16} {click.excess_db:7.1f} (peak {click.peak_db:.1f}, "
            f"steady {click.steady_db:.1f})\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
