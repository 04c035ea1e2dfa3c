"""ABX answers of several sessions and listeners, put together where they belong to one comparison."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vastudio.app.listening import abx
from vastudio.app.listening.sessions import Session, Subject
from vastudio.app.listening.statistics import Tally, Verdict, judge


@dataclass(frozen=True)
class Pool:
    """All finished tests of one comparison.

    Attributes
    ----------
    listeners:
        What each of them answered in all of their tests.
    not_counted:
        Tests that go on or were given up. Training appears nowhere.
    """

    subject: Subject
    mode: abx.Mode
    listeners: dict[str, Tally]
    sessions: int
    not_counted: int

    @property
    def tally(self) -> Tally:
        """All answers together."""
        return sum(self.listeners.values(), Tally(0, 0))

    @property
    def verdict(self) -> Verdict:
        """What they show. It holds for a number of sessions that was decided on beforehand."""
        verdict = judge(self.tally, self.listeners.values())
        notes = [verdict.words]
        if self.mode == "nearer":
            notes.append(abx.SANITY_CHECK)
        if self.not_counted:
            notes.append(f"{self.not_counted} unfinished not counted.")
        return Verdict(verdict.finding, " ".join(notes))


def pool(sessions: Iterable[Session]) -> list[Pool]:
    """Group ABX sessions by what was compared, in the order of their first session."""
    groups: list[tuple[Subject, abx.Mode, list[Session]]] = []
    for session in sessions:
        if not isinstance(session.test, abx.AbxState) or session.test.plan.training:
            continue
        mode = session.test.plan.mode
        group = next((g for g in groups if g[0] == session.subject and g[1] == mode), None)
        if group is None:
            groups.append((session.subject, mode, [session]))
        else:
            group[2].append(session)
    return [_pooled(subject, mode, members) for subject, mode, members in groups]


def _pooled(subject: Subject, mode: abx.Mode, members: list[Session]) -> Pool:
    listeners: dict[str, Tally] = {}
    counted = 0
    for session in members:
        if isinstance(session.test, abx.AbxState) and session.is_finished:
            so_far = listeners.get(session.listener, Tally(0, 0))
            listeners[session.listener] = so_far + abx.result(session.test)
            counted += 1
    return Pool(subject, mode, listeners, counted, len(members) - counted)
