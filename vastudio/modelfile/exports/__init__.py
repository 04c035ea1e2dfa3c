"""Model files for other programs, one format per file: found by themselves, see `exporter.Exporter`."""
