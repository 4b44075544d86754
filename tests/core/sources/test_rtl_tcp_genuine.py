"""Our client meets Debian's own rtl_tcp, which has a stand-in for a dongle."""

from collections.abc import Iterator
from pathlib import Path
import subprocess
import threading

import numpy as np
import pytest

from eas_core.clock import SystemClock
from eas_core.radio.plan import nwr_plan
from eas_core.sources import rtl_tcp
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.iq import complex_from_u8
from eas_core.sources.rtl_tcp import RtlTcpSource, probe
from eas_core.sources.source import SourceError, SourceErrorReason
from script.ports import free_port
from tests.peers.network import end, until
from tests.standin import Standin, StandinDongle


class Server:
    """rtl_tcp in a process of its own, started and killed at will."""

    def __init__(self, folder: Path) -> None:
        self.iq = folder / "iq.u8"
        self.iq.write_bytes(np.random.default_rng(4).bytes(480_000))
        self.standin = Standin(folder / "standin")
        self.dongle: StandinDongle = self.standin.add("00000101", iq=self.iq)
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["rtl_tcp", "-a", "127.0.0.1", "-p", str(self.port)],
            env=self.standin.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # A client that only looks would be its one client: ask the system instead.
        until(self._listens)

    def _listens(self) -> bool:
        rows = Path("/proc/net/tcp").read_text().splitlines()[1:]
        port = f":{self.port:04X}"
        return any(row.split()[1].endswith(port) for row in rows)

    def kill(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    yield running
    running.kill()


def source(port: int) -> RtlTcpSource:
    return RtlTcpSource(
        host="127.0.0.1",
        port=port,
        tuning=nwr_plan().tuning,
        dongle=DongleOptions(gain_db=32.8, ppm=7, bias_tee=True),
    )


def test_it_sets_the_dongle_and_hears_its_samples(server: Server) -> None:
    stop = threading.Event()
    heard = []
    for block in source(server.port).blocks(SystemClock(), stop):
        heard.append(block.samples)
        # The first come before it has read what it is told.
        if len(heard) >= 5 and server.dongle.state()["bias_tee"] == 1:
            stop.set()
    state = server.dongle.state()
    assert state["sample_rate"] == 240_000
    assert state["center_frequency"] == 162_487_500
    assert state["ppm"] == 7
    assert state["gain"] == 328
    assert state["bias_tee"] == 1
    served = complex_from_u8(server.iq.read_bytes() * 3)
    first = np.concatenate(heard)
    # rtl_tcp's dongle ran before its client came: find where it was.
    starts = np.flatnonzero(served[:240_000] == first[0])
    assert any(
        np.array_equal(served[at : at + len(first)], first) for at in starts.tolist()
    )


def test_it_tells_the_tuner(server: Server) -> None:
    info = probe("127.0.0.1", server.port)
    assert (info.tuner, info.gains) == ("R820T", 29)


def test_a_server_that_is_killed_and_started_again_is_heard_again(
    server: Server,
) -> None:
    blocks = source(server.port).blocks(SystemClock(), threading.Event())
    next(blocks)
    server.kill()
    with pytest.raises(SourceError) as caught:
        list(blocks)
    assert caught.value.reason is SourceErrorReason.DISCONNECTED
    with pytest.raises(SourceError) as caught:
        next(source(server.port).blocks(SystemClock(), threading.Event()))
    assert caught.value.reason is SourceErrorReason.REFUSED
    server.start()
    stop = threading.Event()
    for _ in source(server.port).blocks(SystemClock(), stop):
        stop.set()
    assert stop.is_set()


def test_a_server_with_another_client_is_busy_and_heard_when_that_has_gone(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rtl_tcp, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(rtl_tcp, "GREETING_SECONDS", 1.0)
    first = source(server.port).blocks(SystemClock(), threading.Event())
    next(first)
    reasons = [why_not(server.port) for _ in range(4)]
    # It keeps two that wait, those that have left too, and answers no more.
    assert reasons[0] is SourceErrorReason.BUSY
    assert set(reasons) <= {SourceErrorReason.BUSY, SourceErrorReason.UNREACHABLE}
    first.close()  # type: ignore[attr-defined]
    until(lambda: why_not(server.port) is None)


def why_not(port: int) -> SourceErrorReason | None:
    """Try to hear a block; return why there is none."""
    blocks = source(port).blocks(SystemClock(), threading.Event())
    try:
        next(blocks)
    except SourceError as error:
        return error.reason
    blocks.close()  # type: ignore[attr-defined]
    return None


def test_what_it_sends_in_bursts_is_heard_without_a_gap(server: Server) -> None:
    stop = threading.Event()
    position = 0
    for block in source(server.port).blocks(SystemClock(), stop):
        assert block.first_sample == position
        position += len(block.samples)
        if position > 10 * 240_000:
            stop.set()
    assert stop.is_set()


def test_a_dongle_that_is_unplugged_there_is_seen_here(server: Server) -> None:
    blocks = source(server.port).blocks(SystemClock(), threading.Event())
    next(blocks)
    server.dongle.unplug()
    with pytest.raises(SourceError) as caught:
        list(blocks)
    assert caught.value.reason in (
        SourceErrorReason.STALLED,
        SourceErrorReason.DISCONNECTED,
    )
