"""`simulate`: the simulator's station as audio, for testing other decoders."""

import argparse
from datetime import UTC, datetime, timedelta
import sys
import threading

from ..clock import SystemClock
from ..errors import EasError
from ..sources.simulator import SAMPLE_RATE, SimulatorSource
from .decode import Commands
from .encode import WARNING, audio_output


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "simulate", help="write what the simulator sends", epilog=WARNING
    )
    parser.add_argument(
        "output",
        metavar="FILE",
        help=f"FILE.wav, FILE.flac, or - for raw s16le, at {SAMPLE_RATE} Hz",
    )
    parser.add_argument("--seconds", type=float, default=60.0)
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
    """Write so many seconds; raises EasError for what cannot be sent."""
    if not 0 < arguments.seconds <= 86_400:
        raise EasError("Ask for more than 0 and up to 86400 seconds.")
    if not (arguments.first >= 0 and arguments.interval >= 0):
        raise EasError("Use 0 or more seconds to the first alert and between alerts.")
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
