"""From a comparison to a test and back from its file: the same sounds, or a refusal."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.app.test_listening_sessions import finished, new
from tests.datasets import clean_signal, make_dataset
from tests.models import random_model
from vastudio.app.comparison.pair import Pair, dataset_pair, file_pair
from vastudio.app.listening import answers, sessions
from vastudio.app.listening.abx import AbxPlan
from vastudio.app.listening.excerpts import fitting, propose
from vastudio.app.listening.material import Excerpt
from vastudio.app.listening.preparing import (
    Candidate,
    Item,
    distinct,
    prepare_abx,
    prepare_again,
    prepare_rating,
)
from vastudio.app.listening.sessions import Recorder
from vastudio.app.listening.statistics import promise
from vastudio.audio import io
from vastudio.audio.level import integrated_loudness
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.errors import ListeningError
from vastudio.modelfile import store
from vastudio.types import STANDARD_RATE, Knob

RATE = STANDARD_RATE
EXCERPT = Excerpt(0.5, 1.5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("recordings"), seconds=3.0)


@pytest.fixture
def candidate(tmp_path: Path) -> Callable[[str, int], Candidate]:
    def make(name: str, seed: int = 0) -> Candidate:
        model = replace(random_model(knobs=1, seed=seed), name=name, knobs=(Knob("drive"),))
        path = tmp_path / f"{name}.vamodel"
        store.save(model, path)
        return Candidate(name, path, PlayableModel.from_file(model))

    return make


def pair_of(dataset: Dataset) -> Pair:
    return dataset_pair(dataset, dataset.captures()[1].id)


@pytest.mark.parametrize("mode", ["abx", "nearer"])
def test_a_test_goes_on_with_the_same_sounds(
    dataset: Dataset, candidate: Callable[..., Candidate], mode: str, tmp_path: Path
) -> None:
    item = Item(pair_of(dataset), EXCERPT, {"drive": 0.4})
    made = prepare_abx(" Ada  L ", AbxPlan(3, 5, mode), candidate("Lead"), item)  # type: ignore[arg-type]
    assert made.session.listener == "Ada L"
    path = Recorder.begin(made.session, tmp_path).path
    assert path is not None
    again = prepare_again(sessions.read(path))
    for name, sound in made.materials[item.title].sounds.items():
        assert np.array_equal(sound, again.materials[item.title].sounds[name])
    assert set(made.materials[item.title].sounds) == {"target", "model"} | (
        {"clean"} if mode == "nearer" else set()
    )


def test_a_rating_goes_on_with_the_same_sounds(
    dataset: Dataset, candidate: Callable[..., Candidate], tmp_path: Path
) -> None:
    items = [Item(pair_of(dataset), EXCERPT, {"drive": 0.4}), Item(pair_of(dataset), Excerpt(1, 1), {})]
    made = prepare_rating("Ada", [candidate("Lead"), candidate("Rhythm", 1)], items)
    plan = made.session.test.plan
    assert plan.conditions == ("target", "Lead", "Rhythm", "low-pass 3.5 kHz", "soft clipper")  # type: ignore[union-attr]
    path = Recorder.begin(made.session, tmp_path).path
    assert path is not None
    again = prepare_again(sessions.read(path))
    for title, material in made.materials.items():
        loudness = [integrated_loudness(sound, RATE) for sound in material.sounds.values()]
        assert max(loudness) - min(loudness) < 0.1
        for name, sound in material.sounds.items():
            assert np.array_equal(sound, again.materials[title].sounds[name])


def test_what_has_changed_or_gone_is_refused(
    dataset: Dataset, candidate: Callable[..., Candidate], tmp_path: Path
) -> None:
    model = candidate("Lead")
    item = Item(pair_of(dataset), EXCERPT, {"drive": 0.4})
    session = prepare_abx("Ada", AbxPlan(3, 5), model, item).session
    moved = replace(item.place, dataset=str(tmp_path / "gone"))
    away = replace(session, subject=replace(session.subject, items={item.title: moved}))
    with pytest.raises(ListeningError, match="recordings of this test are not there"):
        prepare_again(away)
    other_stretch = replace(item.place, excerpt=Excerpt(0.2, 1.0))
    changed = replace(session, subject=replace(session.subject, items={item.title: other_stretch}))
    with pytest.raises(ListeningError, match="not what they were"):
        prepare_again(changed)
    model.path.write_bytes(b"something else")
    with pytest.raises(ListeningError, match="'Lead' is not what it was"):
        prepare_again(session)
    model.path.unlink()
    with pytest.raises(ListeningError, match="cannot be read"):
        prepare_again(session)


def test_a_pair_of_files_has_to_be_open_to_go_on(candidate: Callable[..., Candidate], tmp_path: Path) -> None:
    clean = clean_signal(2.5)
    for name, sound in (("clean.wav", clean), ("target.wav", np.tanh(3 * clean))):
        io.write(tmp_path / name, sound, RATE)
    pair = file_pair(tmp_path / "clean.wav", tmp_path / "target.wav")
    session = prepare_abx("Ada", AbxPlan(3, 5), candidate("Lead"), Item(pair, EXCERPT, {})).session
    with pytest.raises(ListeningError, match="about the files"):
        prepare_again(session)
    assert prepare_again(session, pair).materials


def test_nobody_and_nothing_are_refused(dataset: Dataset, candidate: Callable[..., Candidate]) -> None:
    item = Item(pair_of(dataset), EXCERPT, {})
    with pytest.raises(ListeningError, match="Who listens"):
        prepare_abx("  ", AbxPlan(3, 5), candidate("Lead"), item)
    with pytest.raises(ListeningError, match="nothing to rate"):
        prepare_rating("Ada", [candidate("Lead")], [])


def test_names_of_models_are_their_own() -> None:
    assert distinct(["Lead", "Lead", "target", "Lead"]) == ["Lead", "Lead (2)", "target (model)", "Lead (3)"]


def test_training_is_kept_nowhere(tmp_path: Path) -> None:
    recorder = Recorder.rehearse(new(AbxPlan(1, 5, training=True)))
    from vastudio.app.listening.abx import Begin  # noqa: PLC0415

    recorder.do(Begin())
    assert recorder.session.test.phase == "listening"
    assert not sessions.default_folder().exists()


def test_answers_as_a_table_of_finished_tests_only(tmp_path: Path) -> None:
    done, training = finished(AbxPlan(7, 6), wrong=2), finished(AbxPlan(7, 5, training=True), wrong=0)
    answers.export_csv([done, training, new(AbxPlan(8, 5))], tmp_path / "answers.csv")
    rows = list(csv.DictReader((tmp_path / "answers.csv").read_text().splitlines()))
    assert [row["right"] for row in rows] == ["0", "0", "1", "1", "1", "1"]
    assert [row["x"] for row in rows] == list(AbxPlan(7, 6).key)
    assert {row["listener"] for row in rows} == {"Ada"}


def test_a_loud_and_varied_stretch_is_proposed() -> None:
    """Silence, a steady tone as loud, a quiet phrase, the phrase: the phrase is taken."""
    phrase = clean_signal(3.0)
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(3 * RATE) / RATE).astype(np.float32)
    x = np.concatenate([np.zeros(3 * RATE, np.float32), tone, 0.05 * phrase, phrase])
    excerpt = propose(x, RATE)
    assert excerpt.seconds == 3.0
    assert excerpt.start == pytest.approx(9.0, abs=0.5)


def test_short_recordings_are_taken_whole_and_silent_ones_refused() -> None:
    assert propose(clean_signal(1.25), RATE) == Excerpt(0.0, 1.2)
    for x in (np.zeros(2 * RATE, np.float32), clean_signal(0.9)):
        with pytest.raises(ListeningError):
            propose(x, RATE)


def test_only_stretches_of_1_to_5_seconds_fit() -> None:
    assert fitting(None) is fitting((1.0, 1.5)) is fitting((0.0, 6.0)) is None
    assert fitting((1.0, 3.5)) == Excerpt(1.0, 2.5)


def test_what_a_test_can_find_is_said_in_words() -> None:
    assert promise(16).startswith("It takes 12 of 16 right answers.")
    assert "found in 79 of 100" in promise(16)
    assert promise(4) == "So few trials cannot show anything."
