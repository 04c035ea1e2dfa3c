"""The Train page on what runs tell: scripted events from a run that needs no process, and runs in folders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.models import random_model
from vastudio import paths
from vastudio.app.jobs import TrainingJob
from vastudio.app.knob_errors import PositionScore
from vastudio.app.library import esr_text
from vastudio.app.queue import TrainingQueue
from vastudio.app.studio import Studio
from vastudio.app.suspects import Suspect
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.engine.stream import Player
from vastudio.modelfile import store
from vastudio.training.config import TrainingConfig
from vastudio.training.events import (
    Event,
    Failed,
    Finished,
    Floor,
    Paused,
    Progress,
    Restarted,
    Started,
    Unpaused,
    Validated,
    to_json,
)
from vastudio.training.run_files import BEST, CHECKPOINT, CONFIG, EVENTS
from vastudio.training.threads import threads_for
from vastudio.types import Knob
from vastudio.ui.bridge.session import DEMO_TITLE
from vastudio.ui.bridge.training import TrainingBridge
from vastudio.ui.main_window import MainWindow
from vastudio.ui.train.error_picture import ErrorPicture
from vastudio.ui.train.errors_card import ErrorsCard
from vastudio.ui.train.newest import Heard
from vastudio.ui.train.page import TrainPage

PATIENCE = 60_000
"""Milliseconds: the computer may have other things to do."""

STARTED = Started("hyper-gru", 16, 12_345, 3, 1, 600.0, 0, 0, folder="/runs/one")


def progress(seconds: float, esr: float) -> Progress:
    return Progress(seconds, 1, 1, esr, 0.01, 60.0)


def validated(seconds: float, esr: float) -> Validated:
    captures = {"003": esr}
    trained = {"000": esr / 2, "001": esr / 3, "002": esr * 2}
    return Validated(seconds, 1, 1, esr, esr, 2 * esr, True, captures, trained)


class Script:
    """What the runs say, and what they were asked."""

    def __init__(self) -> None:
        self.said: list[Event] = []
        self.asked: list[str] = []
        self.requests: list[object] = []


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Runs without a process: `said` is what the one that goes on says next."""
    made = Script()

    def start(job: TrainingJob) -> None:
        made.requests.append(job.request)
        job._process = object()  # type: ignore[assignment]

    def poll(job: TrainingJob) -> list[Event]:
        events, made.said = made.said, []
        for event in events:
            job._note(event)
            if isinstance(event, Started):
                job.run_folder = Path(event.folder)
        return events

    def say(job: TrainingJob, line: str) -> None:
        made.asked.append(line)

    monkeypatch.setattr(TrainingJob, "start", start)
    monkeypatch.setattr(TrainingJob, "poll", poll)
    monkeypatch.setattr(TrainingJob, "_say", say)
    monkeypatch.setattr(TrainingJob, "close", lambda job, _seconds=0.0: setattr(job, "_process", None))
    yield made
    made.said.append(Failed("The test is over.", ""))


def write_run(name: str, dataset: Path, *events: Event, resumable: bool = True) -> Path:
    """A run in a folder, as training leaves it."""
    folder = paths.user_runs() / name
    folder.mkdir(parents=True)
    record = {"architecture": "hyper-gru", "hidden": 16, "dataset": str(dataset)}
    (folder / CONFIG).write_text(json.dumps(record))
    (folder / EVENTS).write_text("".join(f"{to_json(event)}\n" for event in events))
    if resumable:
        (folder / CHECKPOINT).write_bytes(b"")
    return folder


@pytest.fixture
def training(qtbot: QtBot, window: MainWindow, recorded: Dataset, script: Script) -> MainWindow:
    """The window on the Train page, with a run that has begun."""
    window.session.open_dataset(recorded.path)
    window.show_page("train")
    window.train.start()
    script.said += [STARTED, progress(1.0, 0.5), progress(30.0, 0.3), validated(30.0, 0.25)]
    qtbot.waitUntil(lambda: bool(window.train.curve.curve.validation_points), timeout=PATIENCE)
    return window


def test_a_run_is_paused_and_goes_on(qtbot: QtBot, training: MainWindow, script: Script) -> None:
    card = training.train.curve
    card.pause.click()
    assert script.asked == ["pause"]
    assert not card.pause.isEnabled()
    script.said = [Paused(34.0)]
    qtbot.waitUntil(lambda: card.pause.text() == "Continue", timeout=PATIENCE)
    assert "Paused at 34 s" in card.happened.full_text
    card.pause.click()
    script.said = [Unpaused(34.0)]
    qtbot.waitUntil(lambda: card.pause.text() == "Pause", timeout=PATIENCE)
    assert script.asked == ["pause", "continue"]


def test_a_restart_is_told_and_the_floor_drawn(qtbot: QtBot, training: MainWindow, script: Script) -> None:
    card = training.train.curve
    script.said = [Floor(0.0009, 0.002, "repeats", 4), Restarted(31.0, 40, "diverged", 1, 0.005, 1)]
    qtbot.waitUntil(card.happened.isVisible, timeout=PATIENCE)
    assert card.happened.full_text.startswith("Restarted at 31 s: the error grew")
    assert card.curve.floor == 0.0009


def test_a_killed_run_says_what_is_lost_and_is_resumed(
    qtbot: QtBot, training: MainWindow, script: Script, recorded: Dataset
) -> None:
    card = training.train.curve
    folder = write_run("one", recorded.path, STARTED, progress(30.0, 0.3), validated(30.0, 0.25))
    script.said = [
        progress(37.0, 0.2),
        Failed("The training process ended unexpectedly by signal 9.", "Resume the run.", str(folder)),
    ]
    qtbot.waitUntil(card.resume.isVisible, timeout=PATIENCE)
    assert "nothing but the last 7 s is lost" in card.notice.message.text()
    assert not card.stop.isVisible()
    card.resume.click()
    qtbot.waitUntil(card.stop.isVisible, timeout=PATIENCE)
    assert getattr(script.requests[-1], "run_folder") == folder  # noqa: B009
    assert [seconds for seconds, _ in card.curve.validation_points] == [30.0]


def test_a_finished_run_offers_more_minutes_and_an_interrupted_one_to_resume(
    qtbot: QtBot, window: MainWindow, recorded: Dataset, script: Script
) -> None:
    done = Finished(60.0, 100, "planned", 0.1, "")
    write_run("2-done", recorded.path, STARTED, validated(30.0, 0.25), done)
    interrupted = write_run("1-killed", recorded.path, STARTED, validated(30.0, 0.35))
    window.show_page("train")
    page = window.train
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 2, timeout=PATIENCE)
    page.runs.table.selectRow(0)
    assert page.curve.more.isVisible()
    assert not page.curve.resume.isVisible()
    page.runs.table.selectRow(1)
    assert page.curve.resume.isVisible()
    assert "interrupted" in page.runs.table.item(1, 0).text()  # type: ignore[union-attr]
    page.curve.resume.click()
    qtbot.waitUntil(lambda: bool(script.requests), timeout=PATIENCE)
    assert getattr(script.requests[0], "run_folder") == interrupted  # noqa: B009


def test_ticked_runs_are_drawn_beside_the_one_shown(
    qtbot: QtBot, window: MainWindow, recorded: Dataset
) -> None:
    for name in "abcdef":
        write_run(name, recorded.path, STARTED, validated(30.0, 0.25))
    window.show_page("train")
    page = window.train
    qtbot.waitUntil(lambda: page.runs.table.rowCount() == 6, timeout=PATIENCE)
    for row in range(6):
        page.runs.table.item(row, 0).setCheckState(Qt.CheckState.Checked)  # type: ignore[union-attr]
    assert [run.place for run in page.curve.curve.others] == [0, 1, 2, 3]
    assert page.runs.table.item(5, 0).checkState() == Qt.CheckState.Unchecked  # type: ignore[union-attr]
    page.runs.table.item(1, 0).setCheckState(Qt.CheckState.Unchecked)  # type: ignore[union-attr]
    assert [run.place for run in page.curve.curve.others] == [0, 2, 3]


def test_one_knob_has_its_error_as_a_line_with_the_worst_named(qtbot: QtBot, training: MainWindow) -> None:
    """The run's folder is read in the pool; the captures' errors are those of the newest best validation."""
    page = training.train
    assert training.session.studio.dataset is not None
    folder = write_run("one", training.session.studio.dataset.path, STARTED)
    page._picture(folder, validated(31.0, 0.2))
    qtbot.waitUntil(page.errors.plot.isVisible, timeout=PATIENCE)
    assert page.errors.plot.image is None
    assert len(page.errors.plot.tips) == 4
    assert page.errors.worst.text().startswith("0.4")
    assert "Drive" in page.errors.proposals.text()
    page.errors.copy.click()
    assert QGuiApplication.clipboard().text() == page.errors.proposals.text()


def test_any_two_knobs_make_a_map_and_none_a_sentence(qtbot: QtBot) -> None:
    knobs = tuple(Knob(name) for name in ("drive", "tone", "level"))
    random = np.random.default_rng(0)
    scores = tuple(
        PositionScore(
            f"{n:03d}", {knob.name: float(random.uniform()) for knob in knobs}, 0.01 * n + 0.01, "train"
        )
        for n in range(8)
    )
    card = ErrorsCard()
    qtbot.addWidget(card)
    card.show_picture(ErrorPicture(knobs, scores))
    first = card.plot.image.copy()
    card.upward.setCurrentIndex(2)
    card.upward.activated.emit(2)
    assert not np.array_equal(card.plot.image, first)
    card.across.setCurrentIndex(2)
    card.across.activated.emit(2)
    assert card.across.currentData() != card.upward.currentData()
    card.show_picture(ErrorPicture((), (PositionScore("000", {}, 0.02, "train"),)))
    assert "no knobs" in card.key.text()


def write_best(knobs: dict[str, float], seed: int = 0) -> Path:
    """The best model of a live run, as training leaves it, with these defaults."""
    best = paths.user_runs() / "live" / BEST
    model = random_model(knobs=len(knobs), seed=seed)
    dials = tuple(Knob(name, maximum=10.0, default=value) for name, value in knobs.items())
    best.parent.mkdir(parents=True, exist_ok=True)
    store.save(replace(model, knobs=dials), best)
    return best


def test_better_models_are_played_with_the_knobs_where_they_stand(
    qtbot: QtBot, training: MainWindow, script: Script, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several better models in a short time only the last is loaded, its knobs never at their defaults."""
    page, session = training.train, training.session
    best = write_best({"knob_1": 5.0, "knob_2": 5.0})
    session.set_knobs(dict.fromkeys(studio.knob_values, 0.25))
    loaded: list[Heard] = []
    page.newest.loaded.connect(loaded.append)
    begun_at: list[float] = []
    load = Player.load_model

    def note(player: Player, model: PlayableModel) -> None:
        load(player, model)
        begun_at.extend(player._values.values())

    monkeypatch.setattr(Player, "load_model", note)
    script.said = [replace(STARTED, folder=str(best.parent)), validated(31.0, 0.2)]
    qtbot.waitUntil(lambda: not script.said, timeout=PATIENCE)
    assert not loaded
    page.hear.listen.click()
    qtbot.waitUntil(lambda: bool(loaded), timeout=PATIENCE)
    script.said = [validated(32.0, 0.1), validated(33.0, 0.09)]
    qtbot.waitUntil(lambda: not script.said, timeout=PATIENCE)
    qtbot.wait(50)
    assert [heard.path for heard in loaded] == [best]
    assert loaded[0].title == "update 1 · 31 s"
    assert session.studio.model_path == best
    assert set(begun_at) == set(studio.knob_values.values()) == {0.25}
    assert session.studio.settings.last_model != str(best)


@pytest.fixture
def listening(qtbot: QtBot, training: MainWindow, script: Script) -> MainWindow:
    """A run of the recorded device that is heard, at a held-out position."""
    best = write_best({"drive": 0.5})
    script.said = [replace(STARTED, folder=str(best.parent)), validated(31.0, 0.2)]
    qtbot.waitUntil(training.train.hear.listen.isEnabled, timeout=PATIENCE)
    training.train.hear.listen.click()
    qtbot.waitUntil(lambda: training.train.hear.hearing.is_looped, timeout=PATIENCE)
    return training


def test_a_recorded_position_is_heard_beside_the_device(
    qtbot: QtBot, listening: MainWindow, recorded: Dataset, studio: Studio
) -> None:
    """The ESR shown is that of the engine's rendering against the recording."""
    card, session = listening.train.hear, listening.session
    assert studio.player.playing
    assert studio.knob_values == {"drive": 0.25}
    assert card.position.currentData() == "003"
    assert card.note.full_text == "update 1 · 31 s, live knobs"
    clean, target = recorded.read_clip(recorded.capture("003").clips[0])
    assert studio.playable is not None
    output = render(studio.playable, clean, {"drive": 0.25})
    esr = float(np.sum((target - output).astype(float) ** 2) / np.sum(target.astype(float) ** 2))
    assert card.esr.full_text == f"ESR {esr_text(esr)} at this position"
    card.monitor.button("target").click()
    assert session.monitor == "target"
    session.set_monitor("clean")
    assert card.monitor.key == "clean"
    card.cells["drive"].dial.move_to(0.9)
    assert card.back.isVisible()
    card.back.click()
    assert studio.knob_values == {"drive": 0.25}
    assert not card.back.isVisible()


def test_free_knobs_and_other_pages_have_the_demo_phrase(
    qtbot: QtBot, listening: MainWindow, studio: Studio
) -> None:
    card, session = listening.train.hear, listening.session
    listening.show_page("play")
    assert session.loop_title == DEMO_TITLE
    listening.show_page("train")
    qtbot.waitUntil(lambda: card.hearing.is_looped, timeout=PATIENCE)
    card.position.setCurrentIndex(0)
    card.position.activated.emit(0)
    assert session.loop_title == DEMO_TITLE
    assert not session.has_target
    assert not card.monitor.button("target").isEnabled()
    card.position.setCurrentIndex(2)
    card.position.activated.emit(2)
    qtbot.waitUntil(lambda: card.hearing.is_looped, timeout=PATIENCE)
    assert studio.knob_values == {"drive": 0.5}


def test_opening_another_model_ends_the_listening(
    qtbot: QtBot, listening: MainWindow, studio: Studio, tmp_path: Path
) -> None:
    other = tmp_path / "other.vamodel"
    store.save(random_model(knobs=2), other)
    listening.session.open_model(other)
    qtbot.waitUntil(lambda: not listening.train.hear.listen.isChecked(), timeout=PATIENCE)
    assert studio.model_path == other
    assert studio.player.playing


def test_training_leaves_a_core_to_a_device_that_plays(
    training: MainWindow, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    training.session.toggle_play()
    assert script.asked == []
    monkeypatch.setattr(Player, "is_silent", False)
    training.session.audio_changed.emit()
    assert script.asked == [f"threads {threads_for(0, leave_core_free=True)}"]
    training.session.toggle_play()
    assert script.asked[1:] == ["threads 0"]


def test_the_queue_goes_on_where_one_run_fails(
    qtbot: QtBot, window: MainWindow, recorded: Dataset, script: Script
) -> None:
    window.session.open_dataset(recorded.path)
    window.show_page("train")
    page = window.train
    assert not page.queue.isVisible()
    page.model.queue.click()
    page.model.queue.click()
    qtbot.waitUntil(lambda: len(script.requests) == 1 and not page.model.start.isEnabled(), timeout=PATIENCE)
    assert len({entry.out for entry in window.training.entries}) == 2
    script.said = [Failed("It went wrong.", "")]
    qtbot.waitUntil(
        lambda: [entry.state for entry in window.training.entries] == ["failed", "running"], timeout=PATIENCE
    )
    assert len(script.requests) == 2
    assert page.curve.notice.message.text() == "It went wrong."
    script.said = [Finished(1.0, 1, "planned", 0.1, "")]
    qtbot.waitUntil(page.model.start.isEnabled, timeout=PATIENCE)
    page.queue.clear.click()
    qtbot.waitUntil(lambda: not page.queue.isVisible(), timeout=PATIENCE)


def test_a_queue_left_behind_waits_to_be_started(
    qtbot: QtBot, window: MainWindow, recorded: Dataset, script: Script
) -> None:
    left = TrainingQueue(paths.user_data() / "queue.json")
    left.add(recorded.path, paths.user_models() / "x.vamodel", TrainingConfig())
    training = TrainingBridge(window.session.pool, window)
    page = TrainPage(window.session, training)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(page.queue.go_on.isVisible, timeout=PATIENCE)
    page.queue.go_on.click()
    qtbot.waitUntil(lambda: training.is_running, timeout=PATIENCE)
    assert not page.queue.go_on.isVisible()
    training.close()
    assert training.entries[0].state == "waiting"


def test_suspicious_captures_are_pointed_out_together(qtbot: QtBot) -> None:
    knobs = (Knob("drive"), Knob("tone"))
    scores = tuple(
        PositionScore(f"{n:03d}", {"drive": n / 4, "tone": 1 - n / 4}, 0.01, "train") for n in range(4)
    )
    card = ErrorsCard()
    qtbot.addWidget(card)
    card.show_picture(ErrorPicture(knobs, scores, (Suspect(scores[1], 9.0), Suspect(scores[3], 4.0))))
    assert "001, 003 have 4 times" in card.suspects.text()
    card.show_picture(ErrorPicture(knobs, scores, (Suspect(scores[1], 9.0),)))
    assert "Capture 001 has 9 times" in card.suspects.text()
    card.show_picture(ErrorPicture(knobs, scores))
    assert not card.suspects.text()
