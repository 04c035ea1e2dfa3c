"""The whole journey on one machine without hardware: capture, train, render, compare, and a page to read.

The built-in amplifier circuit is recorded at planned knob positions, a model learns it, and the model is
compared with the circuit at positions it has never seen. Runs in the caller's thread and blocks for minutes;
an exception from `on_event` ends it, and what was written so far stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vastudio.app import page, pictures
from vastudio.app.comparison.comparing import Comparison, Rendering, measure_rendering
from vastudio.app.comparison.pair import Pair, position_text
from vastudio.app.demo_dataset import capture_demo_dataset, virtual_amp
from vastudio.app.evaluate import evaluate
from vastudio.app.train import ModelLabel, train_model
from vastudio.audio import io, phrase
from vastudio.capture.plan import KnobPlan
from vastudio.capture.record import RecordingEvent
from vastudio.dataset.manifest import Capture
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import OutputError
from vastudio.modelfile.schema import Evaluation, ModelFile
from vastudio.training.config import TrainingConfig
from vastudio.training.events import Event
from vastudio.types import STANDARD_RATE, Audio

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ARCHITECTURE, HIDDEN = "hyper-gru", 16
EXCERPT_SECONDS = 5.2
"""Two bars of the riff."""


@dataclass(frozen=True)
class Stage:
    """A new part of the demonstration begins; `title` says which, for people."""

    title: str


DemoEvent = Stage | RecordingEvent | Event
EventHandler = Callable[[DemoEvent], None]


@dataclass(frozen=True)
class DemoResult:
    """Where everything lies, and how close the model came at positions it has never seen."""

    folder: Path
    page: Path
    dataset: Path
    model: Path
    audio: tuple[Path, ...]
    pictures: tuple[Path, ...]
    evaluation: Evaluation
    times_real_time: float


def run(
    out: Path,
    minutes: float = 2.0,
    on_event: EventHandler = lambda _event: None,
    *,
    plan: KnobPlan | None = None,
    signal: Audio | None = None,
) -> DemoResult:
    """Capture, train for `minutes`, render, compare; write WAVs, pictures and `index.html` into `out`.

    Parameters
    ----------
    out:
        A new or empty folder.
    plan, signal:
        Other positions and another signal than those of `capture_demo_dataset`.

    Raises
    ------
    OutputError
        When `out` holds something already or cannot be written.
    TrainingError
        When `minutes` is no training time.
    """
    config = TrainingConfig(architecture=ARCHITECTURE, hidden=HIDDEN, minutes=minutes)
    _refuse_full(out)
    curve: list[Event] = []

    def training_event(event: Event) -> None:
        curve.append(event)
        on_event(event)

    on_event(Stage("Capturing the virtual amp"))
    dataset = capture_demo_dataset(out / "dataset", on_event, plan=plan, signal=signal)
    on_event(Stage("Training"))
    model_path = out / "virtual-amp.vamodel"
    model = train_model(
        dataset.path, model_path, config,
        run_folder=out / "run", label=ModelLabel("Virtual amp"), on_event=training_event,
    )  # fmt: skip
    on_event(Stage("Rendering and comparing"))
    player = PlayableModel.from_file(model)
    excerpts, speed = _excerpts(player, dataset)
    audio = _write_audio(excerpts, out / "audio")
    drawn = _draw(excerpts, curve, evaluate(player, dataset, "all"), dataset)
    files = tuple(
        pictures.write(out / "pictures" / f"{name}.png", pictures.png(figure))
        for name, figure in drawn.items()
    )
    story = _story(model, dataset, minutes, speed)
    page_path = page.write(
        out / "index.html", story, excerpts, {name: pictures.svg(figure) for name, figure in drawn.items()}
    )
    assert model.evaluation is not None  # train_model always measures
    return DemoResult(out, page_path, dataset.path, model_path, audio, files, model.evaluation, speed)


def _refuse_full(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputError(f"{out} already exists.", "Choose a new folder, or remove that one first.")


def _excerpts(player: PlayableModel, dataset: Dataset) -> tuple[list[Comparison], float]:
    """Play the riff through circuit and model at every validation position, nearest match first.

    Also returns how many times faster than real time the model was rendered.
    """
    captures = dataset.captures("validation") or dataset.captures()
    riff = phrase.render(phrase.RIFF)[: round(EXCERPT_SECONDS * STANDARD_RATE)]
    render(player, riff[:STANDARD_RATE], captures[0].knobs)  # compile before the clock starts
    started = time.perf_counter()
    outputs = [render(player, riff, capture.knobs) for capture in captures]
    seconds = time.perf_counter() - started
    compared = [
        _compare(dataset, capture, riff, player, output)
        for capture, output in zip(captures, outputs, strict=True)
    ]
    compared.sort(key=lambda comparison: comparison.metrics.esr)
    return compared, len(outputs) * riff.size / STANDARD_RATE / seconds


def _compare(
    dataset: Dataset, capture: Capture, clean: Audio, player: PlayableModel, output: Audio
) -> Comparison:
    target = virtual_amp().record(clean, capture.knobs).audio
    title = position_text(dataset.knobs, capture.knobs)
    pair = Pair(title, clean, target, STANDARD_RATE, dict(capture.knobs), capture.id, origin=dataset.name)
    return measure_rendering(Rendering(pair, player.name, dict(capture.knobs), output))


def _write_audio(excerpts: list[Comparison], folder: Path) -> tuple[Path, ...]:
    """Write clean once, and target and model of every position, as they are: not level-matched."""
    files = {"clean": excerpts[0].clean}
    for excerpt in excerpts:
        where = "-".join(f"{name}-{value:g}" for name, value in excerpt.knobs.items())
        files[f"{where}-target"], files[f"{where}-model"] = excerpt.target, excerpt.model
    for name, audio in files.items():
        io.write(folder / f"{name}.wav", audio, STANDARD_RATE)
    return tuple(folder / f"{name}.wav" for name in files)


def _draw(
    excerpts: list[Comparison], curve: list[Event], scores: Evaluation, dataset: Dataset
) -> dict[str, Figure]:
    """Draw the page's pictures, by name."""
    typical, worst = excerpts[len(excerpts) // 2], excerpts[-1]
    held_out = {capture.id for capture in dataset.captures("validation")}
    return {
        "waveforms": pictures.waveforms(typical),
        "waveforms-worst": pictures.waveforms(worst),
        "spectrograms": pictures.spectrograms(typical),
        "spectrograms-worst": pictures.spectrograms(worst),
        "training": pictures.training_curve(curve),
        "positions": pictures.positions(scores.captures, held_out, dataset.knobs),
    }


def _story(model: ModelFile, dataset: Dataset, minutes: float, speed: float) -> page.Story:
    assert model.evaluation is not None
    return page.Story(
        device=dataset.manifest.device,
        knobs=dataset.knobs,
        architecture=f"{model.architecture}, {HIDDEN} units",
        minutes=minutes,
        training_positions=len(dataset.captures("train")),
        validation_positions=len(dataset.captures("validation")),
        evaluation=model.evaluation,
        times_real_time=speed,
        dataset_hash=dataset.content_hash,
    )
