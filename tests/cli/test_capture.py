"""`vastudio capture` as a person or a script runs it, and everything that can end it half-way."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.capture.material import command_line, plan
from vastudio import cli
from vastudio.capture.plan_file import write_plan
from vastudio.capture.session import Session
from vastudio.capture.sources.command import CommandKind
from vastudio.dataset.store import Dataset

PATIENCE_SECONDS = 60.0
SAFE = "takes are safe in"


class Bench:
    """A folder with a plan and a program to record; `slow` seconds pass in the program for every take."""

    def __init__(self, folder: Path, slow: float = 0.0) -> None:
        self.folder = folder
        self.out = folder / "amp"
        self.plan = folder / "plan.toml"
        write_plan(plan(folder), self.plan)
        self.line = command_line(folder, str(slow))

    @property
    def arguments(self) -> list[str]:
        return [str(self.plan), "--source", "command", "--command", self.line, "--out", str(self.out)]

    def start(self, *wrapper: str) -> subprocess.Popen[str]:
        """The command in a process of its own, run by `wrapper` where there is one."""
        return subprocess.Popen(
            [*wrapper, sys.executable, "-m", "vastudio", "capture", *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill_after_next_take(self, delay: float) -> None:
        """Run the command, and kill it `delay` seconds after it has written a take."""
        before, process = len(take_files(self.out)), self.start()
        wait_for(lambda: len(take_files(self.out)) > before or process.poll() is not None)
        time.sleep(delay)
        process.kill()
        process.communicate()

    def finish(self) -> None:
        """Run the same command again and check that every take is there, and as it should be."""
        assert cli.run(["capture", *self.arguments]) == 0
        dataset = Dataset.open(self.out)
        assert [capture.knobs["gain"] for capture in dataset.captures()] == [0.0, 5.0, 10.0]
        for capture in dataset.captures():
            clean, target = dataset.read_clip(capture.clips[0])
            np.testing.assert_allclose(target, np.tanh((0.5 + capture.knobs["gain"]) * clean), atol=1e-6)
        assert not [path.name for path in self.out.rglob(".*") if path.name != ".lock"]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def result(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert cli.run(["capture", *arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert cli.run(["capture", *arguments]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def take_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "audio").glob("take-*"))


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.005)


def test_a_plan_is_recorded_and_nothing_is_recorded_twice(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    first = result(capsys, *bench.arguments)
    assert (first["accepted"], first["open"], first["device"]) == (3, 0, "clipper")
    assert [position["split"] for position in first["positions"]] == ["train", "train", "validation"]
    before = {path: path.stat().st_mtime_ns for path in (bench.out / "audio").iterdir()}
    assert result(capsys, *bench.arguments) == first
    assert {path: path.stat().st_mtime_ns for path in (bench.out / "audio").iterdir()} == before
    bench.finish()


def test_going_on_needs_only_the_folder(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    result(capsys, *bench.arguments)
    more = result(
        capsys, "--out", str(bench.out), "--position", "gain=2.5", "--position", "gain=7:validation"
    )
    assert [(position["knobs"]["gain"], position["split"]) for position in more["positions"][3:]] == [
        (2.5, "train"),
        (7.0, "validation"),
    ]
    again = result(capsys, "--out", str(bench.out), "--retake", "1", "--retake", "3", "--send-dbu", "12.5")
    assert Dataset.open(bench.out).manifest.send_dbu == 12.5
    assert [position["attempts"] for position in again["positions"]] == [2, 1, 2, 1, 1]
    assert take_files(bench.out)[:2] == ["take-000-0.wav", "take-000-1.wav"]


def test_a_longer_plan_adds_to_the_session(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    result(capsys, *bench.arguments)
    write_plan(plan(bench.folder, (0.0, 5.0, 10.0, 1.0)), bench.plan)
    assert "another plan" in refused(capsys, *bench.arguments)
    text = bench.plan.read_text()
    assert text.count("[[positions]]") == 4
    write_plan(plan(bench.folder), bench.plan)
    bench.plan.write_text(bench.plan.read_text() + "\n[[positions]]\nknobs = { gain = 1.0 }\n")
    assert result(capsys, *bench.arguments)["accepted"] == 4


def test_what_does_not_fit_is_refused(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        ([], "no place for the takes"),
        (["--out", str(bench.folder / "none")], "no capture session yet"),
        ([str(bench.plan), "--source", "command", "--out", str(bench.out)], "needs --command"),
        ([str(bench.plan), "--source", "virtual", "--out", str(bench.folder)], "exists"),
        (["--knobs"], "No source"),
    ):
        assert words in refused(capsys, *arguments)
    result(capsys, *bench.arguments)
    for extra, words in (
        (["--source", "virtual"], "records from 'command'"),
        (["--rate", "44100"], "at 48000 Hz"),
        (["--position", "bass=3"], "no knob 'bass'"),
        (["--position", "gain=3:test"], "neither"),
        (["--retake", "9"], "no position 9"),
    ):
        assert words in refused(capsys, "--out", str(bench.out), *extra)


def test_knobs_of_a_source_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    names = [knob["name"] for knob in result(capsys, "--source", "virtual", "--knobs")["knobs"]]
    assert names == ["gain", "tone"]


def test_what_to_play_elsewhere_comes_back_as_files(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    played, recorded = bench.folder / "played.wav", bench.folder / "recorded.wav"
    written = result(capsys, str(bench.plan), "--export", str(played), "--pause", "0.5")
    audio, rate = soundfile.read(played, dtype="float32")
    assert audio.size / rate == written["seconds"] == 4 * 0.5 + 3 * 0.6
    soundfile.write(recorded, np.tanh(2.0 * audio), rate, subtype="FLOAT")
    made = result(
        capsys, str(bench.plan), "--source", "files", "--recordings", str(recorded), "--pause", "0.5",
        "--out", str(bench.out),
    )  # fmt: skip
    assert made["accepted"] == 3
    for capture in Dataset.open(bench.out).captures():
        clean, target = Dataset.open(bench.out).read_clip(capture.clips[0])
        np.testing.assert_allclose(target, np.tanh(2.0 * clean), atol=1e-5)


def test_a_failing_program_stops_with_its_words_and_can_be_mended(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    script = bench.folder / "amplify.py"
    whole = script.read_text()
    script.write_text(f"{whole}\nif float(gain) > 4: sys.exit('valve 2 is gone')\n")
    assert cli.run(["capture", *bench.arguments, "--details"]) == 2
    said = capsys.readouterr().err
    assert "exit status 1" in said
    assert "valve 2 is gone" in said
    assert f"1 of 3 {SAFE}" in said
    script.write_text(whole)
    bench.finish()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_killed_during_a_take_only_that_take_is_lost(tmp_path: Path, how: signal.Signals) -> None:
    bench = Bench(tmp_path, slow=0.5)
    process = bench.start()
    wait_for((bench.out / "manifest.json").exists)
    time.sleep(0.3)
    process.send_signal(how)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert f"1 of 3 {SAFE}" in said
        assert "Traceback" not in said
    with Session.open(bench.out) as session:
        assert session.state.slots[0].status == "accepted"
        assert len(session.dataset().captures()) >= 1
    bench.finish()


def test_killed_at_many_moments(tmp_path: Path) -> None:
    """Wherever it ends, every take that has a name is whole and kept, and the same command goes on."""
    bench = Bench(tmp_path)
    for delay in (0.0, 0.05, 0.2):
        bench.kill_after_next_take(delay)
        stored = take_files(bench.out)
        with Session.open(bench.out) as session:
            assert session.state.count("accepted") == len(stored)
    bench.finish()


def test_a_full_disk_is_named_and_costs_one_take(bench: Bench) -> None:
    """The limit lies between the size of the first files and that of a take with a long tail."""
    bench.line = command_line(bench.folder).replace("amplify.py", "tail.py")
    script = (bench.folder / "amplify.py").read_text()
    longer = "numpy.concatenate([audio, numpy.zeros(100_000 if float(gain) > 4 else 0)])"
    (bench.folder / "tail.py").write_text(script.replace("* audio)", f"* {longer})"))
    limit = 400_000
    process = bench.start("sh", "-c", f"trap '' XFSZ; ulimit -f {limit // 512}; exec \"$@\"", "sh")
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2, said
    assert f"1 of 3 {SAFE}" in said
    assert take_files(bench.out) == ["take-000-0.wav"]
    assert len(Dataset.open(bench.out).captures()) >= 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A file system of 400 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if os.name != "posix" or os.geteuid() != 0 or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("a small file system needs the right to mount one")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_is_gone_on_with_when_there_is_room(
    bench: Bench, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.out = small_disk / "amp"
    assert cli.run(["capture", *bench.arguments]) == 2
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "the disk has 0 MB left" in said
    assert f"2 of 3 {SAFE}" in said
    assert len(Dataset.open(bench.out).captures()) == 2
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    bench.finish()


def test_a_person_is_asked_before_every_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hardware source asks; here the program takes its place behind the desk."""
    bench = Bench(tmp_path)
    build = CommandKind.build
    monkeypatch.setattr(
        CommandKind, "build", lambda kind, request: replace(build(kind, request), needs_hands=True)
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO("\ns\nq\n"))
    assert cli.run(["capture", *bench.arguments]) == 130
    said = capsys.readouterr().err
    assert said.count("Enter records") == 3
    assert [line for line in ("set gain 0", "set gain 5", "set gain 10") if line not in said] == []
    with Session.open(bench.out) as session:
        assert [slot.status for slot in session.state.slots] == ["accepted", "skipped", "open"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert cli.run(["capture", *bench.arguments]) == 130, "nobody is there"
    done = result(capsys, *bench.arguments, "--yes")
    assert [done[status] for status in ("accepted", "skipped", "open")] == [2, 1, 0]
