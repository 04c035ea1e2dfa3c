"""What an engineer wants to know about any model that plays, measured through the engine.

`quick` takes seconds and goes into the model file; `report` runs every file of `measures/` at one knob
position. Each measure tells facts and judges them where there is a goal.
"""
