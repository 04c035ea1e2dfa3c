"""Taking models to other programs: what can go exactly, what is learned anew, and the proof of both."""
