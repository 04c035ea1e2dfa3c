"""Practising: tapping a tempo, phrases to play through the rack, and loops that keep to the beat."""
