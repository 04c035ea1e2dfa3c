"""Frames in blocks: nothing lost, nothing twice, and Welch's mean as scipy computes it."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from vastudio.audio import frames


def test_frames_are_views_of_what_fits() -> None:
    x = np.arange(10.0)
    found = frames.framed(x, 4, 3)
    np.testing.assert_array_equal(found, [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]])
    assert found.base is not None
    assert frames.framed(x[:9], 4, 3).shape == (2, 4)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 20_000])
def test_blocks_cover_every_frame_once_and_come_back_in_order(count: int) -> None:
    """20,000 frames of 2,048 samples are enough for several threads."""
    numbers = np.arange(float(count))
    long = np.broadcast_to(numbers[:, None], (count, 2048))
    parts = frames.map_blocks(lambda block: long[block, 0], long)
    np.testing.assert_array_equal(np.concatenate(parts), numbers)


def test_an_error_in_a_block_is_not_lost() -> None:
    long = np.broadcast_to(np.float32(0.0), (20_000, 2048))

    def work(block: slice) -> float:
        if block.start > 5_000:
            raise ZeroDivisionError
        return 0.0

    with pytest.raises(ZeroDivisionError):
        frames.map_blocks(work, long)


@pytest.mark.parametrize(("length", "size"), [(300_000, 256), (5_000, 4096), (4_096, 4096), (1_001, 999)])
@pytest.mark.parametrize("level", [False, True])
def test_mean_power_against_scipy(length: int, size: int, level: bool) -> None:
    x = np.random.default_rng(0).normal(0.3, 1.0, length)
    detrend = "constant" if level else False
    _, expected = scipy.signal.welch(
        x, nperseg=size, detrend=detrend, scaling="spectrum", return_onesided=False
    )
    scale = scipy.signal.get_window("hann", size).sum() ** 2
    np.testing.assert_allclose(
        frames.mean_power(x, size, level=level) / scale, expected[: size // 2 + 1], rtol=1e-9, atol=1e-18
    )
