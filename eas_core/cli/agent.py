"""`agent`: stations beside the antenna that tell an MQTT broker what they hear."""

import argparse
import logging
import os
import signal
import sys
import threading
from types import FrameType

from ..agent.config import read_config
from ..agent.supervisor import Supervisor
from ..errors import EasError
from ..heap import give_back_large_blocks
from .decode import Commands

FORMAT = "%(levelname)s %(message)s"


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser("agent", help="hear for an MQTT broker")
    parser.add_argument("--config", metavar="FILE", required=True, help="docs/agent.md")
    parser.add_argument(
        "--check", action="store_true", help="only say whether the file can be used"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Hear until a signal comes."""
    logging.basicConfig(level=logging.INFO, format=FORMAT, stream=sys.stderr)
    config = read_config(arguments.config, os.environ)
    try:
        from ..agent.agent import Agent
    except ModuleNotFoundError as error:
        raise EasError(
            "Install the agent's parts: pip install 'eas-core[agent]'."
        ) from error
    if arguments.check:
        names = ", ".join(station.name for station in config.stations)
        print(f"{config.topics.agent}: {names}")
        return 0
    give_back_large_blocks()
    stations = {each.name: each.build() for each in config.stations}
    agent, stop = Agent(config, stations, Supervisor(os.environ)), threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()
        agent.wake()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    agent.run(stop)
    return 0
