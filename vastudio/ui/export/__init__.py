"""Taking a model to other programs."""
