"""Setting a capture up: new, continued, and continued where a training run is worst."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capture.material import GAIN, command_line, plan
from vastudio.app import capture
from vastudio.app.capture import set_up, source_for, worst_positions
from vastudio.app.recording_advice import Advice
from vastudio.audio import io
from vastudio.capture.plan import plan_knobs
from vastudio.capture.record import capturing, record_plan
from vastudio.capture.session_file import SourceChoice
from vastudio.errors import CaptureError
from vastudio.kernels import circuit


def test_a_session_is_continued_with_what_was_chosen_and_what_is_chosen_now(tmp_path: Path) -> None:
    options = {"command": command_line(tmp_path), "timeout": 5.0}
    first = set_up(plan(tmp_path), tmp_path / "amp", "command", options)
    first.session.close()
    again = set_up(None, tmp_path / "amp", options={"timeout": 9.0})
    assert again.source.timeout_seconds == 9.0  # type: ignore[attr-defined]
    assert again.session.setup == first.session.setup
    assert again.session.plan.knobs == (GAIN,)
    list(capturing(again.session, again.source))
    again.session.close()


def test_a_refusal_lets_go_of_the_session(tmp_path: Path) -> None:
    set_up(plan(tmp_path), tmp_path / "amp", "command", {"command": command_line(tmp_path)}).session.close()
    for _ in range(2):
        with pytest.raises(CaptureError, match="'virtual'"):
            set_up(None, tmp_path / "amp", "virtual")


def test_positions_come_from_a_training_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = set_up(plan(tmp_path), tmp_path / "amp", "command", {"command": command_line(tmp_path)})
    advice = Advice(record_next=({"gain": 2.5}, {"gain": 7.5}))
    monkeypatch.setattr(capture, "advice_on", lambda _run, _count: advice)
    positions = worst_positions(bench.session, tmp_path)
    bench.session.append(positions)
    assert [slot.position.values["gain"] for slot in bench.session.state.slots] == [0.0, 5.0, 10.0, 2.5, 7.5]
    for foreign in (Advice(), Advice(record_next=({"bass": 1.0},))):
        monkeypatch.setattr(capture, "advice_on", lambda _run, _count, advice=foreign: advice)
        with pytest.raises(CaptureError, match="does not say"):
            worst_positions(bench.session, tmp_path)


def test_a_demonstration_dataset_is_continued_once_a_source_is_named(tmp_path: Path) -> None:
    source = source_for(SourceChoice("virtual"))
    signal = plan(tmp_path).stimulus.file
    assert signal is not None

    knobs = plan_knobs(circuit.KNOBS, hypercube=0, validation=1)
    record_plan(source, knobs, io.read(signal)[0], tmp_path / "demo")
    with pytest.raises(CaptureError, match="without a source"):
        set_up(None, tmp_path / "demo")
    bench = set_up(None, tmp_path / "demo", "virtual")
    assert bench.session.state.phase == "finished"
    bench.session.append([*knobs.positions[:1]])
    assert len(list(capturing(bench.session, bench.source))) == 3
