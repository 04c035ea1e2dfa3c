"""Hear it now: the newest model of a run against a recorded position, in sound, picture and figure.

Activities: choices, knobs and new models arrive in the window's thread; the pool renders the chosen clip
with the model, and of several requests only the newest is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from vastudio.app.evaluate import check_match
from vastudio.audio import metrics
from vastudio.dataset.manifest import Capture
from vastudio.dataset.store import Dataset
from vastudio.engine.graph import PlayableModel
from vastudio.engine.offline import render
from vastudio.errors import StudioError
from vastudio.types import Audio, Knob, KnobValues
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.train.error_picture import position_text
from vastudio.ui.train.newest import Heard, PlayNewest
from vastudio.ui.widgets.waveform import Track

LONGEST_SECONDS = 20
"""Of a clip that are looped and measured."""


@dataclass(frozen=True)
class Take:
    """The first clip of a capture and the model's answer, each (frames,), ready to be drawn."""

    capture: str
    clean: Audio
    target: Audio
    rate: int
    tracks: tuple[Track, ...]
    esr: float


def listen(model: PlayableModel, dataset: Dataset, capture: str, values: KnobValues) -> Take:
    """Render the start of a capture's first clip. Raises StudioErrors of dataset and knobs."""
    model = check_match(model, dataset)
    longest = LONGEST_SECONDS * dataset.sample_rate
    clean, target = (part[:longest] for part in dataset.read_clip(dataset.capture(capture).clips[0]))
    output = render(model, clean, values)
    tracks = (Track.of("Target", "target", target), Track.of("Model", "model", output))
    return Take(capture, clean, target, dataset.sample_rate, tracks, metrics.esr(target, output))


def _title(capture: Capture, knobs: tuple[Knob, ...]) -> str:
    """Where it was recorded, and whether the model has seen it."""
    seen = "held out" if capture.split == "validation" else "trained on"
    return f"{position_text(knobs, capture.knobs) or capture.id} · {seen}"


class Hearing(QObject):
    """What is heard on the Train page. Off until `set_enabled`; then the player loops the position.

    Signals
    -------
    positions_changed():
        There are other captures to choose from, or another one is chosen.
    model_changed(object):
        Another state of the run is heard: a `Heard`, or None when there is none.
    taken(object):
        A `Take` to show, or None.
    """

    positions_changed = Signal()
    model_changed = Signal(object)
    taken = Signal(object)

    def __init__(self, session: Session, newest: PlayNewest, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._newest = session, newest
        self._captures: dict[str, Capture] = {}
        self._capture = ""
        self._heard: Heard | None = None
        self._take: Take | None = None
        self._looped: Take | None = None
        self._is_shown = self._was_playing = False
        self._rendering = Latest(session.pool, self)
        self._rendering.done.connect(self._show_take)
        self._rendering.failed.connect(lambda _error: self._forget_take())
        session.dataset_changed.connect(self._list_positions)
        newest.loaded.connect(self._on_loaded)
        newest.offered.connect(self._on_offered)
        self._list_positions()

    # --- what there is to choose from -----------------------------------------------------------------

    @property
    def positions(self) -> dict[str, str]:
        """The captures of the open dataset: id → its knob positions in words."""
        dataset = self._session.studio.dataset
        knobs = dataset.knobs if dataset is not None else ()
        return {key: _title(capture, knobs) for key, capture in self._captures.items()}

    @property
    def capture(self) -> str:
        """The id of the chosen capture, empty for free knobs."""
        return self._capture

    @property
    def has_model(self) -> bool:
        """Whether the player plays a state of the run."""
        return self._heard is not None and self._session.studio.model_path == self._heard.path

    @property
    def has_been_left(self) -> bool:
        """Whether the person has opened another model meanwhile."""
        return self._heard is not None and self._newest.is_overtaken

    @property
    def is_looped(self) -> bool:
        """Whether the player loops the chosen position."""
        return self._looped is not None

    def _list_positions(self) -> None:
        dataset = self._session.studio.dataset
        try:
            captures = dataset.captures() if dataset is not None else ()
        except StudioError:
            captures = ()
        self._captures = {capture.id: capture for capture in captures if capture.clips}
        held_out = (key for key, capture in self._captures.items() if capture.split == "validation")
        self._capture = next(held_out, next(iter(self._captures), ""))
        self._forget_take()
        self.positions_changed.emit()

    def choose(self, capture: str) -> None:
        """Hear a recorded position; with an empty id the knobs are free and the demo phrase is looped."""
        self._capture = capture
        self._forget_take()
        self.positions_changed.emit()
        self._turn_to_position()
        self._render()

    # --- being on, and being shown --------------------------------------------------------------------

    def set_enabled(self, enabled: bool) -> None:
        """Load the newest model, better ones as they come, and play; or give the player back."""
        player = self._session.studio.player
        if enabled:
            self._was_playing = player.playing
        elif not self._was_playing and player.playing and not self._newest.is_overtaken:
            self._session.toggle_play()
        if not enabled:
            self._heard = None
            self._forget_take()
            self.model_changed.emit(None)
        self._newest.set_enabled(enabled)

    def set_shown(self, shown: bool) -> None:
        """While the page is hidden the loop is given back; the newest model goes on being loaded."""
        self._is_shown = shown
        if shown:
            self._render()
        else:
            self._give_loop_back()

    def close(self) -> None:
        """The studio closes: leave everything as it is."""
        self._is_shown = False
        self._looped = None
        self._rendering.forget()
        self._newest.set_enabled(False)

    def back_to_position(self) -> None:
        """Turn the knobs back to where the target was recorded."""
        self._turn_to_position()

    @property
    def is_at_position(self) -> bool:
        """Whether the knobs stand where the target was recorded."""
        values = self._session.studio.knob_values
        return all(abs(values.get(n, v) - v) < 1e-9 for n, v in self._position.items())

    @property
    def _position(self) -> dict[str, float]:
        capture = self._captures.get(self._capture)
        names = self._session.studio.knob_values
        return {} if capture is None else {n: v for n, v in capture.knobs.items() if n in names}

    # --- a new model ----------------------------------------------------------------------------------

    def _on_offered(self) -> None:
        if self._newest.newest is None:
            self._heard = None
            self._forget_take()
            self.model_changed.emit(None)

    def _on_loaded(self, heard: Heard) -> None:
        is_first, self._heard = self._heard is None, heard
        self.model_changed.emit(heard)
        if is_first:
            self._turn_to_position()
            if not self._session.studio.player.playing:
                self._session.toggle_play()
        self._render()

    def _turn_to_position(self) -> None:
        if self.has_model and self._position:
            self._session.set_knobs(self._position)

    def _render(self) -> None:
        studio = self._session.studio
        if not (self.has_model and self._is_shown) or studio.playable is None or studio.dataset is None:
            return
        if self._capture:
            position = self._position
            self._rendering.submit(partial(listen, studio.playable, studio.dataset, self._capture, position))

    def _show_take(self, take: Take) -> None:
        if take.capture != self._capture or not (self.has_model and self._is_shown):
            return
        self._take = take
        if self._looped is None or self._looped.capture != take.capture:
            self._looped = take
            self._session.set_source("loop")
            title = f"{self.positions[take.capture]} · capture {take.capture}"
            self._session.use_loop(take.clean, take.target, take.rate, title)
        self.taken.emit(take)

    def _forget_take(self) -> None:
        self._rendering.forget()
        self._take = None
        self._give_loop_back()
        self.taken.emit(None)

    def _give_loop_back(self) -> None:
        if self._looped is not None:
            self._looped = None
            self._session.use_demo_phrase()
