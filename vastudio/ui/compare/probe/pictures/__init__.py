"""Pictures of a report, one file for each measure; `ALL` in the order of the page."""

from __future__ import annotations

from vastudio.ui.compare.probe.picture_card import PicturePlan
from vastudio.ui.compare.probe.pictures import (
    aliasing,
    corners,
    harmonics,
    intermodulation,
    load,
    pops,
    response,
    transfer,
    zipper,
)

ALL: tuple[PicturePlan, ...] = (
    *aliasing.PLANS,
    *harmonics.PLANS,
    *response.PLANS,
    *transfer.PLANS,
    *intermodulation.PLANS,
    *load.PLANS,
    *zipper.PLANS,
    *pops.PLANS,
    *corners.PLANS,
)
