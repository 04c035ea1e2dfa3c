"""A folder of recordings whose names say what they are.

Recognised are, for WAV, FLAC and AIFF files:

* one clean file (`input`, `clean`, `di`, `dry`, `DataIn` …) and targets with their knob values in the
  name: `drive=0.5,tone=0.2.wav`, `muff_drive0.5_tone0.2.wav`, or a number alone, `Data25.wav`, which
  is the position of one knob in per cent;
* pairs `X_clean.wav` and `X_target.wav` (also `in`/`out`, `input`/`output`, `dry`/`wet`), or folders
  `X` that hold `clean.wav` and `target.wav`, with the knob values in `X`.

A name part that is the same in all names, such as the model number of a pedal, is no knob.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vastudio.dataset.planned import Importer, ImportOptions, KnobRanges, Plan, PlannedClip, group
from vastudio.errors import DatasetError

_SUFFIXES = (".wav", ".wave", ".flac", ".aif", ".aiff")
_CLEAN_WORDS = ("clean", "input", "in", "dry", "di")
_TARGET_WORDS = ("target", "output", "out", "wet", "processed")
_COLLECTIVE_WORDS = ("data", "take", "capture", "recording", "rec", *_TARGET_WORDS)
_RECOGNISED = (
    "Recognised: one 'clean.wav' with targets such as 'drive0.5_tone0.2.wav' or 'Data25.wav', or pairs "
    "'X_clean.wav' and 'X_target.wav'."
)
_PERCENT = (0.0, 100.0)
_NUMBER_ALONE = ""

Values = dict[str, float]


class PairImporter:
    """Reads a folder of clean/target pairs."""

    title = "a folder with one clean file and its targets, or with pairs"

    def accepts(self, source: Path) -> bool:
        """A folder with audio files in it, or in its subfolders."""
        return source.is_dir() and bool(_audio_files(source))

    def plan(self, source: Path, options: ImportOptions) -> Plan:
        """Find the pairs and read knob values from their names. Raises DatasetError."""
        files = _audio_files(source)
        clips = _one_clean(files) or _named_pairs(source, files)
        labels = [label for label, _ in clips]
        positions = _knob_values(labels)
        _refuse_unlike(labels, positions, has_shared_clean=len({clip.clean for _, clip in clips}) == 1)
        name = options.knob_name
        ranges = _percent_range(positions, name)
        named = [{knob or name: value for knob, value in values.items()} for values in positions]
        return Plan(
            group([(values, None, clip) for values, (_, clip) in zip(named, clips, strict=True)]), ranges
        )


IMPORTER: Importer = PairImporter()


def _audio_files(folder: Path) -> list[Path]:
    files = (*folder.glob("*"), *folder.glob("*/*"))
    audio = [path for path in files if path.suffix.lower() in _SUFFIXES and path.is_file()]
    return sorted((path for path in audio if not path.name.startswith(".")), key=_natural_order)


def _natural_order(path: Path) -> list[tuple[float, str]]:
    """Sort `Data25` before `Data100`."""
    parts = re.split(r"(\d+)", path.as_posix().lower())
    return [(float(part), "") if part.isdecimal() else (-1.0, part) for part in parts]


def _one_clean(files: Sequence[Path]) -> list[tuple[str, PlannedClip]]:
    """Every file but the clean one is a target of it; empty when this is not such a folder."""
    clean = [path for path in files if _is_clean_name(path.stem)]
    if len(clean) != 1 or len({path.parent for path in files}) != 1:
        return []
    targets = [path for path in files if path != clean[0]]
    return [(path.stem, PlannedClip(clean[0], path, path.name)) for path in targets]


def _is_clean_name(stem: str) -> bool:
    word = stem.lower()
    return word in _CLEAN_WORDS or word.removeprefix("data") in _CLEAN_WORDS


def _named_pairs(source: Path, files: Sequence[Path]) -> list[tuple[str, PlannedClip]]:
    """Match clean and target files by folder and what is left of their names without the role word."""
    clean: dict[tuple[Path, str], Path] = {}
    targets: dict[tuple[Path, str], Path] = {}
    for path in files:
        label, role = _split_role(path.stem)
        if role in _CLEAN_WORDS:
            clean[path.parent, label] = path
        elif role in _TARGET_WORDS:
            targets[path.parent, label] = path
        else:
            raise DatasetError(f"{path} is neither a clean signal nor a target of one.", _RECOGNISED)
    alone = [path for key, path in (clean | targets).items() if not (key in clean and key in targets)]
    if alone:
        raise DatasetError(f"{alone[0]} has no partner.", _RECOGNISED)
    return [
        (_label(source, folder, label), PlannedClip(clean[folder, label], path, path.name))
        for (folder, label), path in targets.items()
    ]


def _split_role(stem: str) -> tuple[str, str]:
    """Split `X_clean` into `X` and `clean`."""
    label, _, role = re.sub(r"[ \-.]", "_", stem).rpartition("_")
    return stem[: len(label)], role.lower()


def _label(source: Path, folder: Path, label: str) -> str:
    return label if folder == source else f"{folder.name}_{label}".rstrip("_")


def _knob_values(labels: Sequence[str]) -> list[Values]:
    """Read the knob values from each label, leaving out what all labels share."""
    values = [_parse(label) for label in labels]
    if len(values) < 2 or any("=" in label for label in labels):
        return values
    shared = set(values[0].items()).intersection(*(other.items() for other in values[1:]))
    if all(set(other.items()) == shared for other in values):
        return values
    return [{name: value for name, value in other.items() if (name, value) not in shared} for other in values]


def _parse(label: str) -> Values:
    """Return the knob values named in `label`; a number alone has the empty name."""
    parts = re.split(r"[_,;\s]+", label)
    assigned = [part for part in parts if "=" in part]
    values: Values = {}
    for part in assigned or parts:
        found = re.fullmatch(r"([^\W\d]*?)-?=?(-?\d+(?:\.\d+)?)", part)
        if found:
            word, number = found.groups()
            values[_NUMBER_ALONE if word.lower() in ("", *_COLLECTIVE_WORDS) else word] = float(number)
    return values


def _refuse_unlike(labels: Sequence[str], positions: Sequence[Values], *, has_shared_clean: bool) -> None:
    """All names must give values for the same knobs, and several targets of one clean file need some."""
    if not labels:
        raise DatasetError("The folder holds no pair of clean signal and target.", _RECOGNISED)
    for label, values in zip(labels, positions, strict=True):
        missing = next((name for name in _all_names(positions) if name not in values), None)
        if missing is not None or (has_shared_clean and not values and len(labels) > 1):
            what = f"a value for '{missing}'" if missing else "knob values"
            raise DatasetError(f"The name '{label}' does not give {what}.", _RECOGNISED)


def _all_names(positions: Iterable[Mapping[str, float]]) -> set[str]:
    return {name for values in positions for name in values}


def _percent_range(positions: Sequence[Values], name: str) -> KnobRanges:
    numbers = [values[_NUMBER_ALONE] for values in positions if _NUMBER_ALONE in values]
    fits = bool(numbers) and min(numbers) >= _PERCENT[0] and max(numbers) <= _PERCENT[1]
    return {name: _PERCENT} if fits else {}
