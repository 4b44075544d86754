"""`scan`: which of the seven channels are heard here, and which should be."""

import argparse
import json
import sys
from typing import Any

from ..radio.plan import nwr_plan
from ..sources.choice import choose_radio
from ..station.scan import SCAN_SECONDS, ScannedChannel, propose, scan
from .decode import NOTHING_DECODED, Commands
from .sources import add_dongle, dongle_options


def add_parser(commands: Commands) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "scan", help="measure the seven channels of weather radio"
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="rtl_sdr[:SERIAL] or rtl_tcp://HOST[:PORT]"
    )
    parser.add_argument("--latitude", type=float, required=True, help="of your home")
    parser.add_argument("--longitude", type=float, required=True)
    parser.add_argument("--seconds", type=float, default=SCAN_SECONDS)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_dongle(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the channels, the best first; 1 where none is heard."""
    scanned = scan(
        choose_radio(arguments.source, nwr_plan(), dongle_options(arguments)),
        arguments.latitude,
        arguments.longitude,
        seconds=max(4.0, arguments.seconds),
        progress=_show,
    )
    for one in scanned:
        if arguments.json:
            print(json.dumps(_fields(one), ensure_ascii=False))
        else:
            print(_line(one))
    heard = [one for one in scanned if one.heard]
    if not arguments.json and heard:
        chosen = " ".join(f"--channel {each / 1e6:.3f}" for each in propose(scanned))
        print(f"listen {arguments.source} {chosen}")
    return 0 if heard else NOTHING_DECODED


def _show(share: float) -> None:
    if sys.stderr.isatty():
        end = "\r" if share < 1 else "\r\x1b[K"
        print(f"{share:4.0%}", end=end, file=sys.stderr, flush=True)


def _line(one: ScannedChannel) -> str:
    quality = one.quality
    figures = (
        f"{one.channel.name}  {quality.snr_db:5.1f} dB SNR  {quality.power_dbfs:6.1f} dBFS"
        f"  {quality.offset_hz:+6.0f} Hz"
        if one.heard
        else f"{one.channel.name}  not heard                        "
    )
    near = [
        f"{each.transmitter.call_sign} {each.transmitter.name}, {each.transmitter.state}"
        f" (about {each.distance_km:.0f} km {each.wind}{', yours' if each.serves_home else ''})"
        for each in one.transmitters[:3]
    ]
    return f"{figures}  {'; '.join(near) or 'no transmitter known near here'}"


def _fields(one: ScannedChannel) -> dict[str, Any]:
    quality = one.quality
    return {
        "channel": one.channel.name,
        "frequency": one.channel.frequency,
        "heard": one.heard,
        "serves_home": one.serves_home,
        "snr_db": round(quality.snr_db, 1),
        "power_dbfs": round(quality.power_dbfs, 1),
        "quieting_db": round(quality.quieting_db, 1),
        "deviation_hz": round(quality.deviation_hz),
        "offset_hz": round(quality.offset_hz),
        "transmitters": [
            {
                "call_sign": each.transmitter.call_sign,
                "name": each.transmitter.name,
                "state": each.transmitter.state,
                "distance_km": round(each.distance_km),
                "bearing": round(each.bearing_degrees),
                "serves_home": each.serves_home,
            }
            for each in one.transmitters
        ],
    }
