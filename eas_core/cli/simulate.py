"""`simulate`: the simulator as audio in a file, or as a radio that rtl_tcp serves."""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import sys
import threading
from typing import Final

from ..clock import SystemClock
from ..errors import EasError
from ..radio.plan import NWR_CHANNELS, channel_name
from ..simulator.band import LEVELS_DBFS, NOISE_DBFS, BandOptions, BandSimulator
from ..simulator.rtl_tcp import RtlTcpServer
from ..sources.simulator import SAMPLE_RATE, SimulatorSource
from .decode import Commands
from .encode import WARNING, audio_output

STATION_DBFS: Final = -12.0
MOST_PPM: Final = 500
NOISE: Final = (-150, 0)
LEVELS: Final = (-150.0, 20.0)
"""dBFS; what is above 0 clips."""


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "simulate", help="write or serve what the simulator sends", epilog=WARNING
    )
    parser.add_argument(
        "output",
        metavar="FILE",
        nargs="?",
        help=f"FILE.wav, FILE.flac, or - for raw s16le, at {SAMPLE_RATE} Hz",
    )
    radio = parser.add_argument_group("as a radio, in place of a file")
    radio.add_argument(
        "--rtl-tcp",
        metavar="[HOST:]PORT",
        help="serve all seven channels as rtl_tcp does, until Ctrl-C",
    )
    radio.add_argument(
        "--ppm", type=float, default=0.0, help="how fast the dongle's crystal is"
    )
    radio.add_argument(
        "--noise", type=float, default=NOISE_DBFS, help="dBFS in a channel of 15 kHz"
    )
    radio.add_argument(
        "--station",
        action="append",
        metavar="MHZ[=DBFS]",
        help="a channel that is on, and its level (default: six of the seven)",
    )
    radio.add_argument(
        "--warn-on",
        action="append",
        metavar="MHZ",
        help="a channel that sends warnings (default: all that are on)",
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="length of FILE (default 60)"
    )
    parser.add_argument("--location", action="append", metavar="PSSCCC")
    parser.add_argument("--call-sign", default="KSIM/NWS")
    parser.add_argument(
        "--first", type=float, default=15.0, help="s to the first alert"
    )
    parser.add_argument(
        "--interval", type=float, default=1800.0, help="s between alerts"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run)


class HurriedClock(SystemClock):
    """A clock that goes as fast as it is waited for."""

    def __init__(self) -> None:
        """Begin now."""
        self._start = datetime.now(UTC)
        self._passed = 0.0

    def now(self) -> datetime:
        """Return the moment that has been waited for."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Return the seconds that were waited for."""
        return self._passed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let the seconds pass at once; return whether the event is set."""
        self._passed += max(0.0, seconds)
        return event.is_set()


def run(arguments: argparse.Namespace) -> int:
    """Write so many seconds, or serve; raises EasError for what cannot be sent."""
    if (arguments.output is None) is (arguments.rtl_tcp is None):
        raise EasError("Name a file to write, or a port with --rtl-tcp.")
    if not (arguments.first >= 0 and arguments.interval >= 0):
        raise EasError("Use 0 or more seconds to the first alert and between alerts.")
    if not (abs(arguments.ppm) <= MOST_PPM and NOISE[0] <= arguments.noise <= NOISE[1]):
        raise EasError(
            f"Use up to {MOST_PPM} ppm, and noise from {NOISE[0]} to {NOISE[1]} dBFS."
        )
    return _write(arguments) if arguments.output else _serve(arguments)


def _write(arguments: argparse.Namespace) -> int:
    if not 0 < arguments.seconds <= 86_400:
        raise EasError("Ask for more than 0 and up to 86400 seconds.")
    source = SimulatorSource(
        arguments.location or ["011001"],
        call_sign=arguments.call_sign,
        first_alert_seconds=arguments.first,
        interval_seconds=arguments.interval,
        seed=arguments.seed,
    )
    left = round(arguments.seconds * SAMPLE_RATE)
    with audio_output(arguments.output, SAMPLE_RATE) as write:
        for block in source.blocks(HurriedClock(), threading.Event()):
            write(block.samples[:left])
            left -= len(block.samples)
            if left <= 0:
                break
    print(WARNING, file=sys.stderr)
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    host, port = _address(arguments.rtl_tcp)
    levels = _levels(arguments.station)
    warn_on = [_channel(name) for name in arguments.warn_on or ()]
    options = BandOptions(
        locations=tuple(arguments.location or ["011001"]),
        call_sign=arguments.call_sign,
        first_alert_seconds=arguments.first,
        interval_seconds=arguments.interval,
        warning_channels=warn_on or NWR_CHANNELS,
        levels_dbfs=levels,
        noise_dbfs=arguments.noise,
        ppm=arguments.ppm,
        seed=arguments.seed,
    )
    clock = SystemClock()
    with RtlTcpServer(BandSimulator(options, clock), host, port, clock) as server:
        print(
            f"{WARNING}\nServing as rtl_tcp at {host}:{server.port}; Ctrl-C ends.",
            file=sys.stderr,
            flush=True,
        )
        threading.Event().wait()
    return 0


def _address(text: str) -> tuple[str, int]:
    """Return host and port of `[HOST:]PORT`; raises EasError."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal()):
        raise EasError("Name the port as a number, such as --rtl-tcp 1234.")
    return host.strip("[]") or "127.0.0.1", int(port)


def _levels(named: list[str] | None) -> Mapping[int, float | None]:
    """Return the level of each station that is on; raises EasError."""
    if not named:
        return LEVELS_DBFS
    levels: dict[int, float | None] = {}
    for text in named:
        name, _, level = text.partition("=")
        try:
            dbfs = float(level) if level else STATION_DBFS
        except ValueError as error:
            raise EasError("Name a station as 162.550 or 162.550=-12.") from error
        if not LEVELS[0] <= dbfs <= LEVELS[1]:
            raise EasError("Use a level from -150 to 20 dBFS.")
        levels[_channel(name)] = dbfs
    return levels


def _channel(name: str) -> int:
    """Return the frequency of a channel named in MHz; raises EasError."""
    named = {channel_name(each): each for each in NWR_CHANNELS}
    try:
        return named[f"{float(name):.3f}"]
    except (KeyError, ValueError) as error:
        raise EasError("Name a channel as 162.550: 162.400 to 162.550 MHz.") from error
