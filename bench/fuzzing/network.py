"""What comes from the network: rtl_tcp, raw samples, and web servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random
import socket
import threading
from typing import ClassVar, Final, override

from bench.fuzzing.containers import media
from bench.fuzzing.mutate import mutate_bytes
from bench.fuzzing.peer import HurriedClock, Peer, Script
from bench.fuzzing.target import Target, WrongAnswerError
from eas_core.radio.plan import nwr_plan
from eas_core.sources.pcm import PcmSource
from eas_core.sources.rtl_tcp import GREETING, RtlTcpSource
from eas_core.sources.source import Source, SourceError, SourceErrorReason
from eas_core.sources.stream_audio import StreamAudio
from eas_core.sources.stream_connection import Stopped, Watch
from eas_core.sources.stream_feed import open_feed

REASONS: Final = frozenset(map(str, SourceErrorReason))
MOST_BLOCKS: Final = 50
TUNING: Final = nwr_plan().tuning
BLOCK_BYTES: Final = 2 * TUNING.sample_rate // 20


def dribble(rng: Random, data: bytes) -> list[bytes]:
    """Return data in one to some pieces of any size."""
    cuts = sorted(
        rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 1, 3, 12)))
    )
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


class PeerTarget[Case](Target[Case]):
    """A target with a peer that serves it."""

    documented: ClassVar = REASONS

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        with Peer() as self._peer:
            yield

    def _hear(self, source: Source, stop: threading.Event) -> tuple[str, int]:
        """Return how it ended and how many samples came; times must not run back."""
        count, next_sample = 0, 0
        try:
            for block in islice(source.blocks(HurriedClock(), stop), MOST_BLOCKS):
                if block.first_sample < next_sample:
                    raise WrongAnswerError(
                        f"block {block.first_sample} < {next_sample}"
                    )
                next_sample = block.first_sample + len(block.samples)
                count += len(block.samples)
            stop.set()
        except SourceError as error:
            if not str(error).endswith("."):
                raise WrongAnswerError(str(error)) from error
            return error.reason, count
        return "accepted", count


class RtlTcpTarget(PeerTarget[Script]):
    """Any server is an rtl_tcp whose samples are heard, or an error that says what to do."""

    name: ClassVar = "rtl_tcp"
    cases: ClassVar = 12_000

    @override
    def case(self, rng: Random) -> Script:
        data = GREETING.pack(b"RTL0", 5, 29) + rng.randbytes(
            rng.choice((0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 1))
        )
        match rng.randrange(4):
            case 0:
                head = mutate_bytes(rng, data[:12], (b"HTTP/1.1 400\r\n", b"RTL0RTL0"))
                data = head + data[12:]
            case 1:
                data = data[: rng.randrange(13)]
            case 2:
                data = rng.randbytes(rng.randrange(40))
            case _:
                pass
        return Script(dribble(rng, data), reset=not rng.randrange(4))

    @override
    async def run(self, case: Script) -> str:
        self._peer.play(case)
        source = RtlTcpSource(host="127.0.0.1", port=self._peer.port, tuning=TUNING)
        stop = threading.Event()
        answer, samples = self._hear(source, stop)
        if samples and 2 * samples > case.size - GREETING.size:
            raise WrongAnswerError(f"{samples} of {case.size} bytes")
        return answer


@dataclass(frozen=True, slots=True)
class Sent:
    """Raw samples, and what is said of them."""

    script: Script
    source: PcmSource


class PcmTarget(PeerTarget[Sent]):
    """Any bytes are samples, cut in any way, by TCP and by UDP; what is said wrongly of them is told."""

    name: ClassVar = "pcm"
    cases: ClassVar = 6_000

    @override
    def case(self, rng: Random) -> Sent:
        rate = rng.choice((8_000, 48_000, 96_000))
        data = rng.randbytes(rng.choice((0, 1, 3, 999, rate, 5 * rate)))
        if not rng.randrange(3):
            unit = rng.choice(
                (b"\x7f\xc0\0\0", b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\xff")
            )
            data = unit * rng.choice((10, rate // 2, rate))
        source = PcmSource(
            mode=rng.choice(("tcp_connect", "tcp_connect", "tcp_connect", "udp")),
            host="127.0.0.1",
            port=rng.choice((-1, 0, 65_536, 10**9)) if not rng.randrange(20) else 1,
            sample_rate=rng.choice((0, -1, 7_999, 10**9))
            if not rng.randrange(20)
            else rate,
            channels=rng.choice((0, -3, 9, 10**9))
            if not rng.randrange(20)
            else rng.choice((1, 2, 8)),
            sample_format=rng.choice(("s16le", "s16be", "f32le", "u8", "s24le")),  # type: ignore[arg-type]
        )
        return Sent(Script(dribble(rng, data), reset=not rng.randrange(5)), source)

    @override
    async def run(self, case: Sent) -> str:
        self._peer.play(case.script)
        stop = threading.Event()
        source = case.source
        port = self._port(source)
        told = replace(source, port=port)
        if source.mode != "udp" or source.port != 1:
            return self._hear(told, stop)[0]
        sender = threading.Thread(target=_send, args=(case.script, port, stop))
        sender.start()
        answer, _ = self._hear(told, stop)
        sender.join()
        return answer

    def _port(self, source: PcmSource) -> int:
        if source.port != 1:
            return source.port
        if source.mode == "tcp_connect":
            return self._peer.port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            return int(free.getsockname()[1])


def _send(script: Script, port: int, stop: threading.Event) -> None:
    """Send each piece as packets, and stop whoever hears them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for piece in script.pieces:
            for at in range(0, len(piece) or 1, 60_000):
                sock.sendto(piece[at : at + 60_000], ("127.0.0.1", port))
            stop.wait(0.01)
    stop.set()


ICY: Final = b"ICY 200 OK\r\nicy-metaint: 400\r\nicy-name: Weather\r\n\r\n"
WEB: Final = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"
CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
TITLE: Final = b"\x02StreamTitle='Now';".ljust(33, b"\0")
MOVED: Final = b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
LIST: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: audio/x-mpegurl\r\n\r\n#EXTM3U\n"
    b"#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:1\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
)
ANSWERS: Final = (ICY, WEB, CHUNKED, MOVED, LIST, b"HTTP/1.1 401 No\r\n\r\n")


class HttpTarget(PeerTarget[tuple[Script, ...]]):
    """Any web server gives audio, or an error that says what to do; nothing is read but what it sends."""

    name: ClassVar = "http"
    cases: ClassVar = 8_000

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        self._media = [*media(folder).values()]
        with Peer() as self._peer:
            yield

    @override
    def case(self, rng: Random) -> tuple[Script, ...]:
        return tuple(self._script(rng) for _ in range(rng.choice((1, 2, 3))))

    def _script(self, rng: Random) -> Script:
        head, body = rng.choice(ANSWERS), rng.choice(self._media)
        if head == ICY:
            parts = [body[at : at + 400] for at in range(0, min(len(body), 8_000), 400)]
            body = TITLE.join(parts)
        elif head == CHUNKED:
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        elif head in (MOVED, LIST):
            body = b""
        if rng.randrange(2):
            head = mutate_bytes(rng, head, ANSWERS)
        if rng.randrange(2):
            body = mutate_bytes(rng, body, self._media)
        return Script(dribble(rng, head + body), reads=True, reset=not rng.randrange(6))

    @override
    async def run(self, case: tuple[Script, ...]) -> str:
        self._peer.play(*case)
        watch = Watch(HurriedClock(), threading.Event())
        try:
            watch.expect(60, SourceError(SourceErrorReason.STALLED, "Wait."))
            feed = open_feed(f"http://127.0.0.1:{self._peer.port}/stream", watch)
            with closing(feed), closing(StreamAudio(feed, watch).parts()) as parts:
                for _, _audio in islice(parts, 200):
                    pass
        except SourceError as error:
            return error.reason
        except Stopped as error:
            raise WrongAnswerError("nobody stopped it") from error
        return "accepted"
