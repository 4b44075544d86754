"""A dongle on another machine, through rtl_tcp.

The server greets with twelve bytes and then sends samples without an end, I and
Q in turn, a byte each. Commands are five bytes, big-endian:

    0        1        2        3        4
    command  value, 32 bit

After rtl_tcp.c of osmocom's rtl-sdr.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
import socket
import struct
import threading
from typing import ClassVar, Final, Self

from ..audio.block import Block, IqBlock
from ..clock import Clock, SystemClock
from ..radio.plan import Tuning
from .dongle import DongleOptions
from .iq import complex_from_u8
from .loss import SampleClock
from .source import SourceError, SourceErrorReason

GREETING: Final = struct.Struct(">4sII")
MAGIC: Final = b"RTL0"
COMMAND: Final = struct.Struct(">BI")

CONNECT_SECONDS: Final = 5.0
GREETING_SECONDS: Final = 5.0
STALL_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.2
"""How often `stop` is looked at while nothing comes."""

BLOCK_SECONDS: Final = 0.05

TUNERS: Final = {
    1: "E4000",
    2: "FC0012",
    3: "FC0013",
    4: "FC2580",
    5: "R820T",
    6: "R828D",
}


class Command(IntEnum):
    """What a server can be told."""

    FREQUENCY = 0x01
    SAMPLE_RATE = 0x02
    GAIN_MODE = 0x03
    GAIN = 0x04
    PPM = 0x05
    IF_GAIN = 0x06
    TEST_MODE = 0x07
    AGC = 0x08
    DIRECT_SAMPLING = 0x09
    OFFSET_TUNING = 0x0A
    RTL_XTAL = 0x0B
    TUNER_XTAL = 0x0C
    GAIN_BY_INDEX = 0x0D
    BIAS_TEE = 0x0E


@dataclass(frozen=True, slots=True, kw_only=True)
class DongleInfo:
    """What a server says of its dongle."""

    tuner: str
    gains: int


def probe(host: str, port: int) -> DongleInfo:
    """Ask a server for its dongle; raises SourceError. Blocks for seconds: not for an event loop."""
    clock, stop = SystemClock(), threading.Event()
    with _Connection(host, port, clock, stop) as connection:
        return connection.greeting()


def setup_commands(tuning: Tuning, dongle: DongleOptions) -> bytes:
    """Return the commands that set a dongle, in an order that suits every tuner."""
    automatic = dongle.gain_db is None
    commands = [
        (Command.SAMPLE_RATE, tuning.sample_rate),
        (Command.DIRECT_SAMPLING, tuning.direct_sampling),
        (Command.PPM, dongle.ppm & 0xFFFFFFFF),
        (Command.FREQUENCY, tuning.center_frequency),
        (Command.AGC, int(dongle.agc)),
        (Command.GAIN_MODE, int(not automatic)),
    ]
    if dongle.gain_db is not None:
        commands.append((Command.GAIN, round(dongle.gain_db * 10) & 0xFFFFFFFF))
    commands.append((Command.BIAS_TEE, int(dongle.bias_tee)))
    return b"".join(COMMAND.pack(*each) for each in commands)


@dataclass(frozen=True, kw_only=True)
class RtlTcpSource:
    """The IQ samples of an rtl_tcp server."""

    kind: ClassVar = "rtl_tcp"
    live: ClassVar = True

    host: str
    port: int = 1234
    tuning: Tuning
    dongle: DongleOptions = field(default_factory=DongleOptions)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        """Yield IqBlocks of about 50 ms at the pace of the server.

        The server tells nothing of samples that it drops: `loss.SampleClock`
        finds those of 50 ms and more. Raises SourceError(UNREACHABLE, REFUSED,
        BUSY, WRONG_PROTOCOL, DISCONNECTED, STALLED, INVALID_OPTION).
        """
        rate = self.tuning.sample_rate
        lost = SampleClock(rate)
        position = 0
        with _Connection(self.host, self.port, clock, stop) as connection:
            connection.greeting()
            connection.send(setup_commands(self.tuning, self.dongle))
            size = 2 * round(rate * BLOCK_SECONDS)
            while (raw := connection.read(size, STALL_SECONDS)) is not None:
                position += lost.missing(len(raw) // 2, clock.monotonic())
                yield IqBlock(
                    samples=complex_from_u8(raw),
                    sample_rate=rate,
                    first_sample=position,
                    center_frequency=self.tuning.center_frequency,
                )
                position += len(raw) // 2


class _Connection:
    """A connection whose every wait ends in time or with `stop`."""

    def __init__(
        self, host: str, port: int, clock: Clock, stop: threading.Event
    ) -> None:
        self._where = f"{host}:{port}"
        self._clock = clock
        self._stop = stop
        self._rest = bytearray()
        if not 0 < port < 65536:
            raise SourceError(
                SourceErrorReason.INVALID_OPTION, "Use a port from 1 to 65535."
            )
        try:
            self._socket = socket.create_connection((host, port), CONNECT_SECONDS)
        except (OSError, UnicodeError) as error:
            raise _connect_error(error, host, port) from error
        self._socket.settimeout(LOOK_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *unused: object) -> None:
        self._socket.close()

    def greeting(self) -> DongleInfo:
        """Return what the server says of its dongle; raises SourceError(BUSY, WRONG_PROTOCOL)."""
        try:
            raw = self.read(GREETING.size, GREETING_SECONDS)
        except SourceError as error:
            if error.reason is not SourceErrorReason.STALLED:
                raise
            if self._rest:
                raise self._no_rtl_tcp() from error
            raise SourceError(
                SourceErrorReason.BUSY,
                f"Disconnect other programs from {self._where}: it answers and says"
                " nothing, as rtl_tcp does that serves another one.",
            ) from error
        if raw is None:
            return DongleInfo(tuner="", gains=0)
        magic, tuner, gains = GREETING.unpack(raw)
        if magic != MAGIC:
            raise self._no_rtl_tcp()
        return DongleInfo(tuner=TUNERS.get(tuner, "unknown"), gains=gains)

    def send(self, commands: bytes) -> None:
        """Send commands; raises SourceError(DISCONNECTED)."""
        try:
            self._socket.sendall(commands)
        except OSError as error:
            raise self._gone() from error

    def read(self, size: int, seconds: float) -> bytes | None:
        """Return so many bytes, None when stopped; raises SourceError(DISCONNECTED, STALLED)."""
        since = self._clock.monotonic()
        while not self._stop.is_set() and len(self._rest) < size:
            try:
                part = self._socket.recv(65536)
            except TimeoutError:
                if self._clock.monotonic() - since > seconds:
                    raise SourceError(
                        SourceErrorReason.STALLED,
                        f"Restart rtl_tcp at {self._where} and look at its dongle: it"
                        f" sent nothing for {seconds:.0f} seconds.",
                    ) from None
                continue
            except OSError as error:
                raise self._gone() from error
            if not part:
                raise self._gone()
            since = self._clock.monotonic()
            self._rest += part
        if self._stop.is_set():
            return None
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found

    def _gone(self) -> SourceError:
        return SourceError(
            SourceErrorReason.DISCONNECTED,
            f"See whether rtl_tcp still runs at {self._where}: it ended the connection.",
        )

    def _no_rtl_tcp(self) -> SourceError:
        return SourceError(
            SourceErrorReason.WRONG_PROTOCOL,
            f"Check the port: what answers at {self._where} is not rtl_tcp.",
        )


def _connect_error(error: Exception, host: str, port: int) -> SourceError:
    if isinstance(error, ConnectionRefusedError):
        return SourceError(
            SourceErrorReason.REFUSED,
            f"Start rtl_tcp with `-a 0.0.0.0` at {host}, or check the port {port}:"
            " nothing listens there.",
        )
    return SourceError(
        SourceErrorReason.UNREACHABLE,
        f"Check the name and the network: {host} cannot be reached.",
    )
