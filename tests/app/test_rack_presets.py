"""Preset files: everything inside, nothing that must not be, and a bank that is never half written."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.test_rack_state import full, response
from tests.models import random_model
from vastudio import paths
from vastudio.app import impulses, rack_bank, rack_preset
from vastudio.app.rack import Rig
from vastudio.errors import ModelFileError, PresetError, StudioError
from vastudio.modelfile import store


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A rack with everything in it: a model and two impulse responses."""
    model = tmp_path / "Tube Preamp.vamodel"
    store.save(random_model(hidden=4), model)
    names = [impulses.keep(response(tmp_path / f"Cab {seed}.wav", seed)) for seed in (1, 2)]
    return Rig(full(*names), str(model), {"knob_1": 7.5})


@pytest.fixture
def file(rig: Rig, tmp_path: Path) -> Path:
    path = tmp_path / "Edge of breakup.vapreset"
    rack_preset.write(path, "Edge of breakup", rig)
    return path


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The same archive with other entries."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def settings(entries: dict[str, bytes], old: str, new: str) -> None:
    """Change the settings' text."""
    text = entries["preset.json"].decode()
    assert old in text
    entries["preset.json"] = text.replace(old, new).encode()


def test_a_preset_is_recalled_as_it_was_saved(file: Path, rig: Rig) -> None:
    assert rack_preset.unpack(file) == ("Edge of breakup", rig)


def test_a_preset_brings_its_model_and_responses_along(file: Path, rig: Rig) -> None:
    """On another computer: nothing of what it refers to is there."""
    content = Path(rig.model).read_bytes()
    Path(rig.model).unlink()
    for item in impulses.folder().iterdir():
        item.unlink()
    name, brought = rack_preset.unpack(file)
    assert brought.model_path is not None
    assert brought.model_path.parent == paths.user_models()
    assert brought.model_path.read_bytes() == content
    assert replace(brought, model=rig.model) == rig
    assert all(impulses.path_of(item.response) for item in brought.rack.cabinet.microphones)
    assert rack_preset.unpack(file) == (name, brought)
    assert len(list(paths.user_models().iterdir())) == 1


def test_a_changed_model_does_not_replace_the_preset_s(file: Path, rig: Rig) -> None:
    store.save(random_model(hidden=4, seed=9), Path(rig.model))
    _, brought = rack_preset.unpack(file)
    assert brought.model != rig.model


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: e.update({"../../evil.txt": b"x"}), "belongs to no preset"),
        (lambda e: e.update({"/etc/evil": b"x"}), "belongs to no preset"),
        (lambda e: e.update({"impulses/../evil.wav": b"x"}), "belongs to no preset"),
        (lambda e: e.update({"impulses/..\\evil.wav": b"x"}), "name that cannot be"),
        (lambda e: e.update({"impulses/.hidden": b"x"}), "name that cannot be"),
        (lambda e: e.update({f"impulses/{i}.wav": b"x" for i in range(9)}), "more files"),
        (lambda e: e.pop("preset.json"), "no settings"),
        (lambda e: e.update({"preset.json": b"[]"}), "no settings"),
        (lambda e: e.update({"preset.json": b" " * ((1 << 20) + 1)}), "too large"),
        (lambda e: e.pop("model.vamodel"), "lacks"),
        (lambda e: e.pop(next(n for n in e if n.startswith("impulses/"))), "lacks"),
        (lambda e: settings(e, '"schema": 1', '"schema": 7'), "version"),
        (lambda e: settings(e, '"mix": 0.8', '"mix": 8'), "cannot be"),
        (lambda e: settings(e, "Tube Preamp", "../../Tube"), "cannot be"),
        (lambda e: e.update({"model.vamodel": b"not a model"}), "vamodel"),
        (lambda e: e.update({n: b"no sound" for n in e if n.startswith("impulses/")}), "not an audio file"),
    ],
)  # fmt: skip
def test_what_must_not_be_in_a_preset_is_refused_and_leaves_nothing(
    file: Path, rig: Rig, change: Callable[[dict[str, bytes]], None], message: str
) -> None:
    Path(rig.model).unlink()
    rewritten(file, change)
    before = sorted(paths.user_data().rglob("*"))
    with pytest.raises(StudioError, match=message) as caught:
        rack_bank.add(file)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert sorted(paths.user_data().rglob("*")) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"not a zip"])
def test_a_file_that_is_no_preset_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.vapreset"
    path.write_bytes(content)
    with pytest.raises(PresetError, match="broken"):
        rack_preset.read(path)


def test_a_flipped_bit_is_found(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x10
    file.write_bytes(bytes(content))
    with pytest.raises(PresetError, match="damaged"):
        rack_preset.read(file)


def test_a_model_that_is_gone_is_not_saved(rig: Rig) -> None:
    Path(rig.model).unlink()
    with pytest.raises(PresetError, match="Tube Preamp"):
        rack_bank.save("x", rig)
    assert rack_bank.entries() == []


def test_the_bank_saves_renames_deletes_and_takes_back(rig: Rig) -> None:
    first = rack_bank.save("  Clean  one ", rig)
    rack_bank.save("A/B: loud?", replace(rig, knobs={"knob_1": 1.0}))
    assert [entry.name for entry in rack_bank.entries()] == ["A/B: loud?", "Clean one"]
    rack_bank.save("clean ONE", replace(rig, knobs={"knob_1": 2.0}))
    assert len(rack_bank.entries()) == 2
    renamed = rack_bank.rename(rack_bank.BankEntry("clean ONE", first.path), "Sparkle")
    assert rack_preset.unpack(renamed.path) == ("Sparkle", replace(rig, knobs={"knob_1": 2.0}))
    with pytest.raises(PresetError, match="already"):
        rack_bank.rename(renamed, "a/b: LOUD?")
    gone = rack_bank.delete(renamed)
    assert [entry.name for entry in rack_bank.entries()] == ["A/B: loud?"]
    assert rack_bank.add(gone).name == "Sparkle"
    assert rack_bank.add(gone).name == "Sparkle 2"
    with pytest.raises(PresetError, match="needs a name"):
        rack_bank.save("   ", rig)


def test_what_is_exported_says_nothing_of_this_computer(rig: Rig, tmp_path: Path) -> None:
    out = tmp_path / "out" / "mine.vapreset"
    rack_bank.export(rack_bank.save("Mine", rig), out)
    with zipfile.ZipFile(out) as archive:
        record = json.loads(archive.read("preset.json"))
    assert record["rig"]["model"] == "Tube Preamp.vamodel"
    assert str(tmp_path) not in json.dumps(record)
    Path(rig.model).unlink()
    _, brought = rack_preset.unpack(out)
    assert brought.knobs == rig.knobs


def test_a_damaged_preset_does_not_hide_the_others(rig: Rig) -> None:
    rack_bank.save("Good", rig)
    (rack_bank.folder() / "bad.vapreset").write_bytes(b"bad")
    assert [entry.name for entry in rack_bank.entries()] == ["Good"]


def test_a_model_nobody_can_play_is_refused_by_name(file: Path, rig: Rig) -> None:
    Path(rig.model).unlink()
    rewritten(file, lambda entries: entries.update({"model.vamodel": b"x"}))
    with pytest.raises(ModelFileError):
        rack_preset.unpack(file)
