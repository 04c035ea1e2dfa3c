"""The studio without a window: settings, the open model and dataset, the knobs, the player.

Activities: one thread (the window's, or a test's) calls these methods; none of them blocks for more than
it takes to start an audio device. Reading a model (`read_model`), rendering and measuring belong into
workers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vastudio import paths
from vastudio.app import library, settings
from vastudio.app.library.sizes import chosen_size
from vastudio.app.looping import PreparedLoop, prepare_loop
from vastudio.app.loudness_match import Loop
from vastudio.app.memory import return_large_blocks
from vastudio.audio import io
from vastudio.audio.envelope import Pyramid
from vastudio.audio.resample import resample
from vastudio.dataset.store import Dataset
from vastudio.engine.devices import DeviceChoice
from vastudio.engine.graph import PlayableModel
from vastudio.engine.stream import Player
from vastudio.errors import AudioFileError, StudioError
from vastudio.modelfile import reading
from vastudio.modelfile.schema import ModelFile
from vastudio.types import Audio, Knob, KnobValues

DEMO_PHRASE = "riff.flac"


@dataclass(frozen=True)
class OpenedModel:
    """A model file that was read, checked and made ready to play; `size`: which of several, 0..1."""

    path: Path
    model: ModelFile
    playable: PlayableModel
    size: float = reading.LARGEST_SIZE


def read_model(path: Path, size: float | None = None) -> OpenedModel:
    """Read a model and compile what plays it: on any thread, may take a second.

    `size` chooses among several that a file holds, 0..1; None: the one chosen in the library, else the
    largest. Raises ModelFileError.
    """
    size = chosen_size(path) if size is None else size
    model = reading.load(path, size)
    playable = PlayableModel.from_file(model)
    playable.voice({}).prewarm()
    _ = playable.has_dc  # measured here rather than by whoever plays it
    return OpenedModel(path, model, playable, size)


class Studio:
    """Everything that is open, and the player that makes it sound."""

    def __init__(self) -> None:
        return_large_blocks()
        self.settings = settings.load()
        self.player = Player(self.settings.audio.sample_rate)
        self.model: ModelFile | None = None
        self.playable: PlayableModel | None = None
        self.model_path: Path | None = None
        self.model_size = reading.LARGEST_SIZE
        self.knob_values: dict[str, float] = {}
        self.dataset: Dataset | None = None
        self.audio_problem = ""
        self.clean: Audio | None = None
        self.target: Audio | None = None
        self.outline: Pyramid | None = None
        self.excerpt: tuple[float, float] | None = None

    # --- start and end --------------------------------------------------------------------------------

    def start(self) -> None:
        """Open what was open last time (the first factory model at first), the demo phrase, and the audio."""
        self._open_last_model()
        self._open_last_dataset()
        self.use_demo_phrase()
        self.start_audio()

    def start_audio(self) -> None:
        """Open the chosen device; without one the silent clock runs and `audio_problem` says why."""
        chosen = self.settings.audio
        self.audio_problem = self.player.open(
            DeviceChoice(
                chosen.host_api,
                chosen.device,
                chosen.sample_rate,
                chosen.block,
                chosen.input_channel,
                chosen.output_channel,
                chosen.outputs,
            )
        )

    def close(self) -> None:
        """Stop the audio and write the settings."""
        self.player.close()
        self.save_settings()

    def save_settings(self, **changes: Any) -> None:
        """Change settings and write them; a folder that cannot be written loses only the memory of them."""
        self.settings = dataclasses.replace(self.settings, **changes)
        try:
            settings.save(self.settings)
        except StudioError:
            return

    # --- model and knobs ------------------------------------------------------------------------------

    def models(self) -> list[library.ModelEntry]:
        """The models to choose from."""
        return library.models()

    def open_model(self, path: Path) -> ModelFile:
        """Load a model into the player, its knobs at their defaults. Raises ModelFileError."""
        return self.use_model(read_model(path))

    def use_model(
        self, opened: OpenedModel, *, knobs: KnobValues | None = None, remember: bool = True
    ) -> ModelFile:
        """Play through a model that was read.

        Parameters
        ----------
        knobs:
            Where its knobs stand from the first sample on; those it does not have are left out, those that
            are not given stand at their defaults.
        remember:
            Whether the studio opens it the next time.

        Raises
        ------
        ModelFileError
            When the model was made at another sample rate and cannot be resampled.
        """
        model = opened.model
        values = {knob.name: _on_dial(knob, (knobs or {}).get(knob.name)) for knob in model.knobs}
        self.player.load_model(_resting_at(opened.playable, values))
        self.model, self.playable, self.model_path = model, opened.playable, opened.path
        self.model_size = opened.size
        self.knob_values = values
        if remember:
            self.save_settings(last_model=str(opened.path))
        return model

    def set_knob(self, name: str, value: float) -> None:
        """Turn a knob of the open model. Raises KnobError."""
        self.set_knobs({**self.knob_values, name: value})

    def set_knobs(self, values: KnobValues) -> None:
        """Turn several knobs at once. Raises KnobError; the knobs then stay where they were."""
        self.player.set_knobs(values)
        self.knob_values = {**self.knob_values, **values}

    # --- dataset --------------------------------------------------------------------------------------

    def datasets(self) -> list[Path]:
        """Dataset folders to choose from."""
        return library.datasets(self.settings.known_datasets)

    def open_dataset(self, path: Path) -> Dataset:
        """Open a dataset folder and remember it. Raises DatasetError."""
        dataset = Dataset.open(path)
        self.dataset = dataset
        known = dict.fromkeys((*self.settings.known_datasets, str(path)))
        self.save_settings(last_dataset=str(path), known_datasets=tuple(known))
        return dataset

    # --- what is heard --------------------------------------------------------------------------------

    def use_demo_phrase(self) -> None:
        """Loop the bundled phrase, which has no target."""
        try:
            clean, rate = io.read(paths.resources() / "audio" / DEMO_PHRASE)
        except AudioFileError:
            return
        self.use_loop(clean, None, rate)

    def use_loop(self, clean: Audio, target: Audio | None, rate: int) -> None:
        """Loop a clean signal, with the target recorded from it where there is one.

        Minutes of audio take a second: have a worker `prepare_loop`, and take it over with `use_prepared`.
        """
        self.use_prepared(prepare_loop(clean, target, rate, self.player.sample_rate))

    def use_prepared(self, loop: PreparedLoop) -> None:
        """Loop what was made ready for the player's rate."""
        self.clean, self.target, self.outline = loop.clean, loop.target, loop.outline
        self.excerpt = None
        self.player.set_loop(self.clean, self.target)

    def set_excerpt(self, excerpt: tuple[float, float] | None) -> None:
        """Loop only the stretch from start to stop, in seconds; None: the whole. Nothing is rendered anew."""
        if self.clean is None:
            return
        self.excerpt = excerpt
        self.player.set_stretch(*self._stretch)

    @property
    def _stretch(self) -> tuple[int, int]:
        """The frames that go round."""
        frames = 0 if self.clean is None else self.clean.size
        if self.excerpt is None:
            return 0, frames
        start, stop = (round(second * self.player.sample_rate) for second in self.excerpt)
        start = min(max(start, 0), max(frames - 1, 0))
        return start, min(max(stop, start + 1), frames)

    @property
    def loop(self) -> Loop | None:
        """What is looped, for measuring its loudness; None where there is no model or nothing to loop."""
        if self.clean is None or not self.clean.size or self.playable is None:
            return None
        start, stop = self._stretch
        rate, values = self.player.sample_rate, dict(self.knob_values)
        model = self.player.as_played(self.playable)
        return Loop(self.clean, self.target, rate, start, stop, model, values, self.player.shaping)

    # --- blind tests ----------------------------------------------------------------------------------

    def begin_listening(self, sounds: Sequence[Audio], rate: int) -> None:
        """Play prepared sounds (frames,) of one length, the first at first, instead of all else.

        Raises ValueError for none, more than 16, and different lengths.
        """
        to = self.player.sample_rate
        self.player.set_bank([resample(sound, rate, to) for sound in sounds])

    def end_listening(self) -> None:
        """Play again what was played before, from where it stood."""
        self.player.leave_bank()

    # --- memory ---------------------------------------------------------------------------------------

    def _open_last_model(self) -> None:
        candidates = [Path(self.settings.last_model)] if self.settings.last_model else []
        candidates += [entry.path for entry in library.models()]
        for path in candidates:
            try:
                self.open_model(path)
                return
            except StudioError:
                continue

    def _open_last_dataset(self) -> None:
        if self.settings.last_dataset:
            try:
                self.open_dataset(Path(self.settings.last_dataset))
            except StudioError:
                return


def _on_dial(knob: Knob, value: float | None) -> float:
    return knob.default if value is None else min(max(value, knob.minimum), knob.maximum)


def _resting_at(playable: PlayableModel, values: KnobValues) -> PlayableModel:
    """The same model with its defaults at `values`: a player begins there, instead of gliding there.

    The model itself where they are there anyway: it keeps what was measured of it.
    """
    if all(knob.default == values[knob.name] for knob in playable.knobs):
        return playable
    knobs = tuple(dataclasses.replace(knob, default=values[knob.name]) for knob in playable.knobs)
    return dataclasses.replace(playable, knobs=knobs)
