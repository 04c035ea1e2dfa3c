"""Programs as sources: their knobs, and everything that a program can do wrong."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.capture.material import GAIN, RATE, clipper, command_line, signal
from vastudio.capture.source import Recording, Request, build_source
from vastudio.errors import CaptureError, KnobError, StudioError
from vastudio.types import Knob


def run(folder: Path, code: str, timeout: float = 20.0) -> Recording:
    """Record with a program of these lines of Python."""
    script = folder / "program.py"
    script.write_text(f"import sys, time, numpy, soundfile\ngiven, made, gain = sys.argv[1:]\n{code}")
    line = f'"{sys.executable}" "{script}" {{input}} {{output}} {{gain}}'
    source = build_source("command", Request((GAIN,), {"command": line, "timeout": timeout}))
    return source.record(signal(), {"gain": 2.0})


WRITE = "soundfile.write(made, {}, {}, subtype='FLOAT')"


def test_knob_values_reach_the_program(tmp_path: Path) -> None:
    source = clipper(tmp_path)
    for gain in (0.0, 7.5):
        recorded = source.record(signal(), {"gain": gain})
        np.testing.assert_allclose(recorded.audio, np.tanh((0.5 + gain) * signal()), atol=1e-6)
    resting = source.record(signal(), {}).audio
    np.testing.assert_array_equal(resting, source.record(signal(), {"gain": GAIN.default}).audio)


def test_values_are_formatted_as_asked(tmp_path: Path) -> None:
    code = "import sys, shutil; print(sys.argv[3:], file=sys.stderr); sys.exit(3)"
    line = f'"{sys.executable}" -c "{code}" {{input}} {{output}} {{gain}} {{gain:.3f}} -p=G:{{gain:fraction}}'
    source = build_source("command", Request((GAIN,), {"command": line}))
    with pytest.raises(CaptureError, match="exit status 3") as caught:
        source.record(signal(), {"gain": 2.5})
    assert "['2.5', '2.500', '-p=G:0.25']" in caught.value.details


@pytest.mark.parametrize(
    ("code", "words", "detail"),
    [
        ("sys.exit('out of valves')", "exit status 1", "out of valves"),
        ("print('done')", "wrote no file", "done"),
        ("open(made, 'w').write('noise')", "cannot be used", ""),
        (WRITE.format("numpy.zeros(30000)", RATE), "silence", ""),
        (WRITE.format("numpy.full(30000, numpy.nan)", RATE), "not numbers", ""),
        (WRITE.format("numpy.full(30000, 0.1)", 44_100), "44100 Hz", ""),
        (WRITE.format("numpy.full(9000, 0.1)", RATE), r"last 0\.41 s", ""),
    ],
)
def test_what_goes_wrong_is_named(tmp_path: Path, code: str, words: str, detail: str) -> None:
    with pytest.raises(CaptureError, match=words) as caught:
        run(tmp_path, code)
    assert detail in caught.value.details


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "alive"
    child = f"import time\nwhile True:\n open({str(mark)!r}, 'w').close(); time.sleep(0.02)"
    code = f"import subprocess\nsubprocess.Popen([sys.executable, '-c', {child!r}])\ntime.sleep(60)"
    with pytest.raises(CaptureError, match="not ended"):
        run(tmp_path, code, timeout=0.7)
    time.sleep(0.1)
    mark.unlink(missing_ok=True)
    time.sleep(0.2)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        ("", CaptureError, "needs --command"),
        ("amp {input} {gain}", CaptureError, r"lacks \{output\}"),
        ("amp {input} {output}", CaptureError, r"lacks \{gain\}"),
        ("amp {input} {output} {gian}", KnobError, "Did you mean 'gain'"),
        ("amp {input} {output} {gain:ten}", CaptureError, "no placeholder"),
        ("amp '{input} {output} {gain}", CaptureError, "quotes"),
    ],
)
def test_a_line_that_cannot_work_is_refused(line: str, kind: type[StudioError], words: str) -> None:
    with pytest.raises(kind, match=words):
        build_source("command", Request((GAIN,), {"command": line}))


def test_a_missing_program_is_named() -> None:
    source = build_source("command", Request((GAIN,), {"command": "no-such-amp {input} {output} {gain}"}))
    with pytest.raises(CaptureError, match="'no-such-amp' cannot be started"):
        source.record(signal(), {})


def test_options_are_checked(tmp_path: Path) -> None:
    line = command_line(tmp_path)
    for options, words in (
        ({"comand": line}, "Did you mean 'command'"),
        ({"command": line, "rate": "fast"}, "no value for --rate"),
    ):
        with pytest.raises(CaptureError, match=words):
            build_source("command", Request((GAIN,), options))
    with pytest.raises(CaptureError, match="no source 'comand'"):
        build_source("comand", Request())


def test_a_knob_beyond_the_dial_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnobError, match="cannot be set to 11"):
        clipper(tmp_path).record(signal(), {"gain": 11.0})
    with pytest.raises(KnobError, match="cannot be set to 11"):
        build_source("virtual", Request((Knob("gain", maximum=11.0),)))
