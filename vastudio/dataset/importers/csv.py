"""A table of captures: one row for each clip, one column for each knob.

Columns: `input` and `output` (audio files), `input_start`, `output_start` and `length` in samples
(0, 0 and "to the end" when left out), `split` (`train` or `validation`), and every other column is a
knob. `output` is relative to the table's folder, `input` to that folder or to its parent.
"""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vastudio.dataset.manifest import Split
from vastudio.dataset.planned import Importer, ImportOptions, KnobRanges, Plan, PlannedClip, group
from vastudio.errors import DatasetError, did_you_mean

_REQUIRED = ("input", "output")
_OPTIONAL = ("input_start", "output_start", "length", "split")


class CsvImporter:
    """Reads a captures.csv."""

    title = "a captures.csv table"

    def accepts(self, source: Path) -> bool:
        """Any .csv file, or a folder that holds a captures.csv."""
        return _table_of(source) is not None

    def plan(self, source: Path, options: ImportOptions) -> Plan:
        """Read the table. Raises DatasetError naming row and column."""
        path = _table_of(source)
        if path is None:
            raise DatasetError(f"{source} is no captures.csv.", "Name the table itself.")
        rows = list(_read_rows(path))
        _refuse_duplicates(rows)
        _refuse_partial_split(rows)
        return Plan(group([(row.knobs(options.knob_ranges), row.split(), row.clip()) for row in rows]))


IMPORTER: Importer = CsvImporter()


def _table_of(source: Path) -> Path | None:
    if source.is_dir():
        source = source / "captures.csv"
    return source if source.suffix.lower() == ".csv" and source.is_file() else None


def _read_rows(path: Path) -> Iterator[_Row]:
    """Yield the table's rows. Raises DatasetError for a table without rows or required columns."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            columns = [name.strip() for name in reader.fieldnames or ()]
            _refuse_bad_columns(path, columns)
            reader.fieldnames = columns
            lines = [(reader.line_num, record) for record in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"{path} is not a table that can be read.", "Save it as CSV, UTF-8.", str(error)
        ) from error
    if not lines:
        raise DatasetError(f"{path} has no rows.", "Write one row for each clip.")
    for line, record in lines:
        if None in record or None in record.values():
            raise DatasetError(
                f"{path.name} line {line} has not as many cells as the header.", "Mend that line."
            )
        yield _Row(path, line, {name: value.strip() for name, value in record.items()})


def _refuse_bad_columns(path: Path, columns: list[str]) -> None:
    for name in _REQUIRED:
        if name not in columns:
            hint = did_you_mean(name, columns) if columns else "Its first line must name the columns."
            raise DatasetError(f"{path.name} has no column '{name}'.", hint)
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None or "" in columns:
        problem = f"names the column '{twice}' twice" if twice else "has a column without a name"
        raise DatasetError(f"{path.name} {problem}.", "Give every column its own name.")
    knobs = [name for name in columns if name not in (*_REQUIRED, *_OPTIONAL)]
    if not knobs:
        raise DatasetError(
            f"{path.name} has no column for a knob.",
            "Add one for each, e.g. 'drive'; a device without knobs is imported as pairs.",
        )
    for name in knobs:
        meant = difflib.get_close_matches(name.lower(), _OPTIONAL, n=1, cutoff=0.8)
        if meant:
            raise DatasetError(f"{path.name} has a column '{name}'.", f"Did you mean '{meant[0]}'?")


@dataclass(frozen=True)
class _Row:
    """One line of the table, with its number in the file."""

    table: Path
    line: int
    cells: dict[str, str]

    @property
    def origin(self) -> str:
        return f"{self.table.name} line {self.line}"

    def knobs(self, ranges: KnobRanges) -> dict[str, float]:
        names = [name for name in self.cells if name not in (*_REQUIRED, *_OPTIONAL)]
        return {name: self._knob(name, ranges) for name in names}

    def split(self) -> Split | None:
        text = self.cells.get("split", "").lower()
        if text == "train":
            return "train"
        if text in ("validation", "val", "valid", "test"):
            return "validation"
        if not text:
            return None
        raise self._refuse("split", "is neither 'train' nor 'validation'")

    def clip(self) -> PlannedClip:
        folder = self.table.parent
        length = self._whole_number("length")
        return PlannedClip(
            clean=self._file("input", [folder, folder.parent]),
            target=self._file("output", [folder]),
            origin=self.origin,
            clean_start=self._whole_number("input_start") or 0,
            target_start=self._whole_number("output_start") or 0,
            frames=length,
        )

    def _knob(self, name: str, ranges: KnobRanges) -> float:
        try:
            value = float(self.cells[name])
        except ValueError:
            raise self._refuse(name, "is not a number") from None
        low, high = ranges.get(name, (-math.inf, math.inf))
        if not math.isfinite(value) or not low <= value <= high:
            raise self._refuse(name, f"is outside the knob's range {low:g} to {high:g}")
        return value

    def _file(self, column: str, folders: list[Path]) -> Path:
        if not self.cells[column]:
            raise self._refuse(column, "names no file")
        candidates = [folder / self.cells[column] for folder in folders]
        found = next((path for path in candidates if path.is_file()), None)
        if found is None:
            searched = " and ".join(str(folder) for folder in folders)
            raise self._refuse(column, f"is not a file in {searched}")
        return found

    def _whole_number(self, column: str) -> int | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        if not text.isdecimal():
            raise self._refuse(column, "is not a whole number of samples")
        return int(text)

    def _refuse(self, column: str, what: str) -> DatasetError:
        return DatasetError(
            f"{self.origin}, column '{column}': '{self.cells[column]}' {what}.", "Mend that cell."
        )


def _refuse_duplicates(rows: list[_Row]) -> None:
    first: dict[tuple[str, ...], _Row] = {}
    for row in rows:
        key = tuple(row.cells.values())
        if key in first:
            raise DatasetError(
                f"{row.origin} repeats line {first[key].line}, column 'output' included.",
                "Remove one of them.",
            )
        first[key] = row


def _refuse_partial_split(rows: list[_Row]) -> None:
    empty = [row for row in rows if row.split() is None]
    if empty and len(empty) < len(rows):
        raise DatasetError(
            f"{empty[0].origin}, column 'split' is empty, but other rows have one.",
            "Fill in 'train' or 'validation' everywhere, or nowhere.",
        )
