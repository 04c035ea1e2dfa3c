"""A capture as a person walks through it, with real sources, real files, and takes of half a second."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.capture.material import RATE, command_line, signal
from vastudio import paths
from vastudio.app import capture_project
from vastudio.app.capture_project import (
    CaptureProject,
    Draft,
    find_dials,
    read_take,
    stored_sessions,
    with_position,
)
from vastudio.app.recording_advice import Advice
from vastudio.audio import io
from vastudio.capture.plan_file import Dial, StimulusChoice
from vastudio.capture.record import TakeFinished
from vastudio.dataset.store import Dataset
from vastudio.errors import CaptureError, KnobError
from vastudio.kernels import circuit
from vastudio.types import Knob


def short(folder: Path) -> StimulusChoice:
    """Half a second of noise instead of the studio's own signal."""
    io.write(folder / "clean.wav", signal(), RATE)
    return StimulusChoice(file=folder / "clean.wav")


def virtual(folder: Path, positions: int = 5) -> Draft:
    draft = Draft(device="My amp", stimulus=short(folder), positions=positions, validation=1)
    return replace(draft, dials=find_dials(draft)).planned()


def record_all(project: CaptureProject) -> list[int]:
    return [event.index for event in project.takes() if isinstance(event, TakeFinished)]


def test_a_source_tells_its_knobs_or_the_command_names_them(tmp_path: Path) -> None:
    assert tuple(dial.knob for dial in find_dials(Draft())) == circuit.KNOBS
    line = command_line(tmp_path, "{bright:.2f}")
    found = find_dials(Draft("command", {"command": line}))
    assert [dial.knob.name for dial in found] == ["gain", "bright"]
    with pytest.raises(CaptureError, match="input"):
        find_dials(Draft("command", {"command": "amp {output} {gain}"}))


def test_the_virtual_amp_is_captured_from_the_first_step_to_a_dataset(tmp_path: Path) -> None:
    draft = virtual(tmp_path)
    project = CaptureProject.begin(draft)
    first = project.view()
    assert first.folder == paths.user_datasets() / "My amp"
    assert (first.count("open"), first.current, first.needs_hands) == (7, 0, False)
    assert first.moved == {"gain", "tone"}
    assert record_all(project) == list(range(7))
    view = project.view()
    project.close()
    assert view.is_finished
    assert view.row is None
    assert all(row.status == "accepted" and row.peak_db is not None for row in view.rows)
    take = read_take(view.rows[3])
    assert (len(take.target), len(take.clean), take.rate) == (len(signal()), len(signal()), RATE)
    dataset = Dataset.open(view.folder)
    assert len(dataset.captures("train")) == 6
    assert len(dataset.captures("validation")) == 1


def test_a_pause_ends_after_the_take_and_the_session_goes_on_there(tmp_path: Path) -> None:
    project = CaptureProject.begin(virtual(tmp_path))
    taken = [e.index for e in project.takes(wants_pause=lambda: True) if isinstance(e, TakeFinished)]
    assert taken == [0]
    project.close()
    (stored,) = stored_sessions()
    assert (stored.device, stored.done, stored.total) == ("My amp", 1, 7)
    again = CaptureProject.reopen(stored.folder)
    assert again.view().current == 1
    assert again.view().last is None
    assert record_all(again) == list(range(1, 7))
    again.close()
    assert stored_sessions()[0].is_finished


def test_what_moves_is_told_from_where_the_last_take_left_the_knobs(tmp_path: Path) -> None:
    project = CaptureProject.begin(virtual(tmp_path))
    list(project.takes(only_one=True))
    view = project.view()
    before, now = view.rows[0].values, view.rows[1].values
    assert view.last == 0
    assert view.moved == {name for name in now if now[name] != before[name]}
    project.choose(0)
    assert project.view().moved == frozenset()
    project.close()


def test_a_retake_a_skip_and_a_position_more(tmp_path: Path) -> None:
    project = CaptureProject.begin(virtual(tmp_path))
    project.skip()
    assert project.view().rows[0].status == "skipped"
    record_all(project)
    project.choose(2)
    list(project.takes(only_one=True))
    assert project.view().rows[2].attempts == 2
    project.add({"gain": 3.2, "tone": 1.0})
    view = project.view()
    assert (view.current, view.rows[7].values) == (7, {"gain": 3.0, "tone": 1.0})
    project.close()


def test_positions_come_from_the_newest_run_on_this_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = CaptureProject.begin(virtual(tmp_path))
    with pytest.raises(CaptureError, match="Nothing was trained"):
        project.add_worst()

    class Run:
        dataset_path, folder = project.folder, tmp_path

    monkeypatch.setattr(capture_project, "read_runs", lambda: [Run()])
    advice = Advice(record_next=({"gain": 2.5, "tone": 7.5},))
    monkeypatch.setattr("vastudio.app.capture.advice_on", lambda _run, _count: advice)
    assert project.add_worst() == 1
    assert project.view().rows[-1].values == {"gain": 2.5, "tone": 7.5}
    project.close()


def test_a_plan_is_edited_on_the_dials_steps(tmp_path: Path) -> None:
    plan = virtual(tmp_path).plan
    assert plan is not None
    edited = with_position(plan, 1, {"gain": 3.3, "tone": 0.0}, "validation")
    assert len(edited.positions) == len(plan.positions)
    assert edited.positions[1].values == {"gain": 3.5, "tone": 0.0}
    assert edited.positions[1].split == "validation"
    with pytest.raises(KnobError):
        with_position(plan, 1, {"gain": 11.0}, "train")


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnobError, match="no knob"):
        Draft().planned()
    with pytest.raises(CaptureError, match="Nothing is planned"):
        CaptureProject.begin(Draft())
    wrong = replace(virtual(tmp_path), dials=(Dial(Knob("bass")),), positions=None).planned()
    with pytest.raises(KnobError, match="bass"):
        CaptureProject.begin(wrong)
