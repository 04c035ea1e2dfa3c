"""Banks of presets: several of them, in the person's own order, and each as one file."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.models import random_model
from vastudio.app import rack_bank, rack_bank_file, rack_preset
from vastudio.app.rack import RackState, Rig
from vastudio.errors import PresetError
from vastudio.modelfile import store


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    model = tmp_path / "Tube Preamp.vamodel"
    store.save(random_model(hidden=4), model)
    return Rig(RackState(output_db=-3.0), str(model), {"knob_1": 7.5})


def names(bank: str = rack_bank.FIRST) -> list[str]:
    return [entry.name for entry in rack_bank.entries(bank)]


def fill(rig: Rig, bank: str = rack_bank.FIRST, count: int = 3) -> list[rack_bank.BankEntry]:
    for place in range(count):
        rack_bank.save("ABCDEF"[place], replace(rig, knobs={"knob_1": float(place)}), bank)
    return rack_bank.entries(bank)


def test_a_bank_has_the_persons_order(rig: Rig) -> None:
    a, b, c = fill(rig)
    rack_bank.reorder(rack_bank.FIRST, [c, a, b])
    assert names() == ["C", "A", "B"]
    rack_bank.save("0 new", rig)
    assert names() == ["C", "A", "B", "0 new"], "what is new comes last"
    assert rack_bank.by_number(rack_bank.FIRST, 0) == c
    assert rack_bank.duplicate(a).name == "A 2"
    assert names() == ["C", "A", "A 2", "B", "0 new"]
    rack_bank.delete(c)
    assert rack_bank.by_number(rack_bank.FIRST, 0) == a
    for number in (-1, 4):
        with pytest.raises(PresetError, match="no preset"):
            rack_bank.by_number(rack_bank.FIRST, number)


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', "[1, 2]"])
def test_a_damaged_order_costs_the_order_only(rig: Rig, text: str) -> None:
    fill(rig)
    (rack_bank.folder() / "order.json").write_text(text)
    assert names() == ["A", "B", "C"]


def test_banks_are_made_renamed_filled_and_taken_away(rig: Rig) -> None:
    assert rack_bank.banks() == [rack_bank.FIRST]
    assert rack_bank.add_bank(" Stage ") == "Stage"
    assert rack_bank.add_bank("A/B: loud") == "A-B- loud"
    assert rack_bank.add_bank("Stage") == "Stage 2"
    fill(rig)
    moved = rack_bank.move(rack_bank.entries()[0], "Stage")
    assert (names(), names("Stage"), moved.bank) == (["B", "C"], ["A"], "Stage")
    assert rack_preset.unpack(moved.path)[1] == replace(rig, knobs={"knob_1": 0.0})
    rack_bank.save("A", rig, "Stage 2")
    assert rack_bank.move(moved, "Stage 2").name == "A 2"
    assert rack_bank.rename_bank("Stage 2", "Studio") == "Studio"
    assert names("Studio") == ["A", "A 2"]
    gone = rack_bank.delete_bank("Studio")
    assert rack_bank.banks() == [rack_bank.FIRST, "A-B- loud", "Stage"]
    assert len(list(gone.glob("*.vapreset"))) == 2, "nothing is lost"
    for bank in (rack_bank.FIRST, "none", "../x"):
        with pytest.raises(PresetError, match="stays"):
            rack_bank.delete_bank(bank)


def test_presets_are_found_in_all_banks(rig: Rig) -> None:
    rack_bank.add_bank("Stage")
    rack_bank.save("Edge of breakup", rig)
    rack_bank.save("Breakup, bright EDGE", rig, "Stage")
    rack_bank.save("Clean", rig, "Stage")
    assert [entry.bank for entry in rack_bank.search(" edge break")] == [rack_bank.FIRST, "Stage"]
    assert len(rack_bank.search("")) == 3


def test_a_bank_travels_in_one_file(rig: Rig, tmp_path: Path) -> None:
    a, b, c = fill(rig, rack_bank.add_bank("Stage"))
    rack_bank.reorder("Stage", [b, c, a])
    out = tmp_path / "out" / f"Stage{rack_bank_file.SUFFIX}"
    rack_bank_file.export("Stage", out)
    assert rig.model.encode() not in out.read_bytes()
    rack_bank.delete_bank("Stage")
    Path(rig.model).unlink()
    assert rack_bank_file.add(out) == "Stage"
    assert names("Stage") == ["B", "C", "A"]
    brought = rack_preset.unpack(rack_bank.by_number("Stage", 1).path)[1]
    assert brought.knobs == {"knob_1": 2.0}
    assert brought.model_path is not None
    assert brought.model_path.is_file()
    assert rack_bank_file.add(out) == "Stage 2"
    with pytest.raises(PresetError, match="empty"):
        rack_bank_file.export(rack_bank.add_bank("Empty"), out)


def changed(path: Path, **entries: bytes | None) -> Path:
    """The same archive with other entries; None: without it."""
    with zipfile.ZipFile(path) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    named = {name.replace("__", "."): content for name, content in entries.items()}
    held = {**held, **{name: content for name, content in named.items() if content is not None}}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in held.items():
            if named.get(name, b"") is not None:
                archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"evil__txt": b"x"}, "belong to no bank"),
        ({"0002__vapreset": None}, "belong to no bank"),
        ({"0002__vapreset": b"no preset"}, "no preset"),
        ({"bank__json": None}, "holds no bank"),
        ({"bank__json": b"[]"}, "no settings"),
        ({"bank__json": json.dumps({"schema": 9, "name": "x", "presets": []}).encode()}, "version"),
        ({"bank__json": json.dumps({"schema": 1, "name": "", "presets": []}).encode()}, "belong to no bank"),
    ],
)
def test_what_is_no_bank_is_refused_and_leaves_nothing(
    rig: Rig, tmp_path: Path, entries: dict[str, bytes | None], message: str
) -> None:
    fill(rig)
    out = tmp_path / "x.vabank"
    rack_bank_file.export(rack_bank.FIRST, out)
    changed(out, **entries)
    with pytest.raises(PresetError, match=message):
        rack_bank_file.add(out)
    assert rack_bank.banks() == [rack_bank.FIRST]
