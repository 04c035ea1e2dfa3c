"""The architectures, one file each; every module here defines `ARCHITECTURE` and is found by itself."""
