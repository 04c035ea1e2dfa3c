"""The measurement of training: what its rows say, and that it leaves the process as it was."""

from __future__ import annotations

import pytest
import torch

from vastudio.app.bench_training import training_rows
from vastudio.types import STANDARD_RATE


def test_every_combination_has_a_row() -> None:
    rows = training_rows((8, 16), (16,), (1,), steps=8, turns=1)
    assert [(row["cell"], row["hidden"]) for row in rows] == [
        ("gru", 8),
        ("gru", 16),
        ("lstm", 8),
        ("lstm", 16),
    ]
    for row in rows:
        assert row["threads"] == 1
        assert row["batch"] == 16
        assert row["ratio"] == pytest.approx(row["torch_us"] / row["ours_us"], abs=0.01)
        assert row["turns"] == 1
        assert row["ours_median_us"] == row["ours_us"]
        assert row["torch_cpu_us"] > 0
        audio = row["batch"] / (STANDARD_RATE * 1e-6 * row["ours_us"])
        assert row["audio_seconds_per_second"] == pytest.approx(audio, rel=0.01, abs=0.1)


def test_without_patience_every_row_still_has_one_turn() -> None:
    rows = training_rows((8,), (16,), (1,), steps=8, turns=5, patience=0.0)
    assert [row["turns"] for row in rows] == [1, 1]


def test_the_number_of_threads_is_put_back() -> None:
    before = torch.get_num_threads()
    training_rows((8,), (16,), (before + 1,), steps=4, turns=1)
    assert torch.get_num_threads() == before
