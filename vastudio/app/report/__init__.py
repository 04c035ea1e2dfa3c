"""Reports: what is known about models, as one web page that needs no network.

`html` and `sounds` are what pages are made of (the demonstration uses them too), `material` gathers what a
report tells, `sections` says it, `writing` makes the file.
"""
