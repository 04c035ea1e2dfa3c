"""From dials to a capture plan, and editing one: what `vastudio plan` and the Plan page do.

All takes are planned at one setting of the output volume, because a volume behind everything else changes
nothing but level: its law is measured in a few takes of its own. The first position comes again at the end;
how far these two takes lie apart is the floor that no model can beat.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vastudio.capture.plan import DIAL_STEPS, Points, Position, Spread, corner_count, plan_knobs
from vastudio.capture.plan_file import CapturePlan, Dial, StimulusChoice, Taper
from vastudio.dataset.manifest import Split
from vastudio.errors import KnobError
from vastudio.types import Knob, KnobValues, knob_vector

POSITIONS_PER_KNOB = 15
VALIDATION_PER_KNOB = 3
VOLUME_TAKES = 4

_HALFWAY = 0.15
"""What an audio taper lets through at half its turn."""


def plan_capture(
    dials: Sequence[Dial],
    *,
    positions: int | None = None,
    validation: int | None = None,
    stimulus: StimulusChoice | None = None,
    device: str = "",
    seed: int = 0,
) -> CapturePlan:
    """Plan which positions of the dials to record, in an order in which few knobs move.

    Parameters
    ----------
    positions:
        For training: corners, centre and what lies between them; 15 for each knob by default. Fewer come
        out where the dials have too few steps.
    validation:
        That training never sees; 3 for each knob by default.
    seed:
        The same seed gives the same plan.

    Raises
    ------
    KnobError
        When two dials have one name, a dial has no step, or `positions` are fewer than corners and centre.
    """
    _refuse_twins(dials)
    turned = [dial for dial in dials if not dial.is_output_volume]
    fewest = corner_count(len(turned)) + 1
    if positions is not None and turned and positions < fewest:
        raise KnobError(
            f"{positions} positions are fewer than the {fewest} corners and centre of {len(turned)} knobs.",
            f"Plan at least {fewest}, or hold a knob.",
        )
    wanted = POSITIONS_PER_KNOB * len(turned) if positions is None else positions
    made = plan_knobs(
        [dial.knob for dial in turned],
        hypercube=max(0, wanted - fewest),
        validation=VALIDATION_PER_KNOB * len(turned) if validation is None else validation,
        steps={dial.knob.name: steps_of(dial) for dial in turned},
        spread={dial.knob.name: spread_along(dial.taper) for dial in turned},
        seed=seed,
    )
    held = {dial.knob.name: snapped(dial, dial.knob.default) for dial in dials if dial.is_output_volume}
    route = [replace(place, values=_ordered(dials, {**place.values, **held})) for place in made.positions]
    law = [
        Position(_ordered(dials, {**route[0].values, dial.knob.name: value}), "train")
        for dial in dials
        if dial.is_output_volume
        for value in _volume_settings(dial)
    ]
    again = [Position(dict(route[0].values), "train")] if dials else []
    return CapturePlan(tuple(dials), (*route, *law, *again), stimulus or StimulusChoice(seed=seed), device)


def insert(plan: CapturePlan, index: int, values: KnobValues, split: Split = "train") -> CapturePlan:
    """Return the plan with one more position before `index` (from 0), snapped to the dials' steps.

    A knob not named rests at its default. Raises KnobError for an unknown knob or a value outside its dial.
    """
    knob_vector(plan.knobs, values)
    resting = {dial.knob.name: dial.knob.default for dial in plan.dials}
    complete = {dial.knob.name: snapped(dial, {**resting, **values}[dial.knob.name]) for dial in plan.dials}
    positions = list(plan.positions)
    positions.insert(index, Position(complete, split))
    return replace(plan, positions=tuple(positions))


def append(plan: CapturePlan, places: Sequence[KnobValues]) -> CapturePlan:
    """Return the plan with `places` to record after all others; those it has already are left out.

    Errors as `insert`.
    """
    known = {tuple(position.values.values()) for position in plan.positions}
    for values in places:
        longer = insert(plan, len(plan.positions), values)
        if tuple(longer.positions[-1].values.values()) not in known:
            known.add(tuple(longer.positions[-1].values.values()))
            plan = longer
    return plan


def remove(plan: CapturePlan, index: int) -> CapturePlan:
    """Return the plan without position `index`. Raises KnobError when there is none, or no other."""
    _refuse_outside(plan, index)
    if len(plan.positions) == 1:
        raise KnobError("The last position of a plan cannot be removed.", "Add another one first.")
    return replace(plan, positions=(*plan.positions[:index], *plan.positions[index + 1 :]))


def move(plan: CapturePlan, index: int, to: int) -> CapturePlan:
    """Return the plan with position `index` recorded as number `to` (both from 0). Raises KnobError."""
    _refuse_outside(plan, index)
    _refuse_outside(plan, to)
    positions = list(plan.positions)
    positions.insert(to, positions.pop(index))
    return replace(plan, positions=tuple(positions))


def estimated_seconds(plan: CapturePlan) -> float:
    """How long the session takes: every take, and a hand's time for every knob that moves."""
    return plan.knob_plan.estimated_seconds(plan.stimulus.seconds)


def steps_of(dial: Dial) -> int:
    """Equal steps of a dial that a person can set: its own, a switch's whole numbers, else 20."""
    knob = dial.knob
    if dial.steps is not None:
        return dial.steps
    return max(1, round(knob.maximum - knob.minimum)) if knob.kind == "switch" else DIAL_STEPS


def snapped(dial: Dial, value: float) -> float:
    """The step of the dial nearest to `value`. Raises KnobError when it is outside the dial."""
    steps = steps_of(dial)
    return dial.knob.denormalised(math.floor(dial.knob.normalised(value) * steps + 0.5) / steps)


def spread_along(taper: Taper) -> Spread:
    """Return where on a dial evenly spread positions go, as a map of 0..1 onto itself.

    An audio taper lets 15 % through at half its turn: (bˣ − 1)/(b − 1), b = (1/0.15 − 1)². Positions spread
    evenly over this effect would leave the lower half of the dial bare, so they go half-way between there
    and an even spread over the dial.
    """
    base = (1.0 / _HALFWAY - 1.0) ** 2

    def audio(even: Points) -> Points:
        return np.asarray(0.5 * even + 0.5 * np.log1p(even * (base - 1.0)) / math.log(base))

    def reverse(even: Points) -> Points:
        return 1.0 - audio(1.0 - even)

    def linear(even: Points) -> Points:
        return even

    return {"linear": linear, "audio": audio, "reverse-audio": reverse}[taper]


def _ordered(dials: Sequence[Dial], values: KnobValues) -> dict[str, float]:
    return {dial.knob.name: float(values[dial.knob.name]) for dial in dials}


def _volume_settings(dial: Dial) -> list[float]:
    """Settings along the dial at which its gain law is measured; at the lowest nothing may be heard."""
    fractions = np.arange(1, VOLUME_TAKES + 1) / VOLUME_TAKES
    knob: Knob = dial.knob
    values = [snapped(dial, knob.denormalised(float(fraction))) for fraction in fractions]
    return [value for value in dict.fromkeys(values) if value != snapped(dial, knob.default)]


def _refuse_twins(dials: Sequence[Dial]) -> None:
    names = [dial.knob.name for dial in dials]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise KnobError(f"There are two knobs '{twice}'.", "Give every knob a name of its own.")


def _refuse_outside(plan: CapturePlan, index: int) -> None:
    if not 0 <= index < len(plan.positions):
        raise KnobError(
            f"The plan has no position {index + 1}.", f"It has the positions 1 to {len(plan.positions)}."
        )
