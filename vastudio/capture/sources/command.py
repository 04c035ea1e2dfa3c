"""Any program that turns a WAV into a WAV: a plug-in host, a circuit simulator, another model's renderer.

The command is one line with placeholders, split as a shell would split it, but no shell runs:
`lv2file -i {input} -o {output} -p DRIVE:{drive} URI`. `{drive}` is the knob's value; `{drive:.3f}` has it
formatted, `{drive:fraction}` is 0 to 1 over the dial.
"""

from __future__ import annotations

import os
import re
import shlex
import signal as signals
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vastudio.audio import io
from vastudio.audio.io import Subtype
from vastudio.audio.level import peak_db
from vastudio.capture.source import OnProgress, Option, Recording, Request, ignore_progress
from vastudio.dataset.checks import SILENCE_DB
from vastudio.errors import AudioFileError, CaptureError, KnobError, did_you_mean
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues, knob_vector

_PLACEHOLDER = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
_FRACTION = "fraction"
_FILES = ("input", "output")
_SHORTER_SECONDS = 0.1
_LOOK_SECONDS = 0.05
_TAIL_CHARACTERS = 2000


@dataclass(frozen=True)
class CommandSource:
    """A program to run for every take.

    Attributes
    ----------
    words:
        The command line, split, with its placeholders.
    timeout_seconds:
        How long one take may take.
    """

    name: str
    knobs: tuple[Knob, ...]
    sample_rate: int
    words: tuple[str, ...]
    timeout_seconds: float
    needs_hands: bool = False
    coding: Subtype = "FLOAT"
    lead: int = 0

    def open(self) -> None:
        """Nothing runs between takes."""

    def close(self) -> None:
        """Nothing runs between takes."""

    def record(
        self,
        signal: Audio,
        values: KnobValues,
        place: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> Recording:
        """Run the command on `signal` and return what it wrote.

        Raises
        ------
        KnobError
            When a knob is unknown or outside its dial.
        CaptureError
            When the program cannot be started, fails, takes too long, or writes no such recording.
        """
        with tempfile.TemporaryDirectory(prefix="vastudio-") as scratch:
            given, made = Path(scratch) / "input.wav", Path(scratch) / "output.wav"
            io.write(given, signal, self.sample_rate)
            words = self._filled(values, {"input": str(given), "output": str(made)})
            with tempfile.TemporaryFile() as said:
                self._run(words, said, on_progress)
                return Recording(self._read(made, signal, said))

    def _filled(self, values: KnobValues, files: Mapping[str, str]) -> list[str]:
        """The command's words with values in place of placeholders. Raises KnobError."""
        fractions = knob_vector(self.knobs, values)
        dials = {knob.name: float(values.get(knob.name, knob.default)) for knob in self.knobs}
        shares = {knob.name: float(share) for knob, share in zip(self.knobs, fractions, strict=True)}

        def fill(found: re.Match[str]) -> str:
            name, form = found.group(1), found.group(2)
            if name in files:
                return files[name]
            if form == _FRACTION:
                return f"{shares[name]:g}"
            return format(dials[name], form or "g")

        return [_PLACEHOLDER.sub(fill, word) for word in self.words]

    def _run(self, words: Sequence[str], said: IO[bytes], on_progress: OnProgress) -> None:
        """Run to the end, or kill the program with everything that it started."""
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        except OSError as error:
            raise CaptureError(
                f"'{words[0]}' cannot be started: {error.strerror or error}.",
                "Check the command's first word.",
                shlex.join(words),
            ) from error
        try:
            self._wait(process, words, said, on_progress)
        finally:
            _end(process)

    def _wait(
        self, process: subprocess.Popen[bytes], words: Sequence[str], said: IO[bytes], on_progress: OnProgress
    ) -> None:
        started = time.monotonic()
        while process.poll() is None:
            passed = time.monotonic() - started
            if passed > self.timeout_seconds:
                raise CaptureError(
                    f"'{words[0]}' has not ended after {self.timeout_seconds:g} s.",
                    "Allow it more with --timeout, or look what it waits for.",
                    _tail(words, said),
                )
            on_progress(passed / self.timeout_seconds, 0.0)
            time.sleep(_LOOK_SECONDS)
        if process.returncode != 0:
            raise CaptureError(
                f"'{words[0]}' failed with exit status {process.returncode}.",
                "Run it by hand with the values of this take.",
                _tail(words, said),
            )

    def _read(self, made: Path, signal: Audio, said: IO[bytes]) -> Audio:
        """What the program wrote. Raises CaptureError for anything that is no recording of `signal`."""
        program = self.words[0]
        if not made.is_file():
            raise CaptureError(
                f"'{program}' wrote no file.", "It must write to {output}.", _tail(self.words, said)
            )
        try:
            audio, rate = io.read(made)
        except AudioFileError as error:
            raise CaptureError(
                f"What '{program}' wrote cannot be used: {error.message}", error.hint, _tail(self.words, said)
            ) from error
        if rate != self.sample_rate:
            raise CaptureError(
                f"'{program}' wrote {rate} Hz, {self.sample_rate} Hz were given.",
                "Have it keep the rate, or capture at its rate with --rate.",
            )
        missing = (signal.size - audio.size) / rate
        if missing > _SHORTER_SECONDS:
            raise CaptureError(
                f"'{program}' left out the last {missing:.2f} s.", "It must render all of {input}."
            )
        if peak_db(audio) < SILENCE_DB <= peak_db(signal):
            raise CaptureError(
                f"'{program}' wrote silence.",
                "Check its options, e.g. a volume at zero.",
                _tail(self.words, said),
            )
        return audio


class CommandKind:
    """A program and its options."""

    title = "a program that turns a WAV into a WAV"
    options = (
        Option("command", "the command line, with {input}, {output} and {KNOB} for every knob", "", True),
        Option("rate", "sample rate in Hz (default 48000)", STANDARD_RATE),
        Option("timeout", "seconds that one take may take (default 600)", 600.0),
    )

    def build(self, request: Request) -> CommandSource:
        """Return the source; its knobs are the plan's. Raises CaptureError for a line that cannot work."""
        line = str(request.options["command"])
        try:
            words = tuple(shlex.split(line))
        except ValueError as error:
            raise CaptureError(f"The command cannot be read: {error}.", "Check its quotes.") from error
        _refuse_bad_placeholders(words, [knob.name for knob in request.knobs])
        rate, timeout = int(request.options["rate"]), float(request.options["timeout"])
        return CommandSource(request.device or Path(words[0]).name, request.knobs, rate, words, timeout)


KIND = CommandKind()


def _refuse_bad_placeholders(words: Sequence[str], knobs: Sequence[str]) -> None:
    """Every file and every knob has its place, and nothing else has one."""
    found = [match for word in words for match in _PLACEHOLDER.finditer(word)]
    names = [match.group(1) for match in found]
    for name in names:
        if name not in (*_FILES, *knobs):
            raise KnobError(f"The command names {{{name}}}.", did_you_mean(name, (*_FILES, *knobs)))
    for name in (*_FILES, *knobs):
        if name not in names:
            raise CaptureError(f"The command lacks {{{name}}}.", "Put it where the program expects it.")
    for match in found:
        try:
            format(0.5, "g" if match.group(2) in (None, _FRACTION) else match.group(2))
        except ValueError as error:
            raise CaptureError(
                f"'{match.group(0)}' is no placeholder.",
                "Write it like {gain}, {gain:.2f} or {gain:fraction}.",
            ) from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program, and what it started, unless it has ended."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signals.SIGKILL)
    process.wait()


def _tail(words: Sequence[str], said: IO[bytes]) -> str:
    """The command line and the end of what it printed."""
    said.seek(0)
    text = said.read().decode("utf-8", "replace")
    return f"{shlex.join(words)}\n{text[-_TAIL_CHARACTERS:]}".rstrip()
