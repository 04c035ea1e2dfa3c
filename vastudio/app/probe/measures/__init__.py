"""One file for each measure of the probe, found by `registry.discover` through its `MEASURE`."""
