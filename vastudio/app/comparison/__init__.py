"""How close a model is to its target: one pair of recordings, measured in every way the studio knows.

A `pair.Pair` is what was recorded; `comparing.render_pair` adds what the model makes of it, at once;
`comparing.measure_rendering` adds the numbers, which take longer. Bands, timeline and spectrum look closer at
one of them, `positions` at all captures of a dataset; `goals` says which number is good enough, and why.
"""
