"""What a .vamodel holds: the inside as frozen dataclasses, the header as pydantic.

The header is JSON under the key `vastudio` of the safetensors metadata; `docs/file-format.md`
describes it for other programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from vastudio.modelfile.probe import Probe
from vastudio.types import Audio, Knob, KnobKind

SCHEMA_VERSION = 2

Weights = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True)
class CaptureScore:
    """How close the model comes to one capture (one knob position)."""

    capture: str
    knobs: Mapping[str, float]
    esr: float


@dataclass(frozen=True)
class Evaluation:
    """The model measured by the engine on one split of its dataset, and probed."""

    split: str
    esr: float
    median_esr: float
    worst_esr: float
    captures: tuple[CaptureScore, ...] = ()
    probe: Probe | None = None


@dataclass(frozen=True)
class Snapshot:
    """About a second of input and output at one knob position, so that a player can test itself."""

    knobs: Mapping[str, float]
    input: Audio
    output: Audio


@dataclass(frozen=True)
class ModelFile:
    """A model with everything a player or a reader of the file needs.

    Attributes
    ----------
    architecture:
        Name such as `hyper-gru`: the recipe the weights belong to.
    config:
        The numbers of that architecture (`cell`, `hidden`, `activation`).
    weights:
        Arrays of float32 by name; `docs/file-format.md` names them for each architecture.
    sample_rate:
        Hz, the rate the model was trained at.
    levels:
        dBu of a full-scale sine at the input and the output, where known (`input_dbu`, `output_dbu`).
    provenance:
        Dataset hash, training configuration, seed, versions.
    """

    name: str
    architecture: str
    config: Mapping[str, Any]
    knobs: tuple[Knob, ...]
    sample_rate: int
    weights: Weights
    levels: Mapping[str, float] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    snapshot: Snapshot | None = None
    licence: str = ""
    author: str = ""
    notes: str = ""


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class KnobHeader(_Part):
    """One knob, as written in the file."""

    name: str = Field(min_length=1, max_length=64)
    label: str = ""
    minimum: float
    maximum: float
    default: float
    unit: str = ""
    kind: KnobKind = "continuous"


class ScoreHeader(_Part):
    """One capture's score, as written in the file."""

    capture: str
    knobs: dict[str, float]
    esr: float


class EvaluationHeader(_Part):
    """An evaluation, as written in the file."""

    split: str
    esr: float
    median_esr: float
    worst_esr: float
    captures: list[ScoreHeader] = []
    probe: Probe | None = None


class Header(_Part):
    """The JSON header of a .vamodel, schema 1."""

    schema_version: int = Field(ge=1)
    name: str
    architecture: str
    config: dict[str, Any]
    knobs: list[KnobHeader] = Field(max_length=64)
    sample_rate: int = Field(ge=8_000, le=768_000)
    levels: dict[str, float] = {}
    provenance: dict[str, Any] = {}
    evaluation: EvaluationHeader | None = None
    snapshot_knobs: dict[str, float] | None = None
    licence: str = ""
    author: str = ""
    notes: str = ""
