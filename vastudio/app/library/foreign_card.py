"""The cards of other programs' model files, which are JSON: what they say beside their numbers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from vastudio.app.library.card import Card, shown
from vastudio.app.library.gear import word
from vastudio.app.library.load import Way, nanoseconds
from vastudio.app.library.numbers_apart import Apart, take_apart
from vastudio.errors import ModelFileError
from vastudio.modelfile import checking, reading
from vastudio.modelfile.checking import Part
from vastudio.modelfile.formats import guitarml, nam, nam_sizes, remarks, rtneural
from vastudio.modelfile.formats.foreign import FASTEST, LONGEST_NAME, SLOWEST, Format
from vastudio.types import STANDARD_RATE

_TALK = frozenset(
    ("metadata", "version", "name", "author", "date", "license", "licence", "notes", "loudness")
)
"""Keys that change nothing of the sound."""

_TWISTS = ("gated", "gating_mode", "condition_dsp", "head1x1", "conv_pre_film", "layer1x1_post_film")
"""Keys of WaveNets that the kernel for plain ones does not know."""


def read(card: Card, data: bytes) -> Card:
    """Read the contents of a file. Raises ModelFileError; what is no model at all is marked as that."""
    apart = take_apart(data)
    try:
        document = checking.parse(apart.text, shown(card.file.name))
    except ModelFileError:
        if _is_other_json(card.path, apart.text):
            return dataclasses.replace(card, content=card.bytes_hash, is_model=False)
        raise
    card = dataclasses.replace(card, content=_content(document.value, apart))
    for entry in reading.formats().values():
        if entry.recognises(document):
            return _CARDS.get(entry, _read_whole(entry, data))(card, document)
    if card.path.lower().endswith(".json"):
        return dataclasses.replace(card, is_model=False)
    raise ModelFileError(
        f"{shown(card.file.name)} is not a model of a format that is known.", "Get it again from its maker."
    )


def _is_other_json(path: str, text: bytes) -> bool:
    """Whether a `.json` is whole, and holds something that is no object: a list, a number."""
    if not path.lower().endswith(".json"):
        return False
    try:
        return not isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _content(document: Mapping[str, Any], apart: Apart) -> str:
    """The fingerprint of what sounds; the same however the text is laid out."""
    total = blake2b(digest_size=16)
    total.update(json.dumps(_sounding(document), sort_keys=True, separators=(",", ":")).encode())
    for numbers in apart.plain:
        total.update(numbers)
    return total.hexdigest()


def _sounding(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sounding(part) for key, part in value.items() if key not in _TALK}
    return [_sounding(part) for part in value] if isinstance(value, list) else value


# --- .nam ---------------------------------------------------------------------------------------------------


def _nam(card: Card, document: Part) -> Card:
    chosen = nam_sizes.choose(document, reading.LARGEST_SIZE)
    model = chosen.model
    for part in (document, model):
        nam.check_version(part)
    config = model.need("config")
    architecture = model.need("architecture").text()
    said: dict[str, Any] = {
        **remarks.mapping(model.value, "metadata"),
        **{key: value for key, value in remarks.mapping(document.value, "metadata").items() if value},
    }
    weights = _counted(model.value)
    return dataclasses.replace(
        _named(card, said, "modeled_by"),
        format=nam.TITLE,
        kind=word(remarks.text(said, "gear_type")),
        maker=remarks.text(said, "gear_make"),
        gear=remarks.text(said, "gear_model"),
        tone=word(remarks.text(said, "tone_type")),
        architecture=f"{nam.TITLE} {architecture}",
        sample_rate=_rate(model.value) or _rate(document.value) or STANDARD_RATE,
        sizes=chosen.sizes,
        weights=weights,
        nanoseconds=nanoseconds(_nam_way(architecture, config.value), weights),
        esr=remarks.number(remarks.mapping(said, "training"), "validation_esr"),
    )


def _nam_way(architecture: str, config: Any) -> Way:
    if architecture == "WaveNet":
        layers = config.get("layers") or []
        twisted = any(
            isinstance(layer, dict) and any(_acts(layer.get(key)) for key in _TWISTS) for layer in layers
        )
        return "layers" if twisted or _acts(config.get("condition_dsp")) else "convolutions"
    return "one cell" if architecture == "LSTM" and config.get("num_layers") == 1 else "layers"


def _acts(value: Any) -> bool:
    """Whether an option is switched on: neither absent, false, `none` nor an object that says inactive."""
    if isinstance(value, dict):
        return value.get("active", True) is not False
    return value not in (None, False, "none") and not isinstance(value, list | int)


def _counted(model: Mapping[str, Any]) -> int:
    """The numbers of a network and of its conditions, which `take_apart` counted."""
    weights = model.get("weights")
    own = weights[0] if isinstance(weights, list) and len(weights) == 1 else 0
    config = model.get("config")
    inner = config.get("condition_dsp") if isinstance(config, dict) else None
    return (own if isinstance(own, int) else 0) + (_counted(inner) if isinstance(inner, dict) else 0)


# --- recurrent ----------------------------------------------------------------------------------------------


def _rtneural(card: Card, document: Part) -> Card:
    dimensions = document.need("in_shape").items(4)
    inputs = dimensions[-1].whole(1, 1 + rtneural.MOST_KNOBS) if dimensions else 1
    layers = [part.need("type").text() for part in document.need("layers").items(256)]
    cells = [kind for kind in layers if kind in ("gru", "lstm")]
    said = remarks.mapping(document.value, "metadata")
    rate = _rate(document.value) or _rate(said)
    kinds = " and ".join(dict.fromkeys(cell.upper() for cell in cells)) or "network"
    weights = _numbers([layer.get("weights") for layer in document.value["layers"]])
    simple = len(cells) == 1 and len(layers) == 2
    return dataclasses.replace(
        _named(card, said, "author"),
        format="AIDA-X" if card.path.lower().endswith(".aidax") else "RTNeural",
        gear=remarks.text(said, "based"),
        tone=word(remarks.text(said, "style")),
        architecture=f"RTNeural {kinds}",
        sample_rate=rate or STANDARD_RATE,
        knobs=_parameters(inputs - 1),
        weights=weights,
        nanoseconds=nanoseconds("one cell" if simple else "layers", weights),
        esr=remarks.number(said, "esr"),
    )


def _guitarml(card: Card, document: Part) -> Card:
    data, state = document.need("model_data"), document.need("state_dict")
    inputs = data.need("input_size").whole(1, 1 + guitarml.MOST_KNOBS)
    layers = data.value.get("num_layers") or 1
    said = remarks.mapping(document.value, "metadata")
    weights = _numbers(list(state.value.values()) if isinstance(state.value, dict) else [])
    return dataclasses.replace(
        _named(card, said, "author"),
        format="GuitarML",
        architecture=f"GuitarML {data.need('unit_type').text()}",
        sample_rate=_rate(data.value) or _rate(document.value) or guitarml.USUAL_RATE,
        knobs=_parameters(inputs - 1),
        weights=weights,
        nanoseconds=nanoseconds("one cell" if layers == 1 else "layers", weights),
    )


# --- what they have in common -------------------------------------------------------------------------------


def _named(card: Card, said: Mapping[str, Any], author: str) -> Card:
    """The card with name, author and licence."""
    return dataclasses.replace(
        card,
        name=remarks.text(said, "name")[:LONGEST_NAME],
        author=remarks.text(said, author),
        licence=remarks.text(said, "license", "licence"),
    )


def _rate(part: Mapping[str, Any]) -> int:
    """The sample rate under either key, if it is usable; 0 where there is none."""
    found = [remarks.number(part, key) for key in ("sample_rate", "samplerate")]
    return next((round(rate) for rate in found if rate and SLOWEST <= rate <= FASTEST), 0)


def _parameters(count: int) -> tuple[str, ...]:
    return tuple(f"Parameter {index}" for index in range(1, count + 1))


def _numbers(value: Any) -> int:
    """How many numbers stand in nested lists."""
    if isinstance(value, list):
        if value and isinstance(value[0], int | float):
            return len(value)
        return sum(_numbers(part) for part in value)
    return 0


def _read_whole(entry: Format, data: bytes) -> Callable[[Card, Part], Card]:
    """For a format that has no short way here: read the file as for playing."""

    def describe(card: Card, document: Part) -> Card:
        model = reading.read(data, card.file)
        weights = sum(array.size for array in model.weights.values())
        return dataclasses.replace(
            card,
            format=model.format,
            name=model.name,
            author=model.author,
            licence=model.licence,
            architecture=model.architecture,
            sample_rate=model.sample_rate,
            knobs=tuple(knob.label or knob.name for knob in model.knobs),
            weights=weights,
            nanoseconds=nanoseconds("layers", weights),
        )

    return describe


_CARDS: dict[Format, Callable[[Card, Part], Card]] = {
    nam.FORMAT: _nam,
    rtneural.FORMAT: _rtneural,
    guitarml.FORMAT: _guitarml,
}
