"""Models go to other programs' formats and come back the same; whatever would not is refused."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.app.exported import cell_model, concat_model, sound, wavenet_model
from tests.contract.test_architectures import in_torch
from tests.datasets import make_dataset
from tests.modelfile import generated
from vastudio.app.exporting import distilling, loudness, positions, reading_back
from vastudio.app.exporting import export as exporting
from vastudio.app.exporting.distilling import STUDENTS, Learning, distil, student
from vastudio.app.exporting.export import Choice, Exported, export_model, export_positions, outlook
from vastudio.app.exporting.labelling import label_of
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import KnobError, ModelFileError, OutputError, TrainingError
from vastudio.modelfile import reading, store
from vastudio.modelfile.exports import cells
from vastudio.modelfile.exports.exporter import exporters
from vastudio.modelfile.exports.label import ExportLabel
from vastudio.modelfile.networks.layers import Convolution, Recurrent
from vastudio.modelfile.schema import CaptureScore, Evaluation, ModelFile
from vastudio.nets import Blueprint, architectures
from vastudio.types import Knob

TURNED = {"knob_1": 7.5, "knob_2": 3.0}


@pytest.fixture(autouse=True)
def little_is_read_back(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second proves a writer as well as a whole one."""
    monkeypatch.setattr(reading_back, "SECONDS", 0.1)
    monkeypatch.setattr(reading_back, "LIVE_SECONDS", 0.03)
    if "slow" not in request.keywords:
        monkeypatch.setattr(distilling, "TRAINING_SECONDS", 20.0)


def played(model: ModelFile, values: dict[str, float] | None = None) -> np.ndarray:
    return render(PlayableModel.from_file(model), sound(), values or {})


def there_and_back(model: ModelFile, form: str, folder: Path, values: dict[str, float]) -> ModelFile:
    """Through a file of the other program into a `.vamodel`, and read from there."""
    path = folder / f"out{exporters()[form].suffix}"
    assert export_model(model, path, Choice(form), values).fidelity == "exact"
    store.save(reading.load(path), folder / "back.vamodel")
    return store.load(folder / "back.vamodel")


# --- there and back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kind"),
    [("aidax", "gru"), ("aidax", "lstm"), ("guitarml", "gru"), ("guitarml", "lstm"), ("nam", "lstm")],
)
@pytest.mark.parametrize("skip", [0.3, 1.0, 0.0])
def test_a_cell_comes_back_the_same(form: str, kind: Any, skip: float, tmp_path: Path) -> None:
    model = cell_model(kind, skip=skip)
    back = there_and_back(model, form, tmp_path, TURNED)
    assert back.knobs == ()
    expected = played(model, TURNED)
    assert np.ptp(expected) > 0.05
    # Where the skip passes through units, the rounding of their tanh is multiplied.
    exact = skip == {"aidax": skip, "guitarml": 1.0, "nam": 0.0}[form]
    np.testing.assert_allclose(played(back), expected, atol=1e-6 if exact else 2e-5)


@pytest.mark.parametrize("skip", [-0.5, 0.01, 9.0])
def test_an_odd_skip_passes_through_units(skip: float, tmp_path: Path) -> None:
    model = cell_model("gru", skip=skip)
    back = there_and_back(model, "aidax", tmp_path, TURNED)
    np.testing.assert_allclose(played(back), played(model, TURNED), atol=1e-5 * max(1, abs(skip)))


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_weights_come_back_the_same(kind: Any, tmp_path: Path) -> None:
    """Filled up from 10 units to 12, and with a gain taken out of the sum and put back."""
    model = cell_model(kind, hidden=10)
    source = PlayableModel.from_file(model).network.weights(np.array([0.75, 0.3], np.float32))  # type: ignore[attr-defined]
    back = there_and_back(model, "aidax", tmp_path, TURNED)
    gates = {"gru": 3, "lstm": 4}[kind]

    def cut(name: str, *shape: int) -> np.ndarray:
        return back.weights[name].reshape(gates, 12, *shape)[:, :10]

    assert (back.config["layers"][0]["hidden"], back.config["skip"]) == (12, pytest.approx(0.3, abs=1e-6))
    np.testing.assert_allclose(cut("layers.0.w_ih").ravel(), source.w_ih, atol=1e-6)
    np.testing.assert_allclose(cut("layers.0.w_hh", 12)[..., :10].reshape(-1, 10), source.w_hh, atol=1e-6)
    np.testing.assert_allclose(back.weights["layers.1.weight"][0, :10, 0], source.w_out, atol=1e-6)


@pytest.mark.parametrize("size", ["A1 nano", "A2 lite"])
def test_a_wavenet_comes_back_the_same(size: str, tmp_path: Path) -> None:
    model = wavenet_model(size)
    back = there_and_back(model, "nam", tmp_path, {"knob_1": 2.0})
    expected = played(model, {"knob_1": 2.0})
    assert np.ptp(expected) > 0.02
    np.testing.assert_allclose(played(back), expected, atol=1e-6)
    document = json.loads((tmp_path / "out.nam").read_text())
    assert document["version"] == {"A1 nano": "0.5.4", "A2 lite": "0.7.0"}[size]
    assert "condition_dsp" not in document["config"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("nam everything", "nam"), ("nam condition of an LSTM", "nam"), ("nam two LSTM", "nam"),
        ("nam two LSTM", "guitarml"), ("nam LSTM", "aidax"), ("nam ConvNet with batch norm", "nam"),
        ("nam long Linear", "nam"), ("keras all kinds", "aidax"), ("keras AIDA-X GRU", "guitarml"),
        ("guitarml LSTM", "nam"), ("guitarml two layers, a knob", "guitarml"),
    ],
)  # fmt: skip
def test_models_of_other_programs_go_on(name: str, form: str, tmp_path: Path) -> None:
    model = reading.load(generated.write(generated.ALL[name], tmp_path, "in.json"))
    values = {knob.name: 0.3 for knob in model.knobs}
    back = there_and_back(model, form, tmp_path, values)
    expected = played(model, values)
    np.testing.assert_allclose(played(back), expected, atol=2e-5 * max(1.0, float(np.abs(expected).max())))


# --- live knobs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gru", "lstm"])
@pytest.mark.parametrize("form", ["aidax", "guitarml"])
def test_knobs_stay_live(kind: Any, form: str, tmp_path: Path) -> None:
    model = concat_model(kind)
    done = export_model(model, tmp_path / "live.json", Choice(form, live=True), {})
    back = reading.load(done.path)
    assert [knob.name for knob in back.knobs] == ["param1", "param2"]
    for place in ((0.0, 1.0), (0.75, 0.3)):
        expected = played(
            model, {knob.name: 10 * part for knob, part in zip(model.knobs, place, strict=True)}
        )
        got = played(back, {knob.name: part for knob, part in zip(back.knobs, place, strict=True)})
        constant = float(np.median(got - expected))
        assert abs(constant) <= done.constant + 5e-3
        assert done.constant < 1e-2  # without the units that silence it 0.2
        np.testing.assert_allclose(got - constant, expected, atol=2e-5)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_what_was_trained_for_live_knobs_has_them(kind: str, tmp_path: Path) -> None:
    """What torch trains, the engine plays, and the file keeps."""
    torch.manual_seed(1)
    net = architectures()[f"concat-{kind}"].build(Blueprint(2, 8, live_knobs=True))
    with torch.no_grad():
        net.level_law.weight.copy_(torch.tensor([[0.0], [6.0]]))
    knobs = (Knob("knob_1", maximum=10.0), Knob("knob_2", maximum=10.0))
    model = ModelFile("live", f"concat-{kind}", net.config(), knobs, 48_000, net.export())
    heard = in_torch(net, knobs, TURNED, sound())
    np.testing.assert_allclose(played(model, TURNED), heard, atol=1e-5)
    done = export_model(model, tmp_path / "live.json", Choice("aidax", live=True), {})
    assert done.fidelity == "exact"
    got = played(reading.load(done.path), {"param1": 0.75, "param2": 0.3})
    np.testing.assert_allclose(got - np.median(got - heard), heard, atol=1e-5)


def test_what_does_more_with_its_knobs_has_none_live() -> None:
    assert "only those of a concat model" in outlook(cell_without_law(), "aidax", {}, live=True).problem
    assert "level law" in outlook(cell_model(), "aidax", {}, live=True).problem
    assert "live knobs" in outlook(concat_model(), "nam", {}, live=True).problem
    assert "2 live knobs" in outlook(concat_model(knobs=3), "aidax", {}, live=True).problem


def cell_without_law() -> ModelFile:
    model = cell_model()
    config = {key: value for key, value in model.config.items() if key != "level_law"}
    return dataclasses.replace(model, config=config)


# --- as others play them ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_torch_plays_a_guitarml_file_as_the_engine_plays_the_model(kind: Any, tmp_path: Path) -> None:
    model = cell_model(kind)
    export_model(model, tmp_path / "out.json", Choice("guitarml"), TURNED)
    document = json.loads((tmp_path / "out.json").read_text())
    state = {name: torch.tensor(value) for name, value in document["state_dict"].items()}
    hidden = document["model_data"]["hidden_size"]
    rec = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](1, hidden, batch_first=True)
    rec.load_state_dict(
        {name.removeprefix("rec."): v for name, v in state.items() if name.startswith("rec.")}
    )
    silence = np.zeros(4_000, np.float32)  # from zero to where the cell rests
    x = torch.tensor(np.concatenate([silence, sound()]))[None, :, None]
    with torch.no_grad():
        y = rec(x)[0] @ state["lin.weight"].T + state["lin.bias"] + x
    np.testing.assert_allclose(y[0, 4_000:, 0].numpy(), played(model, TURNED), atol=2e-5)


def test_a_nam_lstm_begins_where_it_rests(tmp_path: Path) -> None:
    """The state that the file holds is the one of silence."""
    export_model(cell_model("lstm", skip=0.0), tmp_path / "out.nam", Choice("nam"), TURNED)
    document = json.loads((tmp_path / "out.nam").read_text())
    flat, hidden = np.array(document["weights"]), document["config"]["hidden_size"]
    matrix, bias, h, c = np.split(
        flat[: 4 * hidden * (hidden + 4) - 6 * hidden],
        np.cumsum([4 * hidden * (hidden + 1), 4 * hidden, hidden]),
    )
    rec = torch.nn.LSTMCell(1, hidden).double()
    weight = torch.tensor(matrix.reshape(4 * hidden, hidden + 1))
    with torch.no_grad():
        rec.weight_ih[:], rec.weight_hh[:] = weight[:, :1], weight[:, 1:]
        rec.bias_ih[:], rec.bias_hh[:] = torch.tensor(bias), 0.0
        after, cell = rec(torch.zeros(1, 1).double(), (torch.tensor(h)[None], torch.tensor(c)[None]))
    np.testing.assert_allclose(after[0], h, atol=1e-6)
    np.testing.assert_allclose(cell[0], c, atol=1e-6)


def test_added_units_do_nothing_and_pass_what_they_should() -> None:
    layer = Recurrent("lstm", *(np.zeros(shape, np.float32) for shape in ((4, 1), (4, 1), (4,), (4,))))
    head = Convolution(np.ones((1, 1, 1), np.float32))
    wide = cells.skip_in_units(cells.padded(cells.Cell(layer, head, -2.0), 5), 1.0)
    assert (wide.layer.hidden, wide.skip) == (7, 1.0)
    gains = wide.head.weight[0, 5:, 0] * wide.layer.w_ih[2 * 7 + 5 : 3 * 7, 0]
    assert gains.sum() == pytest.approx(-3.0)
    assert not wide.head.weight[0, 1:5].any()


# --- what is written beside the numbers ---------------------------------------------------------------------


LABEL = ExportLabel(
    name="Mine", author="Someone", gear_make="Brown", gear_model="30", gear_type="amp", tone_type="crunch",
    licence="CC0", notes="Loud", input_dbu=12.5, output_dbu=None, esr=0.0125,
)  # fmt: skip


def test_a_nam_file_says_what_its_players_want(tmp_path: Path) -> None:
    model = wavenet_model()
    export_model(model, tmp_path / "out.nam", Choice("nam"), {}, LABEL)
    document = json.loads((tmp_path / "out.nam").read_text())
    said = document["metadata"]
    assert (said["name"], said["modeled_by"], said["gear_type"], said["tone_type"]) == (
        "Mine", "Someone", "amp", "crunch",
    )  # fmt: skip
    assert (said["input_level_dbu"], said["output_level_dbu"]) == (12.5, None)
    assert said["training"] == {"validation_esr": 0.0125}
    assert set(said["date"]) == {"year", "month", "day", "hour", "minute", "second"}
    assert -60 < said["loudness"] < 0 <= said["gain"] <= 1
    assert (document["sample_rate"], document["vastudio"]) == (
        48_000, {"export": "exact", "knobs": {"knob_1": 5.0}},
    )  # fmt: skip
    back = label_of(reading.load(tmp_path / "out.nam"))
    assert dataclasses.replace(back, notes="Loud") == LABEL


@pytest.mark.parametrize("form", ["aidax", "guitarml"])
def test_json_files_say_who_made_them(form: str, tmp_path: Path) -> None:
    export_model(cell_model(), tmp_path / "out.json", Choice(form), TURNED, LABEL)
    said = json.loads((tmp_path / "out.json").read_text())["metadata"]
    assert (said["name"], said["author"], said["license"], said["esr"]) == ("Mine", "Someone", "CC0", 0.0125)
    assert "output_level_dbu" not in said
    assert said["vastudio"] == {"export": "exact", "knobs": TURNED}
    back = reading.load(tmp_path / "out.json")
    assert (back.name, back.author, back.licence, back.sample_rate) == ("Mine", "Someone", "CC0", 48_000)
    assert (back.levels, label_of(back).esr) == ({"input_dbu": 12.5}, 0.0125)
    assert back.provenance["imported"]["exported"] == "exact"


def test_words_that_the_format_does_not_know_are_left_out(tmp_path: Path) -> None:
    label = dataclasses.replace(LABEL, gear_type="toaster", tone_type="", esr=None)
    export_model(wavenet_model(), tmp_path / "out.nam", Choice("nam"), {}, label)
    said = json.loads((tmp_path / "out.nam").read_text())["metadata"]
    assert (said["gear_type"], said["tone_type"], said["training"]["validation_esr"]) == (None, None, None)


def test_the_error_is_that_of_the_position_where_it_was_measured() -> None:
    scores = (CaptureScore("a", TURNED, 0.5), CaptureScore("b", {"knob_1": 0.0, "knob_2": 0.0}, 0.1))
    evaluation = Evaluation("validation", 0.3, 0.2, 0.5, scores)
    model = dataclasses.replace(cell_model(), evaluation=evaluation)
    assert label_of(model).esr == 0.2
    assert label_of(model, TURNED).esr == 0.5


def test_loudness_follows_the_formulas() -> None:
    """A filter that passes everything is as loud as the noise, and compresses nothing."""
    wire = generated.envelope("Linear", {"receptive_field": 1, "bias": False}, [0.5])
    model = reading.read(json.dumps(wire).encode(), Path("wire.nam")).as_model()
    measured = loudness.measure(PlayableModel.from_file(model), {})
    assert measured.loudness_db == pytest.approx(loudness.LEVEL_DBFS - 20 * math.log10(2), abs=1e-3)
    assert measured.gain == pytest.approx(0.0, abs=1e-6)
    silent = reading.read(json.dumps(wire | {"weights": [0.0]}).encode(), Path("wire.nam")).as_model()
    assert loudness.measure(PlayableModel.from_file(silent), {}) == loudness.Loudness(None, 0.0)


# --- refusals -----------------------------------------------------------------------------------------------


def test_a_writer_that_errs_is_found_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = exporters()["aidax"]

    def exchanged(*arguments: Any) -> dict[str, Any]:
        document = right.write(*arguments)
        kernel = document["layers"][0]["weights"][1]
        kernel[0] = [value + 1e-3 for value in kernel[0]]
        return document

    wrong = dataclasses.replace(right, write=exchanged)
    monkeypatch.setattr(exporting, "exporter", lambda _name: wrong)
    with pytest.raises(ModelFileError, match="plays something else than the model"):
        export_model(cell_model(), tmp_path / "out.json", Choice("aidax"), TURNED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "form", "reason"),
    [
        (cell_model("gru"), "nam", "knows no GRU"),
        (wavenet_model(), "aidax", "this is a WaveNet"),
        (wavenet_model(), "guitarml", "this is a WaveNet"),
    ],
)  # fmt: skip
def test_what_has_no_exact_form_says_why(model: ModelFile, form: str, reason: str, tmp_path: Path) -> None:
    assert reason in outlook(model, form, {}).problem
    with pytest.raises(ModelFileError, match=reason) as caught:
        export_model(model, tmp_path / "out", Choice(form), {})
    assert "--distil" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_knob_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for values in ({"volume": 1.0}, {"knob_1": 10.5}):
        with pytest.raises(KnobError):
            export_model(cell_model(), tmp_path / "out.json", Choice("aidax"), values)
    with pytest.raises(OutputError):
        export_model(cell_model(), Path("/proc/nowhere/out.json"), Choice("aidax"), TURNED)
    assert list(tmp_path.iterdir()) == []


# --- several positions --------------------------------------------------------------------------------------


def test_several_positions_become_files_that_a_person_can_tell_apart(tmp_path: Path) -> None:
    model = dataclasses.replace(
        cell_model(), name="Crunch: a/b", knobs=(Knob("drive", maximum=10.0), Knob("tone", maximum=10.0))
    )
    places = positions.grid(model.knobs, {"drive": 2}, {"tone": 3.0})
    assert places == [{"drive": 0.0, "tone": 3.0}, {"drive": 10.0, "tone": 3.0}]
    told: list[tuple[int, int]] = []
    found = export_positions(
        model, tmp_path / "new", Choice("aidax"), [*places, {"drive": 99.0}],
        tell=lambda done, total, _: told.append((done, total)),
    )  # fmt: skip
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["Crunch a b – Drive 0 Tone 3.json", "Crunch a b – Drive 10 Tone 3.json"]
    assert [type(each) for each in found] == [Exported, Exported, KnobError]
    assert told == [(0, 3), (1, 3), (2, 3)]
    first = reading.load(tmp_path / "new" / names[0])
    assert first.name == "Crunch a b – Drive 0 Tone 3"
    np.testing.assert_allclose(played(first), played(model, places[0]), atol=1e-6)


def test_a_grid_covers_every_combination_and_stays_small() -> None:
    knobs = (Knob("a"), Knob("b"), Knob("s", maximum=2.0, default=0.0, kind="switch"))
    assert len(positions.grid(knobs, {"a": 3, "b": 2, "s": 9}, {})) == 3 * 2 * 3
    assert positions.grid(knobs, {"a": 1}, {}) == [{"a": 0.5, "b": 0.5, "s": 0.0}]
    for counts in ({"a": 0}, {"c": 2}, {"a": 100, "b": 100}):
        with pytest.raises(KnobError):
            positions.grid(knobs, counts, {})


def test_the_positions_of_a_dataset_come_once(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "made")
    found = positions.of_dataset(dataset, dataset.knobs)
    assert len(found) == len({tuple(values.values()) for values in found}) >= 2
    with pytest.raises(KnobError):
        positions.of_dataset(dataset, ())


def test_names_that_meet_are_numbered() -> None:
    taken: set[Path] = set()
    found = [positions.unused(Path("a.nam"), taken).name for _ in range(3)]
    assert found == ["a.nam", "a 2.nam", "a 3.nam"]
    assert positions.file_name(" ..  ", (), {}, ".nam") == "Model.nam"


# --- learning -----------------------------------------------------------------------------------------------


def test_a_student_that_does_not_fit_is_refused() -> None:
    assert student("a1-nano", "nam") is STUDENTS["a1-nano"]
    for key, form in (("a1-nano", "aidax"), ("gru-16", "nam"), ("a9", "nam")):
        with pytest.raises(TrainingError):
            student(key, form)


def test_a_cancelled_distillation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def stop(learning: Learning) -> None:
        if learning.stage == "Rendering 1 of 4":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        distil(cell_model(), TURNED, STUDENTS["a1-nano"], 1.0, tell=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_network_learns_what_has_no_exact_form(tmp_path: Path) -> None:
    """A GRU as a `.nam` LSTM, after half a minute better than nothing by far, and marked as learned."""
    told: list[Learning] = []
    choice = Choice("nam", learner=STUDENTS["lstm-16"], minutes=0.4)
    done = export_model(cell_model("gru"), tmp_path / "out.nam", choice, TURNED, tell=told.append)
    assert done.fidelity == "distilled"
    assert done.esr is not None
    assert done.esr < 0.5
    document = json.loads((tmp_path / "out.nam").read_text())
    assert document["vastudio"] == {"export": "distilled", "knobs": TURNED}
    assert document["metadata"]["training"]["validation_esr"] == pytest.approx(done.esr)
    assert {"Learning", "Checking"} <= {learning.stage for learning in told}
    assert [learning.done for learning in told] == sorted(learning.done for learning in told)
