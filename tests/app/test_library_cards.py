"""Cards: the short way finds in a file what reading all of it finds; nothing that lies there stops it."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.modelfile import generated
from tests.models import random_model
from vastudio.app.library import editing
from vastudio.app.library.card import Card
from vastudio.app.library.cards import read_card
from vastudio.app.library.numbers_apart import put_back, take_apart
from vastudio.errors import ModelFileError, StudioError
from vastudio.modelfile import reading, store
from vastudio.modelfile.schema import Evaluation


def card_of(path: Path) -> Card:
    card = read_card(str(path))
    assert card is not None
    return card


def saved(path: Path, **changes: object) -> Path:
    store.save(dataclasses.replace(random_model(), **changes), path)  # type: ignore[arg-type]
    return path


@pytest.fixture
def nam(tmp_path: Path) -> Path:
    metadata = {
        "name": "A",
        "gear_make": "Brown",
        "gear_model": "30",
        "gear_type": "amp",
        "tone_type": "clean",
    }
    document = generated.lstm(4, 1) | {"metadata": metadata}
    return generated.write(document, tmp_path, "a.nam")


def test_a_card_says_what_the_whole_file_says(shared_data: Path) -> None:
    files = [p for p in (shared_data / "models").rglob("*") if p.suffix in (".nam", ".json")]
    compared = 0
    for path in files:
        try:
            model = reading.load(path)
        except ModelFileError:
            continue
        card, imported = card_of(path), model.provenance["imported"]
        assert card.error == "" and card.is_model
        assert (card.title, card.architecture, card.sample_rate) == (
            model.name, model.architecture, model.sample_rate,
        )  # fmt: skip
        assert (card.author, card.licence) == (model.author, model.licence)
        assert card.knobs == tuple(knob.label for knob in model.knobs)
        assert [size for size, _ in card.sizes] == [entry["size"] for entry in imported.get("sizes", [])]
        assert card.esr == imported.get("validation_esr")
        assert (card.maker, card.gear) == (imported.get("gear_make", ""), imported.get("gear_model", ""))
        if path.suffix == ".nam":
            assert card.weights == sum(array.size for array in model.weights.values())
        compared += 1
    assert compared > 35


def test_the_card_of_a_vamodel(tmp_path: Path) -> None:
    evaluation = Evaluation("validation", 0.02, 0.01, 0.05)
    provenance = {"dataset": "Amp", "dataset_hash": "abc"}
    card = card_of(saved(tmp_path / "m.vamodel", evaluation=evaluation, provenance=provenance, author="I"))
    assert (card.esr, card.dataset, card.dataset_hash, card.author) == (0.01, "Amp", "abc", "I")
    assert len(card.knobs) == 2 and card.core_percent > 0


def test_what_sounds_alike_has_one_content(tmp_path: Path, nam: Path) -> None:
    document = json.loads(nam.read_text())
    spread = tmp_path / "spread.nam"
    spread.write_text(json.dumps(document | {"metadata": {"name": "B"}}, indent=4))
    first, second = card_of(nam), card_of(spread)
    assert first.content == second.content and first.bytes_hash != second.bytes_hash
    document["weights"][0] += 1e-3
    spread.write_text(json.dumps(document))
    assert card_of(spread).content != first.content
    own, renamed = saved(tmp_path / "x.vamodel"), saved(tmp_path / "y.vamodel", name="Z", notes="n")
    assert card_of(own).content == card_of(renamed).content
    assert card_of(saved(tmp_path / "z.vamodel", sample_rate=44_100)).content != card_of(own).content


@pytest.mark.parametrize("cut", [0, 1, 7, 9, 200, -1])
@pytest.mark.parametrize("suffix", [".nam", ".vamodel"])
def test_half_written_files_get_a_card_that_says_so(tmp_path: Path, nam: Path, suffix: str, cut: int) -> None:
    whole = nam if suffix == ".nam" else saved(tmp_path / "m.vamodel")
    half = tmp_path / f"half{suffix}"
    half.write_bytes(whole.read_bytes()[:cut])
    card = card_of(half)
    assert card.error and card.hint and card.content


def test_what_is_no_model(tmp_path: Path) -> None:
    other, listed, junk = (tmp_path / name for name in ("package.json", "list.json", "huge.json"))
    other.write_text('{"name": "something else"}')
    listed.write_text("[1, 2]")
    with junk.open("wb") as file:
        file.truncate(1 << 30)
    assert not card_of(other).is_model and not card_of(listed).is_model
    assert "too large" in card_of(junk).error
    assert read_card(str(tmp_path / "gone.nam")) is None


def test_too_new_is_said(tmp_path: Path, nam: Path) -> None:
    nam.write_text(json.dumps(json.loads(nam.read_text()) | {"version": "9.0.0"}))
    assert "9.0.0" in card_of(nam).error


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="everything can be read here")
def test_a_file_that_must_not_be_read(nam: Path) -> None:
    nam.chmod(0)
    assert "cannot be read" in card_of(nam).error


# --- taking numbers apart -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b'{"weights": [1, 2.5e-3,\n -4], "b": 1}',
        b'{"weights":[],"c":{"weights" : [ 7 ]}}',
        b'{"weights": [[1, 2], [3]], "weights": ["a"]}',
        b'{"n": "say \\"weights\\": [1, 2]", "weights": [3]}',
        b'{"weights": [1, 2',
    ],
)
def test_apart_and_together_again_is_the_same(text: bytes) -> None:
    apart = take_apart(text)
    assert put_back(apart.text, apart.numbers) == text


# --- writing into files -------------------------------------------------------------------------------------

WORDS = {
    "name": "Böse",
    "maker": "M",
    "gear": "G",
    "kind": "pedal",
    "tone": "fuzz",
    "licence": "CC0",
    "author": "A",
}


@pytest.mark.parametrize("suffix", [".nam", ".vamodel"])
def test_words_are_written_and_nothing_else_changes(tmp_path: Path, nam: Path, suffix: str) -> None:
    path = nam if suffix == ".nam" else saved(tmp_path / "m.vamodel")
    before, model = card_of(path), reading.load(path)
    editing.write(path, WORDS)
    after, written = card_of(path), reading.load(path)
    assert {key: getattr(after, key) for key in WORDS} == WORDS
    assert after.content == before.content
    assert written.name == "Böse"
    for name, array in model.weights.items():
        np.testing.assert_array_equal(array, written.weights[name])
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_file_that_cannot_take_words_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "broken.nam"
    path.write_text('{"architecture": "LSTM"')
    with pytest.raises(StudioError):
        editing.write(path, {"name": "x"})
    assert path.read_text() == '{"architecture": "LSTM"'
    other = tmp_path / "a.json"
    other.write_text("{}")
    with pytest.raises(ModelFileError):
        editing.write(other, {"name": "x"})
