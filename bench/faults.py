#!/usr/bin/env python3
"""What happens when a source fails: bench/faults.py [WORD …].

A station hears each kind of source from a real peer on this machine; then the
peer, the network or the child process fails. Prints what the station said, how
long that took, and how long after the fault (mended one second after it was
seen) audio came again. WORDs choose the rows that hold them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import signal
import socket
import sys
import tempfile
import threading
import time

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from eas_core.audio.files import write_wav
from eas_core.clock import SystemClock
from eas_core.radio.plan import RadioPlan, nwr_plan
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from eas_core.sources.isolated import IsolatedSource
from eas_core.sources.pcm import PcmSource
from eas_core.sources.rtl_sdr import RtlSdrSource
from eas_core.sources.rtl_tcp import RtlTcpSource
from eas_core.sources.sound_card import SoundCardSource
from eas_core.sources.source import Source
from eas_core.sources.stream import StreamSource
from eas_core.station import SourceState, SourceStatus, Station, StationOptions
from script.ports import free_port
from tests.peers.icecast import fed, icecast
from tests.peers.pulse import pulseaudio
from tests.standin import Standin

SEEN_SECONDS = 45.0
"""Silence and noise are told after half a minute, failures at once or in ten seconds."""

AGAIN_SECONDS = 60.0
MENDED_AFTER = 1.0
GOOD = (SourceState.HEARING, SourceState.DEGRADED, SourceState.QUIET)
type Do = Callable[[], object]


@dataclass
class Case:
    """A source that is heard, and its faults: what breaks it, what mends it."""

    source: Source
    plan: RadioPlan | None
    faults: dict[str, tuple[Do, Do]]


def nothing() -> None:
    """Mend what mends itself."""


def kill_child(source: IsolatedSource, number: signal.Signals) -> Do:
    """Return what sends a signal to the child of this moment."""

    def kill() -> None:
        if source.pid is not None:
            os.kill(source.pid, number)

    return kill


@contextmanager
def rtl_tcp() -> Iterator[Case]:
    """The project's own server."""
    plan = nwr_plan()
    with ExitStack() as stack:
        servers: list[RtlTcpServer] = []

        def start(port: int = 0) -> None:
            band = BandSimulator(BandOptions(), SystemClock())
            server = RtlTcpServer(band, port=port)
            server.start()
            servers.append(server)

        start()
        port = servers[0].port

        def stop() -> None:
            for each in servers:
                each.stop()

        stack.callback(stop)
        yield Case(
            RtlTcpSource(host="127.0.0.1", port=port, tuning=plan.tuning),
            plan,
            {
                "connection cut": (servers[-1].cut, nothing),
                "server sends no more": (
                    servers[-1].stall,
                    servers[-1].resume,
                ),
                "server gone": (servers[-1].stop, lambda: start(port)),
            },
        )


@contextmanager
def rtl_sdr() -> Iterator[Case]:
    """A stand-in for librtlsdr, opened by pyrtlsdr in a child process."""
    plan = nwr_plan()
    with tempfile.TemporaryDirectory() as name:
        iq = Path(name) / "iq.u8"
        band = BandSimulator(BandOptions(), SystemClock())
        iq.write_bytes(b"".join(band.receive().tobytes() for _ in range(100)))
        standin = Standin(Path(name) / "standin")
        dongle = standin.add("00000101", iq=iq)
        os.environ.update(standin.variables)
        source = IsolatedSource(RtlSdrSource(serial="00000101", tuning=plan.tuning))
        yield Case(
            source,
            plan,
            {
                "unplugged": (dongle.unplug, dongle.plug),
                "delivers no more": (dongle.stall, dongle.work),
                "driver crashes (SIGSEGV)": (dongle.crash, dongle.work),
                "child killed (SIGKILL)": (kill_child(source, signal.SIGKILL), nothing),
                "child stopped (SIGSTOP)": (
                    kill_child(source, signal.SIGSTOP),
                    nothing,
                ),
                "half a second lost": (lambda: dongle.lose(120_000), nothing),
                "garbage": (dongle.deliver_garbage, dongle.work),
            },
        )


@contextmanager
def stream() -> Iterator[Case]:
    """Icecast, fed by ffmpeg."""
    with tempfile.TemporaryDirectory() as name, icecast() as server:
        audio = Path(name) / "tone.wav"
        write_wav(audio, tone(20.0, 22_050), 22_050)
        feeds: list[ExitStack] = []

        def feed() -> None:
            stack = ExitStack()
            codec = ("-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3")
            stack.enter_context(fed(server, "/radio", audio, *codec))
            feeds.append(stack)

        def start() -> None:
            server.start()
            feed()

        feed()
        source = IsolatedSource(StreamSource(url=server.address("/radio")))
        try:
            yield Case(
                source,
                None,
                {
                    "feed gone": (feeds[-1].close, feed),
                    "Icecast killed": (server.kill, start),
                    "child killed (SIGKILL)": (
                        kill_child(source, signal.SIGKILL),
                        nothing,
                    ),
                },
            )
        finally:
            for each in feeds:
                each.close()


@contextmanager
def sound_card() -> Iterator[Case]:
    """A PulseAudio whose sink leads nowhere, heard by its monitor."""
    with pulseaudio() as daemon:
        os.environ.update(daemon.env)
        playing = threading.Event()

        def play() -> None:
            audio = tone(120.0, 32_000)[:, None].repeat(2, axis=1)
            while not playing.is_set():
                try:
                    daemon.play(audio, 32_000, "radio")
                except Exception:  # noqa: BLE001
                    time.sleep(0.2)

        def resume() -> None:
            if daemon.process is not None:
                daemon.process.send_signal(signal.SIGCONT)

        threading.Thread(target=play, daemon=True).start()
        source = IsolatedSource(SoundCardSource(device="pulse:radio.monitor"))
        try:
            yield Case(
                source,
                None,
                {
                    "server killed": (daemon.kill, daemon.start),
                    "server hangs": (
                        daemon.pause,
                        resume,
                    ),
                    "child killed (SIGKILL)": (
                        kill_child(source, signal.SIGKILL),
                        nothing,
                    ),
                },
            )
        finally:
            playing.set()


@contextmanager
def pcm() -> Iterator[Case]:
    """A sender of UDP packets, as GQRX is."""
    port = free_port(socket.SOCK_DGRAM)
    sending, ended = threading.Event(), threading.Event()
    sending.set()

    def send() -> None:
        packet = (tone(0.02, 48_000) * 32_767).astype("<i2").tobytes()
        due = time.monotonic()
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            while not ended.is_set():
                due += 0.02
                if sending.is_set():
                    sender.sendto(packet, ("127.0.0.1", port))
                time.sleep(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield Case(
            PcmSource(mode="udp", host="127.0.0.1", port=port),
            None,
            {"sender stops": (sending.clear, sending.set)},
        )
    finally:
        ended.set()
        thread.join()


def tone(seconds: float, rate: int) -> NDArray[np.float32]:
    """Return what is not quiet, float32[n]."""
    at = np.arange(round(seconds * rate))
    wave: NDArray[np.float32] = np.sin(2 * np.pi * 700 / rate * at, dtype=np.float32)
    return 0.2 * wave


def measure(name: str, case: Case, fault: str) -> str:
    """Hear, break, mend; return a row of the table."""
    breaks, mends = case.faults[fault]
    station = Station(case.source, StationOptions(name="bench", radio=case.plan))
    told: list[tuple[float, SourceStatus]] = []

    def note(record: object) -> None:
        if isinstance(record, SourceStatus):
            told.append((time.monotonic(), record))

    station.listen(note)
    station.start()
    try:
        if not wait(lambda: station.status.state in GOOD, AGAIN_SECONDS):
            return f"{name:10} {fault:26} never heard: {station.status.hint}"
        time.sleep(2.0)
        told.clear()
        start = time.monotonic()
        breaks()
        wait(lambda: any(one.state not in GOOD[:1] for _, one in told), SEEN_SECONDS)
        time.sleep(MENDED_AFTER)
        mended = time.monotonic()
        mends()
        samples = station.counters.samples
        wait(
            lambda: station.status.state in GOOD and station.counters.samples > samples,
            AGAIN_SECONDS,
        )
        again = time.monotonic()
        state = station.status.state
    finally:
        station.stop()
    well = (SourceState.HEARING, SourceState.STOPPED)
    seen = [(at, one) for at, one in told if one.state not in well]
    said = f"{seen[0][1].state}, {seen[0][1].reason}" if seen else "nothing to tell"
    took = f"{seen[0][0] - start:5.1f} s" if seen else "      –"
    back = f"{again - mended:5.1f} s" if state in GOOD else " never"
    return f"{name:10} {fault:26} {said:28} {took} {back}"


def wait(done: Callable[[], bool], seconds: float) -> bool:
    """Wait until something is so, at most so long."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    print(
        "source     fault                      what it said                 seen   again"
    )
    for case_of in (rtl_tcp, rtl_sdr, stream, sound_card, pcm):
        if words and not any(word in case_of.__name__ for word in words):
            continue
        with case_of() as case:
            for fault in case.faults:
                print(measure(case_of.__name__, case, fault), flush=True)


if __name__ == "__main__":
    main()
