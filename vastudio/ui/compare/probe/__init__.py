"""The Probe tab: how a model behaves by itself, whatever it was made from."""
