"""Maps of controls and what is remembered of them; the rack's parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vastudio.app.control import store
from vastudio.app.control.mapping import ControlMap, Mapping, Source
from vastudio.app.control.parameter import table
from vastudio.app.control.rack_parameters import knob_parameters, rack_parameters
from vastudio.app.rack import RackState
from vastudio.errors import ControlError
from vastudio.types import Knob

TRIM = Mapping(Source("control", 1, 7), "rack.trim_db")
GAIN = Mapping(Source("control", 1, 8), "model.knob.gain")


def test_knobs_of_a_model_belong_to_it_and_the_rack_to_all() -> None:
    both = ControlMap().added(TRIM, "Plexi").added(GAIN, "Plexi")
    assert both.of("Plexi") == (TRIM, GAIN)
    assert both.of("Clean") == (TRIM,)
    other = replace(GAIN, source=Source("control", 1, 9))
    assert both.added(other, "Clean").of("Plexi") == (TRIM, GAIN)


def test_a_control_moves_one_thing_and_a_thing_has_one_control() -> None:
    control_map = ControlMap().added(TRIM, "Plexi")
    again = replace(TRIM, source=Source("note", 1, 7))
    assert control_map.added(again, "Plexi").everywhere == (again,)
    taken = replace(GAIN, source=TRIM.source)
    assert control_map.added(taken, "Plexi").of("Plexi") == (taken,)
    assert control_map.added(GAIN, "Plexi").without("model.knob.gain", "Plexi") == control_map


@pytest.mark.parametrize("wrong", [{"lowest": 0.5, "highest": 0.5}, {"lowest": -1.0}, {"highest": 2.0}])
def test_a_range_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ControlError, match="cannot be moved"):
        replace(TRIM, **wrong)


def test_everything_is_remembered() -> None:
    settings = store.ControlSettings(
        store.MidiSettings(all_ports=False, ports=("Pedal",), channel=3),
        store.OscSettings(enabled=True, port=9100),
        ControlMap().added(TRIM, "Plexi").added(replace(GAIN, inverted=True, highest=0.5), "Plexi"),
    )
    store.save(settings)
    assert store.load() == settings


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"midi": {}, "osc": {}, "map": {"everywhere": 3}}', "\0"])
def test_a_damaged_file_is_set_aside(text: str) -> None:
    path = store.control_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert store.load() == store.ControlSettings()
    assert path.with_suffix(".json.damaged").read_text(encoding="utf-8") == text


def test_a_map_travels_as_a_file(tmp_path: Path) -> None:
    control_map, path = ControlMap().added(TRIM, "").added(GAIN, "Plexi"), tmp_path / "board.vamap"
    store.export_map(control_map, path)
    assert store.import_map(path) == control_map
    path.write_text('{"map": {"everywhere": [{"source": {"kind": "laser"}}]}}')
    with pytest.raises(ControlError, match=r"board\.vamap"):
        store.import_map(path)


def test_other_computers_are_told_from_this_one() -> None:
    assert not store.OscSettings().is_open_to_others
    assert store.OscSettings(address="0.0.0.0").is_open_to_others


class Rack:
    """The rack's values and nothing else."""

    def __init__(self) -> None:
        self.state = RackState()

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)


def test_every_parameter_of_the_rack_is_set_and_read_back_over_its_whole_range() -> None:
    rack = Rack()
    parameters = table(*rack_parameters(rack))
    assert len(parameters) == 36 + 3 * (len(rack.state.tone.bands) - 5)
    for parameter in parameters.values():
        for fraction in (0.0, 0.3, 1.0) if parameter.kind == "continuous" else (0.0, 1.0):
            before = {key: other.value for key, other in parameters.items()}
            parameter.set(parameter.denormalised(fraction))
            assert parameter.normalised(parameter.value) == pytest.approx(fraction, abs=1e-9)
            after = {key: other.value for key, other in parameters.items()}
            assert {key for key in after if after[key] != before[key]} <= {parameter.key}


def test_a_model_s_switch_is_0_or_1_and_its_knobs_are_as_printed() -> None:
    knobs = (
        Knob("gain", maximum=10.0, default=5.0),
        Knob("bright", minimum=2, maximum=4, default=2, kind="switch"),
    )
    values = {"gain": 3.0, "bright": 4.0}
    parameters = table(*knob_parameters(knobs, lambda: values, values.__setitem__))
    assert [parameters[f"model.knob.{name}"].value for name in values] == [3.0, 1.0]
    parameters["model.knob.bright"].set(0.0)
    parameters["model.knob.gain"].set(9.5)
    assert values == {"gain": 9.5, "bright": 2.0}
