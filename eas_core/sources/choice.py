"""From what a user names to the source and the channels that it hears."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ..errors import EasError
from ..radio.plan import RadioPlan, broadcast_plan, nwr_plan
from .catalog import isolated
from .dongle import DongleOptions
from .file import FileSource
from .isolated import find_in_child
from .pcm import PcmSource
from .rtl_sdr import RtlSdrSource, find_dongles
from .rtl_tcp import RtlTcpSource
from .simulator import SimulatorSource
from .sound_card import SoundCardSource
from .source import Source
from .stream import StreamSource

FORMS: Final = """\
a source is one of:
  simulator                      a weather radio that is not on the air
  FILE                           audio in any format
  rtl_sdr[:SERIAL]               a dongle at this machine
  rtl_tcp://HOST[:PORT]          a dongle at another one
  sound_card:DEVICE              as `devices` names it
  http://… https://… rtsp://…    a stream
  udp://HOST:PORT                raw samples that come there (rate, format)
  tcp-listen://HOST:PORT         the same, by a connection from there
  tcp://HOST:PORT                the same, by a connection to there
"""
RTL_TCP_PORT: Final = 1234
PCM_MODES: Final = {
    "udp": "udp",
    "tcp-listen": "tcp_listen",
    "tcp": "tcp_connect",
}
SAMPLE_FORMATS: Final = ("s16le", "s16be", "f32le", "u8")
STREAMS: Final = ("http", "https", "rtsp", "rtsps", "icyx", "mms", "rtmp")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChoice:
    """A source by its name (FORMS), and what is set about it.

    A radio hears the `channels` of weather radio (MHz; all seven where none is
    named), or one broadcast station: `fm` (MHz) or `am` (kHz). `rate` (Hz),
    `sample_format` and `inputs` are of raw samples, `input` is the channel of a
    sound card (0 for all), `locations` (PSSCCC) what the simulator warns of.
    """

    source: str = field(repr=False)
    channels: tuple[float, ...] = ()
    fm: float | None = None
    am: float | None = None
    dongle: DongleOptions = field(default_factory=DongleOptions)
    rate: int = 48_000
    sample_format: str = "s16le"
    inputs: int = 1
    input: int = 0
    locations: tuple[str, ...] = ("011001",)
    loop: bool = False


def choose_source(choice: SourceChoice) -> tuple[Source, RadioPlan | None]:
    """Return the source, and the plan where it is a radio; raises EasError."""
    name = choice.source
    if name == "simulator":
        return SimulatorSource(list(choice.locations)), None
    kind, _, rest = name.partition(":")
    address = _split(name)
    if kind in ("rtl_sdr", "rtl_tcp"):
        plan = _plan(choice)
        return choose_radio(name, plan, choice.dongle), plan
    if kind == "sound_card":
        return isolated(SoundCardSource(device=rest, channel=choice.input)), None
    if address.scheme in PCM_MODES:
        return _pcm(choice, address), None
    if address.scheme in STREAMS:
        return isolated(StreamSource(url=name)), None
    source = FileSource(name, loop=choice.loop, live=True)
    source.check()
    return source, None


def choose_radio(name: str, plan: RadioPlan, dongle: DongleOptions) -> Source:
    """Return a dongle here or elsewhere, tuned for a plan; raises EasError."""
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


def _plan(choice: SourceChoice) -> RadioPlan:
    if choice.fm is not None:
        return broadcast_plan(round(choice.fm * 1e6))
    if choice.am is not None:
        return broadcast_plan(round(choice.am * 1e3))
    if choice.channels:
        return nwr_plan([round(each * 1e6) for each in choice.channels])
    return nwr_plan()


def _only_dongle() -> str:
    found = find_in_child(find_dongles)
    if len(found) != 1:
        names = ", ".join(one.serial for one in found) or "none"
        raise EasError(
            f"Name the dongle by its serial, rtl_sdr:SERIAL; found: {names}."
        )
    return found[0].serial


def _pcm(choice: SourceChoice, address: SplitResult) -> PcmSource:
    port = _port(address)
    if port is None:
        raise EasError("Name the port, such as udp://0.0.0.0:7355.")
    return PcmSource(
        mode=PCM_MODES[address.scheme],  # type: ignore[arg-type]
        host=address.hostname or "0.0.0.0",  # noqa: S104 - Who names no host wants all.
        port=port,
        sample_rate=choice.rate,
        channels=choice.inputs,
        sample_format=choice.sample_format,  # type: ignore[arg-type]
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
