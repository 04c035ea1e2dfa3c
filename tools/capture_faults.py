"""Which faults of recordings the checks find, and how often they cry wolf: prints a table in Markdown.

    python tools/capture_faults.py DATA [--takes 13] [--seed 0] [--json FILE]

DATA holds folders with a captures.csv (clean/target pairs of real devices). Each folder is a session.
Every pair is judged as it is (false alarms), then pairs drawn by the seed are given one fault each and
judged again. A third session is made here: clean recordings from DATA between clicks and silences, played
through a small device; it shows what needs a stimulus with marks.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy import signal

from vastudio.audio import io
from vastudio.audio.capture_stimulus import with_marks
from vastudio.audio.resample import reclock
from vastudio.dataset import latency
from vastudio.dataset.checks import Evidence, Reviewed, compare_takes, judge_take, judge_takes
from vastudio.types import Audio

LATENCY = 60
"""Samples by which every take of every session is late, so that a shift can go both ways."""

_BESIDE = {"polarity_differs", "delay_differs", "level_jump", "unrelated"}

Random = np.random.Generator
Change = Callable[[Audio, int, Random], Audio]


@dataclass(frozen=True)
class Pair:
    """A take as it should be."""

    name: str
    clean: Audio
    target: Audio
    rate: int
    knobs: dict[str, float]


@dataclass(frozen=True)
class Fault:
    """What is done to a take, and the codes that name it. `marked` ones need clicks, silence and repeats."""

    name: str
    codes: tuple[str, ...]
    change: Change
    marked: bool | None = None

    @property
    def needs_others(self) -> bool:
        """Whether only the other takes of the session can tell."""
        return bool(set(self.codes) & _BESIDE)


def rms(y: Audio) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(y, dtype=np.float64))))


def loud_place(y: Audio, random: Random, room: int) -> int:
    """A frame in the midst of sound, `room` frames from both ends."""
    level = np.convolve(y.astype(np.float64) ** 2, np.ones(2048), "same")[room:-room]
    return room + int(random.choice(np.flatnonzero(level > np.percentile(level, 50.0))))


def clip(depth_db: float, ceiling: float = 1.0) -> Change:
    """Cut the tops `depth_db` below the peak, at `ceiling`."""
    return lambda y, _rate, _random: (
        ceiling * np.clip(y * (10.0 ** (depth_db / 20.0) / np.abs(y).max()), -1.0, 1.0)
    ).astype(np.float32)


def shift(samples: int) -> Change:
    """Come later by whole samples."""
    return lambda y, _rate, _random: np.roll(y, samples)


def hole(frames: int, repeated: bool = False) -> Change:
    """Zeros, or the block before once more, in the midst of sound."""

    def change(y: Audio, _rate: int, random: Random) -> Audio:
        place = loud_place(y, random, 8192)
        y = y.copy()
        y[place : place + frames] = y[place - frames : place].copy() if repeated else 0.0
        return y

    return change


def lose(frames: int) -> Change:
    """Leave out a block; what follows comes too early."""

    def change(y: Audio, _rate: int, random: Random) -> Audio:
        place = int(random.uniform(0.3, 0.7) * len(y))
        return np.concatenate([y[:place], y[place + frames :], np.zeros(frames, np.float32)])

    return change


def drift(ppm: float) -> Change:
    """Another clock."""
    return lambda y, _rate, _random: np.pad(reclock(y, 1.0 + ppm * 1e-6), (0, 2 * 48_000))[: len(y)]


def hum(share_db: float) -> Change:
    """50 or 60 Hz and two multiples, `share_db` relative to the signal."""

    def change(y: Audio, rate: int, random: Random) -> Audio:
        mains = random.choice([50.0, 60.0]) + random.uniform(-0.03, 0.03)
        time_s = np.arange(len(y)) / rate
        lines = sum(a * np.sin(2 * np.pi * n * mains * time_s + n) for n, a in ((1, 1.0), (2, 0.5), (3, 0.3)))
        level = rms(y) * 10.0 ** (share_db / 20.0) / rms(lines)
        return np.asarray(y + level * lines, np.float32)

    return change


def gain(level_db: float) -> Change:
    """Louder."""
    return lambda y, _rate, _random: (y * 10.0 ** (level_db / 20.0)).astype(np.float32)


def cut(y: Audio, _rate: int, random: Random) -> Audio:
    """The cable is pulled somewhere in the take; a converter's noise stays."""
    place = int(random.uniform(0.3, 0.6) * len(y))
    noise = 1e-5 * random.standard_normal(len(y))
    return np.where(np.arange(len(y)) < place, y, noise).astype(np.float32)


def unplugged(y: Audio, _rate: int, random: Random) -> Audio:
    """Nothing but a converter's noise, above what counts as silence."""
    return (2e-4 * random.standard_normal(len(y))).astype(np.float32)


def tremble(y: Audio, rate: int, random: Random) -> Audio:
    """Tremolo by 2 dB."""
    phase = 2.0 * np.pi * (random.uniform(1.5, 6.0) * np.arange(len(y)) / rate + random.uniform())
    return (y * (1.0 + 0.2 * np.sin(phase))).astype(np.float32)


def hiss(share_db: float) -> Change:
    """White noise relative to the signal."""
    return lambda y, _rate, random: (
        y + rms(y) * 10.0 ** (share_db / 20.0) * random.standard_normal(len(y))
    ).astype(np.float32)


FAULTS = (
    *(Fault(f"clipping, {depth:g} dB", ("clipping",), clip(depth)) for depth in (1.0, 3.0, 6.0, 12.0)),
    Fault("clipping, 6 dB, before the converter", ("clipping",), clip(6.0, 0.3)),
    Fault("inverted", ("polarity_differs",), lambda y, _rate, _random: -y),
    Fault("silence", ("silent_target",), lambda y, _rate, _random: 0.0 * y),
    Fault("cable pulled in the take", ("cut",), cut),
    Fault("cable unplugged, noise only", ("no_answer", "unrelated", "cut", "silent_target"), unplugged),
    *(
        Fault(f"delay, {samples:+d} samples", ("delay_differs", "early"), shift(samples))
        for samples in (-32, 5, 64, 480)
    ),
    Fault("64 samples zero", ("dropout",), hole(64)),
    Fault("block of 128 twice", ("dropout",), hole(128, repeated=True)),
    Fault("64 samples lost", ("delay_jumps",), lose(64)),
    *(Fault(f"drift, {ppm:g} ppm", ("drift",), drift(ppm)) for ppm in (20.0, 100.0, 500.0)),
    *(Fault(f"hum, {level:g} dB", ("hum",), hum(level)) for level in (-20.0, -30.0)),
    Fault("DC, -20 dB", ("dc",), lambda y, _rate, _random: (y + 0.1 * rms(y) + 0.002).astype(np.float32)),
    *(Fault(f"gain, {level:+g} dB", ("level_jump",), gain(level)) for level in (3.0, 6.0)),
    Fault("tremolo, 2 dB", ("unsteady",), tremble, marked=True),
    Fault("noise, -30 dB", ("noise",), hiss(-30.0), marked=True),
    Fault("1 sample lost", ("delay_jumps", "drift"), lose(1), marked=True),
    Fault("hum, -50 dB", ("hum",), hum(-50.0), marked=True),
)


class Session:
    """Takes that were recorded one after another, judged one by one and beside each other."""

    def __init__(self, name: str, pairs: list[Pair], marked: bool) -> None:
        self.name = name
        self.pairs = pairs
        self.marked = marked
        values = {knob: [pair.knobs[knob] for pair in pairs] for knob in pairs[0].knobs}
        self._ranges = {knob: (min(seen), max(seen)) for knob, seen in values.items()}
        self._kept: list[Reviewed] = []
        self._evidence: list[Evidence] = []

    def judge_clean(self, alone: bool = True) -> Iterator[tuple[int, str]]:
        """Judge all takes as they are, also `alone`; yield index and code of every warning and error."""
        for index, pair in enumerate(self.pairs):
            evidence = Evidence(pair.clean, pair.target, pair.rate)
            own = judge_take(evidence) if alone else ()
            self._kept.append(self._reviewed(index, evidence))
            self._evidence.append(evidence)
            yield from ((index, finding.code) for finding in own if finding.severity != "info")
        yield from self._beside(self._kept)

    def with_fault(self, index: int, fault: Fault, random: Random) -> set[str]:
        """Codes found about take `index` with a fault in it; where others are needed, only beside them."""
        pair = self.pairs[index]
        evidence = Evidence(pair.clean, fault.change(pair.target, pair.rate, random), pair.rate)
        if not fault.needs_others:
            return {finding.code for finding in judge_take(evidence)}
        takes = [*self._kept[:index], self._reviewed(index, evidence), *self._kept[index + 1 :]]
        own = {finding.code for finding in judge_take(evidence)} if set(fault.codes) - _BESIDE else set()
        return own | {code for place, code in self._beside(takes) if place == index}

    def repeated(self, index: int) -> set[str]:
        """Codes found where take `index` was recorded with the knobs of the one before."""
        before = self.pairs[index - 1]
        noise = 2e-5 * np.random.default_rng(index).standard_normal(len(before.target))
        this = Evidence(self.pairs[index].clean, (before.target + noise).astype(np.float32), before.rate)
        takes = [*self._kept[:index], self._reviewed(index, this)]
        return {code for place, code in self._beside(takes) if place == index}

    def _reviewed(self, index: int, evidence: Evidence) -> Reviewed:
        pair = self.pairs[index]
        levels = evidence.levels
        previous = self._evidence[index - 1] if self.marked and 0 < index <= len(self._evidence) else None
        knobs = {k: (v - self._ranges[k][0]) / np.ptp(self._ranges[k]) for k, v in pair.knobs.items()}
        return Reviewed(
            str(index), 0, knobs, pair.knobs, evidence.alignment, evidence.transfer,
            -np.inf if levels.input_rms_db is None else levels.input_rms_db,
            -np.inf if levels.rms_db is None else levels.rms_db,
            None if previous is None else compare_takes(previous, evidence),
            evidence.answer.is_there,
        )  # fmt: skip

    def _beside(self, takes: list[Reviewed]) -> Iterator[tuple[int, str]]:
        said = {(int(finding.capture), finding.code) for finding in judge_takes(takes)}
        agreed = latency.settle([take.alignment for take in takes])
        for take in takes:
            said |= {(int(take.capture), one.code) for one in agreed.correction(take.alignment).findings}
        yield from said


def late(y: Audio) -> Audio:
    """Later by the session's latency, equal in length."""
    return np.concatenate([np.zeros(LATENCY, np.float32), y])[: len(y)]


def table(folder: Path, most: int | None = None) -> Session:
    """The session of a captures.csv."""
    with (folder / "captures.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[:most]
    known = {"input", "input_start", "output", "length", "split"}
    pairs = []
    for row in rows:
        clean, rate = io.read(folder.parent / row["input"], int(row["input_start"]), int(row["length"]))
        knobs = {name: float(value) for name, value in row.items() if name not in known}
        pairs.append(Pair(row["output"], clean, late(io.read(folder / row["output"])[0]), rate, knobs))
    return Session(folder.name, pairs, marked=False)


def device(x: Audio, rate: int, drive: float, tone: float) -> Audio:
    """A soft clipper between filters, one of them an all-pass."""
    tight = signal.lfilter(*signal.butter(1, 100.0, "high", fs=rate), x)
    driven = np.tanh(2.0 * 20.0**drive * tight + 0.1) - np.tanh(0.1)
    bent = signal.lfilter([0.9, -1.0], [1.0, -0.9], driven)
    return np.asarray(0.5 * signal.lfilter(*signal.butter(1, 900.0 * 6.0**tone, fs=rate), bent), np.float32)


def marked(data: Path, most: int | None = None) -> Session:
    """The session of the small device: 6 by 5 positions, a common phrase and one of each take's own."""
    clips = [io.read(path, 150_000, 4 * 48_000) for path in sorted((data / "di").glob("*/*.wav"))]
    rate = clips[0][1]
    rest = np.zeros(rate // 2, np.float32)
    common = clips[0][0][: 3 * rate]
    pairs = []
    random = np.random.default_rng(7)
    for index in range(30)[:most]:
        drive, tone = index // 5 / 5.0, index % 5 / 4.0
        own = clips[1 + index % (len(clips) - 1)][0]
        clean = with_marks(np.concatenate([common, rest, own, rest, common]), rate).audio
        target = late(device(clean, rate, drive, tone)) + 2e-5 * random.standard_normal(len(clean))
        pairs.append(
            Pair(f"marked {index}", clean, target.astype(np.float32), rate, {"drive": drive, "tone": tone})
        )
    return Session("marked stimulus", pairs, marked=True)


def judge_session(session: Session, takes: int, seed: int, part: str) -> Iterator[dict[str, object]]:
    """Yield a row for every fault, and one for the takes as they are.

    `part` is `own` for what a take alone tells, `others` for what needs the rest of the session, or `all`.
    """
    fitting = [fault for fault in FAULTS if fault.marked in (None, session.marked) and _is_asked(fault, part)]
    for fault in fitting:
        if not fault.needs_others:
            yield _row(session, fault, takes, seed)
    if part == "own":
        return
    false = list(session.judge_clean(alone=part == "all"))
    alarmed = len({index for index, _ in false})
    codes = dict(Counter(code for _, code in false))
    yield {"fault": "none", "takes": len(session.pairs), "found": alarmed, "besides": codes}
    for fault in fitting:
        if fault.needs_others:
            yield _row(session, fault, takes, seed)
    if session.marked:
        drawn = np.random.default_rng(seed).choice(np.arange(1, len(session.pairs)), takes, replace=False)
        hits = sum("unmoved" in session.repeated(int(index)) for index in drawn)
        yield {"fault": "knob not moved", "takes": takes, "found": hits, "besides": {}}


def _is_asked(fault: Fault, part: str) -> bool:
    return part == "all" or fault.needs_others == (part == "others")


def _row(session: Session, fault: Fault, takes: int, seed: int) -> dict[str, object]:
    random = np.random.default_rng((seed, FAULTS.index(fault)))
    hits, besides = 0, Counter[str]()
    for index in random.choice(len(session.pairs), takes, replace=False):
        codes = session.with_fault(int(index), fault, random)
        besides.update(codes - set(fault.codes))
        if codes & set(fault.codes):
            hits += 1
        else:
            sys.stderr.write(
                f"missed: {fault.name} in {session.pairs[index].name}; found: {codes or 'nothing'}\n"
            )
    return {"fault": fault.name, "takes": takes, "found": hits, "besides": dict(besides)}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--session", help="the name of one folder, or 'marked'; all by default")
    parser.add_argument("--takes", type=int, default=5, help="of each fault and session")
    parser.add_argument("--most", type=int, help="of the takes of each session; all by default")
    parser.add_argument("--part", choices=("all", "own", "others"), default="all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    makers: dict[str, Callable[[int | None], Session]] = {
        path.parent.name: partial(table, path.parent)
        for path in sorted(arguments.data.glob("*/captures.csv"))
    }
    makers["marked"] = partial(marked, arguments.data)
    rows = []
    for name in [arguments.session] if arguments.session else makers:
        sys.stdout.write(f"\n| {name}: fault | takes | found | said besides |\n|---|---:|---:|---|\n")
        for row in judge_session(
            makers[name](arguments.most), arguments.takes, arguments.seed, arguments.part
        ):
            rows.append({"session": name, **row})
            besides = ", ".join(f"{code} {count}" for code, count in row["besides"].items()) or "–"  # type: ignore[attr-defined]
            sys.stdout.write(f"| {row['fault']} | {row['takes']} | {row['found']} | {besides} |\n")
            sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
