"""The full probe: every measure at one knob position, the corners, and what it all means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeAlias

from vastudio.app.probe import basics, quick
from vastudio.app.probe.measure import measures
from vastudio.app.probe.positions import probed
from vastudio.app.probe.quick import Recording
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import Verdict, worst_first
from vastudio.modelfile.probe import Probe
from vastudio.types import KnobValues, knob_vector

OnProgress: TypeAlias = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what comes next; what it raises ends the probe."""

_CORNERS = "Latency and silence at every corner of the knobs"


@dataclass(frozen=True)
class Report:
    """What the probe found.

    Attributes
    ----------
    knobs:
        Dial values at which `measures` were taken.
    basics:
        Latency, and rest, level and residue at every corner.
    measures:
        Results by the name of the measure: frozen dataclasses. What could not be measured is left out.
    verdicts:
        The worst first.
    """

    model: str
    sample_rate_hz: int
    knobs: Mapping[str, float]
    basics: Probe
    measures: Mapping[str, Any]
    verdicts: tuple[Verdict, ...]

    def record(self) -> dict[str, Any]:
        """Return the report as JSON's plain types; every number is finite."""
        return {
            "model": self.model,
            "sample_rate_hz": self.sample_rate_hz,
            "knobs": dict(self.knobs),
            "verdicts": [asdict(verdict) for verdict in self.verdicts],
            "basics": asdict(self.basics),
            **{name: asdict(result) for name, result in self.measures.items()},
        }


def report(
    subject: Subject,
    values: KnobValues | None = None,
    recordings: Sequence[Recording] = (),
    on_progress: OnProgress = lambda _done, _total, _text: None,
) -> Report:
    """Measure everything, with the knobs at `values` (defaults where not given) for what is measured once.

    Takes some seconds for a small model.

    Raises
    ------
    KnobError
        For an unknown knob and for a value outside its dial.
    """
    given = dict(values or {})
    knob_vector(subject.knobs, given)
    place = {knob.name: given.get(knob.name, knob.default) for knob in subject.knobs}
    known, places = measures(), len(probed(subject.knobs))
    total = places + len(known)
    tell = partial(_tell_corner, on_progress, total)
    found = quick.probe(subject, recordings, tell)
    results: dict[str, Any] = {}
    verdicts = list(basics.judge(found))
    for done, (name, measure) in enumerate(known.items(), places):
        on_progress(done, total, measure.title)
        result = measure.run(subject, place)
        if result is not None:
            results[name] = result
            verdicts += measure.judge(result)
    on_progress(total, total, "Done")
    return Report(subject.name, subject.sample_rate, place, found, results, worst_first(verdicts))


def _tell_corner(on_progress: OnProgress, total: int, done: int, _places: int) -> None:
    on_progress(done, total, _CORNERS)
