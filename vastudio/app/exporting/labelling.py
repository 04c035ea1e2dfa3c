"""The label of an exported model, as far as the model itself can fill it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vastudio.modelfile.exports.label import ExportLabel
from vastudio.modelfile.schema import ModelFile
from vastudio.types import KnobValues


def label_of(model: ModelFile, values: KnobValues | None = None) -> ExportLabel:
    """What a model says of itself: its maker's words, its levels, and how close it is to its device.

    Where it was measured at the knob position `values`, the error there; else the median of all.
    """
    said = {**_texts(model.provenance.get("imported")), **_gear(model.provenance.get("gear"))}
    return ExportLabel(
        name=model.name,
        author=model.author,
        gear_make=said.get("gear_make", ""),
        gear_model=said.get("gear_model", ""),
        gear_type=said.get("gear_type", ""),
        tone_type=said.get("tone_type", ""),
        licence=model.licence,
        notes=model.notes,
        input_dbu=model.levels.get("input_dbu"),
        output_dbu=model.levels.get("output_dbu"),
        esr=_esr(model, values or {}),
    )


def _esr(model: ModelFile, values: KnobValues) -> float | None:
    evaluation, imported = model.evaluation, model.provenance.get("imported")
    if evaluation is not None:
        here = (score.esr for score in evaluation.captures if dict(score.knobs) == dict(values))
        return next(here, evaluation.median_esr)
    found = imported.get("validation_esr") if isinstance(imported, Mapping) else None
    return float(found) if isinstance(found, int | float) else None


def _texts(part: Any) -> dict[str, str]:
    return {k: v for k, v in part.items() if isinstance(v, str)} if isinstance(part, Mapping) else {}


def _gear(part: Any) -> dict[str, str]:
    """What its owner wrote on a model: `make`, `model`, `type`, `tone`."""
    names = {"make": "gear_make", "model": "gear_model", "type": "gear_type", "tone": "tone_type"}
    return {names[key]: text for key, text in _texts(part).items() if key in names}
