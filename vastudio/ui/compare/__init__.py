"""Compare: clean, target and model side by side, seen, measured and heard."""
