"""MIDI and OSC in the window: learning on every knob and switch, and their cards on the Settings page."""
