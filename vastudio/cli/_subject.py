"""What `compare` and `report` are given: models, and a clip of a dataset or two files beside them."""

from __future__ import annotations

import argparse
from pathlib import Path

from vastudio.app.comparison.naming import told_apart
from vastudio.app.comparison.pair import Pair, dataset_pair, file_pair, recorded_values
from vastudio.app.evaluate import check_match
from vastudio.app.studio import OpenedModel, read_model
from vastudio.cli._command import add_knobs, parse_knobs
from vastudio.dataset.store import Dataset
from vastudio.errors import DatasetError, KnobError, did_you_mean
from vastudio.modelfile.reading import LARGEST_SIZE
from vastudio.types import knob_vector


def add_subject(parser: argparse.ArgumentParser) -> None:
    """Add models, dataset, files and knobs."""
    parser.add_argument("models", type=Path, nargs="+", metavar="model", help="model file (.vamodel)")
    parser.add_argument("--dataset", type=Path, help="dataset folder")
    parser.add_argument("--clean", type=Path, metavar="FILE", help="audio file that went into the device")
    parser.add_argument("--target", type=Path, metavar="FILE", help="audio file that came out of it")
    add_knobs(parser)


def read_models(arguments: argparse.Namespace) -> list[OpenedModel]:
    """Read the models, with names that tell them apart. Raises ModelFileError."""
    return told_apart([read_model(path, LARGEST_SIZE) for path in arguments.models])


def read_dataset(arguments: argparse.Namespace, models: list[OpenedModel]) -> Dataset | None:
    """Open the dataset where one is given, and check that every model can play it. Raises DatasetError."""
    if arguments.dataset is None:
        return None
    if arguments.clean is not None or arguments.target is not None:
        raise DatasetError("A dataset and files are two things to compare with.", "Give one of them.")
    dataset = Dataset.open(arguments.dataset)
    for opened in models:
        check_match(opened.playable, dataset)
    return dataset


def read_clip(dataset: Dataset, capture: str | None, clip: int) -> Pair:
    """Read a clip, counted from 1; without a capture that of the first held-out one. Raises DatasetError."""
    if capture is None:
        capture = (dataset.captures("validation") or dataset.captures())[0].id
    if clip < 1:
        raise DatasetError(f"There is no clip {clip}.", "Clips are counted from 1.")
    return dataset_pair(dataset, capture, clip - 1)


def read_files(arguments: argparse.Namespace) -> Pair | None:
    """Read the two files where they are given. Raises AudioFileError, DatasetError."""
    if arguments.clean is None and arguments.target is None:
        return None
    if arguments.clean is None or arguments.target is None:
        raise DatasetError("A pair of files is missing one.", "Give both --clean and --target.")
    return file_pair(arguments.clean, arguments.target, parse_knobs(arguments.knob))


def check_knobs(arguments: argparse.Namespace, models: list[OpenedModel]) -> dict[str, float]:
    """Read `--knob`. Raises KnobError for a knob that none of the models has, or a value outside its dial."""
    given = parse_knobs(arguments.knob)
    names = {knob.name for opened in models for knob in opened.playable.knobs}
    for name in given:
        if name not in names:
            raise KnobError(
                f"There is no knob '{name}'.", did_you_mean(name, names) or "This model has no knobs."
            )
    for opened in models:
        knob_vector(opened.playable.knobs, _own(given, opened))
    return given


def knob_positions(
    arguments: argparse.Namespace, models: list[OpenedModel], pair: Pair
) -> list[dict[str, float]]:
    """Where the knobs of each model stand: as given, else as recorded, else at their defaults.

    A knob that only some of the models have is turned there. Raises KnobError.
    """
    given = check_knobs(arguments, models)
    return [{**recorded_values(opened.playable.knobs, pair), **_own(given, opened)} for opened in models]


def _own(given: dict[str, float], opened: OpenedModel) -> dict[str, float]:
    names = {knob.name for knob in opened.playable.knobs}
    return {name: value for name, value in given.items() if name in names}
