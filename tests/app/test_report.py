"""Reports: what is heard in them, how they are drawn, what they say about listening tests."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.app.compared import RATE, comparison, noise, rendering
from tests.models import random_model
from vastudio.app import pictures
from vastudio.app.comparison.pair import Pair
from vastudio.app.listening import abx
from vastudio.app.listening.material import Excerpt
from vastudio.app.listening.sessions import Place, Recorder, Session, Subject
from vastudio.app.report import html
from vastudio.app.report.material import Material, gather
from vastudio.app.report.sections import judged, word
from vastudio.app.report.sounds import EXCERPT_SECONDS, LOUDEST_NULL_DB, excerpt, flac
from vastudio.app.report.writing import report_record, write_report
from vastudio.app.studio import OpenedModel, read_model
from vastudio.audio.level import integrated_loudness
from vastudio.errors import OutputError
from vastudio.modelfile import store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


# --- sounds -----------------------------------------------------------------------------------------------


def test_everything_is_heard_equally_loud_and_the_null_says_its_gain() -> None:
    target = noise(2.0)
    model = np.float32(0.4) * target + noise(2.0, 1, 0.004)
    heard = excerpt([comparison(target, model)])
    loudness = [integrated_loudness(x, RATE) for x in (heard.target, heard.models[0], heard.nulls[0])]
    assert max(loudness) - min(loudness) < 0.1
    null = integrated_loudness(model - target, RATE)
    assert heard.null_gains_db[0] == pytest.approx(integrated_loudness(target, RATE) - null, abs=0.01)
    loudest = max(np.abs(x).max() for x in (heard.clean, heard.target, *heard.models, *heard.nulls))
    assert 20 * np.log10(loudest) == pytest.approx(-1.0, abs=0.01)


def test_the_excerpt_lies_around_the_worst_second() -> None:
    target = noise(30.0)
    model = target.copy()
    model[20 * RATE : 21 * RATE] *= np.float32(0.5)
    heard = excerpt([comparison(target, model)])
    assert heard.stop_s - heard.start_s == pytest.approx(EXCERPT_SECONDS)
    assert (heard.start_s, heard.stop_s) == pytest.approx((20.5 - 4.0, 20.5 + 4.0), abs=0.06)
    assert len(heard.clean) == len(heard.nulls[0]) == round(EXCERPT_SECONDS * RATE)


def test_a_perfect_model_and_silence_have_a_silent_null_at_no_gain() -> None:
    perfect = excerpt([comparison(noise(1.0), noise(1.0))])
    assert perfect.null_gains_db == (0.0,)
    assert not perfect.nulls[0].any()
    silent = excerpt([comparison(np.zeros(RATE, np.float32), np.zeros(RATE, np.float32))])
    assert np.isfinite(silent.models[0]).all()
    nearly = excerpt([comparison(noise(1.0), noise(1.0) + noise(1.0, 1, 2e-6))])
    assert nearly.null_gains_db == (LOUDEST_NULL_DB,)


def test_sounds_are_packed_as_16_bit_flac() -> None:
    sound = noise(0.5)
    content = flac(sound, RATE)
    again, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    assert rate == RATE
    np.testing.assert_allclose(again, sound, atol=2**-15)
    assert soundfile.info(io.BytesIO(content)).subtype == "PCM_16"


# --- pictures ---------------------------------------------------------------------------------------------


def test_drawings_follow_the_page_and_need_no_network() -> None:
    renderings = [rendering(noise(1.0), noise(1.0) + noise(1.0, seed, 0.01)) for seed in (1, 2)]
    drawn = pictures.of_comparisons(renderings)
    assert {"overlay", "spectra", "null-by-band", "error-over-time", "waveforms-1", "spectrograms-2"} <= set(
        drawn
    )
    texts = {name: pictures.svg(figure) for name, figure in drawn.items()}
    for name, text in texts.items():
        assert text.startswith("<svg"), name
        assert "http" not in re.sub(r'href="data:[^"]*"', "", text), name
        assert "var(--dim)" in text, name
        for colour in ("#121417", "#191c20", "#f2a83b", "#e8eaed"):
            assert colour not in text, (name, colour)
    assert "var(--model-2)" in texts["overlay"]
    assert "var(--target)" in texts["overlay"]
    assert ">Target</text>" in texts["overlay"]


def test_every_colour_of_the_drawings_is_in_the_style_in_light_dark_and_on_paper() -> None:
    from vastudio import paths  # noqa: PLC0415
    from vastudio.app.pictures.canvas import VARIABLES  # noqa: PLC0415

    style = (paths.resources() / "web" / "page.css").read_text(encoding="utf-8")
    for name in VARIABLES.values():
        assert style.count(f"--{name}:") == 3, name


# --- pages ------------------------------------------------------------------------------------------------


def test_what_people_wrote_is_text_not_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    parts = [
        html.header(evil, evil),
        html.section(evil, html.paragraph(evil)),
        html.figures([(evil, evil, evil)]),
        html.player(b"", "model", evil, evil),
        html.picture("<svg></svg>", evil),
        html.folded(evil),
    ]
    text = html.write_page(tmp_path / "page.html", evil, parts).read_text(encoding="utf-8")
    assert evil not in text
    assert text.count("<script>") == 1
    with pytest.raises(OutputError):
        html.write_page(tmp_path / "page.html" / "below.html", "", [])


def test_values_that_miss_their_goal_are_marked_by_a_sign_not_by_colour_alone() -> None:
    assert judged("esr", 0.5) == '<td class="missed">0.50 ✗</td>'
    assert judged("esr", 0.005) == "<td>0.0050</td>"
    assert judged("loudness_difference", 0.1, unit=False) == "<td>0.10</td>"
    assert [word("esr", value) for value in (0.005, 0.02, 0.05, 0.5)] == ["great", "good", "usable", "rough"]
    assert word("mfcc_distance", 3.0) == "goal missed"


def test_a_page_tells_what_listeners_answered_and_where_everything_comes_from(tmp_path: Path) -> None:
    opened = _opened(tmp_path / "amp.vamodel")
    mark = "sha256:" + hashlib.sha256(opened.path.read_bytes()).hexdigest()
    _listened(tmp_path / "listening", {"Amp & Co": mark}, wrong=1)
    _listened(tmp_path / "listening", {"Amp & Co": "sha256:" + "0" * 64}, wrong=8)
    target = noise(1.0)
    pair = Pair("A riff", target, np.tanh(3 * target), RATE, origin="a.wav → b.wav", notes=("It was late.",))
    material = _gathered([opened], tmp_path / "listening", pair)
    text = write_report(tmp_path / "r.html", material, NOON).read_text(encoding="utf-8")
    assert "15 of 16" in text
    assert "Told apart: 15 of 16 right." in text
    assert "8 of 16" not in text
    assert "Made 2026-03-01 12:00 UTC" in text
    for present in (
        "Amp &amp; Co",
        "It was late.",
        "A riff",
        "a.wav → b.wav",
        mark.removeprefix("sha256:"),
        "seed 7",
    ):
        assert present in text, present
    assert text.count("<audio") == 4
    record = report_record(material)
    (heard,) = record["models"][0]["listening"]["abx"]
    assert (heard["correct"], heard["trials"], heard["finding"]) == (15, 16, "told apart")
    assert record["dataset"] is None
    silent = replace(material, models=(replace(material.models[0], pools=()),))
    text = write_report(tmp_path / "r.html", silent).read_text(encoding="utf-8")
    assert "Nobody has taken a listening test" in text


def test_a_page_tells_which_damaged_listening_sessions_are_not_counted(tmp_path: Path) -> None:
    opened = _opened(tmp_path / "amp.vamodel")
    mark = "sha256:" + hashlib.sha256(opened.path.read_bytes()).hexdigest()
    folder = tmp_path / "listening"
    _listened(folder, {"Amp & Co": mark}, wrong=1)
    (folder / "torn <b>.json").write_text('{"listener": "Ben", "started')
    target = noise(1.0)
    material = _gathered([opened], folder, Pair("A riff", target, np.tanh(3 * target), RATE))
    text = write_report(tmp_path / "r.html", material, NOON).read_text(encoding="utf-8")
    assert "15 of 16" in text
    assert text.count("Not counted: torn &lt;b&gt;.json is no listening session, or it is damaged.") == 1
    (note,) = report_record(material)["listening_not_counted"]
    assert "torn <b>.json" in note
    untold = gather([opened], with_probe=False, with_listening=False, listening_folder=folder)
    assert untold.unread == ()


def _gathered(models: Sequence[OpenedModel], folder: Path, pair: Pair) -> Material:
    told: list[str] = []
    material = gather(models, pair=pair, listening_folder=folder, on_progress=told.append)
    assert told[0] == "Amp & Co: A riff"
    assert all(what.startswith("Amp & Co: ") for what in told)
    return material


def _opened(path: Path) -> OpenedModel:
    provenance = {"dataset": "amp", "training": {"seed": 7}}
    store.save(replace(random_model(knobs=0), name="Amp & Co", provenance=provenance), path)
    return read_model(path)


def _listened(folder: Path, models: dict[str, str], wrong: int) -> None:
    """A finished test of 16 trials in which the first `wrong` answers are wrong."""
    plan = abx.AbxPlan(seed=9, trials=16)
    subject = Subject(models, {"riff": Place("pedal", "c03", 0, {}, Excerpt(1.5, 2.0))})
    recorder = Recorder.begin(Session("Ada", NOON, subject, abx.AbxState(plan)), folder)
    recorder.do(abx.Begin())
    for number, key in enumerate(plan.key):
        other: abx.Choice = "A" if key == "B" else "B"
        for action in (abx.Switch("X"), abx.Say(other if number < wrong else key, NOON), abx.Next()):
            recorder.do(action)
