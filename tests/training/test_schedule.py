"""Time, learning rate, threads and device of a run."""

from __future__ import annotations

import pytest
import torch

from vastudio.errors import TrainingError
from vastudio.nets import Blueprint, architecture
from vastudio.training import schedule
from vastudio.training.average import WeightAverage
from vastudio.training.device import choose_device
from vastudio.training.schedule import Schedule, Stopwatch
from vastudio.training.threads import cores, threads_for


def test_the_rate_falls_from_its_peak_to_its_end() -> None:
    plan = Schedule(4e-3, 0.02, 10.0, None)
    rates = [plan.rate(part / 10) for part in range(11)]
    assert rates[0] == pytest.approx(4e-3)
    assert rates[-1] == pytest.approx(0.02 * 4e-3)
    assert rates == sorted(rates, reverse=True)


def test_a_schedule_counts_from_where_it_began() -> None:
    plan = Schedule(1e-3, 0.1, 2.0, None, start_seconds=60.0)
    assert plan.fraction(60.0, 5.0) == 0.0
    assert plan.fraction(120.0, 9.0) == pytest.approx(0.5)
    assert plan.seconds_left(120.0, 9.0) == pytest.approx(60.0)
    assert plan.fraction(1000.0, 9.0) == 1.0
    by_epochs = Schedule(1e-3, 0.1, None, 4, start_epochs=3.0)
    assert by_epochs.fraction(99.0, 5.0) == pytest.approx(0.5)
    assert Schedule(**plan.to_record()) == plan


def test_a_computer_that_slept_has_not_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(schedule, "clock", lambda: now)
    watch = Stopwatch(5.0)
    now += 2.0
    assert watch.tick() == 7.0
    now += 8 * 3600
    assert watch.tick() == 7.0 + schedule.LONGEST_STEP
    now += 9.0
    watch.restart()
    assert watch.tick() == 7.0 + schedule.LONGEST_STEP


def test_threads_stay_within_the_cores_and_one_can_be_left_free() -> None:
    assert threads_for(0) == cores()
    assert threads_for(1) == threads_for(1, leave_core_free=True) == 1
    assert threads_for(10_000) == cores()
    assert threads_for(0, leave_core_free=True) == max(1, cores() - 1)


def test_the_graphics_card_is_used_where_torch_sees_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for available, device in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda available=available: available)
        assert choose_device("auto").type == device
        assert choose_device("cpu").type == "cpu"
    with pytest.raises(TrainingError, match="CUDA"):
        choose_device("cuda")
    with pytest.raises(TrainingError) as caught:
        choose_device("cdua")
    assert "cuda" in caught.value.hint


def test_the_running_mean_is_the_mean_of_what_the_weights_were() -> None:
    model = architecture("concat-gru").build(Blueprint(1, 8))
    average = WeightAverage(model, 0.5)
    weight = next(model.parameters())
    with torch.no_grad():
        for update, value in enumerate((1.0, 2.0, 4.0), start=1000):
            weight.fill_(value)
            if value == 1.0:
                average = WeightAverage(model, 0.5)
            else:
                average.update(update)
    mean = next(average.model.parameters())
    torch.testing.assert_close(mean, torch.full_like(mean, 0.25 * 1 + 0.25 * 2 + 0.5 * 4))
    assert WeightAverage(model, 0.0).model is model
