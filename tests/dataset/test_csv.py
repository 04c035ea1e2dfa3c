"""captures.csv: what it may say, and errors that name row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dataset.material import clean, driven, save
from vastudio.dataset.importers.csv import IMPORTER
from vastudio.dataset.importing import import_dataset
from vastudio.dataset.planned import ImportOptions, Plan
from vastudio.errors import DatasetError

HEADER = "input,input_start,output,length,drive,split\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table's folder beside the folder of clean files."""
    x = clean(3.0)
    save(tmp_path / "di" / "x.wav", x)
    for index in range(3):
        save(tmp_path / "amp" / f"y{index}.wav", driven(x[48_000:], index / 2))
    return tmp_path / "amp"


def plan(folder: Path, text: str, options: ImportOptions | None = None) -> Plan:
    (folder / "captures.csv").write_text(text)
    return IMPORTER.plan(folder / "captures.csv", options or ImportOptions())


def test_rows_of_one_position_and_split_are_one_capture(folder: Path) -> None:
    rows = ("48000,y0.wav,48000,0.5,train", "48000,y1.wav,,0.5,train", "0,y2.wav,9600,1,val")
    captures = plan(folder, HEADER + "".join(f"di/x.wav,{row}\n" for row in rows)).captures
    assert [(capture.knobs, capture.split, len(capture.clips)) for capture in captures] == [
        ({"drive": 0.5}, "train", 2),
        ({"drive": 1.0}, "validation", 1),
    ]
    first, second = captures[0].clips
    assert first.clean == folder.parent / "di" / "x.wav"
    assert (first.clean_start, first.frames, first.target_start) == (48_000, 48_000, 0)
    assert second.frames is None


def test_a_table_becomes_a_dataset(folder: Path, tmp_path: Path) -> None:
    rows = "".join(f"di/x.wav,48000,y{index}.wav,96000,{index * 5}\n" for index in range(3))
    (folder / "captures.csv").write_text(HEADER.replace(",split", "") + rows)
    dataset = import_dataset(folder, tmp_path / "d")
    assert dataset.manifest.device == "amp"
    assert (dataset.knobs[0].minimum, dataset.knobs[0].maximum) == (0.0, 10.0)
    assert [len(dataset.captures(split)) for split in ("train", "validation")] == [3, 3]
    assert dataset.captures()[0].clips[0].delay_samples == 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column 'input'"),
        ("input,drive\nx,1\n", "no column 'output'"),
        (HEADER, "has no rows"),
        ("input,output,drive,drive\n", "names the column 'drive' twice"),
        (HEADER + "di/x.wav,48000,y0.wav,48000,loud,train\n", "line 2, column 'drive': 'loud' is not"),
        (HEADER + "di/x.wav,48000,y0.wav,48000,nan,train\n", "line 2, column 'drive': 'nan' is outside"),
        (HEADER + "di/x.wav,48000,y9.wav,48000,1,train\n", "line 2, column 'output': 'y9.wav' is not a file"),
        (HEADER + "x.wav,48000,y0.wav,48000,1,train\n", "line 2, column 'input': 'x.wav' is not a file"),
        (HEADER + "di/x.wav,-3,y0.wav,48000,1,train\n", "column 'input_start': '-3' is not a whole number"),
        (HEADER + "di/x.wav,0,y0.wav,48000,1,maybe\n", "column 'split': 'maybe' is neither"),
        (HEADER + "di/x.wav,0,y0.wav,48000,1\n", "line 2 has not as many cells"),
        (HEADER + "di/x.wav,0,y0.wav,480,1,train\n" * 2, "line 3 repeats line 2"),
        (HEADER + "di/x.wav,0,y0.wav,4,1,train\ndi/x.wav,0,y1.wav,4,1,\n", "line 3, column 'split' is empty"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_row_and_column(folder: Path, text: str, message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        plan(folder, text)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_a_given_range_is_enforced(folder: Path) -> None:
    row = "di/x.wav,0,y0.wav,48000,0.5,train\n"
    with pytest.raises(DatasetError, match=r"column 'drive': '0\.5' is outside the knob's range 1 to 10"):
        plan(folder, HEADER + row, ImportOptions(knob_ranges={"drive": (1.0, 10.0)}))


def test_binary_tables_are_refused(folder: Path) -> None:
    (folder / "captures.csv").write_bytes(b"input,output\n\xff\xfe\x00")
    with pytest.raises(DatasetError, match="not a table"):
        IMPORTER.plan(folder / "captures.csv", ImportOptions())


def test_start_beyond_the_file_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "captures.csv").write_text(HEADER + "di/x.wav,999999999,y0.wav,48000,0.5,train\n")
    with pytest.raises(DatasetError, match="line 2: clean signal and target have less"):
        import_dataset(folder / "captures.csv", tmp_path / "d")


def test_a_table_without_validation_holds_out_the_ends(folder: Path, tmp_path: Path) -> None:
    rows = "".join(f"di/x.wav,48000,y{index}.wav,96000,{index},train\n" for index in range(2))
    (folder / "captures.csv").write_text(HEADER + rows)
    dataset = import_dataset(folder / "captures.csv", tmp_path / "d")
    assert len(dataset.captures("validation")) == 2
    assert [finding.code for finding in dataset.manifest.findings] == ["no_validation"]


def test_a_table_without_a_knob_column_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "captures.csv").write_text("input,input_start,output\ndi/x.wav,48000,y1.wav\n")
    with pytest.raises(DatasetError, match="no column for a knob"):
        import_dataset(folder / "captures.csv", tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_misspelt_column_does_not_become_a_knob(folder: Path, tmp_path: Path) -> None:
    (folder / "captures.csv").write_text("input,input_strat,output,drive\ndi/x.wav,0,y1.wav,1\n")
    with pytest.raises(DatasetError, match="Did you mean 'input_start'"):
        import_dataset(folder / "captures.csv", tmp_path / "d")
