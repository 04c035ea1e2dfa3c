"""The command line that a training job runs says all that its configuration says."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from vastudio.app.jobs import TrainingRequest
from vastudio.cli import train
from vastudio.training.config import TrainingConfig, configured


def read_back(config: TrainingConfig) -> TrainingConfig:
    words = TrainingRequest(Path("data"), Path("out.vamodel"), config).command()
    parser = argparse.ArgumentParser()
    train.COMMAND.configure(parser)
    return train._config(parser.parse_args(words[1:]))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"minutes": 3.5, "seed": 7, "threads": 2},
        {"epochs": 4, "minutes": None},
        {"architecture": "wavenet-nano"},
        {"architecture": "wavenet-nano", "learning_rate": TrainingConfig.learning_rate},
        {"architecture": "hyper-lstm", "hidden": 16, "biases": False, "taps": 8},
    ],
)
def test_the_command_means_the_same_run(settings: dict[str, object]) -> None:
    config = configured(**settings)
    assert read_back(config) == config
