"""The sounds of a blind test in the player, by name."""

from __future__ import annotations

from vastudio.app.listening.material import Material
from vastudio.ui.bridge.session import Session


class SoundBank:
    """Plays prepared sounds in the place of everything else, from `load` until `leave`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._names: tuple[str, ...] = ()

    @property
    def is_loaded(self) -> bool:
        """Whether the player plays these sounds."""
        return bool(self._names)

    def load(self, material: Material) -> None:
        """Loop the sounds of one item; they sound as they were prepared."""
        self._names = tuple(material.sounds)
        self._session.begin_listening(list(material.sounds.values()), material.sample_rate)

    def hear(self, name: str) -> None:
        """Change to another sound, at the same place."""
        self._session.hear_sound(self._names.index(name))

    def leave(self) -> None:
        """Have the player as it was before."""
        self._names = ()
        self._session.end_listening()
