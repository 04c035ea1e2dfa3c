"""Settings: audio device, look, and where files live."""
