"""VA Studio: capture an amplifier at many knob positions, train a model of it, play it and judge it."""

__version__ = "0.1.0"
