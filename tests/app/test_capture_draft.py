"""A capture that was prepared, read again as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vastudio.app.capture_draft import KeptDraft, draft_file, forget_draft, keep_draft, kept_draft, what_waits
from vastudio.app.capture_project import Draft
from vastudio.capture.plan_file import Dial, StimulusChoice
from vastudio.capture.source import OptionValue
from vastudio.types import Knob


def draft() -> Draft:
    dials = (
        Dial(Knob("gain", "Gain", 0.0, 10.0, 5.0), 20, "audio"),
        Dial(Knob("bright", minimum=0.0, maximum=1.0, default=0.0, kind="switch")),
    )
    options: dict[str, OptionValue] = {
        "output": "Scarlett",
        "rate": 44_100,
        "send_db": -9.5,
        "host_api": "ALSA",
    }
    stimulus = StimulusChoice(20.0, 3, Path("/somewhere/clean.wav"))
    made = Draft("hardware", options, "My amp", dials, 9, 2, stimulus, send_dbu=4.0)
    return replace(made, stimulus=replace(stimulus, file=None)).planned()


@pytest.mark.parametrize("stimulus", [StimulusChoice(), StimulusChoice(20.0, 3, Path("/a/clean.wav"))])
def test_it_comes_back_as_it_was(stimulus: StimulusChoice) -> None:
    kept = KeptDraft(replace(draft(), stimulus=stimulus), "plan")
    keep_draft(kept)
    assert kept_draft() == kept
    waiting = what_waits()
    assert (waiting.draft, waiting.is_draft_newer, waiting.unfinished) == (kept, True, None)
    read = kept_draft()
    assert read is not None
    assert isinstance(read.draft.options["rate"], int)
    forget_draft()
    assert kept_draft() is None
    assert what_waits().draft is None


def test_nothing_chosen_is_not_kept() -> None:
    keep_draft(KeptDraft(draft(), "plan"))
    keep_draft(KeptDraft(Draft(), "source"))
    assert not draft_file().exists()


@pytest.mark.parametrize("text", ["", "{", '{"draft": {"kind": 3}}', '{"draft": {}, "schema_version": 99}'])
def test_what_cannot_be_read_is_no_draft(text: str) -> None:
    draft_file().parent.mkdir(parents=True, exist_ok=True)
    draft_file().write_text(text)
    assert kept_draft() is None
