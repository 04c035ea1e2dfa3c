"""The parts of a report about the model itself: probe, listening tests, where it comes from; as HTML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from vastudio.app.architectures import label_of
from vastudio.app.listening.pooling import Pool
from vastudio.app.listening.ratings import Summary
from vastudio.app.probe.measure import measures
from vastudio.app.probe.report import Report as ProbeReport
from vastudio.app.report import html
from vastudio.app.report.html import escape
from vastudio.app.report.material import Material, ModelPart
from vastudio.app.report.sections import minus
from vastudio.dataset.store import Dataset

_MARKS = {"good": "✓ good", "watch": "! watch", "bad": "✗ bad", "fact": "fact"}


def probe(part: ModelPart) -> str:
    """Verdicts, the worst first, then the figures of every measure; nothing without a probe."""
    found = part.probe
    if found is None:
        return ""
    rows = [
        [
            escape(verdict.title),
            f'<td class="grade {verdict.grade}">{_MARKS[verdict.grade]}</td>',
            f"<td class=value>{escape(minus(f'{verdict.value:.4g} {verdict.unit}'))}</td>",
            f"<td class=value>{escape(minus(verdict.goal))}</td>",
            f"<td class=words>{escape(verdict.sentence)}</td>",
        ]
        for verdict in found.verdicts
    ]
    return html.section(
        f"{part.name}: probe",
        html.paragraph(
            f"Measured of the model alone, at {_knobs(part, found)}; silence at every corner of the knobs."
        ),
        html.table(["Measure", "Verdict", "Value", "Goal", "What it means"], rows),
        html.folded("All figures of the probe", *_grids(found)),
    )


def listening(material: Material) -> str:
    """What listeners said, in words; that nobody was asked is said too."""
    parts = []
    for part in material.models:
        if part.pools:
            parts.append(f"<h3>{escape(part.name)}: told apart from the target?</h3>")
            parts.append(html.table(_ABX_HEAD, [_pool(item) for item in part.pools]))
        if part.ratings:
            parts.append(f"<h3>{escape(part.name)}: ratings in the manner of MUSHRA</h3>")
            parts.append(html.table(_RATING_HEAD, [_rating(item) for item in part.ratings], "numbers"))
    if not parts:
        parts.append(
            html.paragraph(
                "Nobody has taken a listening test of this model file on this computer yet. The numbers do "
                "not say whether a difference is heard; only listeners can."
            )
        )
    parts += [html.paragraph(f"Not counted: {note}") for note in material.unread]
    return html.section("Listening tests", *parts)


def provenance(material: Material) -> str:
    """Where the models and the recordings come from."""
    parts = [
        f"<h3>{escape(part.name)}</h3>{_details(_model_facts(part, material.dataset))}"
        for part in material.models
    ]
    if material.dataset is not None:
        facts = _details(_dataset_facts(material.dataset))
        parts.append(f"<h3>Recordings: {escape(material.dataset.name)}</h3>{facts}")
    return html.section("Where it comes from", *parts)


_ABX_HEAD = ["Listeners", "Right answers", "p", "Upper bound", "In words"]
_RATING_HEAD = ["Sound", "Ratings", "Median", "Quartiles", "Mean, 95 %"]


def _pool(item: Pool) -> list[str]:
    tally = item.tally
    where = "; ".join(f"{place.capture} clip {place.clip + 1}" for place in item.subject.items.values())
    verdict = item.verdict
    return [
        f"{len(item.listeners)} in {item.sessions} sessions<small>{escape(where)}</small>",
        f"<td class=value>{tally.correct} of {tally.trials}</td>",
        f"<td class=value>{tally.p:.3g}</td>",
        f"<td class=value>{100.0 * tally.upper_bound:.0f} %</td>",
        f"<td class=words>{escape(verdict.words)}</td>",
    ]


def _rating(item: Summary) -> list[str]:
    spread = f" ± {item.mean_half_width:.0f}" if math.isfinite(item.mean_half_width) else ""
    return [
        escape(item.condition),
        str(item.count),
        f"{item.median:.0f}",
        f"{item.lower_quartile:.0f} – {item.upper_quartile:.0f}",
        f"{item.mean:.0f}{spread}",
    ]


def _grids(found: ProbeReport) -> Iterable[str]:
    known = measures()
    for name, result in found.measures.items():
        grid = known[name].grid(result)
        rows = [[escape(minus(cell)) for cell in row] for row in grid.rows]
        yield f"<h3>{escape(known[name].title)}</h3>"
        yield html.table([escape(column) for column in grid.columns], rows, "numbers")


def _knobs(part: ModelPart, found: ProbeReport) -> str:
    return (
        ", ".join(
            f"{knob.title} {found.knobs[knob.name]:g} {knob.unit}".rstrip()
            for knob in part.opened.model.knobs
        )
        or "no knobs"
    )


def _model_facts(part: ModelPart, dataset: Dataset | None) -> dict[str, str]:
    model = part.opened.model
    facts = {
        "File": part.opened.path.name,
        "SHA-256 of the file": part.file_hash,
        "Architecture": label_of(model.architecture, model.config.get("hidden")),
        "Numbers": str(sum(weights.size for weights in model.weights.values())),
        "Sample rate": f"{model.sample_rate} Hz",
        "Author": model.author,
        "Licence": model.licence,
        "Notes": model.notes,
    }
    known = model.provenance.get("dataset_hash")
    if dataset is not None and known is not None:
        same = known == dataset.content_hash
        facts["Trained on"] = f"{'these' if same else 'other'} recordings, by their content hash"
    return {**facts, **_flat(model.provenance)}


def _dataset_facts(dataset: Dataset) -> dict[str, str]:
    learned, held_out = (len(dataset.captures(split)) for split in ("train", "validation"))
    return {
        "Device": dataset.manifest.device,
        "Content hash": dataset.content_hash,
        "Sample rate": f"{dataset.sample_rate} Hz",
        "Captures": f"{learned} to learn from, {held_out} held out",
    }


def _flat(provenance: Mapping[str, Any]) -> dict[str, str]:
    """Names in words; what holds several values in one line."""
    facts = {}
    for name, value in provenance.items():
        title = name.replace("_", " ").capitalize()
        if isinstance(value, Mapping):
            facts[title] = ", ".join(f"{key} {item}" for key, item in value.items() if item is not None)
        elif value is not None:
            facts[title] = str(value)
    return facts


def _details(facts: Mapping[str, str]) -> str:
    rows = [[escape(name), f"<td class=code>{escape(text)}</td>"] for name, text in facts.items() if text]
    return html.table([], rows)
