"""What every kind of source keeps to, found by discovery."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.capture.material import GAIN, command_line, signal
from vastudio.capture.source import Request, Source, build_source, source_kinds
from vastudio.errors import KnobError

WITHOUT_EQUIPMENT = ("command", "virtual")
OTHERS = ("files", "hardware", "plugin")


@pytest.fixture(params=WITHOUT_EQUIPMENT)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    requests = {
        "command": Request((GAIN,), {"command": command_line(tmp_path)}),
        "virtual": Request(),
    }
    return build_source(request.param, requests[request.param])


def test_every_kind_says_what_it_is_and_what_can_be_chosen() -> None:
    assert {*WITHOUT_EQUIPMENT, *OTHERS} <= set(source_kinds())
    for kind in source_kinds().values():
        assert kind.title
        names = [option.name for option in kind.options]
        assert len(set(names)) == len(names)
        assert all(option.help for option in kind.options)


def test_a_take_is_whole_and_repeats_itself(source: Source) -> None:
    source.open()
    played = signal()
    recorded = source.record(played, {knob.name: knob.maximum for knob in source.knobs})
    assert recorded.audio.ndim == 1
    assert recorded.audio.dtype == np.float32
    assert recorded.audio.size >= source.lead + played.size
    assert recorded.dropouts == 0
    resting = {knob.name: knob.default for knob in source.knobs}
    np.testing.assert_array_equal(source.record(played, {}).audio, source.record(played, resting).audio)
    with pytest.raises(KnobError):
        source.record(played, {"no such knob": 1.0})
    source.close()
    source.close()
