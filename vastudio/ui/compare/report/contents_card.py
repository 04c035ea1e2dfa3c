"""What goes into a report: models, positions, the chosen pair, the probe, listening tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from vastudio.ui.widgets.card import Card
from vastudio.ui.widgets.segmented import Segment, Segmented
from vastudio.ui.widgets.text import label

NO_POSITIONS = "none"
_POSITIONS = (
    Segment("validation", "Unseen", tip="Positions that training has never heard: what counts"),
    Segment("train", "Trained on", tip="Positions the model was trained on"),
    Segment("all", "All", tip="Every position of the dataset"),
    Segment(NO_POSITIONS, "None", tip="Leave the dataset out"),
)
_EXPLAINED = {
    "validation": "All metrics at every position held out from training, the worst first; the worst and a "
    "typical one with pictures and sounds.",
    "train": "All metrics at every position the model was trained on: how well it learned, not how well it "
    "guesses.",
    "all": "All metrics at every position of the dataset, those it was trained on marked.",
    NO_POSITIONS: "No table of positions.",
}


@dataclass(frozen=True)
class Contents:
    """What the person chose.

    Attributes
    ----------
    models:
        Columns, by their places.
    split:
        Positions of the open dataset; None for none.
    pair, probe, listening:
        Whether the chosen pair, the probe and the listening tests go in.
    """

    models: tuple[int, ...]
    split: str | None
    pair: bool
    probe: bool
    listening: bool


class ContentsCard(Card):
    """Signals
    -------
    changed():
        The person chose something else.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What goes in", parent)
        self.models: tuple[QCheckBox, ...] = ()
        self._models = QVBoxLayout()
        self._models.setSpacing(4)
        self.positions = Segmented("Positions", _POSITIONS)
        self._explained = label("", "note", wrap=True)
        self.pair = _check("The chosen pair", "The pair at the top of this page, seen and heard")
        self._pair = label("", "note", wrap=True)
        self.probe = _check("Probe", "Aliasing, silence, pops, load: how the model behaves by itself")
        self._probe = label("", "note", wrap=True)
        self.listening = _check("Listening tests", "What listeners answered in tests of these models")
        self._arrange()
        self._wanted = self.positions.key
        self.positions.chosen.connect(self._want)
        for box in (self.pair, self.probe, self.listening):
            box.toggled.connect(self.changed)
        self._show_positions(self.positions.key)

    def _arrange(self) -> None:
        listened = label(
            "All finished tests of exactly these model files on this computer.", "note", wrap=True
        )
        for heading, *widgets in (
            ("Models", self._models),
            ("Positions of the dataset", self.positions, self._explained),
            ("More", self.pair, self._pair, self.probe, self._probe, self.listening, listened),
        ):
            self.body.addWidget(label(heading))
            for widget in widgets:
                if isinstance(widget, QVBoxLayout):
                    self.body.addLayout(widget)
                else:
                    self.body.addWidget(widget)
            self.body.addSpacing(10)
        for note in (self._pair, self._probe, listened):
            note.setIndent(24)
        self.body.addStretch(1)

    @property
    def contents(self) -> Contents:
        """What is chosen."""
        key = self.positions.key
        return Contents(
            models=tuple(place for place, box in enumerate(self.models) if box.isChecked()),
            split=key if key != NO_POSITIONS and self.positions.isEnabled() else None,
            pair=self.pair.isChecked() and self.pair.isEnabled(),
            probe=self.probe.isChecked(),
            listening=self.listening.isChecked(),
        )

    def show_models(self, names: Sequence[str]) -> None:
        """Offer these models, all of them chosen."""
        while (item := self._models.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.models = tuple(_check(name, f"Put {name} into the report") for name in names)
        for box in self.models:
            box.toggled.connect(self.changed)
            self._models.addWidget(box)
        self.changed.emit()

    def show_pair(self, title: str) -> None:
        """Say which pair would go in; empty for none, which is then not offered."""
        self.pair.setEnabled(bool(title))
        self._pair.setText(title)
        for widget in (self.pair, self._pair):
            widget.setVisible(bool(title))

    def show_dataset(self, name: str, unseen: int) -> None:
        """Say whether there are positions; `unseen` of them are held out."""
        self.positions.setEnabled(bool(name))
        self.positions.set_available(
            "validation", unseen > 0, _POSITIONS[0].tip if unseen else "This dataset holds nothing out"
        )
        self.positions.select("all" if not unseen and self._wanted == "validation" else self._wanted)
        self._show_positions(self.positions.key)

    def show_position(self, text: str) -> None:
        """Say where the knobs stand for the probe."""
        self._probe.setText(f"With the knobs where they stand now: {text}. It takes some seconds a model.")

    def _want(self, key: str) -> None:
        self._wanted = key
        self._show_positions(key)

    def _show_positions(self, key: str) -> None:
        self._explained.setText(_EXPLAINED[key] if self.positions.isEnabled() else "No dataset is open.")
        self.changed.emit()


def _check(text: str, tip: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setChecked(True)
    box.setToolTip(tip)
    return box
