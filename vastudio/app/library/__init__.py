"""The library: every model file there is, what it says of itself, and what its owner says of it.

`cards` reads what a file says without building a network; `index` keeps that in a database that can be made
again from the files at any time; `own` keeps tags, favourites and notes by a model's content, so that they
survive moving and renaming; `search` finds.
"""

from vastudio.app.library.listing import ModelEntry, datasets, models, summary
from vastudio.app.library.names import esr_text, free_path

__all__ = ["ModelEntry", "datasets", "esr_text", "free_path", "models", "summary"]
