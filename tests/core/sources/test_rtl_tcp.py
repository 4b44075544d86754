"""A dongle on another machine: what it is told, and what comes of what it sends."""

from collections.abc import Iterator
import socket
import struct
import threading
import time

import numpy as np
import pytest

from eas_core.audio.block import IqBlock
from eas_core.clock import SystemClock
from eas_core.modem.decoder import SameDecoder
from eas_core.radio.plan import DIRECT_SAMPLING_Q, NWR_CENTER, Tuning, nwr_plan
from eas_core.radio.receiver import Receiver
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.rtl_tcp import DongleInfo, RtlTcpSource, probe
from eas_core.sources.source import SourceError, SourceErrorReason
from tests.peers.network import until
from tests.peers.rtl_tcp import GREETING, TUNING, peer, source


@pytest.fixture
def server() -> Iterator[RtlTcpServer]:
    band = BandSimulator(BandOptions(), SystemClock())
    with RtlTcpServer(band) as running:
        yield running


def to_its_end(port: int) -> Iterator[IqBlock]:
    """Hear until the server ends the connection."""
    try:
        for block in source(port).blocks(SystemClock(), threading.Event()):
            assert isinstance(block, IqBlock)
            yield block
    except SourceError as error:
        assert error.reason is SourceErrorReason.DISCONNECTED


def chunks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_a_server_tells_its_tuner(server: RtlTcpServer) -> None:
    assert probe("127.0.0.1", server.port) == DongleInfo(tuner="R820T", gains=29)


@pytest.mark.parametrize(
    ("number", "name"), [(1, "E4000"), (6, "R828D"), (99, "unknown")]
)
def test_tuners_have_their_names(number: int, name: str) -> None:
    with peer(
        lambda client: client.sendall(b"RTL0" + struct.pack(">II", number, 3))
    ) as port:
        assert probe("127.0.0.1", port) == DongleInfo(tuner=name, gains=3)


def test_every_setting_arrives_as_it_was_set() -> None:
    told: list[bytes] = []

    def talk(client: socket.socket) -> None:
        client.sendall(GREETING)
        while len(b"".join(told)) < 40 and (part := client.recv(100)):
            told.append(part)

    tuning = Tuning(center_frequency=1_130_000, sample_rate=240_000, direct_sampling=2)
    assert tuning.direct_sampling == DIRECT_SAMPLING_Q
    dongle = DongleOptions(gain_db=32.8, ppm=-3, agc=True, bias_tee=True)
    with peer(talk) as port:
        heard = RtlTcpSource(host="127.0.0.1", port=port, tuning=tuning, dongle=dongle)
        with pytest.raises(SourceError):
            list(heard.blocks(SystemClock(), threading.Event()))
    commands = [struct.unpack(">Bi", part) for part in chunks(b"".join(told), 5)]
    assert commands == [
        (0x02, 240_000),
        (0x09, 2),
        (0x05, -3),
        (0x01, 1_130_000),
        (0x08, 1),
        (0x03, 1),
        (0x04, 328),
        (0x0E, 1),
    ]


def test_automatic_gain_is_asked_for_and_no_gain_is_set(server: RtlTcpServer) -> None:
    stop = threading.Event()
    for _ in source(server.port).blocks(SystemClock(), stop):
        stop.set()
    until(lambda: len(server.commands) == 7)
    assert (0x03, 0) in server.commands
    assert 0x04 not in dict(server.commands)


def test_bytes_are_samples_whatever_the_pieces_they_come_in() -> None:
    raw = np.random.default_rng(3).integers(0, 256, 60_000, np.uint8)

    def talk(client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data, at, size = GREETING + raw.tobytes(), 0, 1
        while at < len(data):
            client.sendall(data[at : at + size])
            at, size = at + size, size * 3 % 5000 + 1
        client.shutdown(socket.SHUT_WR)
        while client.recv(100):
            pass

    parts = []
    position = 0
    with peer(talk) as port:
        for block in to_its_end(port):
            assert block.first_sample == position
            assert block.center_frequency == NWR_CENTER
            position += len(block.samples)
            parts.append(block.samples)
    heard = np.concatenate(parts)
    assert len(heard) == 24_000
    sent = (raw[:48_000].astype(np.float32) - 127.5) / 127.5
    assert np.allclose(heard.view(np.float32), sent)
    assert heard.dtype == np.complex64


def test_samples_come_at_the_rate_that_was_set(server: RtlTcpServer) -> None:
    stop = threading.Event()
    blocks = source(server.port).blocks(SystemClock(), stop)
    next(blocks)
    start, count = time.monotonic(), 0
    while time.monotonic() - start < 3:
        count += len(next(blocks).samples)
    stop.set()
    list(blocks)
    seconds = time.monotonic() - start
    assert count / seconds == pytest.approx(TUNING.sample_rate, rel=0.1)


def test_a_connection_is_closed_with_the_source(server: RtlTcpServer) -> None:
    """The server takes one client: the second is heard because the first has gone."""
    for _ in range(3):
        blocks = source(server.port).blocks(SystemClock(), threading.Event())
        assert len(next(blocks).samples) == 12_000
        blocks.close()  # type: ignore[attr-defined]
    assert server.clients == 3


def test_all_channels_of_a_band_are_heard_and_decoded() -> None:
    options = BandOptions(locations=("039035",), first_alert_seconds=1.0, ppm=10.0)
    plan = nwr_plan()
    stop = threading.Event()
    receiver = Receiver(plan)
    decoders = {channel.name: SameDecoder(24_000) for channel in plan.channels}
    headers: dict[str, str] = {}
    deadline = time.monotonic() + 60
    with RtlTcpServer(BandSimulator(options, SystemClock())) as server:
        for block in source(server.port).blocks(SystemClock(), stop):
            assert isinstance(block, IqBlock)
            for name, audio in receiver.feed(block).audio.items():
                assert audio.sample_rate == 24_000
                for message in decoders[name].feed(audio.samples):
                    headers[name] = message.header
            if len(headers) == 6 or time.monotonic() > deadline:
                stop.set()
    # 162.450 is not on the air.
    assert sorted(headers) == [
        "162.400",
        "162.425",
        "162.475",
        "162.500",
        "162.525",
        "162.550",
    ]
    for header in headers.values():
        assert header.startswith("ZCZC-WXR-TOR-039035+0030-")
