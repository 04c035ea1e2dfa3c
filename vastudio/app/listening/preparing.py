"""From what is compared to a test that can begin: sounds, plan and session; and back from a stored one.

For workers: models are rendered and loudness is measured. Nothing here makes a sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from vastudio.app.comparison.comparing import Rendering, render_pair
from vastudio.app.comparison.pair import Pair, dataset_pair
from vastudio.app.listening import abx, mushra
from vastudio.app.listening.material import (
    CLEAN,
    LOW_PASS,
    SOFT_CLIPPER,
    TARGET,
    Excerpt,
    Material,
    Treatment,
    abx_material,
    mushra_material,
)
from vastudio.app.listening.sessions import Place, Session, Subject, now
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.errors import ListeningError, StudioError
from vastudio.modelfile import store
from vastudio.types import KnobValues

Kind: TypeAlias = Literal["abx", "nearer", "mushra"]

ANCHORS = (LOW_PASS, SOFT_CLIPPER)
_SAME_GAIN_DB = 0.05


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that is listened to: a name of its own, its file, and what plays it."""

    name: str
    path: Path
    playable: PlayableModel


@dataclass(frozen=True, eq=False)
class Item:
    """A stretch of a pair, and where the models' knobs stand: what one has, the others have, too."""

    pair: Pair
    excerpt: Excerpt
    knobs: KnobValues

    @property
    def title(self) -> str:
        """How it is called in results: pair and stretch."""
        stop = self.excerpt.start + self.excerpt.seconds
        return f"{self.pair.title} · {self.excerpt.start:.2f}–{stop:.2f} s"

    @property
    def place(self) -> Place:
        """What a session keeps of it."""
        pair = self.pair
        return Place(pair.origin, pair.capture, pair.clip, dict(self.knobs), self.excerpt)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A session that can begin or go on, and its sounds by item."""

    session: Session
    materials: Mapping[str, Material]


def prepare_abx(
    listener: str, plan: abx.AbxPlan, model: Candidate, item: Item, rendering: Rendering | None = None
) -> Prepared:
    """Prepare an ABX test or a sanity check.

    `rendering` is what the model makes of the item's pair, where it is known. Raises ListeningError and
    StudioError as `material` and rendering do.
    """
    material = _abx_material(model.playable, item, plan.mode, rendering)
    session = Session(
        _named(listener), now(), _subject([model], [item]), abx.AbxState(plan),
        {item.title: material.treatments}, {model.name: str(model.path)},
    )  # fmt: skip
    return Prepared(session, {item.title: material})


def prepare_rating(listener: str, models: Sequence[Candidate], items: Sequence[Item]) -> Prepared:
    """Prepare a rating of several models over one or more items; errors as `prepare_abx`."""
    if not items:
        raise ListeningError("There is nothing to rate.", "Add an excerpt first.")
    materials = {item.title: _rating_material(models, item) for item in items}
    conditions = (TARGET, *(model.name for model in models), *ANCHORS)
    plan = mushra.MushraPlan(tuple(materials), conditions, hidden_reference=TARGET)
    session = Session(
        _named(listener), now(), _subject(models, items), mushra.MushraState(plan),
        {title: material.treatments for title, material in materials.items()},
        {model.name: str(model.path) for model in models},
    )  # fmt: skip
    return Prepared(session, materials)


def prepare_again(session: Session, present: Pair | None = None) -> Prepared:
    """Make the sounds of a stored session anew, the same ones.

    `present` is the pair that is open: the only place where a pair of files can come from. Raises
    ListeningError where a model or a recording is gone or has changed.
    """
    models = [_read_model(name, session) for name in session.subject.models]
    items = [_read_item(place, present) for place in session.subject.items.values()]
    test = session.test
    if isinstance(test, abx.AbxState):
        made = [_abx_material(models[0].playable, item, test.plan.mode) for item in items]
    else:
        made = [_rating_material(models, item) for item in items]
    materials = dict(zip(session.subject.items, made, strict=True))
    if any(_differs(session.treatments.get(title, {}), made) for title, made in materials.items()):
        raise ListeningError(
            "The recordings of this test are not what they were.", "Give it up and begin another one."
        )
    return Prepared(session, materials)


def identity(path: Path) -> str:
    """What tells a file from all others, whatever its name. Raises ListeningError where it is gone."""
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise ListeningError(f"{path} cannot be read.", "Open another model.", str(error)) from error


def distinct(names: Sequence[str]) -> list[str]:
    """Give each a name of its own: a second `Lead` becomes `Lead (2)`."""
    reserved = {TARGET, CLEAN, *ANCHORS}
    given: list[str] = []
    for name in names:
        number, free = 1, name if name not in reserved else f"{name} (model)"
        while free in given:
            number += 1
            free = f"{name} ({number})"
        given.append(free)
    return given


def _differs(before: Mapping[str, Treatment], material: Material) -> bool:
    """Whether sounds made anew would be heard differently from those of the trials before."""
    return any(
        abs(treatment.gain_db - material.treatments[name].gain_db) > _SAME_GAIN_DB
        for name, treatment in before.items()
        if name in material.treatments
    )


def _named(listener: str) -> str:
    name = " ".join(listener.split())
    if not name:
        raise ListeningError("Who listens?", "Enter a name; any will do, the same one every time.")
    return name


def _subject(models: Sequence[Candidate], items: Sequence[Item]) -> Subject:
    return Subject(
        {model.name: identity(model.path) for model in models}, {item.title: item.place for item in items}
    )


def _values(playable: PlayableModel, knobs: KnobValues) -> dict[str, float]:
    """Where a model's knobs stand: on its dials, as the item says, else at the default."""
    return {
        knob.name: min(max(knobs.get(knob.name, knob.default), knob.minimum), knob.maximum)
        for knob in playable.knobs
    }


def _abx_material(
    playable: PlayableModel, item: Item, mode: abx.Mode, rendering: Rendering | None = None
) -> Material:
    pair = item.pair
    rendering = rendering or render_pair(playable, pair, _values(playable, item.knobs))
    clean = pair.clean if mode == "nearer" else None
    return abx_material(pair.target, rendering.model, pair.sample_rate, item.excerpt, clean)


def _rating_material(models: Sequence[Candidate], item: Item) -> Material:
    pair = item.pair
    outputs = {
        model.name: render_pair(model.playable, pair, _values(model.playable, item.knobs)).model
        for model in models
    }
    return mushra_material(pair.clean, pair.target, outputs, pair.sample_rate, item.excerpt)


def _read_model(name: str, session: Session) -> Candidate:
    path = Path(session.files.get(name, ""))
    if not session.files.get(name) or identity(path) != session.subject.models[name]:
        raise ListeningError(
            f"The model '{name}' is not what it was when this test began.",
            "Give this test up and begin another one.",
        )
    return Candidate(name, path, PlayableModel.from_file(store.load(path)))


def _read_item(place: Place, present: Pair | None) -> Item:
    is_present = present is not None and (present.origin, present.capture, present.clip) == (
        place.dataset, place.capture, place.clip,
    )  # fmt: skip
    if is_present and present is not None:
        return Item(present, place.excerpt, place.knobs)
    if not place.capture:
        raise ListeningError(
            f"This test is about the files {place.dataset}.", "Open that pair on this page, then go on."
        )
    try:
        pair = dataset_pair(Dataset.open(Path(place.dataset)), place.capture, place.clip)
    except StudioError as error:
        raise ListeningError(
            f"The recordings of this test are not there: {error.message}", error.hint, error.details
        ) from error
    return Item(pair, place.excerpt, place.knobs)
