"""Play: the loaded model under the fingers, and what it does to the sound."""
