"""Playing with the feet and from other programs: parameters by name, MIDI, OSC, and the maps between them."""
