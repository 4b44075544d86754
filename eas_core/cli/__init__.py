"""The command line: `python -m eas_core agent|decode|devices|encode|listen|scan|simulate`."""

import argparse
from collections.abc import Sequence
import io
import os
import sys

from .. import __version__
from ..errors import EasError
from . import agent, decode, devices, encode, listen, scan, simulate

BAD_INPUT = 2
COMMANDS = (agent, decode, encode, listen, devices, scan, simulate)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with all commands."""
    parser = argparse.ArgumentParser(
        prog="eas-station", description="Hear and make SAME messages."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return 0, 1 where nothing was decoded, 2 for bad input."""
    _print_any_name()
    arguments = build_parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except EasError as error:
        print(f"eas-station: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        _discard_output()
        return 0
    except OSError as error:
        _discard_output()
        print(
            f"eas-station: Look at what is read and written: {error.strerror}.",
            file=sys.stderr,
        )
        return BAD_INPUT
    except KeyboardInterrupt:
        return 130
    return code


def _print_any_name() -> None:
    """Let names that are no text in the user's encoding be printed, as escapes.

    In JSON they are the escapes of JSON, and so the name as it was given.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    # Nobody takes what is still buffered, and it must not complain at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
