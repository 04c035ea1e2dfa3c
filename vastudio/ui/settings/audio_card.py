"""The audio device: which one, how fast, in what blocks, and which of its sockets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QPushButton, QWidget

from vastudio.app.settings import AudioSettings
from vastudio.engine.devices import AudioDevice, DeviceList, list_devices
from vastudio.ui.bridge.feed import EngineFeed
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.settings.input_meters import InputMeters
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.elided_combo import ElidedCombo
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

_RATES = (44_100, 48_000, 88_200, 96_000, 192_000)
_BLOCKS = (16, 32, 64, 128, 256, 512, 1024, 2048)
_DEFAULT = "System default"
_MOST_CHANNELS = 64


class AudioCard(Card):
    """A change opens the device anew, at once. Every device is used as it was the last time.

    Signals
    -------
    outputs_changed(int):
        The device in use has so many outputs.
    """

    outputs_changed = Signal(int)

    def __init__(self, session: Session, feed: EngineFeed, parent: QWidget | None = None) -> None:
        super().__init__("Audio", parent)
        self._session = session
        self._found = DeviceList()
        self.driver = _combo("Driver", "How the studio talks to devices: ALSA, JACK, CoreAudio, WASAPI …")
        self.device = _combo("Audio device", "Where you play in and listen to")
        self.rate = _combo("Sample rate", "Samples in a second; models follow")
        self.block = _combo("Block size", "Smaller blocks answer sooner and need a faster computer")
        self.channel = _combo("Input channel", "The socket that your guitar is in")
        self.outputs = _combo("Output channels", "The sockets that sound")
        self.meters = InputMeters(session, feed)
        self.rescan = QPushButton("Look again")
        self.rescan.setToolTip("List the devices that are connected now")
        self.notice = Notice()
        self._work = Latest(session.pool, self)
        self._arrange()
        self._connect()
        self._show_settings()
        self._show_problem()
        self._work.submit(list_devices)

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.device, 1)
        line.addWidget(self.rescan)
        speed = QHBoxLayout()
        speed.addWidget(self.rate, 1)
        speed.addWidget(self.block, 1)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(label("Driver", "quiet"), self.driver)
        form.addRow(label("Device", "quiet"), line)
        form.addRow(label("Rate, block", "quiet"), speed)
        form.addRow(label("Input", "quiet"), self.channel)
        form.addRow(label("", "quiet"), self.meters)
        form.addRow(label("Output", "quiet"), self.outputs)
        self.body.addLayout(form)
        self.body.addWidget(self.notice)

    def _connect(self) -> None:
        self._work.done.connect(self._take_devices)
        self._work.failed.connect(self.notice.show_error)
        self.rescan.clicked.connect(lambda: self._work.submit(list_devices))
        self.driver.activated.connect(lambda _index: self._choose_driver(self.driver.currentData()))
        self.device.activated.connect(lambda _index: self._choose_device(self.device.currentData()))
        self.rate.activated.connect(lambda _index: self._change(sample_rate=self.rate.currentData()))
        self.block.activated.connect(lambda _index: self._change(block=self.block.currentData()))
        self.channel.activated.connect(lambda _index: self._change(input_channel=self.channel.currentData()))
        self.outputs.activated.connect(lambda _index: self._choose_outputs(self.outputs.currentData()))
        self._session.audio_changed.connect(self._show_problem)

    # --- choosing -------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> AudioSettings:
        return self._session.studio.settings.audio

    def _take_devices(self, found: DeviceList) -> None:
        self._found = found
        self._show_settings()
        if found.problem and not found.devices:
            self.notice.say(found.problem, "Connect a device and press Look again.", severity="warning")
        else:
            self._show_problem()

    def _choose_driver(self, driver: str) -> None:
        """The first device of a driver, or the one of the system."""
        if not driver:
            self._use("", "")
            return
        there = [device for device in self._playing if device.host_api == driver]
        first = next((device for device in there if device.is_default), there[0] if there else None)
        if first is not None:
            self._use(driver, first.name)

    def _choose_device(self, key: str) -> None:
        host_api, _, name = key.partition("\n")
        self._use(host_api, name)

    def _choose_outputs(self, key: str) -> None:
        first, _, count = key.partition("+")
        self._change(output_channel=int(first), outputs=int(count))

    def _use(self, host_api: str, name: str) -> None:
        """Use a device as it was used the last time."""
        self._take(self._session.studio.settings.device(host_api, name))

    def _change(self, **changes: Any) -> None:
        self._take(self._chosen.changed(**changes))

    def _take(self, audio: AudioSettings) -> None:
        if audio == self._chosen:
            return
        studio = self._session.studio
        used = studio.settings.using(audio)
        studio.save_settings(audio=used.audio, devices=used.devices)
        self._session.restart_audio()
        self._show_settings()

    # --- showing --------------------------------------------------------------------------------------

    @property
    def _playing(self) -> list[AudioDevice]:
        return [device for device in self._found.devices if device.outputs > 0]

    @property
    def _used(self) -> AudioDevice | None:
        """The device in use, if it is there."""
        chosen = self._chosen
        for device in self._playing:
            is_it = device.is_default if not chosen.device else (device.host_api, device.name) == chosen.key
            if is_it:
                return device
        return None

    def _show_settings(self) -> None:
        chosen, used = self._chosen, self._used
        drivers = dict.fromkeys(device.host_api for device in self._playing)
        _fill(self.driver, [(_DEFAULT, ""), *((name, name) for name in drivers)], chosen.host_api)
        self._show_devices(chosen)
        _fill(self.rate, _numbers(_RATES, chosen.sample_rate, "{:g} kHz", 1e-3), chosen.sample_rate)
        _fill(self.block, _numbers(_BLOCKS, chosen.block, "{:g} frames", 1), chosen.block)
        inputs, outputs = (used.inputs, used.outputs) if used is not None else (0, 0)
        sockets = range(1, min(max(inputs, chosen.input_channel), _MOST_CHANNELS) + 1)
        _fill(self.channel, [(f"Input {n}", n) for n in sockets], chosen.input_channel)
        last = max(outputs, chosen.output_channel) if outputs else chosen.output_channel + chosen.outputs - 1
        key = f"{chosen.output_channel}+{min(chosen.outputs, last - chosen.output_channel + 1)}"
        _fill(self.outputs, _output_choices(min(last, _MOST_CHANNELS)), key)
        self.outputs_changed.emit(last)

    def _show_devices(self, chosen: AudioSettings) -> None:
        there = [device for device in self._playing if device.host_api == chosen.host_api]
        items = [(device.name, _key(device.host_api, device.name)) for device in there]
        if not chosen.device:
            items = [(_DEFAULT, _key("", ""))]
            items += [
                (f"{device.name} ({device.host_api})", _key(device.host_api, device.name))
                for device in self._playing
            ]
        elif _key(*chosen.key) not in dict(items).values():
            items.append((f"{chosen.device} (not connected)", _key(*chosen.key)))
        _fill(self.device, items, _key(*chosen.key))

    def _show_problem(self) -> None:
        studio = self._session.studio
        if studio.player.is_silent:
            message = studio.audio_problem or "No audio device is open."
            self.notice.say(
                message, "Until one opens, everything runs on a silent clock.", severity="warning"
            )
        else:
            self.notice.clear()


def _combo(title: str, tip: str) -> ElidedCombo:
    combo = ElidedCombo(title)
    combo.setToolTip(tip)
    return combo


def _fill(combo: QComboBox, items: Iterable[tuple[str, object]], chosen: object) -> None:
    """Fill a list anew; what is chosen is in it, or said by its name."""
    combo.clear()
    for text, data in items:
        combo.addItem(text, data)
    at = combo.findData(chosen)
    if at < 0:
        combo.addItem(str(chosen), chosen)
        at = combo.count() - 1
    combo.setCurrentIndex(at)


def _numbers(values: Iterable[int], chosen: int, text: str, scale: float) -> list[tuple[str, object]]:
    return [(text.format(value * scale), value) for value in sorted({*values, chosen})]


def _output_choices(outputs: int) -> list[tuple[str, object]]:
    """Pairs first, then single sockets."""
    pairs = [(f"Outputs {n} and {n + 1}", f"{n}+2") for n in range(1, outputs, 2)]
    return [*pairs, *((f"Output {n} only", f"{n}+1") for n in range(1, outputs + 1))]


def _key(host_api: str, name: str) -> str:
    """One string per device: Qt finds strings in a list, but no Python tuples."""
    return f"{host_api}\n{name}"
