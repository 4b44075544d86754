"""`devices`: the dongles and sound cards of this machine, as `listen` takes them."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
import json
import sys

from ..sources.isolated import find_in_child
from ..sources.rtl_sdr import DongleFound, find_dongles
from ..sources.sound_card import SoundDevice, find_sound_devices
from ..sources.source import SourceError
from .decode import NOTHING_DECODED, Commands


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser("devices", help="list dongles and sound cards")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what is found; 1 where there is nothing."""
    dongles = _find(find_dongles)
    cards = _find(find_sound_devices)
    found: list[DongleFound | SoundDevice] = [*dongles, *cards]
    for device in found:
        source = (
            f"rtl_sdr:{device.serial}"
            if isinstance(device, DongleFound)
            else f"sound_card:{device.device}"
        )
        if arguments.json:
            print(json.dumps({"source": source} | asdict(device), ensure_ascii=False))
        else:
            print(f"{source}    {device.name}")
    return 0 if found else NOTHING_DECODED


def _find[Found](find: Callable[[], list[Found]]) -> list[Found]:
    try:
        return find_in_child(find)
    except SourceError as error:
        print(f"eas-station: {error}", file=sys.stderr)
        return []
