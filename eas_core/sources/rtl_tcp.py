"""A dongle on another machine, through rtl_tcp.

The server greets with twelve bytes and then sends samples without an end, I and
Q in turn, a byte each. Commands are five bytes, big-endian:

    0        1        2        3        4
    command  value, 32 bit

After rtl_tcp.c of osmocom's rtl-sdr.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from enum import IntEnum
import struct
import threading
from typing import ClassVar, Final

from ..audio.block import Block, IqBlock
from ..clock import Clock, SystemClock
from ..radio.plan import Tuning
from .dongle import DongleOptions
from .iq import complex_from_u8
from .loss import SampleClock
from .source import SourceError, SourceErrorReason
from .stream_connection import Connection, Stopped, Watch, open_connection

GREETING: Final = struct.Struct(">4sII")
MAGIC: Final = b"RTL0"
COMMAND: Final = struct.Struct(">BI")

CONNECT_SECONDS: Final = 5.0
GREETING_SECONDS: Final = 5.0
STALL_SECONDS: Final = 5.0
"""In which a block must be whole."""

BLOCK_SECONDS: Final = 0.05
RECEIVE_BYTES: Final = 65_536

SETTLE_SECONDS: Final = 1.0
"""For so long samples may still be of the rate that the dongle had before."""

WINDOW_SECONDS: Final = 1.0
LOSS_SECONDS: Final = 0.2
"""More than for a dongle at this machine: a network is less even than USB."""

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
    watch = Watch(SystemClock(), threading.Event())
    with closing(_Server(host, port, watch)) as server:
        return server.greeting()


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
        finds those of `LOSS_SECONDS` and more. Raises SourceError(UNREACHABLE,
        REFUSED, BUSY, WRONG_PROTOCOL, DISCONNECTED, STALLED, INVALID_OPTION).
        """
        with (
            suppress(Stopped),
            closing(_Server(self.host, self.port, Watch(clock, stop))) as server,
        ):
            server.greeting()
            server.send(setup_commands(self.tuning, self.dongle))
            yield from self._blocks(server)

    def _blocks(self, server: _Server) -> Iterator[Block]:
        rate = self.tuning.sample_rate
        arrivals = _Arrivals(rate, server.received_at)
        position = 0
        while True:
            raw = server.read(2 * round(rate * BLOCK_SECONDS))
            position += arrivals.missing(server.received, server.received_at)
            yield IqBlock(
                samples=complex_from_u8(raw),
                sample_rate=rate,
                first_sample=position,
                center_frequency=self.tuning.center_frequency,
            )
            position += len(raw) // 2


class _Arrivals:
    """Finds missing samples once they come at the rate that was set.

    It counts bytes as they come and not whole blocks: Debian's rtl_tcp sends
    0.55 s at a time, of which the last part waits for its block's rest.
    """

    def __init__(self, sample_rate: int, now: float) -> None:
        self._clock = SampleClock(
            sample_rate, window_seconds=WINDOW_SECONDS, loss_seconds=LOSS_SECONDS
        )
        self._settled = now + SETTLE_SECONDS
        self._counted = 0

    def missing(self, received: int, now: float) -> int:
        """Take how many bytes have come in all, the last of them `now`; return samples."""
        samples = received // 2 - self._counted
        self._counted += samples
        return self._clock.missing(samples, now) if now > self._settled else 0


class _Server:
    """rtl_tcp, connected to; whatever waits raises Stopped and SourceError."""

    def __init__(self, host: str, port: int, watch: Watch) -> None:
        self._where = f"{host}:{port}"
        self._watch = watch
        self._connection = _connect(host, port, watch)
        self._rest = bytearray()
        self.received = 0

    @property
    def received_at(self) -> float:
        """When the last bytes came."""
        return self._connection.received_at

    def close(self) -> None:
        self._connection.close()

    def greeting(self) -> DongleInfo:
        """Return what the server says of its dongle; raises SourceError(BUSY, WRONG_PROTOCOL)."""
        self._watch.expect(GREETING_SECONDS, self._busy())
        try:
            while self._is_rtl_tcp() and len(self._rest) < GREETING.size:
                self._receive()
        except SourceError as error:
            if not self._rest:
                raise
            raise self._no_rtl_tcp() from error
        if not self._is_rtl_tcp():
            raise self._no_rtl_tcp()
        _, tuner, gains = GREETING.unpack(self._take(GREETING.size))
        return DongleInfo(tuner=TUNERS.get(tuner, "unknown"), gains=gains)

    def send(self, commands: bytes) -> None:
        """Send commands."""
        self._watch.expect(STALL_SECONDS, self._stalled())
        self._connection.send(commands)

    def read(self, size: int) -> bytes:
        """Return so many bytes; raises SourceError(DISCONNECTED, STALLED)."""
        self._watch.expect(STALL_SECONDS, self._stalled())
        self._watch.check()
        while len(self._rest) < size:
            self._receive()
        return self._take(size)

    def _receive(self) -> None:
        part = self._connection.receive(RECEIVE_BYTES)
        if not part:
            raise _gone(self._where)
        self.received += len(part)
        self._rest += part

    def _take(self, size: int) -> bytes:
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found

    def _is_rtl_tcp(self) -> bool:
        """Whether it may be, by what has come."""
        return MAGIC.startswith(self._rest[: len(MAGIC)])

    def _busy(self) -> SourceError:
        return SourceError(
            SourceErrorReason.BUSY,
            f"Disconnect other programs from rtl_tcp at {self._where}, or check the"
            " port: it answers and says nothing, as when it serves another one.",
        )

    def _no_rtl_tcp(self) -> SourceError:
        return SourceError(
            SourceErrorReason.WRONG_PROTOCOL,
            f"Check the port: what answers at {self._where} is not rtl_tcp.",
        )

    def _stalled(self) -> SourceError:
        return SourceError(
            SourceErrorReason.STALLED,
            f"Restart rtl_tcp at {self._where} and look at its dongle: it sent too"
            f" little for {STALL_SECONDS:.0f} seconds.",
        )


def _connect(host: str, port: int, watch: Watch) -> Connection:
    if not (host and 0 < port < 65536):
        raise SourceError(
            SourceErrorReason.INVALID_OPTION,
            "Name a host, and a port from 1 to 65535.",
        )
    late = SourceError(
        SourceErrorReason.UNREACHABLE,
        f"Check the host's name and network, and that no other program waits for its"
        f" rtl_tcp: {host} does not answer.",
    )
    watch.expect(CONNECT_SECONDS, late)
    try:
        return open_connection(host, port, watch, gone=lambda: _gone(f"{host}:{port}"))
    except SourceError as error:
        if error.reason is SourceErrorReason.REFUSED:
            raise SourceError(
                SourceErrorReason.REFUSED,
                f"Start rtl_tcp with `-a 0.0.0.0` at {host}, or check the port:"
                f" nothing listens at {port}.",
            ) from error
        raise


def _gone(where: str) -> SourceError:
    return SourceError(
        SourceErrorReason.DISCONNECTED,
        f"See whether rtl_tcp still runs at {where}: it ended the connection.",
    )
