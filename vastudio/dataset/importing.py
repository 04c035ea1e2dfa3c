"""From a source of recordings to a dataset folder: plan, copy, measure, settle, write.

Nothing is altered on the way: the audio files are copied byte for byte, and what was measured is
written beside them. The folder appears whole or not at all.
"""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vastudio import registry
from vastudio.atomic import atomic_folder
from vastudio.dataset import dials, latency, splits
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.beside import TakesBeside, noted
from vastudio.dataset.latency import Latency
from vastudio.dataset.manifest import Capture, Clip, Finding, Manifest
from vastudio.dataset.planned import Importer, ImportOptions, Plan, PlannedCapture, PlannedClip, group
from vastudio.dataset.store import Dataset, no_usable_captures
from vastudio.dataset.takes import AudioFolder, Take, take_evidence
from vastudio.errors import DatasetError
from vastudio.types import Knob


@dataclass(frozen=True)
class Pair:
    """One clean file, one target file, and the knob positions the target was recorded at."""

    clean: Path
    target: Path
    knobs: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class ImportProgress:
    """`done` of `total` clips are measured; `current` names the one at hand."""

    done: int
    total: int
    current: str


def importers() -> dict[str, Importer]:
    """Return every kind of source, by module name."""
    return registry.discover("vastudio.dataset.importers", "IMPORTER")


def import_dataset(
    source: Path | None,
    out: Path,
    *,
    pairs: Sequence[Pair] = (),
    options: ImportOptions | None = None,
    on_progress: Callable[[ImportProgress], None] | None = None,
) -> Dataset:
    """Measure and copy recordings into the new dataset folder `out`.

    Parameters
    ----------
    source:
        A captures.csv or a folder of pairs; None to use `pairs` alone.
    pairs:
        Clean/target pairs, added to those of `source`.
    on_progress:
        Called before each clip is measured, in the caller's thread; an exception from it cancels
        the import and leaves nothing behind.

    Raises
    ------
    DatasetError
        When the source is not understood, or no capture can be used (the details list why).
    AudioFileError
        When an audio file is missing, damaged or not audio.
    OutputError
        When `out` exists already or cannot be written.
    """
    options = options or ImportOptions()
    plan = plan_import(source, pairs, options)
    ranges = {**plan.knob_ranges, **options.knob_ranges}
    knobs = dials.infer_knobs(plan.captures, ranges)
    odd = dials.odd_positions(plan.captures, ranges)
    with atomic_folder(Path(out)) as folder:
        store = AudioFolder(folder)
        compared = TakesBeside(knobs)
        takes = list(_take_all(plan, store, compared, on_progress))
        rate = _common_rate(takes)
        captures, findings = _settle(plan, takes, rate)
        captures = noted(captures, compared.findings())
        manifest = Manifest(
            device=options.device or _device_name(source, pairs),
            knobs=knobs,
            sample_rate=rate,
            captures=captures,
            audio=store.records,
            findings=(*_knob_findings(knobs), *odd, *findings),
        )
        if not any(capture.usable_clips for capture in captures):
            raise no_usable_captures(manifest)
        manifest_file.write(manifest, folder)
    return Dataset.open(out)


def plan_import(source: Path | None, pairs: Sequence[Pair], options: ImportOptions) -> Plan:
    """Return the captures that `source` and `pairs` hold, without reading audio. Raises DatasetError."""
    given = group(
        [(dict(pair.knobs), None, PlannedClip(pair.clean, pair.target, pair.target.name)) for pair in pairs]
    )
    if source is None:
        if not given:
            raise DatasetError("There is nothing to import.", "Name a captures.csv, a folder, or a pair.")
        return Plan(given)
    plan = _importer_for(Path(source)).plan(Path(source), options)
    return dataclasses.replace(plan, captures=(*plan.captures, *given))


def _importer_for(source: Path) -> Importer:
    if not source.exists():
        raise DatasetError(f"There is no {source}.", "Check the path.")
    known = importers()
    for importer in known.values():
        if importer.accepts(source):
            return importer
    titles = "; ".join(importer.title for importer in known.values())
    raise DatasetError(f"{source} is nothing that can be imported.", f"Known sources: {titles}.")


def _knob_findings(knobs: Sequence[Knob]) -> list[Finding]:
    if knobs:
        return []
    return [Finding("warning", "no_knobs", "The recordings name no knob: the model will have none.")]


def _device_name(source: Path | None, pairs: Sequence[Pair]) -> str:
    if source is None:
        return pairs[0].target.stem
    source = Path(source).resolve()
    return source.parent.name if source.is_file() else source.name


def _take_all(
    plan: Plan,
    store: AudioFolder,
    compared: TakesBeside,
    on_progress: Callable[[ImportProgress], None] | None,
) -> Iterator[list[Take]]:
    """Yield the takes of each planned capture, and add the good ones to `compared`."""
    total = sum(len(capture.clips) for capture in plan.captures)
    done = 0
    for number, capture in enumerate(plan.captures):
        takes = []
        for index, planned in enumerate(capture.clips):
            if on_progress:
                on_progress(ImportProgress(done, total, planned.origin))
            take, evidence = take_evidence(planned, store)
            if evidence is not None and take.is_usable:
                compared.add(evidence, _identity(number), index, capture.knobs)
            takes.append(take)
            done += 1
        yield takes


def _common_rate(takes: Sequence[Sequence[Take]]) -> int:
    """The rate of most clips that can be used, in Hz; of any clip when none can."""
    rates = [take.rate for group in takes for take in group]
    usable = [take.rate for group in takes for take in group if take.is_usable]
    return collections.Counter(usable or rates).most_common(1)[0][0]


def _settle(
    plan: Plan, takes: Sequence[Sequence[Take]], rate: int
) -> tuple[tuple[Capture, ...], list[Finding]]:
    """Decide on latency, polarity and split, now that all clips are known."""
    usable = [take for group in takes for take in group if take.is_usable and take.rate == rate]
    agreed = latency.settle([take.alignment for take in usable])
    captures = tuple(
        _capture(_identity(index), planned, group, agreed, rate)
        for index, (planned, group) in enumerate(zip(plan.captures, takes, strict=True))
    )
    if not any(capture.usable_clips for capture in captures):
        return captures, []
    split, notes = _split(plan, captures)
    return split, [*agreed.findings(), *notes]


def _identity(number: int) -> str:
    return f"{number:03d}"


def _capture(
    identity: str, planned: PlannedCapture, takes: Sequence[Take], agreed: Latency, rate: int
) -> Capture:
    clips: list[Clip] = []
    findings: list[Finding] = []
    for index, take in enumerate(takes):
        clip, found = corrected(take, agreed, rate)
        clips.append(clip)
        findings += [dataclasses.replace(finding, capture=identity, clip=index) for finding in found]
    return Capture(identity, planned.knobs, planned.split or "train", tuple(clips), tuple(findings))


def corrected(take: Take, agreed: Latency, rate: int) -> tuple[Clip, list[Finding]]:
    """Apply the latency that a dataset's takes agree on to one clip's facts; `rate` is the dataset's, in Hz.

    Returns the clip and all that was found about it; a clip with an error stays as it is.
    """
    found = list(take.findings)
    if take.is_usable and take.rate != rate:
        found.append(_foreign_rate(take.rate, rate))
    if any(finding.severity == "error" for finding in found):
        return take.clip, found
    correction = agreed.correction(take.alignment)
    delay = correction.delay_samples
    clip = dataclasses.replace(
        take.clip,
        delay_samples=delay,
        inverted=correction.inverted,
        frames=min(take.clip.frames, int((take.target_frames - math.ceil(delay)) / take.clip.clock_ratio)),
    )
    said = {finding.code for finding in found}
    return clip, [*found, *(new for new in correction.findings if not latency.is_told_by(new, said))]


def _foreign_rate(rate: int, common: int) -> Finding:
    return Finding(
        "error",
        "rate",
        f"This pair is at {rate} Hz, the dataset at {common} Hz.",
        "Export all pairs at the same sample rate.",
    )


def _split(plan: Plan, captures: tuple[Capture, ...]) -> tuple[tuple[Capture, ...], list[Finding]]:
    """Keep the source's split; make one where it has none, or none that is left."""
    if all(planned.split is None for planned in plan.captures):
        return splits.assign(captures), []
    present = {capture.split for capture in captures if capture.usable_clips}
    if "train" not in present:
        raise DatasetError("No capture that can be used is for training.", "Mark some rows as 'train'.")
    if "validation" in present:
        return captures, []
    message = "The source marks no usable capture for validation: the ends of the clips are held out."
    return splits.hold_out_ends(captures), [Finding("warning", "no_validation", message)]
