"""Where a model came from: the dataset it learned from and the run that made it, if they are still there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vastudio import paths
from vastudio.app.library.card import Card
from vastudio.app.library.cards import read_card
from vastudio.app.library.listing import datasets
from vastudio.dataset.store import Dataset
from vastudio.errors import StudioError

_BEST = "best.vamodel"


@dataclass(frozen=True)
class Origin:
    """Folders of the dataset and the run; None where there is none, or it is not found."""

    dataset: Path | None = None
    run: Path | None = None


def find_origin(card: Card, known_datasets: tuple[str, ...] = ()) -> Origin:
    """Look for them: the dataset by its content (its name where that changed), the run by the model's.

    Reads the manifests and the best models of all runs, some milliseconds each: for a worker.
    """
    if not card.dataset_hash and not card.dataset:
        return Origin()
    return Origin(_dataset(card, known_datasets), _run(card))


def _dataset(card: Card, known: tuple[str, ...]) -> Path | None:
    of_that_name: Path | None = None
    for folder in datasets(known):
        try:
            dataset = Dataset.open(folder)
        except StudioError:
            continue
        if card.dataset_hash and dataset.content_hash == card.dataset_hash:
            return folder
        if dataset.name == card.dataset and of_that_name is None:
            of_that_name = folder
    return of_that_name


def _run(card: Card) -> Path | None:
    runs = sorted(paths.user_runs().glob(f"*/{_BEST}"), reverse=True)
    if card.file.name == _BEST and card.file in runs:
        return card.file.parent
    for best in runs:
        made = read_card(str(best))
        if made is not None and made.content == card.content:
            return best.parent
    return None
