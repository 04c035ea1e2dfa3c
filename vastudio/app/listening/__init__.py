"""Listening tests without a window: material, ABX, ratings in the manner of MUSHRA, their results.

`material` cuts what is heard, `abx` and `mushra` are the tests as pure state machines, `sessions` keeps
them on the disk from answer to answer, `statistics`, `pooling` and `ratings` say what the answers mean.
Nothing here makes a sound or waits; one thread at a time uses a session.
"""
