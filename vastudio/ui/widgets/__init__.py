"""Widgets that know how to show and take a value, and nothing of the studio."""
