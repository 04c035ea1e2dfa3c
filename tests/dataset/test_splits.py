"""Which positions are held out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from vastudio.dataset import splits
from vastudio.dataset.manifest import Capture, Clip, Finding, Measurement

MEASURED = Measurement(0.0, 1.0, 0, -1.0, -10.0, -1.0, -10.0, 0.0, 0, 0)
CLIP = Clip("x.wav", 100, "y.wav", 10, 1000, 0.0, False, MEASURED)


def captures(positions: Sequence[dict[str, float]]) -> list[Capture]:
    return [Capture(f"{index:03d}", knobs, "train", (CLIP,)) for index, knobs in enumerate(positions)]


GRID = [{"a": a, "b": b} for a, b in itertools.product((0.0, 0.5, 1.0), repeat=2)]


def held_out(found: Sequence[Capture]) -> set[tuple[float, ...]]:
    return {tuple(capture.knobs.values()) for capture in found if capture.split == "validation"}


def test_about_fifteen_per_cent_and_never_a_corner() -> None:
    fine = [{"a": a / 4, "b": b / 4} for a, b in itertools.product(range(5), repeat=2)]
    found = held_out(splits.assign(captures(fine)))
    assert len(found) == 4
    assert not found & set(itertools.product((0.0, 1.0), repeat=2))


def test_the_choice_depends_on_the_positions_only() -> None:
    first = held_out(splits.assign(captures(GRID)))
    assert first == held_out(splits.assign(captures(GRID[::-1])))
    assert len(first) == 1


def test_few_positions_hold_out_the_ends_of_clips() -> None:
    found = splits.assign(captures([{"a": 0.0}, {"a": 1.0}]))
    assert [(capture.id, capture.split) for capture in found] == [
        ("000", "train"), ("001", "train"), ("002", "validation"), ("003", "validation"),
    ]  # fmt: skip
    first, last = found[0].clips[0], found[2].clips[0]
    assert (first.input_start, first.output_start, first.frames) == (100, 10, 850)
    assert (last.input_start, last.output_start, last.frames) == (950, 860, 150)
    assert found[2].knobs == {"a": 0.0}


def test_corners_alone_hold_out_the_ends_too() -> None:
    corners = [{"a": a, "b": b} for a, b in itertools.product((0.0, 1.0), repeat=2)]
    assert len(splits.assign(captures(corners))) == 8


def test_captures_with_errors_are_never_chosen() -> None:
    found = captures(GRID)
    chosen = held_out(splits.assign(found)).pop()
    broken = [
        Capture(c.id, c.knobs, c.split, c.clips, (Finding("error", "early", "Early."),))
        if tuple(c.knobs.values()) == chosen
        else c
        for c in found
    ]
    assert held_out(splits.assign(broken)).isdisjoint({chosen})
    assert held_out(splits.assign(broken))
