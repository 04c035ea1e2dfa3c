"""The studio's state as Qt signals: what is open, where the knobs stand, what is looped, and on which device.

Activities: everything here runs in the window's thread, the only one that steers the player; what takes
longer runs in `pool` and comes back as a signal (see `bridge.work`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, QTimer, Signal

from vastudio.app.looping import PreparedLoop, prepare_loop
from vastudio.app.studio import OpenedModel, Studio, read_model
from vastudio.engine.stream import Monitor, Source
from vastudio.errors import StudioError
from vastudio.types import Audio, KnobValues
from vastudio.ui.bridge.work import CLOSE_MILLISECONDS, Latest

DEMO_TITLE = "Demo phrase"
NULL_GAIN_DB = 20.0
"""What the null is amplified by until the person says otherwise."""

LONGEST_AT_ONCE = 1_500_000
"""Frames; a loop that is longer, or at another rate than the player, is made ready by a worker."""

_SETTLED_MILLISECONDS = 200
"""After so long without another one, a model that is heard by the way is shown by the whole window."""

_NEED_TARGET: tuple[Monitor, ...] = ("target", "null")


class Session(QObject):
    """A Studio that says when it changes. Errors of what a person asked for arrive through `failed`.

    Signals
    -------
    model_changed(), dataset_changed(), knobs_changed(), loop_changed(), excerpt_changed(), audio_changed():
        Something else is open, the knobs stand elsewhere, something else or another stretch of it is looped,
        the device changed.
    shaping_changed():
        What stands around the model is other than before.
    playing_changed(bool), source_changed(str), monitor_changed(str), level_match_changed(bool):
        The transport.
    comparing_changed(bool):
        Whether what is heard is measured too: nothing may stand before the model then.
    null_gain_changed(float), matched(object):
        What the null is to be amplified by, in dB; the `LoudnessMatch` of what is looped, None until it is
        measured.
    listening_changed(bool):
        A blind test has begun or ended: meanwhile nothing may show or change what is heard but the test.
    library_changed():
        There may be new models, datasets or runs to choose from.
    closing():
        The studio closes: long work should end.
    failed(object):
        A StudioError that belongs to no other place in the window.
    """

    model_changed = Signal()
    dataset_changed = Signal()
    knobs_changed = Signal()
    loop_changed = Signal()
    excerpt_changed = Signal()
    shaping_changed = Signal()
    audio_changed = Signal()
    playing_changed = Signal(bool)
    source_changed = Signal(str)
    monitor_changed = Signal(str)
    level_match_changed = Signal(bool)
    comparing_changed = Signal(bool)
    null_gain_changed = Signal(float)
    matched = Signal(object)
    listening_changed = Signal(bool)
    library_changed = Signal()
    closing = Signal()
    failed = Signal(object)

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.pool = QThreadPool(self)
        self.pool.setMaxThreadCount(2)
        self._opening = Latest(self.pool, self)
        self._opening.done.connect(self.use_model)
        self._opening.failed.connect(self.failed)
        self._looping = Latest(self.pool, self)
        self._looping.done.connect(self._take_over)
        self._looping.failed.connect(self.failed)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MILLISECONDS)
        self._settled.timeout.connect(self._announce_model)
        self._awaits_loop = False
        self._wanted_excerpt: tuple[float, float] | None = None
        self.loop_title = DEMO_TITLE
        self.source: Source = "loop"
        self._trim_db = 0.0
        self._is_comparing = False
        self.monitor: Monitor = "model"
        self.null_gain_db = NULL_GAIN_DB
        self.is_listening = False
        self._played_before = False

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except StudioError as error:
            self.failed.emit(error)

    # --- what is open ---------------------------------------------------------------------------------

    def open_model(self, path: Path, size: float | None = None) -> None:
        """Load a model into the player, as soon as a worker has made it ready; `size` as in `read_model`."""
        self._opening.submit(lambda: read_model(path, size))

    def use_model(self, opened: OpenedModel, knobs: KnobValues | None = None) -> None:
        """Play through a model that is ready, its knobs at `knobs` where given, else at their defaults."""
        with self._reporting():
            self.studio.use_model(opened, knobs=knobs)
            self._announce_model()

    def hear_model(self, opened: OpenedModel, knobs: KnobValues | None = None) -> None:
        """Play through a model by the way: at once, but it is not remembered, and shown once it stays.

        What was to be opened by then is not any longer.
        """
        self._opening.forget()
        with self._reporting():
            self.studio.use_model(opened, knobs=knobs, remember=False)
            self._settled.start()

    def keep_model(self) -> None:
        """Open what is heard by the way for good."""
        if self.studio.model_path is not None:
            self.studio.save_settings(last_model=str(self.studio.model_path))
        if self._settled.isActive():
            self._announce_model()

    def _announce_model(self) -> None:
        self._settled.stop()
        self.model_changed.emit()
        self.knobs_changed.emit()

    def open_dataset(self, path: Path) -> None:
        """Open a dataset folder."""
        with self._reporting():
            self.studio.open_dataset(path)
            self.dataset_changed.emit()

    def open_any(self, path: Path) -> None:
        """Open a model file or a dataset, by what the path is."""
        if path.name == "manifest.json":
            self.open_dataset(path.parent)
        elif path.is_dir():
            self.open_dataset(path)
        else:
            self.open_model(path)

    # --- knobs ----------------------------------------------------------------------------------------

    def set_knob(self, name: str, value: float) -> None:
        """Turn one knob."""
        self.set_knobs({name: value})

    def set_knobs(self, values: KnobValues) -> None:
        """Turn several knobs at once."""
        with self._reporting():
            self.studio.set_knobs({**self.studio.knob_values, **values})
            self.knobs_changed.emit()

    # --- what is heard --------------------------------------------------------------------------------

    def use_demo_phrase(self) -> None:
        """Loop the bundled phrase."""
        self._forget_loop()
        with self._reporting():
            self.studio.use_demo_phrase()
            self._announce_loop(DEMO_TITLE)

    def use_loop(self, clean: Audio, target: Audio | None, rate: int, title: str) -> None:
        """Loop a clip: a short one at once, a long one as soon as a worker has made it ready."""
        to = self.studio.player.sample_rate
        self._forget_loop()
        if rate == to and clean.size <= LONGEST_AT_ONCE:
            self._take_over((prepare_loop(clean, target, rate, to), title))
        else:
            self._awaits_loop = True
            self._looping.submit(lambda: (prepare_loop(clean, target, rate, to), title))

    def _forget_loop(self) -> None:
        """What a worker makes ready is not wanted any longer."""
        self._looping.forget()
        self._awaits_loop, self._wanted_excerpt = False, None

    def _take_over(self, result: tuple[PreparedLoop, str]) -> None:
        """Loop what is ready; a stretch of it may have been chosen in the meantime."""
        loop, title = result
        self._awaits_loop = False
        with self._reporting():
            self.studio.use_prepared(loop)
            self._announce_loop(title)
        if self._wanted_excerpt is not None:
            self.set_excerpt(*self._wanted_excerpt)

    def _announce_loop(self, title: str) -> None:
        self.loop_title = title
        if self.monitor in _NEED_TARGET and not self.has_target:
            self.set_monitor("model")
        self.loop_changed.emit()

    def set_excerpt(self, start: float | None, stop: float = 0.0) -> None:
        """Loop only the stretch from `start` to `stop`, in seconds; None: the whole.

        Of a loop that is still made ready, as soon as it is.
        """
        self._wanted_excerpt = None if start is None else (start, stop)
        if self._awaits_loop:
            return
        self.studio.set_excerpt(self._wanted_excerpt)
        self.excerpt_changed.emit()

    @property
    def has_target(self) -> bool:
        """Whether the loop has a recorded target, and the loop is what is played."""
        return self.studio.target is not None and self.source == "loop"

    def toggle_play(self) -> None:
        """Play, or stop."""
        player = self.studio.player
        if player.playing:
            player.stop()
        else:
            player.play()
        self.playing_changed.emit(player.playing)

    def set_source(self, source: Source) -> None:
        """Play the `live` input or the `loop`."""
        if self.is_listening:
            return
        self.studio.player.set_source(source)
        self.source = source
        if self.monitor in _NEED_TARGET and not self.has_target:
            self.set_monitor("model")
        self.source_changed.emit(source)

    def set_monitor(self, monitor: Monitor) -> None:
        """Hear `clean`, `target`, `model` or `null`; what needs a target is not chosen without one."""
        if self.is_listening or (monitor in _NEED_TARGET and not self.has_target):
            return
        self.studio.player.set_monitor(monitor)
        self.monitor = monitor
        self.monitor_changed.emit(monitor)

    def set_trim_db(self, level_db: float) -> None:
        """Set the level in front of the model."""
        self._trim_db = level_db
        self._send_trim()

    def set_comparing(self, comparing: bool) -> None:
        """While comparing, what is heard is what is measured: the input goes to the model as it is."""
        self._is_comparing = comparing
        self._send_trim()
        self.comparing_changed.emit(comparing)

    def _send_trim(self) -> None:
        self.studio.player.set_input_trim_db(0.0 if self._is_comparing else self._trim_db)

    def seek(self, seconds: float) -> None:
        """Move the playhead in the loop."""
        if self.is_listening:
            return
        self.studio.player.seek(round(seconds * self.studio.player.sample_rate))

    def set_level_match(self, enabled: bool) -> None:
        """Hear the three equally loud, or as they are."""
        self.studio.save_settings(level_match=enabled)
        self.level_match_changed.emit(enabled)

    def set_null_gain_db(self, level_db: float) -> None:
        """Amplify the null by so much, as far as it neither clips nor is louder than the target."""
        self.null_gain_db = level_db
        self.null_gain_changed.emit(level_db)

    # --- blind tests ----------------------------------------------------------------------------------

    def begin_listening(self, sounds: Sequence[Audio], rate: int) -> None:
        """Play prepared sounds of one length as they are, the first at first, until `end_listening`.

        Meanwhile source, monitor and playhead stay as they are, and no meter moves.
        """
        self.studio.begin_listening(sounds, rate)
        if not self.is_listening:
            self._played_before = self.studio.player.playing
            self.is_listening = True
            self.listening_changed.emit(True)
        if not self.studio.player.playing:
            self.toggle_play()

    def hear_sound(self, index: int) -> None:
        """Change to another of the prepared sounds, at the same place."""
        self.studio.player.hear(index)

    def end_listening(self) -> None:
        """Have everything as it was before `begin_listening`."""
        if not self.is_listening:
            return
        if self.studio.player.playing != self._played_before:
            self.toggle_play()
        self.studio.end_listening()
        self.is_listening = False
        self.listening_changed.emit(False)

    # --- device and end -------------------------------------------------------------------------------

    def check_device(self) -> None:
        """Notice a device that was pulled out (the silent clock goes on in its place) or is back."""
        news = self.studio.player.check()
        if news is not None:
            self.studio.audio_problem = "" if news.is_good else news.text
            self._announce_device()

    def release_audio(self, borrower: str = "the capture") -> None:
        """Stop, and let go of the device until `restart_audio`: something else sounds through it."""
        self.studio.player.stop()
        self.studio.player.open(None)
        self.studio.audio_problem = f"The audio device is lent to {borrower}."
        self._announce_device()
        self.playing_changed.emit(False)

    def restart_audio(self) -> None:
        """Open the device of the settings anew; at another rate, model and loop are made ready for it."""
        player, was_playing = self.studio.player, self.studio.player.playing
        rate = player.sample_rate
        self.studio.start_audio()
        if player.sample_rate != rate:
            self.use_demo_phrase()
            if self.studio.model_path is not None:
                self.open_model(self.studio.model_path)
        if was_playing:
            self.studio.player.play()
        self._announce_device()
        self.playing_changed.emit(self.studio.player.playing)

    def _announce_device(self) -> None:
        if self.studio.player.is_silent and self.source == "live":
            self.set_source("loop")
        self.audio_changed.emit()

    def close(self) -> None:
        """Wait for the workers, then close the studio."""
        self.closing.emit()
        self.pool.waitForDone(CLOSE_MILLISECONDS)
        self.studio.close()
