"""The demonstration as one web page: sound, pictures and numbers inside the file, nothing from a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vastudio import __version__
from vastudio.app.comparison.comparing import Comparison
from vastudio.app.report import html
from vastudio.app.report.html import escape
from vastudio.app.report.sections import judged, word
from vastudio.app.report.sounds import flac
from vastudio.audio.level import from_db
from vastudio.modelfile.schema import Evaluation
from vastudio.types import Audio, Knob

_PEAK = from_db(-1.0)
_NUMBERS = {
    "esr": "ESR", "null_depth_db": "Null depth", "mr_stft": "MR-STFT", "loudness_difference": "Loudness",
    "mfcc_distance": "MFCC", "predicted_mushra": "MUSHRA (predicted)",
}  # fmt: skip


@dataclass(frozen=True)
class Story:
    """What the page tells besides the comparisons."""

    device: str
    knobs: tuple[Knob, ...]
    architecture: str
    minutes: float
    training_positions: int
    validation_positions: int
    evaluation: Evaluation
    times_real_time: float
    dataset_hash: str


def write(path: Path, story: Story, comparisons: Sequence[Comparison], drawn: Mapping[str, str]) -> Path:
    """Write the page atomically and return its path.

    Parameters
    ----------
    comparisons:
        The same clean signal at several knob positions, nearest match first.
    drawn:
        Pictures as SVG by name: waveforms, spectrograms (each also `-worst`), training, positions.

    Raises OutputError when `path` cannot be written.
    """
    typical, worst = comparisons[len(comparisons) // 2], comparisons[-1]
    body = [
        html.header(f"{story.device}, learned in {story.minutes:g} minutes", _lead(story)),
        _figures(story),
        _listening(story, comparisons),
        html.section(
            "How it was learned",
            html.pair(
                html.picture(drawn["training"], "Error-to-signal ratio while training, logarithmic."),
                html.picture(drawn["positions"], "Error-to-signal ratio at every recorded knob position."),
            ),
        ),
        _closer(f"Close up: {_where(story, typical)}", drawn, ""),
        _closer(f"The worst of them: {_where(story, worst)}", drawn, "-worst")
        if worst is not typical
        else "",
        _numbers(story, comparisons),
        f"<footer>VA Studio {__version__} · dataset {story.dataset_hash[:12]} · everything on this page "
        "was synthesised, recorded, trained and rendered by the program itself.</footer>",
    ]
    return html.write_page(path, f"{story.device}: circuit and model", body)


def _lead(story: Story) -> str:
    knobs = " and ".join(knob.title.lower() for knob in story.knobs)
    return (
        f"A circuit of two triode stages and a tone stack was recorded at {story.training_positions} "
        f"positions of its {knobs} knobs. One small network ({story.architecture}) learned them all. Below "
        f"it plays {story.validation_positions} positions it has never seen."
    )


def _figures(story: Story) -> str:
    evaluation = story.evaluation
    return html.figures(
        [
            (
                f"{evaluation.median_esr:.2g}",
                "median ESR at unseen positions",
                word("esr", evaluation.median_esr),
            ),
            (
                f"{evaluation.worst_esr:.2g}",
                "worst ESR at unseen positions",
                word("esr", evaluation.worst_esr),
            ),
            (f"{story.times_real_time:.0f} ×", "real time, on one core", ""),
        ]
    )


def _listening(story: Story, comparisons: Sequence[Comparison]) -> str:
    first = comparisons[0]
    clean = _scaled(first.clean, min(1.0, _PEAK / max(float(np.max(np.abs(first.clean))), 1e-9)))
    rows = [["Clean<small>what goes in</small>", _cell("Clean", clean, first.sample_rate), "<td></td>"]]
    for item in comparisons:
        target, model = _matched(item)
        title = f"{escape(_where(story, item))}<small>ESR of this riff {item.metrics.esr:.2g}</small>"
        rate = item.sample_rate
        rows.append([title, _cell("Target", target, rate), _cell("Model", model, rate)])
    head = [
        "",
        "<span class=target>Target: the circuit</span>",
        "<span class=model>Model: the network</span>",
    ]
    return html.section(
        "Listen",
        html.paragraph(
            "A player takes over where another stopped: start one while the other sounds and the riff goes "
            "on. Target and model are matched in loudness."
        ),
        html.table(head, rows, "listen"),
    )


def _cell(name: str, audio: Audio, rate: int) -> str:
    return f"<td data-name={name}>{html.player(flac(audio, rate), name.lower(), name, 'riff')}</td>"


def _closer(title: str, drawn: Mapping[str, str], suffix: str) -> str:
    waves = html.picture(drawn[f"waveforms{suffix}"], "Left: the phrase. Right: its loudest 25 ms.")
    spectra = html.picture(
        drawn[f"spectrograms{suffix}"], "Mel spectrograms, 80 dB; target and model share colours."
    )
    return html.section(title, waves, spectra)


def _numbers(story: Story, comparisons: Sequence[Comparison]) -> str:
    rows = [
        [escape(_where(story, item)), *(judged(name, getattr(item.metrics, name)) for name in _NUMBERS)]
        for item in comparisons
    ]
    return html.section(
        "Numbers",
        html.paragraph("Of the riff above, at positions the training has never seen."),
        html.table(["", *_NUMBERS.values()], rows, "numbers"),
    )


def _where(story: Story, comparison: Comparison) -> str:
    return (
        " · ".join(f"{knob.title} {comparison.knobs[knob.name]:g}" for knob in story.knobs)
        or comparison.capture
    )


def _matched(comparison: Comparison) -> tuple[Audio, Audio]:
    """Return target and model at equal loudness; one gain for both, so that the pair keeps its balance.

    Quiet knob positions are brought up for listening.
    """
    target = _scaled(comparison.target, from_db(comparison.gains.target))
    model = _scaled(comparison.model, from_db(comparison.gains.model))
    peak = _PEAK / max(float(np.max(np.abs(target))), float(np.max(np.abs(model))), 1e-9)
    return _scaled(target, peak), _scaled(model, peak)


def _scaled(x: Audio, factor: float) -> Audio:
    return x * np.float32(factor)
