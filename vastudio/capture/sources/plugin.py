"""A VST3 plug-in: its parameters are the knobs, and nobody needs to touch anything.

The plug-in lives in a process of its own (`capture.plugin_host`), started with an interpreter that has the
package `pedalboard`: a plug-in that crashes or hangs costs a take, and the package's licence stays there.
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vastudio.audio.io import Subtype
from vastudio.capture import source as contract
from vastudio.capture.source import OnProgress, Option, Recording, Request, ignore_progress
from vastudio.errors import CaptureError
from vastudio.types import STANDARD_RATE, Audio, Knob, KnobValues, knob_vector

LEAD_SECONDS = 0.5
"""Silence before the signal, in which a plug-in glides to its new values."""

_HOST = Path(contract.__file__).with_name("plugin_host.py")
_LOOK_SECONDS = 0.05
_TAIL_CHARACTERS = 2000


class PluginSource:
    """A plug-in in its process. `open` starts it; after a crash the next take starts it again."""

    needs_hands = False
    coding: Subtype = "FLOAT"

    def __init__(self, options: Mapping[str, Any], device: str) -> None:
        self.sample_rate = int(options["rate"])
        self.lead = round(LEAD_SECONDS * self.sample_rate)
        self._options = options
        self._device = device
        self._host: _Host | None = None
        self._knobs: tuple[Knob, ...] | None = None
        self._turned: set[str] = set()

    @property
    def name(self) -> str:
        """The device's name, else that of the plug-in's file."""
        return self._device or Path(self._options["plugin"]).stem

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The plug-in's parameters. Raises CaptureError where it cannot be loaded."""
        if self._knobs is None:
            self._started()
        assert self._knobs is not None
        return self._knobs

    def open(self) -> None:
        """Load the plug-in. Raises CaptureError when that fails; the details are its own words."""
        self._started()

    def close(self) -> None:
        """End the process."""
        host, self._host = self._host, None
        if host is not None:
            host.end()

    def record(
        self,
        signal: Audio,
        values: KnobValues,
        place: int = 0,
        on_progress: OnProgress = ignore_progress,
    ) -> Recording:
        """Render `signal`.

        Raises
        ------
        KnobError
            When a knob is unknown or outside its dial.
        CaptureError
            When the plug-in refuses, crashes, hangs, or makes sounds that are not numbers.
        """
        knob_vector(self.knobs, values)
        host = self._started()
        self._turned |= set(values)
        turned = {
            knob.name: float(values.get(knob.name, knob.default))
            for knob in self.knobs
            if knob.name in self._turned
        }
        with tempfile.TemporaryDirectory(prefix="vastudio-") as scratch:
            given, made = Path(scratch) / "input.npy", Path(scratch) / "output.npy"
            np.save(given, np.concatenate([np.zeros(self.lead, np.float32), signal]))
            request = {
                "do": "render",
                "input": str(given),
                "output": str(made),
                "rate": self.sample_rate,
                "values": turned,
            }
            try:
                host.ask(request, on_progress)
                audio: Audio = np.load(made)
            except BaseException:
                self.close()
                raise
        if not np.isfinite(audio).all():
            raise CaptureError(f"'{self.name}' makes sounds that are not numbers.", "Try other knob values.")
        return Recording(audio)

    def _started(self) -> _Host:
        if self._host is None:
            host = _Host(self._options["python"], self.name, float(self._options["timeout"]))
            opening = {"do": "open", "path": self._options["plugin"], "name": self._options["plugin_name"]}
            try:
                answer = host.ask(opening, ignore_progress)
            except BaseException:
                host.end()
                raise
            self._host = host
            self._knobs = self._knobs or tuple(_knob(record) for record in answer["parameters"])
        return self._host


class _Host:
    """The process, asked one thing at a time; a thread reads its answers so that waiting can end."""

    def __init__(self, python: str, name: str, timeout: float) -> None:
        self._name, self._timeout = name, timeout
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        try:
            self._process = subprocess.Popen(
                [python or sys.executable, str(_HOST)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            self._said.close()
            raise CaptureError(
                f"'{python}' cannot be started: {error.strerror or error}.", "Choose it with --python."
            ) from error
        self._reader = threading.Thread(target=self._read, name="plug-in's answers", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def ask(self, request: Mapping[str, Any], on_progress: OnProgress) -> dict[str, Any]:
        """Return the answer. Raises CaptureError when there is none in time, or it is an error."""
        line = self._answer(request, on_progress)
        if not line:
            status = self._process.wait()
            raise CaptureError(
                f"The plug-in '{self._name}' crashed (exit status {status}).",
                "The takes so far are safe; try again, or other knob values.",
                self._tail(),
            )
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            hint = "Check the values." if request["do"] == "render" else _loading_hint(answer["error"])
            raise CaptureError(f"The plug-in '{self._name}' refuses: {answer['error']}", hint, self._tail())
        return answer

    def _answer(self, request: Mapping[str, Any], on_progress: OnProgress) -> str:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:  # it has ended; so will its answers
            pass
        started = time.monotonic()
        while (passed := time.monotonic() - started) < self._timeout:
            on_progress(passed / self._timeout, 0.0)
            try:
                return self._answers.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
        raise CaptureError(
            f"The plug-in '{self._name}' has not answered for {self._timeout:g} s.",
            "It may wait for a click in a window of its own; or allow it more with --timeout.",
            self._tail(),
        )

    def end(self) -> None:
        """End the process, whatever state it is in."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not sent any more
                pipe.close()  # type: ignore[union-attr]
        self._said.close()

    def _tail(self) -> str:
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace")[-_TAIL_CHARACTERS:].strip()


def _loading_hint(error: str) -> str:
    if "pedalboard" in error:
        return "Install 'vastudio[plugins]', or name an interpreter that has pedalboard with --python."
    return "Check the path; a bundle with several plug-ins needs --plugin-name."


def _knob(record: Mapping[str, Any]) -> Knob:
    minimum, maximum = float(record["minimum"]), float(record["maximum"])
    return Knob(
        record["name"],
        record["label"],
        minimum,
        maximum,
        min(max(float(record["value"]), minimum), maximum),
        record["unit"],
        "switch" if record["is_switch"] else "continuous",
    )


class PluginKind:
    """A plug-in file and the interpreter that loads it."""

    title = "a VST3 plug-in, in a process of its own"
    options = (
        Option("plugin", "the plug-in's file or bundle, e.g. Amp.vst3", "", True),
        Option("plugin_name", "which one, where a bundle holds several"),
        Option("python", "an interpreter that has pedalboard (default: the studio's own)"),
        Option("rate", "sample rate in Hz (default 48000)", STANDARD_RATE),
        Option("timeout", "seconds that one take may take (default 600)", 600.0),
    )

    def build(self, request: Request) -> PluginSource:
        """Return the source; the plan's knobs are named after the plug-in's parameters."""
        if not Path(str(request.options["plugin"])).exists():
            raise CaptureError(f"There is no plug-in {request.options['plugin']}.", "Check the path.")
        return PluginSource(request.options, request.device)


KIND = PluginKind()
