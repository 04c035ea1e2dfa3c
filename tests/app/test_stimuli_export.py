"""What is exported to be played elsewhere, recorded there, and captured from the files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.capture.material import RATE, plan
from vastudio.app.stimuli_export import LISTING, PLAN, WHOLE, export_stimuli
from vastudio.audio import io
from vastudio.capture.plan_file import read_plan
from vastudio.capture.source import Request, build_source
from vastudio.capture.stimuli import signal_for
from vastudio.errors import OutputError


@pytest.mark.parametrize("in_one", [False, True])
def test_what_was_played_is_found_again(tmp_path: Path, in_one: bool) -> None:
    """A wire: what is exported is what would have been recorded, and every position gets its own."""
    wanted = plan(tmp_path)
    exported = export_stimuli(wanted, tmp_path / "play", in_one=in_one, pause=1.5, rate=RATE)
    recordings = tmp_path / "play" / WHOLE if in_one else tmp_path / "play"
    options = {"recordings": str(recordings), "rate": RATE, "pause": 1.5}
    source = build_source("files", Request(wanted.knobs, options))
    for place, position in enumerate(wanted.positions):
        signal = signal_for(wanted.stimulus, position, RATE)
        heard = source.record(signal, position.values, place).audio
        np.testing.assert_allclose(heard[: signal.size], signal, atol=2.0**-23)
    count, seconds = len(wanted.positions), signal.size / RATE
    assert exported.seconds == pytest.approx(count * seconds + (count + 1) * 1.5 * in_one)
    assert replace(read_plan(tmp_path / "play" / PLAN), stimulus=wanted.stimulus) == wanted


def test_the_text_tells_what_belongs_where(tmp_path: Path) -> None:
    wanted = plan(tmp_path)
    export_stimuli(wanted, tmp_path / "each", rate=RATE)
    export_stimuli(wanted, tmp_path / "one", in_one=True, pause=2.0, rate=RATE)
    each, one = ((tmp_path / name / LISTING).read_text() for name in ("each", "one"))
    size = io.read(tmp_path / "each" / "001.wav")[0].size / RATE
    for place, position in enumerate(wanted.positions):
        values = ", ".join(f"{knob.title} {position.values[knob.name]:g}" for knob in wanted.knobs)
        assert f"{place + 1:03d}.wav   {values}\n" in each
        assert f"at   0:{2.0 * (place + 1) + size * place:04.1f}   {values}\n" in one
    assert "--recordings RECORDING.wav --out DATASET --pause 2" in one


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "001.wav").write_bytes(b"a recording")
    with pytest.raises(OutputError):
        export_stimuli(plan(tmp_path), tmp_path, rate=RATE)
    assert (tmp_path / "001.wav").read_bytes() == b"a recording"


def test_nothing_is_left_of_an_export_that_was_stopped(tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_stimuli(plan(tmp_path), tmp_path / "out", rate=RATE, on_progress=stop)
    assert not [path for path in tmp_path.iterdir() if "out" in path.name]
