"""What can be captured: a device with knobs that answers a signal with a recording.

Every module of `vastudio.capture.sources` describes one kind of source as `KIND`: what can be chosen about
it, and how to build one. A new kind is one new file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from vastudio import registry
from vastudio.audio.io import Subtype
from vastudio.errors import CaptureError, KnobError, did_you_mean
from vastudio.port import AudioPort
from vastudio.types import Audio, Knob, KnobValues

OptionValue: TypeAlias = str | int | float | bool
OptionValues: TypeAlias = Mapping[str, OptionValue]

OnProgress: TypeAlias = Callable[[float, float], None]
"""Called while a take is recorded with the share that is done (0..1) and the newest peak of the return
(full scale is 1). An exception from it ends the take."""


def ignore_progress(_done: float, _peak: float) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Recording:
    """What came back for one signal, untouched.

    Attributes
    ----------
    audio:
        The source's `lead`, then at least as much as the signal, unless the device itself cut it.
    dropouts:
        Blocks that came too late or got lost.
    """

    audio: Audio
    dropouts: int = 0


class Source(Protocol):
    """A device under capture."""

    @property
    def name(self) -> str:
        """What the device is called on screen and in the manifest."""
        ...

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The knobs that can be turned, with their whole range."""
        ...

    @property
    def sample_rate(self) -> int:
        """Hz, of the signal played and of the recording."""
        ...

    @property
    def needs_hands(self) -> bool:
        """Whether a person turns the knobs, and has to be asked before every take."""
        ...

    @property
    def coding(self) -> Subtype:
        """How a take is stored: as the converter made it, or as numbers that may exceed full scale."""
        ...

    @property
    def lead(self) -> int:
        """Frames at the beginning of every recording in which silence was played."""
        ...

    def open(self) -> None:
        """Get hold of the device. Raises CaptureError or DeviceError when it is not there."""
        ...

    def close(self) -> None:
        """Let go of it. Never raises; may be called twice."""
        ...

    def record(
        self,
        signal: Audio,
        values: KnobValues,
        place: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> Recording:
        """Play `signal` at the knob positions `values`; return what comes back.

        Blocks until the recording is complete. A knob not named rests at its default. `place` is the
        position's number in the plan, from 0.

        Raises
        ------
        KnobError
            When a knob is unknown or outside its dial.
        CaptureError
            When nothing useful came back; the details say what the device had to say.
        DeviceError
            When the audio device is gone.
        """
        ...


@dataclass(frozen=True)
class Option:
    """Something to choose about a source; `default` also tells its type. Without a default it is needed."""

    name: str
    help: str
    default: OptionValue = ""
    is_needed: bool = False


@dataclass(frozen=True)
class Request:
    """What a source is built for.

    Attributes
    ----------
    knobs:
        The knobs of the plan; none where nobody has planned yet.
    options:
        What was chosen, by option name; options not chosen have their defaults.
    device:
        Name of the device, or empty.
    port:
        The audio devices of this computer; None where there are none.
    """

    knobs: tuple[Knob, ...] = ()
    options: OptionValues = field(default_factory=dict)
    device: str = ""
    port: AudioPort | None = None


class SourceKind(Protocol):
    """A kind of source. Every module of `vastudio.capture.sources` defines one as `KIND`."""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be chosen."""
        ...

    def build(self, request: Request) -> Source:
        """Return a source that is not open yet. Raises CaptureError or KnobError when it cannot be."""
        ...


def source_kinds() -> dict[str, SourceKind]:
    """Return every kind of source, by module name."""
    return registry.discover("vastudio.capture.sources", "KIND")


def build_source(kind: str, request: Request) -> Source:
    """Build a source of the kind with that name.

    Raises
    ------
    CaptureError
        When there is no such kind or option, an option is missing, or the source cannot be built.
    KnobError
        When the source does not have the knobs that are asked for.
    """
    kinds = source_kinds()
    if kind not in kinds:
        raise CaptureError(f"There is no source '{kind}'.", did_you_mean(kind, kinds))
    options = complete_options(kinds[kind], kind, request.options)
    source = kinds[kind].build(Request(request.knobs, options, request.device, request.port))
    refuse_foreign_knobs(source, request.knobs)
    return source


def complete_options(kind: SourceKind, name: str, given: OptionValues) -> dict[str, OptionValue]:
    """Return every option's value. Raises CaptureError for one unknown, missing, or of another type."""
    known = {option.name: option for option in kind.options}
    for option in given:
        if option not in known:
            raise CaptureError(f"The source '{name}' has no option '{option}'.", did_you_mean(option, known))
    missing = next((each for each in kind.options if each.is_needed and not given.get(each.name)), None)
    if missing is not None:
        raise CaptureError(f"The source '{name}' needs --{missing.name.replace('_', '-')}.", missing.help)
    return {each.name: _typed(each, given.get(each.name, each.default)) for each in kind.options}


def _typed(option: Option, value: Any) -> OptionValue:
    try:
        return type(option.default)(value)
    except (TypeError, ValueError) as error:
        raise CaptureError(
            f"'{value}' is no value for --{option.name.replace('_', '-')}.", option.help, str(error)
        ) from error


def refuse_foreign_knobs(source: Source, planned: Sequence[Knob]) -> None:
    """Raise KnobError when a planned knob is not the source's, or goes beyond its range."""
    own = {knob.name: knob for knob in source.knobs} if planned else {}
    for knob in planned:
        if knob.name not in own:
            hint = did_you_mean(knob.name, own) if own else "It has no knobs at all."
            raise KnobError(f"{source.name} has no knob '{knob.name}'.", hint)
        own[knob.name].normalised(knob.minimum)
        own[knob.name].normalised(knob.maximum)
