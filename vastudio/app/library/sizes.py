"""Which size of a file that holds several is played: the one its owner chose in the library."""

from __future__ import annotations

from pathlib import Path

from vastudio.app.library import own
from vastudio.app.library.cards import read_card
from vastudio.modelfile.reading import LARGEST_SIZE


def chosen_size(path: Path) -> float:
    """The size to play a model file at, 0..1; the largest where nothing was chosen. Reads the file's card."""
    memory = own.load()
    if all(said.size is None for said in memory.models.values()):
        return LARGEST_SIZE
    card = read_card(str(path))
    size = memory.of(card.content).size if card is not None else None
    return LARGEST_SIZE if size is None else size
