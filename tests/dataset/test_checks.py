"""Every fault is reported as what it is, and nothing else is."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest
from scipy import signal

from tests.audio.material import amplified, noise, riff, sine
from tests.audio.test_movement import drifted
from tests.dataset.material import RATE
from vastudio.audio import stimulus
from vastudio.dataset.checks import Evidence, Reviewed, checks, compare_takes, judge_take, judge_takes
from vastudio.dataset.manifest import Finding
from vastudio.types import Audio

LOUD = 184_000
"""A frame in the midst of a note."""


@functools.cache
def played() -> Audio:
    """Clicks, silence, a riff, silence, the first half of the riff again, clicks."""
    silence = np.zeros(RATE // 2, np.float32)
    clicks, phrase = stimulus.blips(RATE), riff(5.0)
    again = phrase[: round(2.5 * RATE)]
    return np.concatenate([clicks, silence, phrase, silence, again, silence, clicks])


def answer(drive: float = 8.0, seed: int = 0) -> Audio:
    """The device's answer, 100 samples late, over a little noise."""
    late = np.concatenate([np.zeros(100, np.float32), amplified(played(), drive)])[: len(played())]
    return late + noise(len(late), 3e-5, seed)


def found(target: Audio) -> dict[str, Finding]:
    return {finding.code: finding for finding in judge_take(Evidence(played(), target, RATE))}


def test_a_good_take_has_no_finding() -> None:
    assert not found(answer())


def clipped(y: Audio) -> Audio:
    return np.clip(y * (1.2 / np.abs(y).max()), -1.0, 1.0).astype(np.float32)


def cut_cable(y: Audio) -> Audio:
    y[3 * RATE :] = noise(len(y) - 3 * RATE, 1e-5)
    return y


def hole(y: Audio) -> Audio:
    y[LOUD : LOUD + 128] = 0.0
    return y


def lost(y: Audio) -> Audio:
    return np.concatenate([y[: 3 * RATE], y[3 * RATE + 256 :], y[:256] * 0])


def humming(y: Audio) -> Audio:
    return y + sine(50.0, 20.0, 0.002)[: len(y)] + sine(150.0, 20.0, 0.001)[: len(y)]


def trembling(y: Audio) -> Audio:
    return np.asarray(y * (1.0 + 0.2 * np.sin(2.0 * np.pi * 3.3 * np.arange(len(y)) / RATE)), np.float32)


def turned_up(y: Audio) -> Audio:
    y[7 * RATE :] *= np.float32(10.0 ** (1.0 / 20.0))
    return y


@pytest.mark.parametrize(
    ("fault", "code", "severity"),
    [
        (lambda y: 0.0 * y, "silent_target", "error"),
        (lambda y: 0.005 * y, "quiet", "info"),
        (lambda y: np.where(np.arange(len(y)) < 4800, y, 0.0), "no_answer", "warning"),
        (lambda y: noise(len(y), 1e-4), "no_answer", "warning"),
        (cut_cable, "cut", "error"),
        (clipped, "clipping", "warning"),
        (lambda y: y + np.float32(0.004), "dc", "warning"),
        (humming, "hum", "warning"),
        (lambda y: y + noise(len(y), 0.01), "noise", "warning"),
        (hole, "dropout", "warning"),
        (lost, "delay_jumps", "error"),
        (lambda y: drifted(y, 60.0), "drift", "info"),
        (lambda y: drifted(y, -500.0), "drift", "error"),
        (trembling, "unsteady", "warning"),
        (turned_up, "gain_moved", "warning"),
    ],
)
def test_each_fault_is_found_as_what_it_is(fault: Callable[[Audio], Audio], code: str, severity: str) -> None:
    judged = found(np.asarray(fault(answer()), np.float32))
    assert set(judged) == {code}
    assert judged[code].severity == severity
    assert judged[code].message
    assert judged[code].hint


def test_findings_say_where_and_how_much() -> None:
    jump = found(lost(answer()))["delay_jumps"]
    assert jump.at_seconds == pytest.approx(3.0, abs=0.4)
    assert jump.value == pytest.approx(-256.0, abs=1.0)
    assert found(cut_cable(answer()))["cut"].at_seconds == pytest.approx(3.0, abs=0.2)
    assert found(hole(answer()))["dropout"].at_seconds == pytest.approx(LOUD / RATE, abs=0.01)
    assert found(drifted(answer(), 60.0))["drift"].value == pytest.approx(60.0, abs=0.5)
    assert found(turned_up(answer()))["gain_moved"].value == pytest.approx(1.0, abs=0.1)


def test_places_count_from_the_beginning_of_the_file() -> None:
    judged = judge_take(Evidence(played(), hole(answer()), RATE, target_start=RATE))
    assert judged[0].at_seconds == pytest.approx(1.0 + LOUD / RATE, abs=0.01)


def device(x: Audio, drive: float, tone: float) -> Audio:
    y = np.tanh(2.0 * 10.0**drive * x)
    return np.asarray(0.5 * signal.lfilter(*signal.butter(1, 800.0 * 5.0**tone, fs=RATE), y), np.float32)


@functools.cache
def grid() -> tuple[tuple[float, float, Audio], ...]:
    x = riff(2.5)
    places = [(drive / 4.0, tone / 3.0) for drive in range(5) for tone in range(4)]
    return tuple((drive, tone, device(x, drive, tone)) for drive, tone in places)


def beside(changed: dict[int, Audio]) -> set[tuple[str, str]]:
    """Findings (code, capture) of a session in which some takes are other than they should be."""
    x = riff(2.5)
    before: Evidence | None = None
    takes = []
    for index, (drive, tone, target) in enumerate(grid()):
        evidence = Evidence(x, changed.get(index, target), RATE)
        knobs = {"drive": drive, "tone": tone}
        levels = evidence.levels
        assert levels.input_rms_db is not None
        assert levels.rms_db is not None
        takes.append(
            Reviewed(
                f"{index:03d}", 0, knobs, knobs, evidence.alignment, evidence.transfer,
                levels.input_rms_db, levels.rms_db,
                None if before is None else compare_takes(before, evidence),
            )
        )  # fmt: skip
        before = evidence
    return {(finding.code, finding.capture) for finding in judge_takes(takes)}


def test_takes_that_fit_have_no_finding() -> None:
    assert not beside({})


def test_takes_that_do_not_fit_their_neighbours_are_found() -> None:
    good = [target for _, _, target in grid()]
    assert beside({7: -good[7]}) == {("polarity_differs", "007")}
    assert beside({12: np.roll(good[12], 5)}) == {("delay_differs", "012")}
    assert beside({9: 2.0 * good[9]}) == {("level_jump", "009")}
    assert beside({13: good[12]}) == {("unmoved", "013")}


def test_every_check_names_its_codes_once() -> None:
    codes = [code for check in checks().values() for code in check.codes]
    assert len(codes) == len(set(codes))
    assert all(check.version >= 1 and (check.take or check.takes) for check in checks().values())
