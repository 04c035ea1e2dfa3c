"""Compare ways to train, each with the same processor time on one thread; print a table in Markdown.

    python tools/compare_recipes.py DATASET OUT --seconds 90 hyper-gru film-gru "hyper-gru spectral_weight=0"

A recipe is an architecture and, after it, settings of a training run. Counting the seconds of the process
makes the figures comparable on a machine that does other work beside it, as far as its caches allow. The
errors are those of the engine at the positions held out, by the last model and not by the best on the
way: the held-out positions chose nothing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio.app.evaluate import evaluate
from vastudio.audio.metrics import mr_stft
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.modelfile import store
from vastudio.training import schedule
from vastudio.training.config import TrainingConfig, configured
from vastudio.training.device import spread_over
from vastudio.training.run import Run
from vastudio.training.run_folder import RunFolder

COLUMNS = ("recipe", "parameters", "updates", "median ESR", "worst ESR", "mean ESR", "MR-STFT, median")


@dataclass(frozen=True)
class Result:
    """One row: what a recipe reached."""

    recipe: str
    parameters: int
    updates: int
    esr: tuple[float, ...]
    spectral: tuple[float, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of `COLUMNS`."""
        esr = np.array(self.esr)
        numbers = (np.median(esr), esr.max(), esr.mean())
        return (
            self.recipe,
            f"{self.parameters:,}",
            f"{self.updates:,}",
            *(f"{number:.5f}" for number in numbers),
            f"{np.median(self.spectral):.3f}",
        )


def main() -> None:
    """Train every recipe named on the command line and print its row as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("out", type=Path, help="folder for the runs")
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--seconds", type=float, default=90.0, help="processor time of each")
    arguments = parser.parse_args()
    schedule.clock = time.process_time
    dataset = Dataset.open(arguments.dataset)
    _print(COLUMNS)
    _print(["---"] * len(COLUMNS))
    for recipe in arguments.recipes:
        config = _config(recipe, arguments.seconds)
        _print(_result(recipe, config, dataset, arguments.out).cells)


def _print(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


def _config(recipe: str, seconds: float) -> TrainingConfig:
    architecture, *settings = recipe.split()
    named = dict(setting.split("=", 1) for setting in settings)
    return configured(architecture=architecture, minutes=seconds / 60, threads=1, device="cpu", **named)


def _result(recipe: str, config: TrainingConfig, dataset: Dataset, out: Path) -> Result:
    """Train without validating, keep the last model, and measure it."""
    folder = out / recipe.replace(" ", "_")
    shutil.rmtree(folder, ignore_errors=True)
    run = Run(dataset, config)
    spread_over(1, in_torch=run.learner.model.in_torch)
    run.begin(RunFolder.create(folder, dataset, run.config))
    run.learner.compile()
    run.watch.restart()
    while run.fraction < 1:
        run.round()
        run.watch.tick()
    run.folder.keep(run.learner.average.model, config.architecture)
    run.folder.close()
    model = PlayableModel.from_file(store.load(run.folder.best))
    scores = evaluate(model, dataset, "validation").captures
    spectral = []
    for capture in dataset.captures("validation"):
        clean, target = dataset.read_clip(capture.clips[0])
        output = render(model, clean, capture.knobs)
        spectral.append(mr_stft(target, output))
    return Result(
        recipe,
        run.learner.model.parameter_count(),
        run.learner.updates,
        tuple(score.esr for score in scores),
        tuple(spectral),
    )


if __name__ == "__main__":
    main()
