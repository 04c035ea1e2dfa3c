"""Runs that go wrong: what is noticed, what is done about it, and when it is given up."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.datasets import make_dataset
from vastudio.dataset.store import Dataset
from vastudio.errors import TrainingError
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event, Finished, Restarted, Validated
from vastudio.training.health import ROUNDS_TO_BE_SURE, Health, has_stalled
from vastudio.training.learner import Learner
from vastudio.training.loop import train

CONFIG = TrainingConfig(
    hidden=8, minutes=None, epochs=6, chunk=512, chunks=4, threads=1, learning_rate=8e-3, spectral_weight=0.0
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"))


def _restarts(events: list[Event]) -> list[Restarted]:
    return [event for event in events if isinstance(event, Restarted)]


def _spoil(monkeypatch: pytest.MonkeyPatch, at: int, spoil: Callable[[Learner], None]) -> None:
    """Do something to the learner before the round with number `at`, once."""
    rounds = 0
    genuine = Learner.round

    def spoiled(learner: Learner) -> list[float]:
        nonlocal rounds
        rounds += 1
        if rounds == at:
            spoil(learner)
        return genuine(learner)

    monkeypatch.setattr(Learner, "round", spoiled)


def _fill(value: float) -> Callable[[Learner], None]:
    def fill(learner: Learner) -> None:
        with torch.no_grad():
            for parameter in learner.model.parameters():
                parameter.mul_(value) if math.isfinite(value) else parameter.fill_(value)

    return fill


def test_weights_that_are_no_numbers_lead_back_to_the_last_good_checkpoint(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, 12, _fill(math.nan))
    events = list(train(dataset, CONFIG, tmp_path))
    (restarted,) = _restarts(events)
    assert (restarted.reason, restarted.attempt) == ("diverged", 1)
    assert restarted.learning_rate == CONFIG.learning_rate / 2
    assert restarted.seed != CONFIG.seed
    position = events.index(restarted)
    before = [event.esr for event in events[:position] if isinstance(event, Validated)]
    after = [event.esr for event in events[position:] if isinstance(event, Validated)]
    assert len(before) >= 2
    assert after[0] < 1.25 * before[-1] < before[0]  # it went on from there, not from the beginning
    assert isinstance(events[-1], Finished)


def test_an_error_that_explodes_is_a_divergence_too(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(CONFIG, learning_rate=1e-4)  # too slow to come back by itself
    _spoil(monkeypatch, 12, _fill(1e3))
    assert [event.reason for event in _restarts(list(train(dataset, config, tmp_path)))] == ["diverged"]


def test_a_run_that_diverges_again_and_again_is_given_up(dataset: Dataset, tmp_path: Path) -> None:
    events: list[Event] = []
    with pytest.raises(TrainingError, match="diverged"):
        events.extend(train(dataset, replace(CONFIG, plain_weight=1e300), tmp_path))
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert sum("restarted" in line for line in lines) == 5


def test_a_run_that_learns_nothing_begins_anew_once(dataset: Dataset, tmp_path: Path) -> None:
    config = replace(CONFIG, epochs=12, learning_rate=1e-9, stall_esr=0.001)
    (restarted,) = _restarts(list(train(dataset, config, tmp_path)))
    assert restarted.reason == "stalled"
    assert restarted.update >= 100
    assert not _restarts(list(train(dataset, replace(config, stall_esr=0.0), tmp_path / "patient")))


def test_one_bad_draw_is_no_divergence() -> None:
    health = Health()
    assert not health.diverged([1.0])
    for _ in range(ROUNDS_TO_BE_SURE - 1):
        assert not health.diverged([500.0, 600.0])
        assert health.doubtful
    assert not health.diverged([1.0])
    assert not health.doubtful
    assert health.diverged([1.0, math.nan])


def test_a_rise_within_reason_is_no_divergence() -> None:
    health = Health()
    assert not any(health.diverged([value]) for value in (1e-4, 5.0, 5.0, 5.0, 5.0, 5.0))
    assert [health.diverged([1e4]) for _ in range(3)] == [False, False, True]


def test_a_stall_needs_time_updates_and_every_capture() -> None:
    assert has_stalled(0.3, 200, [0.5, 0.9], 0.2)
    assert not has_stalled(0.2, 200, [0.5, 0.9], 0.2)
    assert not has_stalled(0.3, 50, [0.5, 0.9], 0.2)
    assert not has_stalled(0.3, 200, [0.1, 0.9], 0.2)
    assert not has_stalled(0.3, 200, [0.5, 0.9], 0.0)
