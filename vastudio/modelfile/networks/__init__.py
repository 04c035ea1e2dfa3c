"""What networks consist of, whatever file they came from: layers, WaveNets, and how they are read."""
