"""The demonstration end to end on half a second of material, and its page without a network."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from vastudio.app import demo, pictures
from vastudio.app.demo_dataset import capture_demo_dataset
from vastudio.audio import io, phrase
from vastudio.capture.plan import plan_knobs
from vastudio.capture.record import TakeFinished
from vastudio.errors import OutputError, TrainingError
from vastudio.kernels import circuit
from vastudio.modelfile import store
from vastudio.modelfile.schema import CaptureScore
from vastudio.training.events import Finished, Progress, Validated


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> tuple[demo.DemoResult, list[demo.DemoEvent]]:
    events: list[demo.DemoEvent] = []
    found = demo.run(
        tmp_path_factory.mktemp("demo") / "out",
        0.03,
        events.append,
        plan=plan_knobs(circuit.KNOBS, hypercube=0, validation=2),
        signal=phrase.render(phrase.RIFF)[:48_000],
    )
    return found, events


def test_journey_ends_with_files_that_open(result: tuple[demo.DemoResult, list[demo.DemoEvent]]) -> None:
    found, _ = result
    assert [knob.name for knob in store.load(found.model).knobs] == ["gain", "tone"]
    assert len(found.audio) == 1 + 2 * 2
    for path in found.audio:
        audio, rate = io.read(path)
        assert rate == 48_000
        assert np.all(np.isfinite(audio))
    for path in found.pictures:
        assert path.read_bytes().startswith(b"\x89PNG")
    assert np.isfinite(found.evaluation.median_esr)


def test_every_stage_is_told(result: tuple[demo.DemoResult, list[demo.DemoEvent]]) -> None:
    _, events = result
    stages = [event.title for event in events if isinstance(event, demo.Stage)]
    assert [title.split()[0] for title in stages] == ["Capturing", "Training", "Rendering"]
    assert sum(isinstance(event, TakeFinished) for event in events) == 7
    assert sum(isinstance(event, Finished) for event in events) == 1


def test_page_is_whole_without_a_network(result: tuple[demo.DemoResult, list[demo.DemoEvent]]) -> None:
    text = result[0].page.read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', text)
    assert len([source for source in sources if "audio" in source]) == 1 + 2 * 2
    assert text.count('<svg role="img"') >= 4
    assert all(source.startswith(("data:", "#")) for source in sources)
    words = re.sub(r'(src|href)="[^"]*"', "", text)
    assert "http" not in words
    assert "nan" not in words


def test_full_folder_and_no_time_are_refused_before_work_begins(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(OutputError, match="exists"):
        demo.run(tmp_path)
    with pytest.raises(TrainingError, match="minutes"):
        demo.run(tmp_path / "new", minutes=0.0)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_demo_dataset_can_be_made_alone(tmp_path: Path) -> None:
    plan = plan_knobs(circuit.KNOBS, hypercube=0, validation=1)
    dataset = capture_demo_dataset(tmp_path / "amp", plan=plan, signal=phrase.render(phrase.BASS)[:9600])
    assert dataset.manifest.device == "Virtual amp"
    assert len(dataset.captures()) == 6


@pytest.mark.parametrize("knobs", [circuit.KNOBS[:1], circuit.KNOBS])
def test_pictures_draw_any_number_of_knobs_and_points(knobs: tuple[circuit.Knob, ...]) -> None:
    scores = [CaptureScore(str(n), {knob.name: n * 1.0 for knob in knobs}, 10.0**-n) for n in range(4)]
    assert pictures.png(pictures.positions(scores, {"1"}, knobs)).startswith(b"\x89PNG")
    curve = [
        Progress(1.0, 0, 1, 0.5, 1e-3, 1.0),
        Validated(1.0, 0, 1, 0.4, 0.4, 0.4, True),
        Validated(2.0, 0, 2, float("nan"), 0.4, 0.4, False),
    ]
    for events in ([], curve[:1], curve):
        assert pictures.png(pictures.training_curve(events)).startswith(b"\x89PNG")
