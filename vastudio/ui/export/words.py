"""What is said while a model is exported, and afterwards."""

from __future__ import annotations

from vastudio.app.exporting.distilling import Learning
from vastudio.app.exporting.export import Exported
from vastudio.ui.widgets import numbers


def told(learning: Learning) -> str:
    """What is at hand, and the error reached so far."""
    return learning.stage if learning.esr is None else f"{learning.stage}, ESR {learning.esr:.4f}"


def line(done: Exported) -> str:
    """One file of several."""
    learned = "" if done.esr is None else f", ESR {done.esr:.5f} against the model"
    return f"{done.path.name}: read back within {done.error:.1e}{learned}"


def result(written: list[Exported]) -> tuple[str, str]:
    """What was written, and how close it is."""
    first, worst = written[0], max(each.error for each in written)
    esrs = [each.esr for each in written if each.esr is not None]
    what = f"{first.path.name} is written."
    if len(written) > 1:
        what = f"{numbers.count(len(written), 'file')} are in {first.path.parent}."
    proof = f"Read back, no sample differs by more than {worst:.1e}."
    if esrs:
        at_worst = " at worst" if len(esrs) > 1 else ""
        proof = f"Learned: ESR {max(esrs):.5f} against the model{at_worst}. {proof}"
    return what, proof
