"""The Library page: find a model among all there are, hear it, open it."""
