"""Recordings made elsewhere: one for every position, or all in one; NAM's standard input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.capture.material import GAIN, RATE, plan, session_in, signal
from vastudio.audio import io
from vastudio.capture.nam_input import NamInput, recognised
from vastudio.capture.plan import Position
from vastudio.capture.plan_file import CapturePlan, StimulusChoice
from vastudio.capture.record import capturing
from vastudio.capture.source import Request, Source, build_source
from vastudio.capture.sources.files import laid_out
from vastudio.errors import CaptureError
from vastudio.types import Audio

LATE = 123
NAMES = {
    "number": "take 0{place}.wav",
    "values": "gain={gain:g}.flac",
}


def amp(audio: Audio, gain: float) -> Audio:
    """A soft clipper behind converters."""
    late = np.concatenate([np.zeros(LATE, np.float32), audio])[: audio.size]
    return (0.9 * np.tanh((0.5 + gain) * late)).astype(np.float32)


def files(path: Path, **options: float) -> Source:
    return build_source("files", Request((GAIN,), {"recordings": str(path), **options}))


def check(tmp_path: Path, planned: CapturePlan, source: Source) -> None:
    """Record and compare with what the device does."""
    session = session_in(tmp_path / "amp", source, planned)
    assert len(list(capturing(session, source))) == 7
    for capture in session.dataset().captures():
        clean, target = session.dataset().read_clip(capture.clips[0])
        assert capture.clips[0].delay_samples == pytest.approx(LATE, abs=0.1)
        assert np.abs(target - 0.9 * np.tanh((0.5 + capture.knobs["gain"]) * clean)).max() < 0.02


@pytest.mark.parametrize("naming", NAMES)
def test_a_file_for_every_position(tmp_path: Path, naming: str) -> None:
    planned, folder = plan(tmp_path), tmp_path / "takes"
    for place, position in enumerate(planned.positions, 1):
        gain = position.values["gain"]
        path = folder / NAMES[naming].format(place=place, gain=gain)
        io.write(path, amp(signal(), gain), RATE, "PCM_24")
    check(tmp_path, planned, files(folder))


def test_one_long_recording(tmp_path: Path) -> None:
    planned = plan(tmp_path)
    played = laid_out((signal() for _ in planned.positions), 0.5, RATE)
    stride = signal().size + RATE // 2
    gains = np.array([position.values["gain"] for position in planned.positions])
    where = np.clip((np.arange(played.size) - 1000) // stride, 0, 2)  # turned in the pause
    late = np.concatenate([np.zeros(LATE, np.float32), played])[: played.size]
    io.write(tmp_path / "long.wav", (0.9 * np.tanh((0.5 + gains[where]) * late)).astype(np.float32), RATE)
    check(tmp_path, planned, files(tmp_path / "long.wav", pause=0.5))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "takes"
    io.write(folder / "01.wav", signal(), RATE)
    io.write(folder / "gain=2.wav", signal()[:9000], RATE)
    io.write(folder / "gain=3.wav", signal(), 44_100)
    io.write(folder / "x 05.wav", signal(), RATE)
    io.write(folder / "y 05.wav", signal(), RATE)
    (folder / "06.wav").write_text("not audio")
    source = files(folder)
    source.open()
    assert source.record(signal(), {"gain": 0.0}, 0).audio.size == signal().size
    for gain, place, words in (
        (1.0, 3, r"no recording of position 4.*004\.wav or gain=1\.wav"),
        (2.0, 3, "ends 0.4 s before position 4"),
        (3.0, 3, "44100 Hz"),
        (1.0, 4, "more than one recording"),
        (1.0, 5, "not an audio file"),
    ):
        with pytest.raises(CaptureError, match=words):
            source.record(signal(), {"gain": gain}, place)
    with pytest.raises(CaptureError, match="no recordings at"):
        files(tmp_path / "none").open()


def nam_like(version: int, seconds: int = 60) -> Audio:
    """A file with the standard input's layout, and noise in place of its music."""
    random = np.random.default_rng(0)
    x = random.uniform(-0.3, 0.3, seconds * RATE).astype(np.float32)
    validation = x[: 9 * RATE].copy()
    if version == 3:
        x[9 * RATE : 12 * RATE] = 0.0
        x[[504_000, 552_000]] = 0.9
        x[-9 * RATE :] = validation
        return x
    x[: 2 * RATE], x[-2 * RATE :] = 0.0, 0.0
    x[-20 * RATE : -11 * RATE] = x[-11 * RATE : -2 * RATE] = validation
    x[[24_000, 72_000, x.size - 72_000, x.size - 24_000]] = 0.9
    return x


def test_of_the_standard_input_no_part_is_used_twice(tmp_path: Path) -> None:
    x = nam_like(3, 40)
    io.write(tmp_path / "input.wav", x, RATE, "PCM_24")
    io.write(tmp_path / "takes" / "1.wav", amp(x, 5.0), RATE)
    planned = CapturePlan((), (Position({}, "train"),), StimulusChoice(file=tmp_path / "input.wav"))
    source = build_source("files", Request((), {"recordings": str(tmp_path / "takes")}))
    session = session_in(tmp_path / "amp", source, planned)
    list(capturing(session, source))
    train, held_out = session.dataset().captures()
    assert train.clips[0].input_start == 480_000
    assert held_out.split == "validation"
    last = held_out.clips[0].input_start
    assert last >= train.clips[0].input_start + train.clips[0].frames
    clean, target = session.dataset().read_clip(train.clips[0])
    assert np.abs(target - 0.9 * np.tanh(5.5 * clean)).max() < 0.05
    assert [finding.code for finding in session.manifest.findings] == ["nam_input", "delay"]


def test_the_standard_input_is_recognised_by_its_layout() -> None:
    assert recognised(nam_like(3), RATE) == NamInput(3, 480_000, 60 * RATE)
    assert recognised(nam_like(2), RATE) == NamInput(2, 96_000, 49 * RATE)
    changed = nam_like(3)
    changed[5] += 0.01
    for other in (changed, signal(), np.zeros(60 * RATE, np.float32)):
        assert recognised(other, RATE) is None
    assert recognised(nam_like(3), 44_100) is None
