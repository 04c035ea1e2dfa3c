"""Write the studio's demonstration phrases to resources/audio as 24-bit FLAC.

Run from the repository root: `.venv/bin/python tools/make_demo_phrase.py`. Nothing in them is recorded:
vastudio/audio/phrase.py holds the scores, and the same files come out every time.
"""

from __future__ import annotations

from vastudio.audio import io, phrase
from vastudio.paths import resources
from vastudio.types import STANDARD_RATE


def main() -> None:
    """Render every score."""
    for name, score in phrase.SCORES.items():
        io.write(resources() / "audio" / f"{name}.flac", phrase.render(score), STANDARD_RATE, "PCM_24")


if __name__ == "__main__":
    main()
