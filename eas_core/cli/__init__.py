"""The command line: `python -m eas_core decode|encode|listen|simulate`."""

import argparse
from collections.abc import Sequence
import os
import sys

from .. import __version__
from ..errors import EasError
from . import decode, encode, listen, simulate

BAD_INPUT = 2
COMMANDS = (decode, encode, listen, simulate)


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
    arguments = build_parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except EasError as error:
        print(f"eas-station: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # Whoever read has enough. What is still buffered must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code
