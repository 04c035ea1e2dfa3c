"""Theme tokens: the colours by their meaning, read from `resources/themes/*.toml`.

One theme is active at a time. Painted widgets ask `tokens()` while they paint and hold no colour of
their own, so that switching the theme needs nothing but a repaint.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, TypeAlias

from PySide6.QtGui import QColor

from vastudio.paths import resources

Meaning: TypeAlias = Literal["clean", "target", "model", "difference", "good", "warning", "bad"]
"""What a colour says; the same in every view and theme."""


@dataclass(frozen=True)
class Ground:
    """Backgrounds from the window up, and the lines between them."""

    window: str
    panel: str
    raised: str
    control: str
    line: str


@dataclass(frozen=True)
class Text:
    """Text colours by importance, and the one on accent-coloured buttons."""

    primary: str
    secondary: str
    faint: str
    on_accent: str


@dataclass(frozen=True)
class Meanings:
    """The colours that mean something."""

    clean: str
    target: str
    model: str
    difference: str
    good: str
    warning: str
    bad: str


@dataclass(frozen=True)
class KnobColours:
    """The parts of a painted knob."""

    body: str
    rim: str
    track: str
    pointer: str


@dataclass(frozen=True)
class PlotColours:
    """What lies behind a plot."""

    ground: str
    grid: str


@dataclass(frozen=True)
class Tokens:
    """One theme. All colours are `#RRGGBB`."""

    title: str
    scheme: Literal["dark", "light"]
    ground: Ground
    text: Text
    meaning: Meanings
    knob: KnobColours
    plot: PlotColours

    @property
    def is_dark(self) -> bool:
        """Whether the grounds are darker than the text."""
        return self.scheme == "dark"

    def of(self, meaning: Meaning) -> QColor:
        """The colour of a meaning."""
        return QColor(getattr(self.meaning, meaning))


_PARTS: dict[str, type[Any]] = {
    "ground": Ground,
    "text": Text,
    "meaning": Meanings,
    "knob": KnobColours,
    "plot": PlotColours,
}


@cache
def load_theme(name: str) -> Tokens:
    """Read `resources/themes/{name}.toml`. The themes ship with the program: a missing one is a defect."""
    with (resources() / "themes" / f"{name}.toml").open("rb") as stream:
        table = tomllib.load(stream)
    parts = {
        key: kind(**{item.name: table[key][item.name] for item in fields(kind)})
        for key, kind in _PARTS.items()
    }
    return Tokens(title=table["title"], scheme=table["scheme"], **parts)


class _Active:
    name = "dark"


def tokens() -> Tokens:
    """The active theme."""
    return load_theme(_Active.name)


def activate(name: str) -> None:
    """Make `name` (`dark` or `light`) the active theme; `theme.apply` repaints the windows."""
    load_theme(name)
    _Active.name = name


def translucent(colour: str | QColor, alpha: float) -> QColor:
    """The colour with an opacity of `alpha` (0..1)."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def mixed(first: str | QColor, second: str | QColor, share: float) -> QColor:
    """The colour at `share` (0..1) of the way from `first` to `second`."""
    a, b = QColor(first), QColor(second)
    parts = [round(p + share * (q - p)) for p, q in zip(a.getRgb()[:3], b.getRgb()[:3], strict=True)]  # type: ignore[index]
    return QColor(*parts)
