"""An evening's playing, as a script: somebody who turns knobs and tries everything, in a real window.

Activities: a timer in the window's thread does one thing every two seconds and notes when; the studio's own
recorder writes what is heard. Knobs are turned fifty times a second in every other minute; in the minutes
between nothing moves but what the script does, and a chord of low sines sounds: there `soak_clicks` looks
for clicks.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from PySide6.QtCore import QObject, QTimer

from vastudio import paths
from vastudio.app.jobs import TrainingRequest
from vastudio.app.recording import Recording, TakeReport
from vastudio.audio import io
from vastudio.engine.gate import Gate
from vastudio.training.config import configured
from vastudio.types import STANDARD_RATE, Audio
from vastudio.ui.main_window import MainWindow

STEP_SECONDS = 2.0
CHORD_SECONDS = 60.0
TURN_MILLISECONDS = 20
SWEEP_SECONDS = 7.0
PRESETS = 6
TRAIN_AFTER_SECONDS = 300.0
CHORD_HERTZ = (82.0, 123.0, 164.0)
_PAGES = ("play", "train", "compare", "capture", "settings", "play")


def chord() -> Audio:
    """Three low sines of −20 dBFS each, for longer than a minute: the loop's seam is not measured."""
    at = np.arange(round(1.2 * CHORD_SECONDS) * STANDARD_RATE) / STANDARD_RATE
    return np.asarray(0.1 * sum(np.sin(2 * np.pi * hertz * at) for hertz in CHORD_HERTZ), np.float32)


def write_responses(folder: Path, count: int = 4) -> list[Path]:
    """Decaying noises with a loudspeaker's bandwidth, as files, of several lengths and rates."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for seed in range(count):
        rate = (48_000, 44_100, 96_000)[seed % 3]
        frames = rate * (20 + 40 * seed) // 1000
        noise = np.random.default_rng(seed).normal(size=frames) * np.exp(-8 * np.arange(frames) / frames)
        lowpass = scipy.signal.butter(2, 5_000, fs=rate, output="sos")
        written.append(folder / f"cabinet {seed + 1}.wav")
        io.write(written[-1], (0.3 * scipy.signal.sosfilt(lowpass, noise)).astype(np.float32), rate)
    return written


class Evening(QObject):
    """Plays the evening until `finish`.

    Parameters
    ----------
    models:
        Files to play, besides the factory's; of any kind.
    folder:
        Takes the recording, the responses and `actions.jsonl`: what was done when.
    dataset:
        What to train on after five minutes; None: nothing.
    """

    def __init__(
        self, window: MainWindow, models: Sequence[Path], folder: Path, dataset: Path | None = None
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._rig = window, window.session, window.play.rig
        self._models = [*sorted(paths.factory_models().glob("*.vamodel")), *models]
        self._responses = write_responses(folder / "responses")
        self._dataset, self._folder = dataset, folder
        self._random = random.Random(1)
        self._begun, self._is_chord, self._saved = time.monotonic(), False, 0
        self._log = (folder / "actions.jsonl").open("w", encoding="utf-8")
        self._recording = Recording(self._session.studio.player, folder / "evening.wav")
        self._stepping = self._timer(round(1000 * STEP_SECONDS), self._step)
        self._turning = self._timer(TURN_MILLISECONDS, self._turn)

    def _timer(self, milliseconds: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(act)
        timer.start(milliseconds)
        return timer

    def finish(self) -> TakeReport:
        """End it; return what the recorder says."""
        self._stepping.stop()
        self._turning.stop()
        self._log.close()
        self._window.training.close()
        return self._recording.stop()

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._begun

    # --- what is done ---------------------------------------------------------------------------------

    def _step(self) -> None:
        """Do one thing and note it."""
        is_chord = self._seconds % (2 * CHORD_SECONDS) < CHORD_SECONDS
        if is_chord != self._is_chord:
            self._is_chord = is_chord
            self._note("source", self._change_source)
        elif self._saved < PRESETS:
            self._note("save", self._save)
        elif self._dataset is not None and self._seconds > TRAIN_AFTER_SECONDS:
            self._note("train", self._train)
        else:
            name, act = self._random.choice(self._acts())
            self._note(name, act)

    def _note(self, name: str, act: Callable[[], Any]) -> None:
        record = {"at": self._recording.seconds, "act": name, "chord": self._is_chord}
        self._log.write(json.dumps(record) + "\n")
        self._log.flush()
        act()

    def _acts(self) -> list[tuple[str, Callable[[], Any]]]:
        presets, state = self._window.play.presets, self._rig.state
        return [
            ("next preset", lambda: presets.step(1)),
            ("preset before", lambda: presets.step(-1)),
            ("open model", lambda: self._session.open_any(self._random.choice(self._models))),
            ("load response", self._load_response),
            ("memory A, B", lambda: self._rig.select("b" if self._rig.slot == "a" else "a")),
            ("gate switch", lambda: self._rig.set(gate_on=not state.gate_on)),
            ("model switch", lambda: self._rig.set(model_on=not state.model_on)),
            ("tone switch", lambda: self._rig.set(tone_on=not state.tone_on)),
            ("tone kind", self._change_tone),
            ("cabinet switch", lambda: self._rig.set(cabinet_on=not state.cabinet_on)),
            ("mix", lambda: self._rig.set(mix=0.5 if state.mix == 1.0 else 1.0)),
            ("level", lambda: self._rig.set(output_db=self._random.uniform(-12.0, 0.0))),
            ("clean, model", self._change_monitor),
            ("knob far", self._jump),
            ("page", lambda: self._window.show_page(self._random.choice(_PAGES))),
        ]

    def _change_source(self) -> None:
        if self._is_chord:
            self._session.use_loop(chord(), None, STANDARD_RATE, "Chord")
        else:
            self._session.use_demo_phrase()

    def _save(self) -> None:
        """A preset of whatever comes out of the hat."""
        self._saved += 1
        self._session.open_any(self._models[self._saved % len(self._models)])
        self._load_response()
        self._rig.set(
            gate_on=self._random.random() < 0.5, gate=Gate(threshold_db=-70.0),
            tone_on=self._random.random() < 0.5, cabinet_on=self._random.random() < 0.7,
            output_db=self._random.uniform(-12.0, -3.0),
        )  # fmt: skip
        number = self._saved
        QTimer.singleShot(1000, self, lambda: self._window.play.presets.save(f"Evening {number}"))

    def _load_response(self) -> None:
        response = self._random.choice(self._responses)
        self._rig.load_response(response, "first" if self._random.random() < 0.5 else "second")

    def _change_tone(self) -> None:
        tone = self._rig.state.tone
        self._rig.set(tone_on=True, tone=replace(tone, kind="stack" if tone.kind == "bands" else "bands"))

    def _change_monitor(self) -> None:
        self._session.set_monitor("clean" if self._session.monitor == "model" else "model")

    def _jump(self) -> None:
        model = self._session.studio.model
        if model is not None and model.knobs:
            knob = self._random.choice(model.knobs)
            self._session.set_knob(knob.name, knob.denormalised(self._random.random()))

    def _turn(self) -> None:
        """Every knob up and down, unless the chord is to stand still."""
        model = self._session.studio.model
        if self._is_chord or model is None:
            return
        phase = 2 * math.pi * self._seconds / SWEEP_SECONDS
        self._session.set_knobs({
            knob.name: knob.denormalised(0.5 + 0.5 * math.sin(phase * (index + 1)))
            for index, knob in enumerate(model.knobs)
        })  # fmt: skip

    def _train(self) -> None:
        assert self._dataset is not None
        request = TrainingRequest(
            self._dataset, self._folder / "evening.vamodel", configured(minutes=10.0, threads=1)
        )
        self._dataset = None
        self._window.training.start(request)
