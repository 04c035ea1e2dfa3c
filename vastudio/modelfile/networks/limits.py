"""What a network may measure: above anything that people share, below anything that fills a computer."""

from __future__ import annotations

MOST_CHANNELS = 512
MOST_UNITS = 512
MOST_LAYERS = 256
MOST_ARRAYS = 16
MOST_TAPS = 1 << 18
LONGEST_MEMORY = 1 << 18
"""Samples that a convolution may look back: five seconds at 48 kHz."""

MOST_HISTORY = 1 << 24
"""Numbers that all histories may need together: 64 MiB, of which a voice takes twice as much."""

DEEPEST_CONDITION = 4
"""Networks that may stand within each other as conditions."""
