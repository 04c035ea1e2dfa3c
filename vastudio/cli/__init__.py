"""The command line: one file per command, each with a `COMMAND`; only the one asked for is imported.

Results go to standard output (one JSON object with `--json`), progress to standard error. Bad input ends
with exit code 2 and one line that says what to do next.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import pkgutil
import sys
from typing import NoReturn

import vastudio
from vastudio.cli._command import Command, Output
from vastudio.errors import StudioError, did_you_mean

INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """Argument errors in one line, like every other error."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{self.prog}: {message}. See '{self.prog} --help'.\n")
        sys.exit(2)


def command_names() -> dict[str, str]:
    """Command name → module name; a trailing underscore keeps clear of Python's keywords."""
    modules = (info.name for info in pkgutil.iter_modules(__path__))
    return {name.rstrip("_").replace("_", "-"): name for name in modules if not name.startswith("_")}


def load(name: str) -> Command:
    """Import the command called `name`."""
    command: Command = importlib.import_module(f"{__name__}.{command_names()[name]}").COMMAND
    return command


def run(arguments: list[str]) -> int:
    """Run one command line (without the program's name) and return its exit code."""
    name, rest = arguments[0], arguments[1:]
    if name in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0
    if name in ("-V", "--version"):
        sys.stdout.write(f"vastudio {vastudio.__version__}\n")
        return 0
    if name not in command_names():
        sys.stderr.write(f"vastudio: there is no command '{name}'. {did_you_mean(name, command_names())}\n")
        return 2
    return _run_command(name, rest)


def _run_command(name: str, rest: list[str]) -> int:
    command = load(name)
    parser = _Parser(prog=f"vastudio {name}", description=command.help)
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    parser.add_argument("--details", action="store_true", help="on an error, print everything known about it")
    command.configure(parser)
    try:
        arguments = parser.parse_args(rest)
    except SystemExit as end:
        return int(end.code or 0)
    try:
        return command.run(arguments, Output(arguments.json))
    except StudioError as error:
        sys.stderr.write(f"vastudio {name}: {' '.join(str(error).split())}\n")
        for line in error.details.splitlines() if arguments.details else ():
            sys.stderr.write(f"  {line}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, e.g. `| head`
        with contextlib.suppress(OSError):
            sys.stdout.close()
        return 0


def _overview() -> str:
    lines = ["usage: vastudio [COMMAND …]", "", "Without a command the window opens. Commands:", ""]
    lines += [f"  {name:<10}{load(name).help}" for name in sorted(command_names())]
    lines += ["", "'vastudio COMMAND --help' tells more; every command knows --json.", ""]
    return "\n".join(lines)
