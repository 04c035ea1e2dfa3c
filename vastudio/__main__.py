"""`vastudio` without arguments opens the window; with a command it works without one."""

from __future__ import annotations

import sys


def main() -> int:
    """Entry point; returns the process's exit code."""
    arguments = sys.argv[1:]
    if not arguments:
        from vastudio.ui.application import run as run_window  # noqa: PLC0415 (the command line needs no Qt)

        return run_window(sys.argv)
    from vastudio.cli import run as run_command  # noqa: PLC0415 (the window needs no command line)

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())
