"""Exporting as one use-case: a model, a format and positions in; files that were read back out."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from vastudio import atomic
from vastudio.app.exporting import loudness, portable, positions, reading_back
from vastudio.app.exporting.distilling import MINUTES, Learning, Student, distil
from vastudio.app.exporting.labelling import label_of
from vastudio.engine.graph import PlayableModel
from vastudio.errors import ModelFileError, StudioError
from vastudio.modelfile.exports.exporter import Exporter, Portable, exporter, exporters
from vastudio.modelfile.exports.label import ExportLabel, Fidelity
from vastudio.modelfile.schema import ModelFile
from vastudio.types import KnobValues, knob_vector


@dataclass(frozen=True)
class Outlook:
    """What would become of a model in a format.

    Attributes
    ----------
    problem:
        Why there is no exact form, in half a sentence; empty where there is one.
    remarks:
        What a person should know of players of the format.
    """

    problem: str
    remarks: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the file will play what the model plays."""
        return not self.problem


@dataclass(frozen=True)
class Choice:
    """What to export.

    Attributes
    ----------
    form:
        The format, by the name of its module.
    live:
        Whether the knobs stay live.
    learner, minutes:
        Who learns the model, for how long, where it has no exact form; None: nobody, it is refused.
    leave_core_free:
        Whether sound is played meanwhile.
    """

    form: str
    live: bool = False
    learner: Student | None = None
    minutes: float = MINUTES
    leave_core_free: bool = False


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Attributes
    ----------
    error:
        The largest deviation found on reading it back (`reading_back`).
    constant:
        Of live knobs: the largest constant beside it.
    esr:
        Of a distilled file, against its model.
    """

    path: Path
    fidelity: Fidelity
    error: float
    constant: float = 0.0
    esr: float | None = None
    knobs: KnobValues | None = None
    remarks: tuple[str, ...] = ()


def outlook(model: ModelFile, form: str, values: KnobValues, *, live: bool = False) -> Outlook:
    """Say whether a model has an exact form in a format. Raises KnobError, ModelFileError."""
    found, problem = _form(model, exporter(form), values, live=live, silenced=False)
    if found is None:
        return Outlook(problem)
    return Outlook("", tuple(exporter(form).remarks(found, model.sample_rate)))


def keeps_knobs(model: ModelFile, form: str) -> bool:
    """Whether a format can hold so many live knobs at all."""
    return 0 < len(model.knobs) <= exporter(form).most_knobs


def export_model(
    model: ModelFile,
    path: Path,
    choice: Choice,
    values: KnobValues,
    label: ExportLabel | None = None,
    tell: Callable[[Learning], None] = lambda _learning: None,
) -> Exported:
    """Write a model at a knob position to `path`, or with live knobs, and read it back.

    Parameters
    ----------
    label:
        What is written on it; what the model says of itself where None. Measures are filled in.
    tell:
        As in `distil`.

    Raises
    ------
    ModelFileError
        When there is no exact form and nobody is to learn it, and when what is read back differs. Nothing is
        written then.
    KnobError, TrainingError, OutputError
        As the parts do.
    """
    form = exporter(choice.form)
    label = label or label_of(model, values)
    found, problem = _form(model, form, values, live=choice.live)
    label = replace(label, made=label.made or datetime.now().astimezone())
    if not choice.live:
        label = replace(label, knobs={knob.name: values.get(knob.name, knob.default) for knob in model.knobs})
    if found is not None:
        return _written(model, found, path, choice, values, label)
    if choice.learner is None or (choice.live and not can_learn_live(choice.learner, model, form)):
        raise _no_exact_form(model, form, problem, live=choice.live)
    learned = distil(
        model, values, choice.learner, choice.minutes,
        live=choice.live, tell=tell, leave_core_free=choice.leave_core_free,
    )  # fmt: skip
    exact, problem = _form(learned, form, {}, live=choice.live)
    if exact is None:
        raise _no_exact_form(learned, form, problem, live=choice.live)
    esr = None if learned.evaluation is None else learned.evaluation.esr
    label = replace(label, fidelity="distilled", esr=esr)
    return replace(_written(learned, exact, path, choice, {}, label), esr=esr)


def can_learn_live(learner: Student, model: ModelFile, form: Exporter) -> bool:
    """Whether a network can learn a model with knobs that a format keeps live."""
    return learner.hidden is not None and 0 < len(model.knobs) <= form.most_knobs


def export_positions(
    model: ModelFile,
    folder: Path,
    choice: Choice,
    places: Sequence[KnobValues],
    label: ExportLabel | None = None,
    tell: Callable[[int, int, Learning], None] = lambda _done, _total, _learning: None,
) -> list[Exported | StudioError]:
    """Write a model at several positions into a folder, under names a person can read.

    One that fails does not keep the others from being written: its error stands in its place. `tell` is
    called with how many of how many are done, and how far the next one is; an exception from it ends the
    export, and the files that are written stay.
    """
    taken: set[Path] = set()
    suffix = exporter(choice.form).suffix
    label = label or label_of(model)
    found: list[Exported | StudioError] = []
    for number, values in enumerate(places):
        name = positions.file_name(label.name or model.name, model.knobs, values, suffix)
        path = positions.unused(folder / name, taken)

        def said(learning: Learning, done: int = number) -> None:
            tell(done, len(places), learning)

        said(Learning(0.0, path.name))
        try:
            named = replace(label, name=path.stem)
            found.append(export_model(model, path, choice, values, named, said))
        except StudioError as error:
            found.append(error)
    return found


def formats() -> dict[str, Exporter]:
    """The formats that can be written."""
    return exporters()


def _form(
    model: ModelFile, form: Exporter, values: KnobValues, *, live: bool, silenced: bool = True
) -> tuple[Portable | None, str]:
    """The portable network, or None and why there is none; not `silenced`, only as a sketch."""
    knob_vector(model.knobs, values)
    if live:
        found = portable.with_live_knobs(model, silenced=silenced)
    else:
        found = portable.at_position(model, values)
    if found.portable is None:
        return None, found.problem
    problem = form.problem(found.portable)
    return (None, problem) if problem else (found.portable, "")


def _no_exact_form(model: ModelFile, form: Exporter, problem: str, *, live: bool) -> ModelFileError:
    kept = " with live knobs" if live else ""
    hint = "Let a network learn it: --distil."
    if live:
        fits = 0 < len(model.knobs) <= form.most_knobs
        hint = f"{hint[:-1]} gru-32 or lstm-32." if fits else "Export it at knob positions instead."
    return ModelFileError(f"'{model.name}' has no exact form{kept} in {form.title}: {problem}.", hint)


def _written(
    model: ModelFile,
    network: Portable,
    path: Path,
    choice: Choice,
    values: KnobValues,
    label: ExportLabel,
) -> Exported:
    """Write a network that plays as `model` at `values`, once it is proved that it does."""
    form, player = exporter(choice.form), PlayableModel.from_file(model)
    if not choice.live and form.suffix == ".nam":
        measured = loudness.measure(player, values)
        label = replace(label, loudness_db=measured.loudness_db, gain=measured.gain)
    document = form.write(network, model.sample_rate, label)
    text = json.dumps(document, allow_nan=False, ensure_ascii=False)
    if choice.live:
        deviation = reading_back.with_live_knobs(text, player)
    else:
        deviation = reading_back.at_position(text, player, values)
    atomic.write_text(path, text)
    remarks = form.remarks(network, model.sample_rate)
    if choice.live and deviation.constant > reading_back.LARGEST_ERROR:
        remarks = [*remarks, _constant(deviation.constant)]
    return Exported(
        path, label.fidelity, deviation.largest, deviation.constant,
        knobs=None if choice.live else label.knobs, remarks=tuple(remarks),
    )  # fmt: skip


def _constant(largest: float) -> str:
    return (
        f"While nothing is played the output has a constant of up to {20 * math.log10(largest):.0f} dBFS "
        "that moves with the knobs; players that block DC remove it."
    )
