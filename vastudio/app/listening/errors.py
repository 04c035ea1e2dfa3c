"""What a listening test refuses."""

from vastudio.errors import StudioError


class ListeningError(StudioError):
    """A listening test cannot be set up, or cannot do that now."""
