"""Ways to a dataset, as tasks for the pool: importing recordings, and capturing the virtual amp."""

from __future__ import annotations

from vastudio import paths
from vastudio.app.demo_dataset import capture_demo_dataset
from vastudio.app.library import free_path
from vastudio.capture.record import RecordingEvent, TakeStarted
from vastudio.dataset.importing import ImportProgress, import_dataset
from vastudio.dataset.planned import ImportOptions
from vastudio.dataset.store import Dataset
from vastudio.ui.bridge.task import Report
from vastudio.ui.train.import_dialog import ImportRequest

_DEMO_NAME = "Virtual amp"


def import_recordings(request: ImportRequest, report: Report) -> Dataset:
    """Import into a new folder among the user's datasets. Raises what `import_dataset` raises."""

    def on_progress(progress: ImportProgress) -> None:
        report(progress.done, progress.total, f"Measuring {progress.current}")

    return import_dataset(
        request.source,
        free_path(paths.user_datasets(), request.name),
        pairs=(request.pair,) if request.pair else (),
        options=ImportOptions(device=request.name),
        on_progress=on_progress,
    )


def make_demo_dataset(report: Report) -> Dataset:
    """Capture the virtual amp into a new folder among the user's datasets."""

    def on_progress(event: RecordingEvent) -> None:
        if isinstance(event, TakeStarted):
            report(event.index, event.total, f"Recording take {event.index + 1} of {event.total}")

    return capture_demo_dataset(free_path(paths.user_datasets(), _DEMO_NAME), on_progress)
