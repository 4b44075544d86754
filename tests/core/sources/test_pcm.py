"""Raw samples from ffmpeg, nc and packets like GQRX's."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import socket
import subprocess
import threading
import time

import numpy as np
import pytest

from eas_core.audio.files import to_pcm
from eas_core.sources import pcm
from eas_core.sources.pcm import PcmSource
from eas_core.sources.source import SourceErrorReason
from script.ports import free_port
from tests.core.sources.streams import (
    TORNADO,
    Listener,
    message,
    message_file,
    seconds_until_stopped,
)
from tests.peers.network import end

HERE = "127.0.0.1"


def udp_port() -> int:
    return free_port(socket.SOCK_DGRAM)


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        end(process)


@contextmanager
def again_and_again(*command: str) -> Iterator[None]:
    """Run a sender whenever it has gone, since none waits for a port that is not open yet."""
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            with running(*command) as process:
                while process.poll() is None and not stop.is_set():
                    stop.wait(0.05)

    thread = threading.Thread(target=run, name="again")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Sender:
    """Sends samples at a pace of its own, in packets of 1472 bytes as GNU Radio cuts them."""

    def __init__(
        self, data: bytes, bytes_per_second: float, times: float = 1.0
    ) -> None:
        self.stop = threading.Event()
        self.muted = threading.Event()
        self._data = data
        self._pause = 1472 / bytes_per_second / times
        self._thread = threading.Thread(target=self._send, name="sender")
        self.port = 0

    def _send(self) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            due = time.monotonic()
            at = 0
            while not self.stop.is_set():
                if not self.muted.is_set():
                    sock.sendto(self._data[at : at + 1472], (HERE, self.port))
                at = (at + 1472) % len(self._data)
                due += self._pause
                self.stop.wait(max(0.0, due - time.monotonic()))
            sock.sendto(b"", (HERE, self.port))

    @contextmanager
    def to(self, port: int) -> Iterator[Sender]:
        self.port = port
        self._thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            self._thread.join()


def gqrx(times: float = 1.0, channels: int = 1) -> Sender:
    samples = np.repeat(message(48_000), channels)
    return Sender(to_pcm(samples), 96_000 * channels, times)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_message_is_heard_from_packets_like_gqrxs(
    loopback: None, channels: int
) -> None:
    port = udp_port()
    with gqrx(3, channels).to(port):
        source = PcmSource(mode="udp", host=HERE, port=port, channels=channels)
        assert Listener(source).hear(messages=1).headers == [TORNADO]


@pytest.mark.parametrize(
    ("sample_format", "rate", "channels"),
    [("s16le", 24_000, 1), ("s16be", 48_000, 2), ("f32le", 22_050, 1), ("u8", 8_000, 1)],
)  # fmt: skip
def test_a_message_is_heard_from_ffmpeg_in_any_format(
    loopback: None, tmp_path: Path, sample_format: str, rate: int, channels: int
) -> None:
    """ffmpeg sends whole messages at three times their pace to a port where we listen."""
    port = free_port()
    source = PcmSource(
        mode="tcp_listen",
        host=HERE,
        port=port,
        sample_rate=rate,
        channels=channels,
        sample_format=sample_format,  # type: ignore[arg-type]
    )
    form = ["-ar", str(rate), "-ac", str(channels), "-f", sample_format]
    command = ["ffmpeg", "-v", "error", "-readrate", "3", "-stream_loop", "-1"]
    command += ["-i", str(message_file(tmp_path)), *form, f"tcp://{HERE}:{port}"]
    with again_and_again(*command):
        listener = Listener(source).hear(messages=1)
    assert listener.headers == [TORNADO]
    assert listener.rates == [rate]


def test_a_message_is_heard_from_a_server_that_nc_is(
    loopback: None, tmp_path: Path
) -> None:
    """As SDR++ does over TCP: it listens, and we connect. The whole file comes at once, and then the end."""
    path = tmp_path / "message.raw"
    path.write_bytes(to_pcm(message(48_000)))
    port = free_port()
    with running("bash", "-c", f"exec nc -l -N {HERE} {port} < {path}"):
        source = PcmSource(mode="tcp_connect", host=HERE, port=port)
        listener = Listener(source)
        error = listener.hear_to_its_end()
        deadline = time.monotonic() + 20
        while error.reason is SourceErrorReason.REFUSED:
            assert time.monotonic() < deadline
            error = listener.hear_to_its_end()
    assert error.reason is SourceErrorReason.DISCONNECTED
    assert listener.headers == [TORNADO]


def send_when_open(port: int, *parts: bytes, pause: float = 0.0) -> threading.Thread:
    """Connect as soon as somebody listens, send, and go."""

    def send() -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                with socket.create_connection((HERE, port), 1) as sock:
                    for part in parts:
                        sock.sendall(part)
                        time.sleep(pause)
                    return
            except ConnectionRefusedError:
                time.sleep(0.02)

    thread = threading.Thread(target=send, name="sender")
    thread.start()
    return thread


def test_frames_that_are_cut_anywhere_are_put_together(loopback: None) -> None:
    samples = np.arange(-12_000, 12_000, dtype="<i2")
    data = np.stack((samples, samples), axis=1).tobytes()
    cuts = [1, 2, 4, 9, 1000, 1003, 48_001, 60_000]
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    port = free_port()
    sender = send_when_open(port, *parts, pause=0.01)
    listener = Listener(PcmSource(mode="tcp_listen", host=HERE, port=port, channels=2))
    assert listener.hear_to_its_end().reason is SourceErrorReason.DISCONNECTED
    sender.join()
    heard = np.concatenate([block.samples for block in listener.blocks])
    assert heard.dtype == np.float32
    assert np.array_equal(heard * 32_768, samples)
    assert [block.first_sample for block in listener.blocks] == [0, 12_000]


def test_what_is_no_number_is_silence(loopback: None) -> None:
    odd = np.array([np.nan, np.inf, -np.inf, 0.5] * 3_000, "<f4").tobytes()
    port = free_port()
    sender = send_when_open(port, odd)
    listener = Listener(
        PcmSource(mode="tcp_listen", host=HERE, port=port, sample_format="f32le")
    )
    listener.hear_to_its_end()
    sender.join()
    assert set(listener.blocks[0].samples.tolist()) == {0.0, 0.5}


def test_the_next_sender_is_heard_when_the_first_has_gone(loopback: None) -> None:
    port = free_port()
    listener = Listener(PcmSource(mode="tcp_listen", host=HERE, port=port))
    data = to_pcm(message(48_000))
    for _ in range(2):
        sender = send_when_open(port, data)
        assert listener.hear_to_its_end().reason is SourceErrorReason.DISCONNECTED
        sender.join()
    assert listener.headers == [TORNADO] * 2


def test_a_gap_in_the_packets_is_a_gap_in_the_samples(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcm, "GAP_SECONDS", 0.5)
    port = udp_port()
    with gqrx().to(port) as sender:
        listener = Listener(PcmSource(mode="udp", host=HERE, port=port))

        def mute() -> None:
            sender.muted.set()
            threading.Timer(1.0, sender.muted.clear).start()

        began = time.monotonic()
        listener.hear(seconds=1, then=mute)
        took = time.monotonic() - began
    one, two = listener.blocks[0], listener.blocks[1]
    gap = two.first_sample - one.first_sample - len(one.samples)
    assert 0.7 * 48_000 < gap < took * 48_000


def test_a_squelch_that_closes_is_a_stall(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcm, "STALL_SECONDS", 1.0)
    port = udp_port()
    with gqrx().to(port) as sender:
        listener = Listener(PcmSource(mode="udp", host=HERE, port=port))
        error = listener.hear_to_its_end(then=sender.muted.set)
        assert error.reason is SourceErrorReason.STALLED
        assert "squelch" in error.hint
        sender.muted.clear()
        listener.hear(seconds=0.25)


def test_a_second_sender_is_not_mixed_with_the_first(loopback: None) -> None:
    port = udp_port()
    one = Sender(to_pcm(np.full(48_000, 0.5, np.float32)), 96_000)
    two = Sender(to_pcm(np.full(48_000, -0.5, np.float32)), 96_000)
    listener = Listener(PcmSource(mode="udp", host=HERE, port=port))
    with one.to(port), two.to(port):
        listener.hear(seconds=1)
    levels = {
        round(float(level), 1) for block in listener.blocks for level in block.samples
    }
    assert len(levels) == 1


@pytest.mark.parametrize("mode", ["udp", "tcp_listen"])
def test_a_port_to_which_nobody_sends_is_told(
    loopback: None, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr(pcm, "SENDER_SECONDS", 0.5)
    port = free_port()
    source = PcmSource(mode=mode, host=HERE, port=port)  # type: ignore[arg-type]
    error = Listener(source).hear_to_its_end()
    assert error.reason is SourceErrorReason.NOT_FOUND
    assert f"port {port}" in error.hint


def test_a_sender_that_says_nothing_is_told(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcm, "SENDER_SECONDS", 1.0)
    with socket.create_server((HERE, 0)) as mute:
        port = mute.getsockname()[1]
        source = PcmSource(mode="tcp_connect", host=HERE, port=port)
        assert Listener(source).hear_to_its_end().reason is SourceErrorReason.NOT_FOUND


def test_a_sender_that_goes_at_once_is_told(loopback: None) -> None:
    port = free_port()
    sender = send_when_open(port, b"\0" * 100)
    source = PcmSource(mode="tcp_listen", host=HERE, port=port)
    assert Listener(source).hear_to_its_end().reason is SourceErrorReason.EMPTY
    sender.join()


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("udp", socket.SOCK_DGRAM), ("tcp_listen", socket.SOCK_STREAM)],
)
def test_a_port_that_is_taken_is_told(
    loopback: None, mode: str, kind: socket.SocketKind
) -> None:
    with socket.socket(type=kind) as taken:
        taken.bind((HERE, 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        source = PcmSource(mode=mode, host=HERE, port=port)  # type: ignore[arg-type]
        assert Listener(source).hear_to_its_end().reason is SourceErrorReason.BUSY


def test_a_port_of_the_systems_is_told(
    loopback: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may open these ports to everybody, so the system's answer is given here."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    class Refused(socket.socket):
        bind = refuse

    monkeypatch.setattr(socket, "socket", Refused)
    error = Listener(PcmSource(mode="udp", host=HERE, port=80)).hear_to_its_end()
    assert error.reason is SourceErrorReason.NO_PERMISSION


def test_an_address_of_another_machine_is_told(loopback: None) -> None:
    source = PcmSource(mode="udp", host="192.0.2.1", port=udp_port())
    assert Listener(source).hear_to_its_end().reason is SourceErrorReason.INVALID_OPTION


def test_nobody_at_the_other_end_is_told(loopback: None) -> None:
    source = PcmSource(mode="tcp_connect", host=HERE, port=free_port())
    assert Listener(source).hear_to_its_end().reason is SourceErrorReason.REFUSED


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 0},
        {"port": 65_536},
        {"sample_rate": 4_000},
        {"sample_rate": 192_000},
        {"channels": 0},
        {"channels": 9},
        {"sample_format": "s24le"},
    ],
)
def test_an_option_that_is_none_is_told(wrong: dict[str, object]) -> None:
    options: dict[str, object] = {"mode": "udp", "port": 7355, "host": HERE, **wrong}
    source = PcmSource(**options)  # type: ignore[arg-type]
    assert Listener(source).hear_to_its_end().reason is SourceErrorReason.INVALID_OPTION


@pytest.mark.parametrize("mode", ["udp", "tcp_listen"])
def test_it_stops_within_a_second_while_nobody_sends(loopback: None, mode: str) -> None:
    source = PcmSource(mode=mode, host=HERE, port=free_port())  # type: ignore[arg-type]
    assert seconds_until_stopped(Listener(source)) < 1


def test_it_stops_within_a_second_while_somebody_sends(loopback: None) -> None:
    port = udp_port()
    with gqrx().to(port):
        listener = Listener(PcmSource(mode="udp", host=HERE, port=port))
        assert seconds_until_stopped(listener) < 1
        assert listener.blocks
