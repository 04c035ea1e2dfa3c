"""The studio opens, lists and plays models of other programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.modelfile import generated
from vastudio import paths
from vastudio.app import library
from vastudio.app.studio import Studio
from vastudio.engine.offline import render
from vastudio.errors import ModelFileError


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio()
    yield studio
    studio.close()


def test_a_nam_file_opens_and_is_remembered(studio: Studio, tmp_path: Path) -> None:
    path = generated.write(generated.NAM["gated"], tmp_path)
    model = studio.open_model(path)
    assert (model.architecture, model.knobs) == ("NAM WaveNet", ())
    assert studio.settings.last_model == str(path)


def test_a_model_of_another_rate_plays_at_that_of_the_player(studio: Studio, tmp_path: Path) -> None:
    studio.open_model(generated.write(generated.GUITARML["with knobs"], tmp_path, "pedal.json"))
    studio.set_knobs({"param1": 0.2, "param2": 0.9})
    studio.use_loop(np.sin(np.arange(9600) / 30).astype(np.float32), None, 48_000)
    assert studio.loop is not None and studio.playable is not None
    assert studio.playable.sample_rate == 44_100
    assert studio.loop.model is not None
    played = studio.loop.model
    assert played.sample_rate == studio.player.sample_rate == 48_000
    assert render(played, studio.loop.clean, studio.knob_values).std() > 0.1


def test_a_broken_file_changes_nothing(studio: Studio, tmp_path: Path) -> None:
    studio.open_model(generated.write(generated.lstm(4, 1), tmp_path, "good.nam"))
    broken = generated.write(generated.lstm(4, 1) | {"version": "9.0.0"}, tmp_path, "bad.nam")
    with pytest.raises(ModelFileError, match=r"9\.0\.0"):
        studio.open_model(broken)
    assert studio.model is not None
    assert studio.model.name == "good"


def test_models_of_all_formats_are_listed(tmp_path: Path) -> None:
    folder = paths.user_models()
    folder.mkdir(parents=True, exist_ok=True)
    generated.write(generated.lstm(4, 1), folder, "one.nam")
    generated.write(generated.KERAS["AIDA-X GRU"], folder, "two.aidax")
    generated.write(generated.GUITARML["GRU"], folder, "three.json")
    generated.write({"something": "else"}, folder, "no model.json")
    listed = {(entry.title, entry.summary) for entry in library.models() if not entry.factory}
    assert listed == {("one", "NAM LSTM"), ("two", "RTNeural GRU"), ("three", "GuitarML GRU")}
