"""Models of other programs on the command line: info, convert, render, at any rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.test_commands import Shell
from tests.modelfile import generated
from vastudio.audio.resample import resample
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.modelfile import reading, store


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def lstm(tmp_path: Path) -> Path:
    metadata = {
        "name": "A small one", "modeled_by": "Someone", "gear_make": "Brown", "gear_model": "30",
        "gear_type": "amp", "tone_type": "crunch", "input_level_dbu": 12.5, "loudness": None,
    }  # fmt: skip
    return generated.write(generated.lstm(4, 1) | {"metadata": metadata}, tmp_path, "small.nam")


def sound(rate: int) -> np.ndarray:
    t = np.arange(rate // 4) / rate
    return (0.4 * np.sin(2 * np.pi * 220 * t) * np.exp(-6 * t)).astype(np.float32)


def test_info_tells_what_a_file_says_about_itself(shell: Shell, lstm: Path) -> None:
    told = shell.json("info", lstm)
    assert (told["name"], told["architecture"], told["author"]) == ("A small one", "NAM LSTM", "Someone")
    assert (told["notes"], told["levels"]) == ("Brown 30, amp, crunch", {"input_dbu": 12.5})
    assert told["provenance"]["imported"]["format"] == "NAM"
    code, text, _ = shell("info", lstm)
    assert code == 0
    assert "NAM 0.5.4" in text
    assert "tone type: crunch" in text


def test_info_lists_the_sizes_of_a_file(shell: Shell, tmp_path: Path) -> None:
    models = generated.NAM["A1"], generated.NAM["gated"]
    path = generated.write(generated.container(*models), tmp_path)
    _, text, _ = shell("info", path, "--size", "0.2")
    assert "size from 0.00: WaveNet, 4 channels, this one" in text


def test_convert_writes_a_model_that_plays_the_same(shell: Shell, lstm: Path, tmp_path: Path) -> None:
    told = shell.json("convert", lstm, tmp_path / "own.vamodel", "--name", "Mine")
    assert told["network"] == "LSTM-4"
    own = store.load(tmp_path / "own.vamodel")
    assert own.name == "Mine"
    x = sound(48_000)
    first, second = PlayableModel.from_file(reading.load(lstm)), PlayableModel.from_file(own)
    np.testing.assert_array_equal(render(second, x), render(first, x))
    assert ".vamodel" in shell.refused("convert", lstm, tmp_path / "own.onnx")


def test_render_converts_a_file_at_another_rate_both_ways(shell: Shell, lstm: Path, tmp_path: Path) -> None:
    x = sound(44_100)
    soundfile.write(tmp_path / "in.wav", x, 44_100, subtype="FLOAT")
    told = shell.json("render", lstm, tmp_path / "in.wav", tmp_path / "out.wav")
    assert (told["sample_rate"], told["model_rate"], told["frames"]) == (44_100, 48_000, x.size)
    y, rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    at_model = render(PlayableModel.from_file(reading.load(lstm)), resample(x, 44_100, 48_000))
    np.testing.assert_allclose(y, resample(at_model, 48_000, 44_100)[: x.size], atol=1e-6)
    assert rate == 44_100


@pytest.mark.parametrize("command", ["info", "render", "evaluate", "convert"])
def test_a_broken_file_is_refused_in_one_line(command: str, shell: Shell, tmp_path: Path) -> None:
    broken = generated.lstm(4, 1)
    broken["config"]["hidden_size"] = 5
    path = generated.write(broken, tmp_path)
    rest = {"info": [], "convert": [tmp_path / "x.vamodel"], "evaluate": [tmp_path]}.get(
        command, [path, "x.wav"]
    )
    assert "'weights' holds 109 numbers, but this network needs 156" in shell.refused(command, path, *rest)
