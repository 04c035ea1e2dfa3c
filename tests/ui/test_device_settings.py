"""The Settings page's device cards: every device as it was used, inputs that are seen, levels in dBu."""

from __future__ import annotations

import math

import pytest
from pytestqt.qtbot import QtBot

from vastudio.app import device_test, settings
from vastudio.app.device_test import RoundTrip
from vastudio.app.settings import AudioSettings
from vastudio.engine.devices import AudioDevice, DeviceList
from vastudio.engine.stream import Meters
from vastudio.errors import DeviceError
from vastudio.kernels import desk
from vastudio.ui.main_window import MainWindow

BOX = AudioDevice("ALSA", "Box", 4, 6, 48_000.0, is_default=True)
ROOM = AudioDevice("JACK", "Room", 1, 1, 48_000.0)


def choose(combo: object, data: object) -> None:
    """As a person does."""
    index = combo.findData(data)  # type: ignore[attr-defined]
    assert index >= 0, data
    combo.setCurrentIndex(index)  # type: ignore[attr-defined]
    combo.activated.emit(index)  # type: ignore[attr-defined]


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The Settings page, with two devices that are not really there."""
    window.show_page("settings")
    card = window.settings.audio
    qtbot.waitUntil(lambda: not card._work.is_busy, timeout=20_000)
    card._take_devices(DeviceList((BOX, ROOM)))
    return window


def test_each_device_is_used_as_it_was_the_last_time(shown: MainWindow) -> None:
    card, studio = shown.settings.audio, shown.session.studio
    choose(card.driver, "ALSA")
    assert studio.settings.audio.key == ("ALSA", "Box")
    choose(card.block, 64)
    choose(card.channel, 3)
    choose(card.outputs, "5+2")
    used = studio.settings.audio
    assert (used.block, used.input_channel, used.output_channel, used.outputs) == (64, 3, 5, 2)
    choose(card.driver, "JACK")
    assert studio.settings.audio.key == ("JACK", "Room")
    assert card.channel.count() == 1
    assert [card.outputs.itemText(i) for i in range(card.outputs.count())][-1] == "Output 1 only"
    choose(card.driver, "ALSA")
    assert studio.settings.audio == used
    assert card.outputs.currentText() == "Outputs 5 and 6"
    assert settings.load().audio == used
    assert [not button.isHidden() for button in shown.settings.check.tones] == 6 * [True] + 2 * [False]


def test_a_device_that_is_not_there_is_said_and_stays_chosen(shown: MainWindow) -> None:
    card = shown.settings.audio
    choose(card.driver, "ALSA")
    assert shown.session.studio.player.is_silent
    assert "Box" in card.notice.message.text()
    card._take_devices(DeviceList((ROOM,)))
    assert card.device.currentText() == "Box (not connected)"


def test_inputs_are_metered_while_they_are_seen(shown: MainWindow) -> None:
    meters = shown.settings.audio.meters
    ints = shown.session.studio.player._rack.ints
    assert ints[desk.INPUTS_WATCHED] == 1
    shown.feed.metered.emit(Meters(inputs_db=(-20.0, 0.5)))
    assert [meter.isVisible() for meter in meters.meters[:3]] == [True, True, False]
    assert meters.meters[0].peak_db == -20.0
    assert [meter.is_clipped for meter in meters.meters[:2]] == [False, True]
    shown.show_page("play")
    assert ints[desk.INPUTS_WATCHED] == 0


def test_a_level_is_typed_or_measured(qtbot: QtBot, shown: MainWindow) -> None:
    card, studio = shown.settings.levels, shown.session.studio
    card.output.level.setValue(8.5)
    card.output.level.editingFinished.emit()
    assert studio.settings.audio.output_dbu == 8.5
    card.input.measure.click()
    assert card.input.volts.isVisible()
    shown.feed.set_active(False)
    shown.feed.metered.emit(Meters(inputs_db=(-11.3, -80.0)))
    card.input.volts.setValue(math.sqrt(0.6))
    card.input.use.click()
    assert studio.settings.audio.input_dbu == pytest.approx(11.3)
    assert card.input.level.value() == pytest.approx(11.3)
    shown.feed.metered.emit(Meters(inputs_db=(-90.0,)))
    card.input.use.click()
    assert "next to nothing" in card.notice.message.text()
    assert studio.settings.audio.input_dbu == pytest.approx(11.3)
    card.output.level.setValue(card.output.level.minimum())
    card.output.level.editingFinished.emit()
    assert studio.settings.audio.output_dbu is None


def test_the_round_trip_is_remembered(
    qtbot: QtBot, shown: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, check = shown.session.studio, shown.settings.check

    def measured(audio: AudioSettings, on_progress: device_test.OnProgress) -> RoundTrip:
        on_progress(1.0, 0.1)
        assert studio.player.is_silent, "the device is lent"
        return RoundTrip(512.25, audio.sample_rate, inverted=True, dropouts=0)

    monkeypatch.setattr(device_test, "measure_round_trip", measured)
    with qtbot.waitSignal(shown.settings.trial.measured, timeout=20_000):
        check.measure.click()
        assert not check.measure.isEnabled()
    assert studio.settings.audio.latency_samples == 512.25
    assert "10.67 ms" in check.latency.text()
    assert "opposite polarity" in check.notice.message.text()
    assert check.measure.isEnabled()


def test_nothing_coming_back_is_said(
    qtbot: QtBot, shown: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(audio: AudioSettings, channel: int, progress: device_test.OnProgress, seconds: float) -> None:
        raise DeviceError(f"Nothing on {channel}.", "Connect it.")

    monkeypatch.setattr(device_test, "play_tone", silent)
    with qtbot.waitSignal(shown.settings.trial.failed, timeout=20_000):
        shown.settings.check.tones[1].click()
    assert shown.settings.check.notice.message.text() == "Nothing on 2."
    assert not shown.settings.trial.is_running


def test_dropouts_are_counted_anew(qtbot: QtBot, shown: MainWindow) -> None:
    player = shown.session.studio.player
    player._rack.ints[desk.DROPOUTS] = 3
    shown.feed.counted.emit(player.stats())
    assert shown.settings.check.trouble.text().startswith("3 dropouts")
    shown.settings.check.reset.click()
    assert shown.settings.check.trouble.text().startswith("0 dropouts")
