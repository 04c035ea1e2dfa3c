"""The kinds of networks that can be played, one file each."""
