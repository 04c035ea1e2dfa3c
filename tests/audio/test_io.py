"""Audio files: what can be read, and what is refused in one clear line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from vastudio.audio import io
from vastudio.errors import AudioFileError, OutputError
from vastudio.types import Audio

RATE = 44_100


def noise(frames: int = 1000) -> Audio:
    return (0.1 * np.random.default_rng(0).standard_normal(frames)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "FLOAT", 0.0),
        ("a.wav", "PCM_24", 2.0**-23),
        ("a.flac", "PCM_24", 2.0**-23),
        ("a.aiff", "FLOAT", 0.0),
    ],
)
def test_what_is_written_is_read_back(
    tmp_path: Path, name: str, subtype: io.Subtype, tolerance: float
) -> None:
    path = tmp_path / "new folder" / name
    io.write(path, noise(), RATE, subtype)
    audio, rate = io.read(path)
    assert rate == RATE
    assert audio.dtype == np.float32
    np.testing.assert_allclose(audio, noise(), atol=tolerance)
    assert io.probe(path).frames == 1000


def test_a_part_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    io.write(path, noise(), RATE)
    np.testing.assert_array_equal(io.read(path, 100, 50)[0], noise()[100:150])
    np.testing.assert_array_equal(io.read(path, 900, 500)[0], noise()[900:])
    with pytest.raises(AudioFileError, match="ends before frame 1000"):
        io.read(path, 1000)


def test_first_of_several_channels_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([noise(), -noise()], axis=1), RATE, subtype="FLOAT")
    np.testing.assert_array_equal(io.read(path)[0], noise())
    assert io.read_channels(path)[0].shape == (1000, 2)
    assert io.probe(path).channels == 2


def test_bad_files_are_refused_with_their_name_and_a_hint(tmp_path: Path) -> None:
    contents = {"empty.wav": b"", "text.wav": b"not audio at all\n" * 9, "headless.raw": b"\0" * 64}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    soundfile.write(tmp_path / "no samples.wav", np.zeros(0, np.float32), RATE)
    for name in (*contents, "no samples.wav", "missing.wav", "."):
        with pytest.raises(AudioFileError) as caught:
            io.read(tmp_path / name)
        assert str(tmp_path / name) in caught.value.message
        assert "\n" not in caught.value.message
        assert caught.value.hint


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    audio = noise()
    audio[321] = bad
    soundfile.write(tmp_path / "bad.wav", audio, RATE, subtype="FLOAT")
    with pytest.raises(AudioFileError, match="first frame 321"):
        io.read(tmp_path / "bad.wav")
    with pytest.raises(AudioFileError, match="first frame 321"):
        io.read(tmp_path / "bad.wav", 300, 100)


def test_unsuitable_names_are_not_written(tmp_path: Path) -> None:
    for name in ("a.txt", "a.flac"):
        with pytest.raises(OutputError):
            io.write(tmp_path / name, noise(), RATE, "FLOAT")
    assert not list(tmp_path.iterdir())
