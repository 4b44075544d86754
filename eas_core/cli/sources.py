"""From what is typed for a source to the source and the channels that it hears."""

import argparse
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ..errors import EasError
from ..radio.plan import RadioPlan, broadcast_plan, nwr_plan
from ..sources.catalog import isolated
from ..sources.dongle import DongleOptions
from ..sources.file import FileSource
from ..sources.isolated import find_in_child
from ..sources.pcm import PcmSource
from ..sources.rtl_sdr import RtlSdrSource, find_dongles
from ..sources.rtl_tcp import RtlTcpSource
from ..sources.simulator import SimulatorSource
from ..sources.sound_card import SoundCardSource
from ..sources.source import Source
from ..sources.stream import StreamSource

FORMS: Final = """\
a source is one of:
  simulator                      a weather radio that is not on the air
  FILE                           audio in any format
  rtl_sdr[:SERIAL]               a dongle at this machine
  rtl_tcp://HOST[:PORT]          a dongle at another one
  sound_card:DEVICE              as `devices` names it
  http://… https://… rtsp://…    a stream
  udp://HOST:PORT                raw samples that come there (--rate, --format)
  tcp-listen://HOST:PORT         the same, by a connection from there
  tcp://HOST:PORT                the same, by a connection to there
"""
RTL_TCP_PORT: Final = 1234
PCM_MODES: Final = {
    "udp": "udp",
    "tcp-listen": "tcp_listen",
    "tcp": "tcp_connect",
}
STREAMS: Final = ("http", "https", "rtsp", "rtsps", "icyx", "mms", "rtmp")


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add the source and what can be said of it."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = FORMS
    parser.add_argument("source", metavar="SOURCE", help="see below")
    add_dongle(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--channel",
        action="append",
        type=float,
        metavar="MHZ",
        help="a channel of weather radio, such as 162.550 (default: all seven)",
    )
    what.add_argument("--fm", type=float, metavar="MHZ", help="a broadcast station")
    what.add_argument("--am", type=float, metavar="KHZ", help="a broadcast station")
    parser.add_argument("--rate", type=int, default=48_000, help="Hz of raw samples")
    parser.add_argument(
        "--format", choices=("s16le", "s16be", "f32le", "u8"), default="s16le"
    )
    parser.add_argument("--channels", type=int, default=1, help="in raw samples")
    parser.add_argument(
        "--input", type=int, default=0, help="channel of a sound card, 0 for all"
    )


def add_dongle(parser: argparse.ArgumentParser) -> None:
    """Add what can be set about a dongle."""
    parser.add_argument("--gain", type=float, metavar="DB", help="(default: automatic)")
    parser.add_argument("--ppm", type=int, default=0, help="of the dongle's crystal")
    parser.add_argument("--agc", action="store_true", help="the dongle's digital gain")
    parser.add_argument(
        "--bias-tee", action="store_true", help="feed an amplifier at the antenna"
    )


def build(arguments: argparse.Namespace) -> tuple[Source, RadioPlan | None]:
    """Return the source, and the plan where it is a radio; raises EasError."""
    name: str = arguments.source
    if name == "simulator":
        return SimulatorSource(arguments.location or ["011001"]), None
    kind, _, rest = name.partition(":")
    address = _split(name)
    if kind in ("rtl_sdr", "rtl_tcp"):
        plan = _plan(arguments)
        return build_radio(arguments, plan), plan
    if kind == "sound_card":
        return isolated(SoundCardSource(device=rest, channel=arguments.input)), None
    if address.scheme in PCM_MODES:
        return _pcm(arguments, address), None
    if address.scheme in STREAMS:
        return isolated(StreamSource(url=name)), None
    source = FileSource(name, loop=getattr(arguments, "loop", False), live=True)
    source.check()
    return source, None


def build_radio(arguments: argparse.Namespace, plan: RadioPlan) -> Source:
    """Return a dongle here or elsewhere, tuned for a plan; raises EasError."""
    name: str = arguments.source
    dongle = DongleOptions(
        gain_db=arguments.gain,
        ppm=arguments.ppm,
        agc=arguments.agc,
        bias_tee=arguments.bias_tee,
    )
    kind, _, rest = name.partition(":")
    if kind == "rtl_sdr":
        serial = rest or _only_dongle()
        return isolated(RtlSdrSource(serial=serial, tuning=plan.tuning, dongle=dongle))
    # Not the whole: an underscore may not be in a URL's scheme.
    address = _split(rest)
    if kind != "rtl_tcp" or not address.hostname:
        raise EasError("Name a radio: rtl_sdr, rtl_sdr:SERIAL or rtl_tcp://HOST:PORT.")
    return RtlTcpSource(
        host=address.hostname,
        port=_port(address) or RTL_TCP_PORT,
        tuning=plan.tuning,
        dongle=dongle,
    )


def _plan(arguments: argparse.Namespace) -> RadioPlan:
    if arguments.fm is not None:
        return broadcast_plan(round(arguments.fm * 1e6))
    if arguments.am is not None:
        return broadcast_plan(round(arguments.am * 1e3))
    if arguments.channel:
        return nwr_plan([round(each * 1e6) for each in arguments.channel])
    return nwr_plan()


def _only_dongle() -> str:
    found = find_in_child(find_dongles)
    if len(found) != 1:
        names = ", ".join(one.serial for one in found) or "none"
        raise EasError(
            f"Name the dongle by its serial, rtl_sdr:SERIAL; found: {names}."
        )
    return found[0].serial


def _pcm(arguments: argparse.Namespace, address: SplitResult) -> PcmSource:
    port = _port(address)
    if port is None:
        raise EasError("Name the port, such as udp://0.0.0.0:7355.")
    mode = PCM_MODES[address.scheme]
    return PcmSource(
        mode=mode,  # type: ignore[arg-type]
        host=address.hostname or "0.0.0.0",  # noqa: S104
        port=port,
        sample_rate=arguments.rate,
        channels=arguments.channels,
        sample_format=arguments.format,
    )


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError as error:
        raise EasError(f"Check the address: {url} is none.") from error


def _port(address: SplitResult) -> int | None:
    try:
        return address.port
    except ValueError as error:
        raise EasError("Use a port from 1 to 65535.") from error
