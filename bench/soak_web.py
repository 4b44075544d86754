"""A station of a soak that is on the web too, as Icecast serves one, in a process of its own.

Who connects is sent the last BURST_BYTES at once, so that what was on the air while the
connection was away is heard, and what was heard before it a second time.
"""

from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
import socket
import socketserver
import threading
import time
from typing import Final

import av
import numpy as np

from bench.soak_air import CONTEXT
from bench.soak_audio import ScriptedAudio
from bench.soak_script import AUDIO_RATE, Script
from bench.soak_truth import Decodable
from eas_core.modem.decoder import SameDecoder

CHANNEL: Final = 2
"""Whose audio it is."""

BIT_RATE: Final = 64_000
BURST_BYTES: Final = 65_536
"""Icecast's default: eight seconds."""

CHUNK_SECONDS: Final = 0.25
MOUNT: Final = "/weather.mp3"
FOUND: Final = b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name:Soak\r\n\r\n"
NOT_FOUND: Final = b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Web:
    """The process, and what may be done to it."""

    def __init__(self, script: Script, began: float, kept: Path) -> None:
        """Serve from now on what is on the air since a monotonic time; what is sent is `kept`."""
        self._line, other = CONTEXT.Pipe()
        self._process = CONTEXT.Process(
            target=_serve, args=(script, other, began, kept), daemon=True
        )
        self._process.start()
        self._kept, self._script = kept, script
        self._port: int = self._line.recv()
        self._first_air: float = self._line.recv()

    @property
    def url(self) -> str:
        """Where it is heard."""
        return f"http://127.0.0.1:{self._port}{MOUNT}"

    def do(self, what: str) -> None:
        """Do `cut`, `hold`, `garbage`, `unmount`, `gone`, and `resume` after each of them."""
        self._line.send(what)
        self._line.recv()

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.join()

    def decode(self) -> list[Decodable]:
        """Return what a bare decoder finds in all that was sent."""
        heard = 0

        def now() -> float:
            return self._first_air + heard / AUDIO_RATE

        decoder = SameDecoder(AUDIO_RATE, lambda: self._script.now(now()))
        found: list[Decodable] = []
        with av.open(self._kept, format="mp3") as container:
            for frame in container.decode(audio=0):
                samples = frame.to_ndarray()[0].astype(np.float32)
                heard += len(samples)
                messages = decoder.feed(samples)
                found += [Decodable.of(one, CHANNEL, now()) for one in messages]
        return found


class _Mount:
    """All that was sent so far, and who listens to it."""

    def __init__(self) -> None:
        self._sent = bytearray()
        self._changed = threading.Condition()
        self._cuts = 0
        self.is_held = self.is_garbage = self.is_missing = False

    def add(self, data: bytes) -> None:
        with self._changed:
            self._sent += data
            self._changed.notify_all()

    def cut(self) -> None:
        """Let all go who listen."""
        with self._changed:
            self._cuts += 1
            self._changed.notify_all()

    def resume(self) -> None:
        with self._changed:
            self.is_held = self.is_garbage = self.is_missing = False
            self._changed.notify_all()

    def listen(self) -> Iterator[bytes]:
        """Yield what a client is sent, until it is cut."""
        cuts, begin = self._cuts, max(0, len(self._sent) - BURST_BYTES)
        rng = np.random.default_rng(begin)
        while part := self._next(cuts, begin):
            begin += len(part)
            yield rng.bytes(len(part)) if self.is_garbage else part

    def _next(self, cuts: int, begin: int) -> bytes:
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    cuts != self._cuts or (not self.is_held and begin < len(self._sent))
                )
            )
            return b"" if cuts != self._cuts else bytes(self._sent[begin:])


def _serve(script: Script, line: Connection, began: float, kept: Path) -> None:
    mount, audio = _Mount(), ScriptedAudio(script)
    audio.take(time.monotonic() - began)
    server = _server(mount, 0)
    port: int = server.server_address[1]
    line.send(port)
    line.send(audio.air)
    threading.Thread(target=_send, args=(mount, audio, began, kept)).start()
    while True:
        match line.recv():
            case "cut":
                mount.cut()
            case "hold":
                mount.is_held = True
            case "garbage":
                mount.is_garbage = True
            case "unmount":
                mount.is_missing = True
                mount.cut()
            case "gone":
                server.shutdown()
                server.server_close()
                mount.cut()
            case "resume":
                mount.resume()
                if server.socket.fileno() < 0:
                    server = _server(mount, port)
        line.send(None)


def _send(mount: _Mount, audio: ScriptedAudio, began: float, kept: Path) -> None:
    """Encode at the pace of the world; an overloaded machine is late, and nothing is left out."""
    encoder = av.CodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.bit_rate = AUDIO_RATE, BIT_RATE
    encoder.format, encoder.layout = "fltp", "mono"
    position = 0
    with kept.open("wb") as file:
        while True:
            time.sleep(max(0.0, began + audio.air + CHUNK_SECONDS - time.monotonic()))
            samples = np.ascontiguousarray(audio.take(CHUNK_SECONDS)[CHANNEL])
            frame = av.AudioFrame.from_ndarray(samples[None], "fltp", "mono")
            frame.sample_rate, frame.pts = AUDIO_RATE, position
            position += len(samples)
            data = b"".join(bytes(packet) for packet in encoder.encode(frame))
            file.write(data)
            file.flush()
            mount.add(data)


def _server(mount: _Mount, port: int) -> socketserver.ThreadingTCPServer:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)
            if mount.is_missing:
                self.request.sendall(NOT_FOUND)
                return
            with suppress(OSError):
                self.request.settimeout(20.0)
                self.request.sendall(FOUND)
                for part in mount.listen():
                    self.request.sendall(part)
                self.request.shutdown(socket.SHUT_RDWR)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    server = Server(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
