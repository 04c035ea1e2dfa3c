"""vastudio reamp: a take through a preset, by the real command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.app.test_rack_state import full, response
from tests.cli.test_commands import Shell
from tests.engine.test_rack import RATE, sine
from tests.models import random_model
from vastudio.app import impulses, rack_preset
from vastudio.app.rack import Rig
from vastudio.app.reamp import read_take
from vastudio.audio import io
from vastudio.modelfile import store


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


def test_a_take_goes_through_a_preset(shell: Shell, tmp_path: Path) -> None:
    model, preset, take = tmp_path / "m.vamodel", tmp_path / "p.vapreset", tmp_path / "take.wav"
    store.save(random_model(hidden=4), model)
    rack = full(impulses.keep(response(tmp_path / "cab.wav")))
    rack_preset.write(preset, "Loud", Rig(rack, str(model), {"knob_1": 3.0}))
    io.write(take, sine(9_600), RATE)
    status, out, _ = shell("reamp", str(take), str(preset), "--json")
    assert status == 0
    record = json.loads(out)
    assert (record["preset"], record["frames"], record["sample_rate"]) == ("Loud", 9_600, RATE)
    clean, processed, _ = read_take(tmp_path / "take re-amped.wav")
    assert np.array_equal(clean, sine(9_600))
    assert processed is not None
    assert processed.any()
    heard = []
    for quality in ("normal", "high"):
        made = tmp_path / f"{quality}.wav"
        arguments = ["reamp", str(take), str(preset), "--quality", quality, "--output", str(made), "--json"]
        status, out, _ = shell(*arguments)
        assert (status, json.loads(out)["quality"]) == (0, quality)
        heard.append(io.read_channels(made)[0][:, 1])
    np.testing.assert_array_equal(heard[0], processed)
    assert 0 < np.abs(heard[1] - processed).max() < 0.1 * np.abs(processed).max()


def test_a_take_goes_through_several_presets(shell: Shell, tmp_path: Path) -> None:
    take = tmp_path / "take.wav"
    io.write(take, sine(4_800), RATE)
    presets = [tmp_path / "a.vapreset", tmp_path / "b.vapreset"]
    for path, name in zip(presets, ("Loud", "Quiet"), strict=True):
        rack_preset.write(path, name, Rig())
    status, out, _ = shell("reamp", str(take), *map(str, presets), "--json")
    assert status == 0
    assert [Path(json.loads(line)["output"]).name for line in out.splitlines()] == [
        "take re-amped Loud.wav",
        "take re-amped Quiet.wav",
    ]
    status, _, error = shell("reamp", str(take), *map(str, presets), "--output", "x.wav")
    assert status == 2
    assert "several files" in error


def test_what_is_no_preset_is_named(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "p.vapreset").write_bytes(b"no")
    status, _, error = shell("reamp", "x.wav", str(tmp_path / "p.vapreset"))
    assert status == 2
    assert "p.vapreset is no preset" in error
