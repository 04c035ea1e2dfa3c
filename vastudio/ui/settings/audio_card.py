"""The audio device: which one, how fast, in what blocks."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QPushButton, QSpinBox, QWidget

from vastudio.engine.devices import DeviceList, list_devices
from vastudio.ui.bridge.session import Session
from vastudio.ui.bridge.work import Latest
from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.notice import Notice
from vastudio.ui.widgets.text import label

_RATES = (44_100, 48_000, 88_200, 96_000, 192_000)
_BLOCKS = (32, 64, 128, 256, 512, 1024)


class AudioCard(Card):
    """A change opens the device anew, at once."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("Audio", parent)
        self._session = session
        chosen = session.studio.settings.audio
        self.device = QComboBox()
        self.device.setAccessibleName("Audio device")
        self.device.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.device.setMinimumContentsLength(20)
        self.rate = _numbers("Sample rate", _RATES, chosen.sample_rate, lambda hz: f"{hz / 1000:g} kHz")
        self.block = _numbers("Block size", _BLOCKS, chosen.block, lambda frames: f"{frames} frames")
        self.block.setToolTip("Smaller blocks answer sooner and need a faster computer")
        self.channel = QSpinBox(minimum=1, maximum=64, value=chosen.input_channel)
        self.channel.setAccessibleName("Input channel")
        self.rescan = QPushButton("Look again")
        self.rescan.setToolTip("List the devices that are connected now")
        self.notice = Notice()
        self._work = Latest(session.pool, self)
        self._arrange()
        self._connect()
        self._show_problem()
        self._work.submit(list_devices)

    def _arrange(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.device, 1)
        line.addWidget(self.rescan)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(label("Device", "quiet"), line)
        form.addRow(label("Sample rate", "quiet"), self.rate)
        form.addRow(label("Block", "quiet"), self.block)
        form.addRow(label("Input channel", "quiet"), self.channel)
        self.body.addLayout(form)
        self.body.addWidget(self.notice)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self._work.done.connect(self._show_devices)
        self._work.failed.connect(self.notice.show_error)
        self.rescan.clicked.connect(lambda: self._work.submit(list_devices))
        self.device.activated.connect(self._choose_device)
        self.rate.activated.connect(lambda _index: self._change(sample_rate=self.rate.currentData()))
        self.block.activated.connect(lambda _index: self._change(block=self.block.currentData()))
        self.channel.editingFinished.connect(self._choose_channel)
        self._session.audio_changed.connect(self._show_problem)

    def _show_devices(self, found: DeviceList) -> None:
        chosen = self._session.studio.settings.audio
        self.device.clear()
        self.device.addItem("System default", _key("", ""))
        for device in (device for device in found.devices if device.outputs > 0):
            self.device.addItem(f"{device.name} ({device.host_api})", _key(device.host_api, device.name))
        index = self.device.findData(_key(chosen.host_api, chosen.device))
        if index < 0:
            self.device.addItem(f"{chosen.device} (not connected)", _key(chosen.host_api, chosen.device))
            index = self.device.count() - 1
        self.device.setCurrentIndex(index)
        if found.problem and not found.devices:
            self.notice.say(found.problem, "Connect a device and press Look again.", severity="warning")
        else:
            self._show_problem()

    def _choose_device(self, index: int) -> None:
        host_api, _, name = str(self.device.itemData(index)).partition("\n")
        self._change(host_api=host_api, device=name)

    def _choose_channel(self) -> None:
        if self.channel.value() != self._session.studio.settings.audio.input_channel:
            self._change(input_channel=self.channel.value())

    def _change(self, **changes: Any) -> None:
        studio = self._session.studio
        studio.save_settings(audio=dataclasses.replace(studio.settings.audio, **changes))
        self._session.restart_audio()

    def _show_problem(self) -> None:
        studio = self._session.studio
        if studio.player.is_silent:
            message = studio.audio_problem or "No audio device is open."
            self.notice.say(
                message, "Until one opens, everything runs on a silent clock.", severity="warning"
            )
        else:
            self.notice.clear()


def _numbers(title: str, values: tuple[int, ...], chosen: int, text: Any) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(title)
    for value in sorted({*values, chosen}):
        combo.addItem(text(value), value)
    combo.setCurrentIndex(combo.findData(chosen))
    return combo


def _key(host_api: str, name: str) -> str:
    """One string per device: Qt finds strings in a list, but no Python tuples."""
    return f"{host_api}\n{name}"
