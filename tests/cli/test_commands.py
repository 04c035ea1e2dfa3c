"""The command line from recordings to a rendered file, and what it says to bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.datasets import clean_signal, device, write_source
from tests.models import random_model
from vastudio import cli
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.engine.quality import Quality
from vastudio.modelfile import store
from vastudio.types import STANDARD_RATE


class Shell:
    """Runs command lines in this process."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        self._capture.readouterr()
        code = cli.run([str(argument) for argument in arguments])
        out, err = self._capture.readouterr()
        return code, out, err

    def json(self, *arguments: object) -> Any:
        code, out, err = self(*arguments, "--json")
        assert code == 0, err
        assert out.count("\n") == 1
        return json.loads(out)

    def refused(self, *arguments: object) -> str:
        """Run a command that must end with exit code 2 and one line (progress apart); return the line."""
        code, out, err = self(*arguments)
        assert code == 2, (out, err)
        assert out == ""
        assert "Traceback" not in err
        said = [line for line in err.strip().splitlines() if line.startswith("vastudio")]
        assert said == err.strip().splitlines()[-1:], err
        return said[0]


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    path = tmp_path / "random.vamodel"
    store.save(random_model(hidden=8, knobs=2), path)
    return path


def test_the_whole_journey(shell: Shell, tmp_path: Path) -> None:
    source = write_source(tmp_path / "source")
    dataset, model, out = tmp_path / "clipper", tmp_path / "clipper.vamodel", tmp_path / "out.wav"
    imported = shell.json("import", source, "--out", dataset)
    assert len(imported["captures"]) == 4
    trained = shell.json(
        "train",
        dataset,
        "--out",
        model,
        "--hidden",
        8,
        "--epochs",
        2,
        "--threads",
        1,
        "--run",
        tmp_path / "run",
    )
    assert trained["median_esr"] <= trained["worst_esr"]
    score = shell.json("evaluate", model, dataset, "--split", "validation")
    assert [capture["knobs"] for capture in score["captures"]] == [{"drive": 0.25}]
    assert [capture["id"] for capture in score["captures"]] == ["003"]
    assert score["esr"] == trained["esr"]
    assert score["median_esr"] == score["worst_esr"] == score["captures"][0]["esr"]
    clean = source.parent / "clean.wav"
    rendered = shell.json("render", model, clean, out, "--knob", "drive=0.25")
    assert rendered["frames"] == soundfile.info(out).frames == soundfile.info(clean).frames
    assert shell.json("info", model)["evaluation"]["split"] == "validation"
    assert shell.json("info", dataset)["captures"] == {"train": 3, "validation": 1}
    assert shell.json("info", out)["kind"] == "audio"


def test_the_block_size_does_not_change_a_bit(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.wav"
    soundfile.write(clean, clean_signal(0.5), STANDARD_RATE, subtype="FLOAT")
    contents = []
    for block in (1, 63, 64, 8192):
        out = tmp_path / f"{block}.wav"
        shell.json("render", model_path, clean, out, "--block", block, "--knob", "knob_1=9")
        contents.append(soundfile.read(out, dtype="float32")[0])
    for other in contents[1:]:
        np.testing.assert_array_equal(contents[0], other)


def test_each_channel_is_played_by_itself(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    left, right = clean_signal(0.5), clean_signal(0.5)[::-1]
    alone = []
    for name, audio in (("left", left), ("right", right), ("both", np.stack([left, right], axis=1))):
        soundfile.write(tmp_path / f"{name}.wav", audio, STANDARD_RATE, subtype="FLOAT")
        out = tmp_path / f"{name}-out.wav"
        shell.json("render", model_path, tmp_path / f"{name}.wav", out)
        alone.append(soundfile.read(out, dtype="float32")[0])
    np.testing.assert_array_equal(np.stack(alone[:2], axis=1), alone[2])


def test_gate_equaliser_and_cabinet_are_rendered(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    clean, speaker, out = tmp_path / "clean.wav", tmp_path / "speaker.wav", tmp_path / "out.wav"
    soundfile.write(clean, clean_signal(0.5), STANDARD_RATE, subtype="FLOAT")
    soundfile.write(speaker, np.exp(-np.arange(300) / 40.0), STANDARD_RATE, subtype="FLOAT")
    contents = []
    for extra in ((), ("--gate", -50), ("--band", "peaking:700:6"), ("--cabinet", speaker)):
        shell.json("render", model_path, clean, out, *extra)
        contents.append(soundfile.read(out, dtype="float32")[0])
    assert all(np.abs(contents[0] - other).max() > 1e-4 for other in contents[1:])
    for extra, word in (
        (("--gate", 3), "threshold"),
        (("--band", "peeking:700:6"), "peaking"),
        (("--band", "peaking"), "--band"),
        (("--band", "peaking:700:6:1:9"), "--band"),
        (("--cabinet", tmp_path / "none.wav"), "none.wav"),
    ):
        assert word in shell.refused("render", model_path, clean, out, *extra)


def test_quality_is_chosen_and_in_time(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    clean, out = tmp_path / "clean.wav", tmp_path / "out.wav"
    sound = clean_signal(0.3)
    soundfile.write(clean, sound, STANDARD_RATE, subtype="FLOAT")
    model = PlayableModel.from_file(store.load(model_path))
    for quality in Quality:
        assert shell.json("render", model_path, clean, out, "--quality", quality)["quality"] == quality
        wanted = render(model.at_quality(quality), sound)
        np.testing.assert_array_equal(soundfile.read(out, dtype="float32")[0], wanted)
    assert "high" in shell.refused("render", model_path, clean, out, "--quality", "best")


def test_knobs_turn_while_rendering(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    clean, contents = tmp_path / "clean.wav", []
    soundfile.write(clean, clean_signal(0.5), STANDARD_RATE, subtype="FLOAT")
    turns = ("--turn", "0.25:knob_1=9", "--turn", "0.1:knob_1=2")
    for block, extra in ((64, ()), (64, turns), (1000, turns)):
        out = tmp_path / f"{len(contents)}.wav"
        shell.json("render", model_path, clean, out, "--block", block, *extra)
        contents.append(soundfile.read(out, dtype="float32")[0])
    still, turning, again = contents
    first = round(0.1 * STANDARD_RATE)
    np.testing.assert_array_equal(still[:first], turning[:first])
    assert np.abs(still[first:] - turning[first:]).max() > 1e-3
    np.testing.assert_array_equal(turning, again)


def test_a_single_pair_is_imported_with_its_knobs(shell: Shell, tmp_path: Path) -> None:
    clean = clean_signal(3.0)
    soundfile.write(tmp_path / "in.flac", clean, STANDARD_RATE, subtype="PCM_24")
    soundfile.write(tmp_path / "out.aiff", device(clean, 0.5), STANDARD_RATE, subtype="PCM_24")
    record = shell.json(
        "import", "--clean", tmp_path / "in.flac", "--target", tmp_path / "out.aiff", "--knob", "drive=0.5",
        "--out", tmp_path / "dataset",
    )  # fmt: skip
    assert all(capture["knobs"] == {"drive": 0.5} for capture in record["captures"])
    assert {capture["split"] for capture in record["captures"]} == {"train", "validation"}


def test_devices_are_listed_also_where_there_are_none(shell: Shell) -> None:
    record = shell.json("devices")
    assert isinstance(record["devices"], list)
    assert record["devices"] or record["problem"]


def test_text_output_is_for_people(shell: Shell, model_path: Path) -> None:
    code, out, _ = shell("info", model_path)
    assert code == 0
    assert "knob_1" in out


def test_a_process_prints_its_version_and_imports_no_torch_for_it() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "vastudio", "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("vastudio ")
    assert "torch" not in answer.stderr


def test_help_names_every_command(shell: Shell) -> None:
    code, out, _ = shell("--help")
    assert code == 0
    for name in ("import", "train", "render", "evaluate", "info", "devices", "demo"):
        assert f"  {name}" in out


def _pair(
    folder: Path, clean: np.ndarray, target: np.ndarray, rates: tuple[int, int] = (48_000, 48_000)
) -> list[str]:
    folder.mkdir()
    soundfile.write(folder / "clean.wav", clean, rates[0], subtype="FLOAT")
    soundfile.write(folder / "target.wav", target, rates[1], subtype="FLOAT")
    return ["import", "--clean", str(folder / "clean.wav"), "--target", str(folder / "target.wav")]


def test_bad_recordings_are_refused_and_leave_nothing_behind(shell: Shell, tmp_path: Path) -> None:
    clean = clean_signal(1.0)
    broken = clean.copy()
    broken[100] = np.nan
    out = tmp_path / "dataset"
    cases = {
        "rate": _pair(tmp_path / "a", clean, clean, (44_100, 48_000)),
        "not numbers|NaN|numbers": _pair(tmp_path / "b", clean, broken),
        "silent": _pair(tmp_path / "c", clean, np.zeros_like(clean)),
        "empty|no samples|no audio": _pair(tmp_path / "d", clean, clean[:0]),
        "earlier|swapped": _pair(tmp_path / "e", np.roll(clean, 50), clean),
    }
    for words, command in cases.items():
        line = shell.refused(*command, "--out", out)
        assert any(word in line for word in words.split("|")), line
        assert not out.exists()
    text = tmp_path / "text.wav"
    text.write_text("this is no audio")
    empty = tmp_path / "zero.wav"
    empty.write_bytes(b"")
    for path in (text, empty, tmp_path / "missing.wav"):
        line = shell.refused(
            "import", "--clean", tmp_path / "a" / "target.wav", "--target", path, "--out", out
        )
        assert path.name in line
        assert not out.exists()


def test_a_csv_without_a_column_or_with_a_bad_value_names_it(shell: Shell, tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", seconds=0.5)
    rows = source.read_text().splitlines()
    for changed, word in (
        ([row.replace("output", "outputs") for row in rows], "output"),
        ([rows[0], rows[1].replace(",0.0,", ",loud,"), *rows[2:]], "drive"),
        ([rows[0], rows[1].replace("target_0", "target_9"), *rows[2:]], "target_9"),
        (rows[:1], "captures.csv"),
    ):
        source.write_text("\n".join(changed) + "\n")
        line = shell.refused("import", source, "--out", tmp_path / "dataset")
        assert word in line
        assert not (tmp_path / "dataset").exists()


def test_bad_settings_are_refused(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.wav"
    soundfile.write(clean, clean_signal(0.2), STANDARD_RATE)
    out = tmp_path / "out.wav"
    for extra, word in (
        (["--knob", "knob_1=11"], "range"),
        (["--knob", "knob_3=1"], "knob_"),
        (["--knob", "knob_1"], "NAME=VALUE"),
        (["--knob", "knob_1=nan"], "NAME=VALUE"),
        (["--block", "0"], "block"),
    ):
        assert word in shell.refused("render", model_path, clean, out, *extra)
        assert not out.exists()
    assert "when to turn" in shell.refused("render", model_path, clean, out, "--turn", "knob_1=3")
    assert "wav" in shell.refused("render", model_path, clean, tmp_path / "out.mp3")
    assert "write" in shell.refused("render", model_path, clean, clean / "inside" / "out.wav")
    assert "exists" in shell.refused("import", write_source(tmp_path / "s", 0.5), "--out", tmp_path / "s")


def test_damaged_and_newer_models_are_refused(shell: Shell, model_path: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.vamodel"
    part.write_bytes(model_path.read_bytes()[:-100])
    assert "damaged" in shell.refused("info", part)
    newer = tmp_path / "newer.vamodel"
    newer.write_bytes(model_path.read_bytes().replace(b'schema_version\\": 2', b'schema_version\\": 7'))
    assert "Update VA Studio" in shell.refused("info", newer)
    assert "no file" in shell.refused("render", tmp_path / "none.vamodel", part, tmp_path / "o.wav")


def test_wrong_words_get_one_line(shell: Shell) -> None:
    assert "Did you mean 'render'?" in shell.refused("rendr")
    assert "--help" in shell.refused("train")
    assert "--help" in shell.refused("render", "--blok", "3")
    assert "Nothing to import" in shell.refused("import", "--out", "x")
