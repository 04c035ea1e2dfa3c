"""Model files of other programs, one format per file: found by themselves, see `foreign.Format`."""
