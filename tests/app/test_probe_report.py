"""The whole probe: pops and zipper noise are found by their measure alone, and the record is plain JSON."""

from __future__ import annotations

import json

import pytest

from tests.app import probed
from tests.conftest import REPOSITORY
from tests.models import random_model
from vastudio.app.probe.measure import measures
from vastudio.app.probe.quick import Recording
from vastudio.app.probe.report import report
from vastudio.app.probe.stimuli import standard_phrase
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import ORDER
from vastudio.engine.graph import PlayableModel
from vastudio.errors import KnobError


@pytest.mark.parametrize(
    ("subject", "bad"),
    [
        (probed.subject(probed.soft), set()),
        (probed.subject(probed.popping), {"startup_pop"}),
        (probed.turnable(smooth=True), set()),
        (probed.turnable(smooth=False), {"zipper"}),
    ],
    ids=["right", "pop", "glides", "stairs"],
)
def test_what_is_bad_in_one_way_is_found_by_the_measure_meant_for_it(subject: Subject, bad: set[str]) -> None:
    found = report(subject)
    by_grade = {
        grade: {verdict.measure for verdict in found.verdicts if verdict.grade == grade} for grade in ORDER
    }
    assert by_grade["bad"] == bad
    assert not by_grade["watch"]
    assert {verdict.grade for verdict in found.verdicts[: len(bad)]} <= {"bad"}


def test_a_model_is_reported_in_plain_json() -> None:
    model = PlayableModel.from_file(random_model(hidden=8, knobs=1))
    steps: list[tuple[int, int, str]] = []
    found = report(Subject.of(model), {"knob_1": 7.0}, on_progress=lambda *step: steps.append(step))
    record = json.loads(json.dumps(found.record(), allow_nan=False))
    assert record["knobs"] == {"knob_1": 7.0}
    assert set(measures()) <= set(record)
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)
    assert steps[-1][:2] == (3 + len(measures()),) * 2
    assert {measure.title for measure in measures().values()} < {text for _, _, text in steps}
    assert len(record["basics"]["positions"]) == 3
    assert {"measure", "title", "value", "unit", "goal", "grade", "sentence"} == set(record["verdicts"][0])
    assert [load["block_frames"] for load in record["load"]["blocks"]] == [16, 32, 64, 128, 256, 512, 1024]


def test_every_measure_is_described() -> None:
    described = (REPOSITORY / "docs" / "probe.md").read_text(encoding="utf-8")
    clean = standard_phrase(48_000)
    found = report(probed.turnable(smooth=True), recordings=[Recording(clean, clean, {})])
    assert all(f"`{name}`" in described for name in measures() if name != "startup")
    assert all(f"`{verdict.measure}`" in described for verdict in found.verdicts)


def test_what_cannot_be_measured_is_left_out() -> None:
    record = report(probed.subject(probed.soft)).record()
    assert {"load", "zipper"}.isdisjoint(record)
    assert record["startup"]["jumps"] == ()


def test_a_wrong_knob_is_refused_before_anything_is_measured() -> None:
    steps: list[tuple[int, int, str]] = []
    with pytest.raises(KnobError):
        report(probed.turnable(smooth=True), {"volume": 3.0}, on_progress=lambda *step: steps.append(step))
    assert steps == []
