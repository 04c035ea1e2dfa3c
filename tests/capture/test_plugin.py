"""Plug-ins in their own process: a made-up `pedalboard` with every vice, and the real one if it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.capture.material import RATE, signal
from vastudio.capture.source import Request, Source, build_source
from vastudio.errors import CaptureError, KnobError
from vastudio.types import Knob

PEDALBOARD = """
import os, signal, time
import numpy as np

class Parameter:
    def __init__(self, name, range=(None, None, None), valid_values=None, units=None):
        self.name, self.range, self.valid_values, self.units = name, range, valid_values, units

class Plugin:
    name, is_instrument = "Fuzz", False
    parameters = {
        "drive": Parameter("Drive", (0.5, 11.0, None), units=" dB"),
        "buffer": Parameter("Buffer Size", (0.0, 32768.0, None), units="frames"),
        "boost": Parameter("Boost", (0.0, 1.0, 1.0)),
        "hold": Parameter("Hold", (False, True, None)),
        "model": Parameter("Model", valid_values="off crash hang nan refuse stereo stuck".split()),
        "program": Parameter("Program", valid_values=["Default"]),
    }
    buffer, drive, boost, hold, model, program = 512.0, 1.0, 0.0, False, "off", "Default"

    def __setattr__(self, name, value):
        if (name, value) != ("drive", 7.0):
            object.__setattr__(self, name, value)

    def process(self, audio, rate, reset):
        assert reset and rate == 48000
        print("a plug-in that talks")
        if self.model == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.model == "hang":
            time.sleep(60)
        if self.model == "refuse":
            raise RuntimeError("no licence")
        if self.model == "stereo" and len(audio) == 1:
            raise ValueError("two channels, please")
        return np.tanh(self.drive * audio) * (np.nan if self.model == "nan" else 1.0) * (1 + self.boost)

def load_plugin(path, plugin_name=None):
    if not path.endswith(".vst3"):
        raise ImportError("not a plug-in")
    return Plugin()
"""
MODELS = ["off", "crash", "hang", "nan", "refuse", "stereo", "stuck"]


@pytest.fixture
def fuzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    (tmp_path / "pedalboard.py").write_text(PEDALBOARD)
    (tmp_path / "fuzz.vst3").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return build_source("plugin", Request((), {"plugin": str(tmp_path / "fuzz.vst3"), "timeout": 5.0}))


def test_parameters_are_knobs(fuzz: Source) -> None:
    assert fuzz.knobs == (
        Knob("drive", "Drive", 0.5, 11.0, 1.0, "dB"),
        Knob("boost", "Boost", 0.0, 1.0, 0.0, kind="switch"),
        Knob("hold", "Hold", 0.0, 1.0, 0.0, kind="switch"),
        Knob("model", "Model", 0.0, len(MODELS) - 1.0, 0.0, kind="switch"),
    )
    fuzz.close()


def test_a_take_is_rendered_after_a_lead_of_silence(fuzz: Source) -> None:
    for values, expected in (
        ({"drive": 3.0}, np.tanh(3.0 * signal())),
        ({"boost": 1.0}, 2.0 * np.tanh(signal())),
        ({"model": MODELS.index("stereo")}, np.tanh(signal())),
        ({}, np.tanh(signal())),
    ):
        recorded = fuzz.record(signal(), values)
        assert not recorded.audio[: fuzz.lead].any()
        np.testing.assert_allclose(recorded.audio[fuzz.lead :], expected, atol=1e-6)
    with pytest.raises(KnobError):
        fuzz.record(signal(), {"tone": 1.0})
    fuzz.close()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("crash", "crashed .exit status -11"),
        ("hang", "not answered for 5 s"),
        ("refuse", "no licence"),
        ("nan", "not numbers"),
        ("stuck", "drive became 1 instead of 7"),
    ],
)
def test_vices_cost_a_take_and_not_the_session(fuzz: Source, model: str, words: str) -> None:
    with pytest.raises(CaptureError, match=words):
        fuzz.record(signal(), {"model": MODELS.index(model), **({"drive": 7.0} if model == "stuck" else {})})
    np.testing.assert_allclose(fuzz.record(signal(), {}).audio[fuzz.lead :], np.tanh(signal()), atol=1e-6)
    fuzz.close()


def test_a_take_can_be_given_up(fuzz: Source) -> None:
    def give_up(done: float, _peak: float) -> None:
        if done > 0.02:
            raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fuzz.record(signal(), {"model": MODELS.index("hang")}, 0, give_up)
    assert time.monotonic() - started < 60.0


def test_what_cannot_be_loaded_is_named(
    fuzz: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "readme.txt").write_text("")
    for options, words in (
        ({"plugin": str(tmp_path / "none.vst3")}, "no plug-in"),
        ({"plugin": str(tmp_path / "fuzz.vst3"), "python": "no-such-python"}, "cannot be started"),
        ({"plugin": str(tmp_path / "readme.txt")}, "not a plug-in"),
    ):
        with pytest.raises(CaptureError, match=words):
            build_source("plugin", Request((), options)).open()
    fuzz.close()
    (tmp_path / "pedalboard.py").write_text("raise ModuleNotFoundError('no pedalboard')")
    with pytest.raises(CaptureError, match=r"vastudio\[plugins\]"):
        build_source("plugin", Request((), {"plugin": str(tmp_path / "fuzz.vst3")})).open()


def test_the_studio_never_imports_it() -> None:
    code = (
        "import sys, vastudio.cli.capture; from vastudio.capture.source import source_kinds; source_kinds();"
        "sys.exit('pedalboard' in sys.modules or 'vastudio.capture.plugin_host' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


TUBE = Path("/usr/lib/vst3/ZamTube.vst3")


def interpreter() -> str:
    """An interpreter that has the real pedalboard: named by the environment, or this one."""
    python = os.environ.get("VASTUDIO_PEDALBOARD_PYTHON", sys.executable)
    found = shutil.which(python) and subprocess.run(
        [python, "-c", "import pedalboard"], capture_output=True, check=False
    )
    if not found or found.returncode != 0 or not TUBE.exists():
        pytest.skip("needs pedalboard and Debian's zam-plugins")
    return python


def test_a_real_plugin() -> None:
    options = {"plugin": str(TUBE), "python": interpreter()}
    drive = Knob("tube_drive", minimum=0.1, maximum=11.0, default=1.0)
    source = build_source("plugin", Request((drive,), options))
    source.open()
    soft, hard = (source.record(signal(), {"tube_drive": value}).audio for value in (0.5, 10.0))
    again = source.record(signal(), {"tube_drive": 0.5}).audio
    source.close()
    assert soft.size == source.lead + signal().size
    assert np.abs(soft).max() > 1e-3
    assert np.abs(again - soft).max() < 1e-3 * np.abs(soft).max()
    assert np.abs(hard - soft).max() > 0.1 * np.abs(hard).max()
    assert source.sample_rate == RATE
