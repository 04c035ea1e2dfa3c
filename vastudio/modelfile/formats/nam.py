"""`.nam`, files of the Neural Amp Modeler, of the versions 0.5 to 0.7."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from vastudio.modelfile.checking import Part
from vastudio.modelfile.formats import remarks
from vastudio.modelfile.formats.foreign import FASTEST, SLOWEST, ForeignModel, Format, has_keys, stem
from vastudio.modelfile.formats.nam_sizes import Chosen, choose
from vastudio.modelfile.networks import limits
from vastudio.modelfile.networks.layers import Floats
from vastudio.modelfile.networks.nam import CONDITION, WEIGHTS, describe
from vastudio.types import STANDARD_RATE

OLDEST, NEWEST = (0, 5), (0, 7)

TITLE = "NAM"


def recognise(document: Part) -> bool:
    """A document with the keys that every such file has."""
    return has_keys(document, "architecture", "config")


def read(document: Part, path: Path, size: float) -> ForeignModel:
    """Read a file, of those with several sizes the one for `size` in 0..1.

    Raises
    ------
    ModelFileError
        When a key is missing or wrong, the version unknown, or the weights do not fit the network.
    """
    version = check_version(document)
    chosen = choose(document, size)
    model = chosen.model
    if model is not document:
        check_version(model)
    config, weights = _taken_apart(model)
    kept = {"network": "nam", "architecture": model.need("architecture").text(), "config": config}
    describe(Part(kept, document.source), weights)
    rate = _sample_rate(model) or _sample_rate(document)
    return ForeignModel(
        format=TITLE,
        version=version,
        architecture=f"{TITLE} {kept['architecture']}",
        config=kept,
        weights=weights,
        sample_rate=rate or STANDARD_RATE,
        rate_is_assumed=rate is None,
        sizes=chosen.sizes,
        **_remarks(document, chosen, path),
    )


def check_version(part: Part) -> str:
    """The version of a file, if it is one that is read here. Raises ModelFileError."""
    key = part.need("version")
    found = re.fullmatch(r"(\d{1,4})\.(\d{1,4})\.(\d{1,4})", key.text())
    if found is None:
        key.wrong(f"is '{key.text()[:20]}', not three numbers such as 0.5.4")
    version = int(found[1]), int(found[2])
    if version > NEWEST:
        key.wrong(
            f"is {key.text()}; versions up to {NEWEST[0]}.{NEWEST[1]} are known",
            "Update VA Studio to open it.",
        )
    if version < OLDEST:
        key.wrong(f"is {key.text()}, which no player reads any more", "Export it again from its trainer.")
    return key.text()


def _sample_rate(part: Part) -> int | None:
    rate = part.get("sample_rate")
    return None if rate is None or rate.value == -1 else rate.whole(SLOWEST, FASTEST)


def _taken_apart(model: Part) -> tuple[dict[str, Any], dict[str, Floats]]:
    """The configuration without numbers, and the lists of numbers by name."""
    weights: dict[str, Floats] = {}

    def without_weights(part: Part, prefix: str, depth: int) -> dict[str, Any]:
        if depth > limits.DEEPEST_CONDITION:
            part.wrong("stands within too many others")
        weights[f"{prefix}{WEIGHTS}"] = part.need("weights").array(None)
        config = part.need("config")
        nested = config.get("condition_dsp")
        if nested is None:
            return dict(config.value)
        check_version(nested)
        rate, outer = _sample_rate(nested), _sample_rate(model)
        if rate is not None and outer is not None and rate != outer:
            nested.need("sample_rate").wrong(f"is {rate}, but that of the model is {outer}")
        inner = without_weights(nested, f"{prefix}{CONDITION}.", depth + 1)
        architecture = nested.need("architecture").text()
        return {**config.value, "condition_dsp": {"architecture": architecture, "config": inner}}

    return without_weights(model, "", 0), weights


def _remarks(document: Part, chosen: Chosen, path: Path) -> dict[str, Any]:
    """Name, author and the like: what the chosen size says of itself, then what the whole file does."""
    whole = remarks.mapping(document.value, "metadata")
    metadata = {**remarks.mapping(chosen.model.value, "metadata"), **{k: v for k, v in whole.items() if v}}
    gear = [remarks.text(metadata, key) for key in ("gear_make", "gear_model")]
    kind, tone = remarks.text(metadata, "gear_type"), remarks.text(metadata, "tone_type")
    date = [remarks.number(remarks.mapping(metadata, "date"), key) for key in ("year", "month", "day")]
    said = remarks.known(
        gear_make=gear[0],
        gear_model=gear[1],
        gear_type=kind,
        tone_type=tone,
        loudness_db=remarks.number(metadata, "loudness"),
        gain=remarks.number(metadata, "gain"),
        validation_esr=remarks.number(remarks.mapping(metadata, "training"), "validation_esr"),
        exported=remarks.exported(document.value),
        date="-".join(f"{int(part):02d}" for part in date if part is not None) if all(date) else "",
    )
    words = (" ".join(filter(None, gear)), kind.replace("_", " "), tone.replace("_", " "))
    return {
        "name": remarks.text(metadata, "name") or stem(path),
        "author": remarks.text(metadata, "modeled_by"),
        "licence": remarks.text(metadata, "license", "licence"),
        "notes": ", ".join(filter(None, words)),
        "levels": remarks.levels(metadata),
        "said": said | ({"size": chosen.title} if chosen.sizes else {}),
    }


FORMAT = Format("Neural Amp Modeler (.nam)", (".nam",), recognise, read)
