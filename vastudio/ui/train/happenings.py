"""What happened to a run, in a sentence for the person who watches it."""

from __future__ import annotations

from vastudio.training.events import Event, Failed, Paused, Restarted, Resumed, Threads, Unpaused
from vastudio.ui.widgets import numbers


def happening(event: Event) -> str:
    """The sentence for an event that is more than a point of the curve; empty for the others."""
    match event:
        case Resumed():
            at = numbers.duration(event.seconds)
            return f"Goes on after {at}, with more time." if event.continued else f"Resumed at {at}."
        case Restarted():
            return _restarted(event)
        case Paused():
            return f"Paused at {numbers.duration(event.seconds)}. Everything up to here is kept."
        case Unpaused():
            return f"Went on at {numbers.duration(event.seconds)} after a pause."
        case Threads():
            left = " and leaves one to the sound" if event.count < event.cores else ""
            return f"Uses {event.count} of {numbers.count(event.cores, 'core')}{left}."
    return ""


def _restarted(event: Restarted) -> str:
    at = numbers.duration(event.seconds)
    if event.reason == "diverged":
        how = "the error grew without end. It goes on from its last checkpoint with half the learning rate"
    else:
        how = "the error did not fall. It begins anew with another seed"
    return f"Restarted at {at}: {how} (attempt {event.attempt})."


def ending(event: Failed, seconds_since_kept: float) -> tuple[str, str]:
    """Message and hint for a run that ended without a model.

    Parameters
    ----------
    seconds_since_kept:
        Training time since the last checkpoint.
    """
    if not event.folder:
        return event.message, event.hint
    lost = max(1, round(seconds_since_kept))
    message = event.message.rstrip(".")
    return (
        f"{message}; nothing but the last {lost} s is lost.",
        "Resume it to go on from there; it is in the list of runs.",
    )
