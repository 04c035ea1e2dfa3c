"""The level law finds how loud a device is at its knob positions, and scales the cell accordingly."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from vastudio.nets import Blueprint, architecture
from vastudio.nets.level_law import REFERENCE_DB, LevelLaw, quadratic_features


def captures(count: int, knobs: int) -> tuple[Tensor, Tensor]:
    """Random knob positions, and clean levels that differ from capture to capture."""
    generator = torch.Generator().manual_seed(count)
    return torch.rand(count, knobs, generator=generator), -22 + 4 * torch.randn(count, generator=generator)


def output_db(law: LevelLaw, knobs: Tensor) -> Tensor:
    return 20 * torch.log10(law(knobs)[:, 1]).detach()


def test_features_are_one_the_knobs_and_their_products() -> None:
    features = quadratic_features(torch.tensor([[0.75, 0.0]]))
    torch.testing.assert_close(features, torch.tensor([[1.0, 0.5, -1.0, 0.25, -0.5, 1.0]]))


def test_a_law_begins_at_unity_gain() -> None:
    assert torch.equal(LevelLaw(3)(torch.rand(5, 3)), torch.ones(5, 2))


def test_a_volume_knob_over_forty_decibels_is_found_between_the_captures() -> None:
    knobs, clean = captures(40, 2)
    law = LevelLaw(2)
    law.fit(knobs, clean, -60 + 40 * knobs[:, 0] + 0.6 * (clean - clean.mean()))
    unseen = torch.rand(20, 2)
    wanted = -60 + 40 * unseen[:, 0] - REFERENCE_DB
    assert (output_db(law, unseen) - wanted).abs().max() < 1.5
    assert torch.equal(law(unseen)[:, 0], torch.ones(20))


def test_loud_phrases_are_not_taken_for_loud_positions() -> None:
    knobs, clean = captures(30, 2)
    law = LevelLaw(2)
    law.fit(knobs, clean, clean - 3)
    assert output_db(law, torch.rand(50, 2)).std() < 0.6


def test_a_flat_device_keeps_a_flat_law() -> None:
    knobs, clean = captures(12, 4)
    law = LevelLaw(4)
    law.fit(knobs, torch.full_like(clean, -20.0), torch.full_like(clean, REFERENCE_DB))
    torch.testing.assert_close(law(knobs), torch.ones(12, 2))


@pytest.mark.parametrize(("count", "knobs"), [(1, 3), (2, 1), (1, 0)])
def test_too_few_captures_for_a_law_still_give_their_level(count: int, knobs: int) -> None:
    law = LevelLaw(knobs)
    positions, clean = captures(count, knobs)
    law.fit(positions, clean, torch.full_like(clean, -40.0))
    assert (output_db(law, torch.rand(9, knobs)) - (-40 - REFERENCE_DB)).abs().max() < 1


def test_silent_captures_do_not_count() -> None:
    knobs, clean = captures(12, 2)
    target = -30 + 10 * knobs[:, 1]
    law, with_silence = LevelLaw(2), LevelLaw(2)
    law.fit(knobs, clean, target)
    silence = torch.full((1,), -torch.inf)
    positions = torch.cat([knobs, torch.ones(2, 2)])
    with_silence.fit(
        positions, torch.cat([clean, silence, clean[:1]]), torch.cat([target, target[:1], silence])
    )
    assert torch.equal(law.weight, with_silence.weight)
    law.fit(knobs[:1], silence, silence)
    assert torch.equal(law.weight, with_silence.weight)


def test_the_law_scales_what_goes_in_and_what_comes_out() -> None:
    model = architecture("hyper-gru").build(Blueprint(1, 8))
    knobs = torch.tensor([[0.3]])
    plain = model.layout.split(model.theta(knobs))
    with torch.no_grad():
        model.level_law.weight[:, 0] = torch.tensor([6.0, -20.0])
    scaled = model.layout.split(model.theta(knobs))
    torch.testing.assert_close(scaled.w_in, 10**0.3 * plain.w_in)
    torch.testing.assert_close(scaled.w_out, 0.1 * plain.w_out)
    torch.testing.assert_close(scaled.skip, 0.1 * plain.skip)
    assert torch.equal(scaled.w_state, plain.w_state)
    assert torch.equal(scaled.bias, plain.bias)


def test_a_network_starts_at_the_level_of_the_target() -> None:
    """A quiet device no longer costs the network its first updates."""
    torch.manual_seed(0)
    model = architecture("hyper-gru").build(Blueprint(1, 8))
    knobs, clean = captures(10, 1)
    model.fit_levels(knobs, clean, -60 + 30 * knobs[:, 0])
    theta = model.theta(knobs)
    skip = model.layout.split(theta).skip[:, 0].detach()
    assert (20 * torch.log10(skip) - (-60 + 30 * knobs[:, 0] - REFERENCE_DB)).abs().max() < 2
