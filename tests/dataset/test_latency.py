"""One latency for a dataset."""

from __future__ import annotations

import pytest

from vastudio.audio.align import Alignment
from vastudio.dataset import latency


def sure(delay: float, confidence: float = 0.95, *, inverted: bool = False) -> Alignment:
    return Alignment(delay, inverted, confidence, round(delay) + 2)


def dispersed(delay: float) -> Alignment:
    return Alignment(delay, True, 0.5, round(delay) + 5)


def test_median_of_the_sure_clips() -> None:
    agreed = latency.settle([sure(10.1), sure(10.3), sure(10.2), dispersed(400.0)])
    assert agreed.delay_samples == pytest.approx(10.2)
    assert not agreed.inverted
    assert [finding.severity for finding in agreed.findings()] == ["info"]
    assert "peaks at 12" in agreed.findings()[0].message


@pytest.mark.parametrize("delay", [-0.9, 0.0, 0.4, 1.4])
def test_phase_of_filters_is_left_alone(delay: float) -> None:
    agreed = latency.settle([sure(delay)])
    correction = agreed.correction(sure(delay))
    assert (correction.delay_samples, correction.findings, agreed.findings()) == (0.0, (), ())


def test_early_clips_are_errors() -> None:
    agreed = latency.settle([sure(-5.0)])
    assert [finding.code for finding in agreed.correction(sure(-5.0)).findings] == ["early"]
    assert not latency.settle([dispersed(-5.0)]).correction(dispersed(-5.0)).findings
    assert [f.code for f in latency.settle([dispersed(-50.0)]).correction(dispersed(-50.0)).findings] == [
        "early"
    ]


def test_a_dispersive_device_has_its_large_latency_removed_with_a_warning() -> None:
    agreed = latency.settle([dispersed(500.0), dispersed(503.0), dispersed(502.0)])
    assert agreed.delay_samples == 502.0
    assert not agreed.inverted, "its polarity cannot be told"
    assert [finding.severity for finding in agreed.findings()] == ["warning"]
    assert latency.settle([dispersed(6.0)]).delay_samples == 0.0


def test_odd_clips_are_warned_about() -> None:
    agreed = latency.settle([sure(10.0), sure(10.0), sure(10.0)])
    far = agreed.correction(sure(14.0))
    assert (far.delay_samples, [finding.code for finding in far.findings]) == (14.0, ["delay_differs"])
    unsure = agreed.correction(sure(14.0, confidence=0.8))
    assert (unsure.delay_samples, [finding.code for finding in unsure.findings]) == (10.0, ["delay_differs"])
    turned = agreed.correction(sure(10.0, inverted=True))
    assert (turned.inverted, [finding.code for finding in turned.findings]) == (True, ["polarity_differs"])
    nothing = agreed.correction(Alignment(3.0, False, 0.1, 3))
    assert (nothing.delay_samples, [finding.code for finding in nothing.findings]) == (10.0, ["unrelated"])
