"""Measure how fast the studio plays: `vastudio bench engine`.

Every processor plays a guitar phrase in blocks; its rivals play the same in turns with it (`timing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from vastudio import paths
from vastudio.app.bench import instruments, loads, processors
from vastudio.app.bench.instruments import Instrument, Make
from vastudio.app.bench.limits import multiply_adds_per_second, recurrence_seconds
from vastudio.app.bench.machine import Machine, describe, missing_rivals
from vastudio.app.bench.timing import Plan, Play, Times, interleaved
from vastudio.audio import io
from vastudio.types import STANDARD_RATE, Audio

OURS = "ours"
BLOCKS = (64, 128, 256)
PHRASE = "riff.flac"

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what is at hand)."""


@dataclass(frozen=True)
class Row:
    """One figure: a kernel of a size at a block size.

    Attributes
    ----------
    ns_per_sample, onnxruntime_ns, torch_ns:
        Nanoseconds per sample: the median turn; `…_min` is the turn that was disturbed least. None where
        there is no such rival.
    realtime_percent:
        Share of one core at 48 kHz.
    times_faster_than_onnxruntime:
        The median over the rounds.
    max_abs_error:
        Against double precision, from rest, on a second of guitar (ten in the full form).
    floor_ns:
        The larger of `arithmetic_floor_ns` and `latency_floor_ns` (`app.bench.limits`).
    ratio:
        Of loads, for rows that compare two (`app.bench.loads`).
    prepare_seconds:
        What compiling the kernel took, or finding it in the cache.
    """

    kernel: str
    size: int | str
    block: int
    ns_per_sample: float
    ns_per_sample_min: float
    realtime_percent: float
    onnxruntime_ns: float | None = None
    onnxruntime_ns_min: float | None = None
    torch_ns: float | None = None
    torch_ns_min: float | None = None
    times_faster_than_onnxruntime: float | None = None
    max_abs_error: float | None = None
    floor_ns: float | None = None
    arithmetic_floor_ns: float | None = None
    latency_floor_ns: float | None = None
    ratio: float | None = None
    prepare_seconds: float | None = None


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    makes:
        The processors.
    rival_blocks:
        The block sizes at which rivals play too.
    judged_seconds:
        How much of the phrase is held against double precision.
    load_rounds:
        Turns of each of two loads that are compared.
    """

    makes: tuple[Make, ...]
    plan: Plan
    rival_blocks: tuple[int, ...]
    judged_seconds: float
    load_rounds: int


@dataclass(frozen=True)
class Report:
    """All that was measured, on what, and what is missing."""

    machine: Machine
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def short_extent() -> Extent:
    """The sizes that people use; done within a minute."""
    return Extent((*instruments.common(), *processors.common()), Plan(0.006, 11), (BLOCKS[0],), 1.0, 5)


def full_extent() -> Extent:
    """Every size, rivals at every block, longer turns: some minutes."""
    return Extent((*instruments.every(), *processors.every()), Plan(0.01, 21), BLOCKS, 10.0, 11)


def measure(extent: Extent, on_progress: Progress | None = None) -> Report:
    """Measure; `on_progress` is called before every step. What it raises ends the measurement."""
    phrase = _phrase()
    total = len(extent.makes) * len(BLOCKS) + len(loads.LOADS)
    step = iter(range(total))
    rows: list[Row] = []

    def begin(text: str) -> None:
        if on_progress is not None:
            on_progress(next(step), total, text)

    with instruments.torch_engines().one_thread():
        for make in extent.makes:
            rows += _rows(make(), phrase, extent, begin)
        for load in loads.LOADS:
            begin(load.title)
            rows.append(_load_row(load, phrase, extent))
    if on_progress is not None:
        on_progress(total, total, "done")
    return Report(describe(), tuple(rows), _notes())


def _notes() -> tuple[str, ...]:
    missing = missing_rivals()
    if not missing:
        return ()
    return (f"There is no comparison with onnxruntime: pip install {' '.join(missing)}",)


def _phrase() -> Audio:
    """The bundled guitar phrase at 48 kHz."""
    audio, rate = io.read(paths.resources() / "audio" / PHRASE)
    assert rate == STANDARD_RATE
    return audio


def _rows(
    instrument: Instrument, phrase: Audio, extent: Extent, begin: Callable[[str], None]
) -> Iterator[Row]:
    """One row for every block size."""
    error: float | None = None
    for block in BLOCKS:
        begin(f"{instrument.kernel} {instrument.size}, block {block}")
        if block == BLOCKS[0]:
            error = max_abs_error(instrument, phrase, extent.judged_seconds)
        engines: dict[str, Play] = {OURS: partial(_play, instrument, block)}
        if block in extent.rival_blocks:
            engines |= {name: make(block) for name, make in instrument.rivals.items()}
        yield _row(instrument, block, interleaved(engines, phrase, block, extent.plan), error)


def _play(instrument: Instrument, block: int, audio: Audio) -> Audio:
    return instrument.play(audio, block)


def _row(instrument: Instrument, block: int, times: dict[str, Times], error: float | None) -> Row:
    ours, onnx, torch = times[OURS], times.get("onnxruntime"), times.get("torch")
    arithmetic, latency = floors_ns(instrument)
    known = [floor for floor in (arithmetic, latency) if floor is not None]
    return Row(
        kernel=instrument.kernel,
        size=instrument.size,
        block=block,
        ns_per_sample=ours.median,
        ns_per_sample_min=ours.least,
        realtime_percent=realtime_percent(ours.median),
        onnxruntime_ns=onnx.median if onnx else None,
        onnxruntime_ns_min=onnx.least if onnx else None,
        torch_ns=torch.median if torch else None,
        torch_ns_min=torch.least if torch else None,
        times_faster_than_onnxruntime=onnx.ratio_to(ours) if onnx else None,
        max_abs_error=error,
        floor_ns=max(known) if known else None,
        arithmetic_floor_ns=arithmetic,
        latency_floor_ns=latency,
        prepare_seconds=instrument.prepare_seconds,
    )


def realtime_percent(nanoseconds: float) -> float:
    """The share of one core, in percent, that so many nanoseconds per sample take at 48 kHz."""
    return 100.0 * nanoseconds * 1e-9 * STANDARD_RATE


def floors_ns(instrument: Instrument) -> tuple[float | None, float | None]:
    """Nanoseconds per sample below which arithmetic, and the latency of the recurrence, let nobody come."""
    arithmetic = latency = None
    if instrument.multiply_adds is not None:
        arithmetic = 1e9 * instrument.multiply_adds / multiply_adds_per_second()
    if instrument.recurrence is not None:
        latency = 1e9 * recurrence_seconds(instrument.recurrence)
    return arithmetic, latency


def max_abs_error(instrument: Instrument, phrase: Audio, seconds: float) -> float | None:
    """The largest difference from double precision, from rest; None where there is no judge."""
    if instrument.judge is None:
        return None
    audio = np.resize(phrase, round(seconds * STANDARD_RATE))
    instrument.reset()
    ours = instrument.play(audio, BLOCKS[0])
    return float(np.abs(ours - instrument.judge(audio)).max())


def _load_row(load: loads.Load, phrase: Audio, extent: Extent) -> Row:
    busy, usual = load.measure(phrase, extent.load_rounds)
    return Row(
        kernel=load.kernel,
        size=load.size,
        block=loads.BLOCK,
        ns_per_sample=busy.median,
        ns_per_sample_min=busy.least,
        realtime_percent=realtime_percent(busy.median),
        ratio=busy.ratio_to(usual),
    )
