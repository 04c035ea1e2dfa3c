"""Sessions in folders: what is on the disk at every moment, and going on after everything."""

from __future__ import annotations

import dataclasses
import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.capture.material import GAIN, RATE, clipper, plan, session_in, signal
from vastudio.audio import io
from vastudio.capture import session_file
from vastudio.capture.plan import Position
from vastudio.capture.record import SessionFinished, TakeFinished, capturing
from vastudio.capture.session import Session
from vastudio.capture.source import OnProgress, Recording, ignore_progress
from vastudio.dataset import manifest as manifest_file
from vastudio.dataset.store import Dataset
from vastudio.errors import CaptureError, DeviceError, KnobError, OutputError
from vastudio.types import Audio, Knob, KnobValues


@dataclasses.dataclass
class Desk:
    """A source in memory: a delayed soft clipper whose next takes can be spoilt."""

    spoil: Callable[[Audio], Recording] | None = None
    stuck: float | None = None
    taken: int = 0
    is_open: bool = False
    delay: int = 37
    name: str = "desk"
    knobs: tuple[Knob, ...] = (GAIN,)
    sample_rate: int = RATE
    needs_hands: bool = True
    coding: Any = "PCM_24"
    lead: int = 480

    def open(self) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def record(
        self, signal: Audio, values: KnobValues, place: int = 0, on_progress: OnProgress = ignore_progress
    ) -> Recording:
        self.taken += 1
        on_progress(0.5, 0.1)
        gain = values["gain"] if self.stuck is None else self.stuck
        sound = np.tanh((0.5 + gain) * signal).astype(np.float32) * 0.9
        silence = np.zeros(self.lead + self.delay, np.float32)
        whole = np.concatenate([silence, sound, np.zeros(2000, np.float32)])
        if self.spoil is not None:
            spoil, self.spoil = self.spoil, None
            return spoil(whole)
        return Recording(whole)


def fail(error: Exception) -> Callable[[Audio], Recording]:
    def spoil(_audio: Audio) -> Recording:
        raise error

    return spoil


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def session(tmp_path: Path, desk: Desk) -> Session:
    return session_in(tmp_path / "amp", desk, plan(tmp_path))


def reopened(session: Session) -> Session:
    session.close()
    return Session.open(session.folder)


def files(session: Session) -> list[str]:
    return sorted(path.name for path in (session.folder / "audio").iterdir())


def test_a_session_becomes_a_dataset_take_by_take(session: Session, desk: Desk) -> None:
    for count in (1, 2, 3):
        capture = session.record(desk)
        assert capture.usable_clips
        assert len(Dataset.open(session.folder).captures()) == count
        assert reopened(session).state == session.state
    assert session.state.phase == "finished"
    dataset = session.dataset()
    assert [capture.split for capture in dataset.captures()] == ["train", "train", "validation"]
    for capture in dataset.captures():
        clean, target = dataset.read_clip(capture.clips[0])
        np.testing.assert_array_equal(clean, signal()[: clean.size])
        expected = np.tanh((0.5 + capture.knobs["gain"]) * clean) * 0.9
        assert np.abs(target - expected).max() < 0.01, "as good as a delay found to a hundredth of a sample"


def test_raw_takes_are_kept_as_they_came(session: Session, desk: Desk) -> None:
    session.record(desk)
    raw, rate = io.read(session.folder / "audio" / "take-000-0.wav")
    assert rate == RATE
    assert raw.size == desk.lead + desk.delay + signal().size + 2000
    assert io.probe(session.folder / "audio" / "take-000-0.wav").format == "WAV PCM_24"
    assert not raw[: desk.lead].any()


def test_the_delay_is_one_fact_for_all_takes(session: Session, desk: Desk) -> None:
    for _ in range(3):
        session.record(desk)
    delays = {clip.delay_samples for capture in session.manifest.captures for clip in capture.clips}
    assert len(delays) == 1
    assert delays.pop() == pytest.approx(desk.delay, abs=0.1)


@pytest.mark.parametrize(
    "error", [DeviceError("The cable is out."), CaptureError("It failed."), KeyboardInterrupt()]
)
def test_a_failing_source_costs_the_take_only(session: Session, desk: Desk, error: Exception) -> None:
    session.record(desk)
    before = session.state
    desk.spoil = fail(error)
    with pytest.raises(type(error)):
        session.record(desk)
    assert session.state == before
    assert reopened(session).state == before
    session.record(desk)
    assert session.state.current == 2


def test_giving_up_during_a_take_costs_the_take_only(session: Session, desk: Desk) -> None:
    def give_up(_done: float, _peak: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        session.record(desk, give_up)
    assert session.state.phase == "waiting"
    assert files(session) == [name for name in files(session) if name.startswith("clean")]


def test_a_bad_take_is_repeated_and_kept_aside(session: Session, desk: Desk) -> None:
    desk.spoil = lambda audio: Recording(np.zeros_like(audio))
    capture = session.record(desk)
    assert [finding.code for finding in capture.findings] == ["silent_target"]
    assert session.state.slot.status == "rejected"
    assert session.record(desk).usable_clips
    assert [name for name in files(session) if "take" in name] == ["take-000-0.wav", "take-000-1.wav"]
    assert [record.path for record in session.manifest.audio][-1] == "audio/take-000-1.wav"


def test_a_take_with_lost_blocks_is_an_error(session: Session, desk: Desk) -> None:
    desk.spoil = lambda audio: Recording(audio, dropouts=2)
    capture = session.record(desk)
    assert not capture.usable_clips
    finding = next(finding for finding in capture.findings if finding.code == "late_blocks")
    assert (finding.severity, finding.value, finding.unit) == ("error", 2.0, "blocks")


def test_a_knob_that_was_not_turned_is_noticed_at_once(session: Session, desk: Desk) -> None:
    session.record(desk)
    desk.stuck = 0.0
    noticed = session.record(desk)
    assert [finding.code for finding in noticed.findings] == ["unmoved"]
    assert session.state.slots[1].status == "accepted", "perhaps it does nothing here"
    desk.stuck = None
    assert not session.record(desk).findings


def test_a_take_that_cannot_be_measured_is_set_aside(session: Session, desk: Desk) -> None:
    desk.spoil = lambda audio: Recording(audio[:1000])
    with pytest.raises(Exception, match="in common"):
        session.record(desk)
    assert session.state.phase == "waiting"
    session.record(desk)
    assert reopened(session).state.slots[0].attempts[1].take is not None


def test_skipping_choosing_and_pausing_survive(session: Session, desk: Desk) -> None:
    session.skip()
    session.record(desk)
    session.pause()
    with pytest.raises(CaptureError, match="paused"):
        session.record(desk)
    session = reopened(session)
    assert session.state.current == 2
    assert session.state.phase == "waiting"
    session.record(desk)
    assert session.state.phase == "finished"
    session.choose(0)
    session.record(desk)
    assert [slot.status for slot in session.state.slots] == ["accepted"] * 3


def test_positions_are_appended_later(session: Session, desk: Desk) -> None:
    for _ in range(3):
        session.record(desk)
    session = reopened(session)
    session.append([Position({"gain": 2.5}, "train")])
    with pytest.raises(KnobError, match="no knob"):
        session.append([Position({"bass": 2.5}, "train")])
    session.record(desk)
    assert [capture.knobs["gain"] for capture in session.dataset().captures("train")] == [0.0, 5.0, 2.5]


def test_levels_can_be_noted_at_any_time(session: Session, desk: Desk) -> None:
    session.calibrate(send_dbu=12.5)
    session.record(desk)
    assert (session.dataset().manifest.send_dbu, session.dataset().manifest.return_dbu) == (12.5, None)
    session.calibrate(return_dbu=19.0)
    manifest = reopened(session).dataset().manifest
    assert (manifest.send_dbu, manifest.return_dbu) == (12.5, 19.0)


def test_without_positions_for_validation_the_ends_are_held_out(tmp_path: Path, desk: Desk) -> None:
    planned = plan(tmp_path)
    positions = tuple(dataclasses.replace(position, split="train") for position in planned.positions)
    session = session_in(tmp_path / "amp", desk, dataclasses.replace(planned, positions=positions))
    session.choose(2)
    session.record(desk)
    session.record(desk)
    ids = [capture.id for capture in session.dataset().captures()]
    assert ids == ["000", "002", "000-end", "002-end"]


def interrupted(session: Session, phase: str) -> None:
    """Make the folder look as if the process had been killed in that phase."""
    path = session.folder / session_file.NAME
    content = json.loads(path.read_text())
    content["state"]["phase"] = phase
    path.write_text(json.dumps(content))
    session.close()


def test_killed_while_recording_the_take_comes_again(session: Session, desk: Desk) -> None:
    session.record(desk)
    before = session.state
    (session.folder / "audio" / ".take-001-0-abc.wav").write_bytes(b"half")
    interrupted(session, "recording")
    again = Session.open(session.folder)
    assert again.state == before
    assert "Take 2 was not finished" in again.news[0]
    assert not list((session.folder / "audio").glob(".*"))


def test_killed_after_writing_the_take_is_kept(session: Session, desk: Desk) -> None:
    session.record(desk)
    audio = session.folder / "audio"
    (audio / "take-001-0.wav").write_bytes((audio / "take-000-0.wav").read_bytes())
    interrupted(session, "recording")
    again = Session.open(session.folder)
    assert "Take 2 was on the disk" in again.news[0]
    assert again.state.slots[1].status == "accepted"
    assert again.state.slots[1].attempts[0].stored.dropouts is None
    assert len(Dataset.open(session.folder).captures()) == 2


def test_killed_after_writing_a_take_that_is_no_good_it_comes_again(session: Session, desk: Desk) -> None:
    session.record(desk)
    io.write(session.folder / "audio" / "take-001-0.wav", np.zeros(600, np.float32), RATE)
    interrupted(session, "recording")
    again = Session.open(session.folder)
    assert "comes again" in again.news[0]
    assert again.state.phase == "waiting"
    again.record(desk)
    assert (session.folder / "audio" / "take-001-1.wav").exists()


def test_killed_before_the_manifest_it_is_written_on_opening(session: Session, desk: Desk) -> None:
    session.record(desk)
    old = (session.folder / manifest_file.MANIFEST_NAME).read_bytes()
    session.record(desk)
    (session.folder / manifest_file.MANIFEST_NAME).write_bytes(old)
    assert len(reopened(session).dataset().captures()) == 2


@pytest.mark.parametrize("is_ended", [True, False])
@pytest.mark.parametrize("broken", range(1, 5))
def test_a_disk_that_is_full_at_any_write_loses_one_take_at_most(
    session: Session, desk: Desk, monkeypatch: pytest.MonkeyPatch, broken: int, is_ended: bool
) -> None:
    """The n-th write fails: of `session.json` (recording), the take, `session.json` (stored, measured)."""
    session.record(desk)
    writes = 0
    replace = Path.replace

    def full(path: Path, target: Path) -> Path:
        nonlocal writes
        writes += 1
        if writes == broken:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        session.record(desk)
    monkeypatch.undo()
    taken = desk.taken
    again = reopened(session) if is_ended else session
    assert again.state.slots[0] == session.state.slots[0]
    while again.state.phase != "finished":
        again.record(desk)
    assert len(again.dataset().captures()) == 3
    assert desk.taken - taken == (2 if broken <= 2 else 1), "what is on the disk is not recorded again"
    assert not list(again.folder.rglob(".*-*"))


def test_one_process_at_a_time(session: Session) -> None:
    with pytest.raises(CaptureError, match="another process"):
        Session.open(session.folder)
    session.close()
    Session.open(session.folder).close()


def test_foreign_folders_are_left_alone(tmp_path: Path, desk: Desk) -> None:
    (tmp_path / "mine" / "audio").mkdir(parents=True)
    with pytest.raises(OutputError, match="exists"):
        session_in(tmp_path / "mine", desk, plan(tmp_path))
    with pytest.raises(CaptureError, match="no capture session"):
        Session.open(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["audio"]


def test_a_beginning_that_was_killed_can_begin_again(tmp_path: Path, desk: Desk) -> None:
    session = session_in(tmp_path / "amp", desk, plan(tmp_path))
    session.close()
    (session.folder / session_file.NAME).unlink()
    assert session_in(tmp_path / "amp", desk, plan(tmp_path)).state == session.state


@pytest.mark.parametrize(
    ("text", "words"), [("{", "damaged"), ("{}", "damaged"), ('{"schema_version": 9}', "newer")]
)
def test_a_damaged_session_is_refused(session: Session, text: str, words: str) -> None:
    session.close()
    (session.folder / session_file.NAME).write_text(text)
    with pytest.raises(CaptureError, match=words):
        Session.open(session.folder)


def test_the_generator_repeats_bad_takes_and_goes_on(session: Session, desk: Desk) -> None:
    silence = lambda audio: Recording(np.zeros_like(audio))  # noqa: E731
    desk.spoil = silence
    asked: list[int] = []

    def ask(place: int, _slot: object) -> bool:
        asked.append(place)
        return place != 1

    events = list(capturing(session, desk, ask=ask, tries=2))
    assert [event.is_good for event in events if isinstance(event, TakeFinished)] == [False, True, True]
    assert asked == [0, 0, 1, 2]
    assert isinstance(events[-1], SessionFinished)
    assert not desk.is_open
    desk.spoil = silence
    session.choose(2)
    list(capturing(session, desk))
    assert [slot.status for slot in session.state.slots] == ["accepted", "skipped", "rejected"]
    session.reopen()
    list(capturing(session, desk))
    assert session.state.slots[2].status == "accepted"


def test_a_program_is_recorded_too(tmp_path: Path) -> None:
    source = clipper(tmp_path)
    session = session_in(tmp_path / "amp", source, plan(tmp_path))
    assert len(list(capturing(session, source))) == 7
    clean, target = session.dataset().read_clip(session.manifest.captures[1].clips[0])
    np.testing.assert_allclose(target, np.tanh(5.5 * clean), atol=1e-6)


def test_a_level_that_changed_since_is_noted_with_the_take(tmp_path: Path, desk: Desk) -> None:
    session = session_in(tmp_path / "amp", desk, plan(tmp_path, (5.0, 0.0, 5.0)))
    session.record(desk)
    session.record(desk)
    session = reopened(session)
    desk.spoil = lambda audio: Recording(0.8 * audio)
    capture = session.record(desk)
    assert [(finding.code, finding.severity) for finding in capture.findings] == [("level_jump", "warning")]
    assert reopened(session).manifest.captures == manifest_file.read(session.folder).captures


def test_a_take_made_better_loses_the_note(tmp_path: Path, desk: Desk) -> None:
    session = session_in(tmp_path / "amp", desk, plan(tmp_path, (5.0, 5.0)))
    session.record(desk)
    desk.spoil = lambda audio: Recording(0.8 * audio)
    assert session.record(desk).findings
    session.choose(1)
    assert not session.record(desk).findings
