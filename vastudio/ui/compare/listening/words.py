"""Listening sessions in the words of the window."""

from __future__ import annotations

from vastudio.app.listening import abx
from vastudio.app.listening.preparing import Kind
from vastudio.app.listening.sessions import Session
from vastudio.ui.widgets import numbers

KINDS: dict[Kind, str] = {"abx": "ABX test", "mushra": "Rating", "nearer": "Sanity check"}

EXPLAINED: dict[Kind, str] = {
    "abx": "The real test. A is the target, B the model, X one of the two, hidden anew in every trial: which "
    "is it? Who cannot tell guesses, and half of the answers are right.",
    "mushra": "Several models beside each other. Each is rated from 0 to 100 for how close it is to the open "
    "reference. The target itself and two anchors, a low-pass and a soft clipper, are hidden among them.",
    "nearer": f"{abx.SANITY_CHECK} A and B are clean and target in hidden order, X is the model: which is "
    "it nearer to? Easy to pass; no proof that a model is good.",
}


def kind_of(session: Session) -> Kind:
    """What kind of test a session is."""
    return session.test.plan.mode if isinstance(session.test, abx.AbxState) else "mushra"


def what(session: Session) -> str:
    """What was listened to, in a line."""
    items = list(session.subject.items)
    models = ", ".join(session.subject.models)
    return f"{models} — {items[0] if len(items) == 1 else numbers.count(len(items), 'excerpt')}"


def outcome(session: Session) -> str:
    """How far a session came; a result only where the last answer is given."""
    test = session.test
    if test.phase == "abandoned":
        return "given up"
    if isinstance(test, abx.AbxState):
        if session.is_finished:
            tally = abx.result(test)
            return f"{tally.correct} of {tally.trials} right"
        return f"stopped at trial {test.trial + 1} of {test.plan.trials}"
    if session.is_finished:
        return f"{numbers.count(len(test.plan.items), 'item')} rated"
    return f"stopped at item {test.page + 1} of {len(test.plan.items)}"
