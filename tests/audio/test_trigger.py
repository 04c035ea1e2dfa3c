"""A wave stands still from picture to picture."""

from __future__ import annotations

import numpy as np

from vastudio.audio.trigger import trigger


def test_a_steady_wave_begins_at_the_same_phase_every_time() -> None:
    """A strong second partial crosses 0 twice in a period; only one of them counts."""
    at = np.arange(20_000) / 48_000
    wave = np.sin(2 * np.pi * 110 * at) + 0.9 * np.sin(2 * np.pi * 220 * at + 0.5)
    pictures = []
    for shift in range(0, 4_000, 317):
        audio = wave[shift : shift + 4_096].astype(np.float32)
        begin = trigger(audio, 960)
        assert 0 <= begin <= 4_096 - 960
        pictures.append(audio[begin : begin + 960])
    assert max(float(np.abs(picture - pictures[0]).max()) for picture in pictures) < 0.1


def test_what_never_rises_begins_at_the_end() -> None:
    for audio in (np.zeros(2_000), np.ones(2_000), -np.ones(2_000)):
        assert trigger(audio.astype(np.float32), 500) == 1_500
    assert trigger(np.zeros(100, np.float32), 500) == 0
