"""What Compare says while there is nothing to compare, with the buttons that change it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from vastudio.ui.widgets.text import label


class EmptyCompare(QWidget):
    """Signals
    -------
    model_requested(), dataset_requested(), import_requested(), demo_requested(), files_requested():
        The ways out of emptiness.
    """

    model_requested = Signal()
    dataset_requested = Signal()
    import_requested = Signal()
    demo_requested = Signal()
    files_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = label("", "heading")
        self._text = label("", "quiet", wrap=True)
        self.open_model = _button("Open model…", "Choose a model file (Ctrl+O)", self.model_requested)
        self.open_dataset = _button("Open a dataset…", "Choose a dataset's folder", self.dataset_requested)
        self.import_recordings = _button(
            "Import recordings…", "Make a dataset of recordings: clean and target", self.import_requested
        )
        self.make_demo = _button("Make a demo dataset", "Record the built-in amplifier", self.demo_requested)
        self.compare_files = _button(
            "Compare two files…", "Choose a clean file and what became of it", self.files_requested
        )
        for text in (self._heading, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMinimumWidth(620)
        row = QHBoxLayout()
        row.addStretch(1)
        for button in (
            self.open_model, self.open_dataset, self.import_recordings, self.make_demo, self.compare_files,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self._heading)
        column.addSpacing(4)
        column.addWidget(self._text, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(12)
        column.addLayout(row)
        column.addStretch(2)

    def explain(self, *, has_model: bool, has_dataset: bool) -> None:
        """Say what is missing."""
        self.open_model.setVisible(not has_model)
        for button in (self.open_dataset, self.import_recordings, self.make_demo, self.compare_files):
            button.setVisible(not has_dataset)
        if not has_dataset:
            self._heading.setText("No recordings to compare with")
            self._text.setText(
                "Compare puts clean, target and model side by side.\n"
                "For that it needs recordings of the device: a dataset, or any two files, clean and target."
            )
        else:
            self._heading.setText("No model to compare")
            self._text.setText("Open a model, or train one from this dataset.")


def _button(text: str, tip: str, signal: object) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(signal)
    return button
