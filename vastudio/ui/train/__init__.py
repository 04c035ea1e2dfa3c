"""Train: a dataset becomes a model."""
