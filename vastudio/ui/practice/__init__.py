"""Metronome, looper and phrases, above the transport."""
