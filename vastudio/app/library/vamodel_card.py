"""The card of a `.vamodel`: its header, and a fingerprint of its tensors."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from vastudio.app.library.card import Card, shown
from vastudio.app.library.gear import gear_of
from vastudio.app.library.load import Way, nanoseconds
from vastudio.errors import ModelFileError
from vastudio.modelfile.migrations import to_current
from vastudio.modelfile.schema import Header

FORMAT = "VA Studio"

HEADER_KEY = "vastudio"
_LENGTH = 8
_LARGEST_HEADER = 100_000_000
_SNAPSHOT = "snapshot."
_WAYS: dict[str, Way] = {"wavenet": "convolutions", "sequential": "layers"}


def read(card: Card, data: bytes) -> Card:
    """Read the contents of a file. Raises ModelFileError."""
    head, tensors = split(data, shown(card.path))
    try:
        raw = json.loads(head["__metadata__"][HEADER_KEY])
        header = Header.model_validate(to_current(raw, shown(card.path)))
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise _damaged(shown(card.path)) from error
    gear = gear_of(header.provenance)
    evaluation = header.evaluation
    weights = _weights(head, header.config)
    return dataclasses.replace(
        card,
        content=_content(head, tensors, header),
        format=FORMAT,
        name=header.name,
        kind=gear.kind,
        maker=gear.maker,
        gear=gear.model,
        tone=gear.tone,
        author=header.author,
        licence=header.licence,
        remarks=header.notes,
        architecture=_architecture(header),
        sample_rate=header.sample_rate,
        knobs=tuple(knob.label or knob.name for knob in header.knobs),
        weights=weights,
        nanoseconds=nanoseconds(_way(header.config), weights),
        esr=evaluation.median_esr if evaluation else _imported_esr(header.provenance),
        dataset=str(header.provenance.get("dataset") or ""),
        dataset_hash=str(header.provenance.get("dataset_hash") or ""),
    )


def split(data: bytes, name: str) -> tuple[dict[str, Any], memoryview]:
    """The safetensors header of a file, and the bytes behind it. Raises ModelFileError."""
    length = int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or length > min(_LARGEST_HEADER, len(data) - _LENGTH):
        raise _damaged(name)
    try:
        head = json.loads(data[_LENGTH : _LENGTH + length])
        tensors = {key: part for key, part in head.items() if key != "__metadata__"}
        end = max((part["data_offsets"][1] for part in tensors.values()), default=0)
        if not isinstance(head["__metadata__"][HEADER_KEY], str) or end != len(data) - _LENGTH - length:
            raise ValueError("the tensors do not fill the file")
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise _damaged(name) from error
    return head, memoryview(data)[_LENGTH + length :]


def _damaged(name: str) -> ModelFileError:
    return ModelFileError(
        f"{name} is damaged or is not a .vamodel.", "Get the file again; part of it may be missing."
    )


def _named(head: Mapping[str, Any]) -> list[str]:
    """The tensors that sound, in the order of their names."""
    return sorted(name for name in head if name != "__metadata__" and not name.startswith(_SNAPSHOT))


def _content(head: Mapping[str, Any], tensors: memoryview, header: Header) -> str:
    """The fingerprint of what sounds: the network, its numbers, its rate, and the ends of its dials."""
    dials = [(knob.minimum, knob.maximum) for knob in header.knobs]
    total = blake2b(digest_size=16)
    total.update(json.dumps([header.config, header.sample_rate, dials], sort_keys=True).encode())
    for name in _named(head):
        begin, end = head[name]["data_offsets"]
        total.update(f"{name} {head[name]['shape']}".encode())
        total.update(tensors[begin:end])
    return total.hexdigest()


def _weights(head: Mapping[str, Any], config: Mapping[str, Any]) -> int:
    """Numbers that a sample passes: what the maps from the knobs lead to, or all where there are none."""
    sizes = {name: _size(head[name]["shape"]) for name in _named(head)}
    if config.get("network") in ("nam", "sequential"):
        return sum(sizes.values())
    if "conditioner.shared" in sizes:
        return sizes["conditioner.shared"]
    total = 0
    for chain in ("conditioner.", "pre.", "power."):
        last = [name for name in sizes if name.startswith(chain) and name.endswith(".bias")]
        total += sizes[max(last, key=len_then_name)] if last else 0
    return total


def len_then_name(name: str) -> tuple[int, str]:
    """A key that puts `x.10` behind `x.9`."""
    return len(name), name


def _size(shape: list[int]) -> int:
    total = 1
    for side in shape:
        total *= side
    return total


def _way(config: Mapping[str, Any]) -> Way:
    network = str(config.get("network") or "recurrent")
    if network == "nam":
        return "convolutions" if config.get("architecture") == "WaveNet" else "layers"
    return _WAYS.get(network, "one cell")


def _architecture(header: Header) -> str:
    """Such as `hyper-gru-32`."""
    hidden = header.config.get("hidden")
    own = header.config.get("network") not in ("nam", "sequential")
    return f"{header.architecture}-{hidden}" if own and isinstance(hidden, int) else header.architecture


def _imported_esr(provenance: Mapping[str, Any]) -> float | None:
    imported = provenance.get("imported")
    esr = imported.get("validation_esr") if isinstance(imported, Mapping) else None
    return float(esr) if isinstance(esr, int | float) else None
