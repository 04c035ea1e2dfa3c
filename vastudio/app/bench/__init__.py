"""How fast the studio plays, beside other engines in the same run, and how far from what the core can do."""
