"""The full probe: every measure at one knob position, the corners, and what it all means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vastudio.app.probe import basics, quick
from vastudio.app.probe.measure import measures
from vastudio.app.probe.quick import Recording
from vastudio.app.probe.subject import Subject
from vastudio.app.probe.verdict import ORDER, Verdict
from vastudio.modelfile.probe import Probe
from vastudio.types import KnobValues, knob_vector


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
    on_progress: Callable[[str], None] = lambda _title: None,
) -> Report:
    """Measure everything, with the knobs at `values` (defaults where not given) for what is measured once.

    Takes some seconds for a small model; `on_progress` is told what comes next.

    Raises
    ------
    KnobError
        For an unknown knob and for a value outside its dial.
    """
    given = dict(values or {})
    knob_vector(subject.knobs, given)
    place = {knob.name: given.get(knob.name, knob.default) for knob in subject.knobs}
    on_progress("Latency and silence at every corner of the knobs")
    found = quick.probe(subject, recordings)
    results: dict[str, Any] = {}
    verdicts = list(basics.judge(found))
    for name, measure in measures().items():
        on_progress(measure.title)
        result = measure.run(subject, place)
        if result is not None:
            results[name] = result
            verdicts += measure.judge(result)
    verdicts.sort(key=lambda verdict: ORDER.index(verdict.grade))
    return Report(subject.name, subject.sample_rate, place, found, results, tuple(verdicts))
