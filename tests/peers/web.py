"""A web server that answers as badly as a test wants."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
import socketserver
import ssl
import threading
from typing import Self

type Answer = Callable[[], Iterable[bytes]]


def ok(content_type: str = "application/octet-stream", *headers: str) -> bytes:
    """Return the head of an answer of unknown length."""
    lines = ["HTTP/1.0 200 OK", f"Content-Type: {content_type}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def status(number: int, *headers: str, body: str = "") -> Answer:
    """Return an answer with this status."""
    lines = [
        f"HTTP/1.1 {number} So",
        f"Content-Length: {len(body)}",
        *headers,
        "",
        body,
    ]
    return lambda: ["\r\n".join(lines).encode()]


def file(data: bytes, content_type: str = "application/octet-stream") -> Answer:
    """Return an answer that is a file."""
    return lambda: [ok(content_type, f"Content-Length: {len(data)}"), data]


class WebServer:
    """Serves `answers` by path, with bytes as they are; what it is asked stands in `requests`."""

    def __init__(
        self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.folder: Path | None = None
        self.closing = threading.Event()
        web = self

        class Handler(socketserver.StreamRequestHandler):
            def setup(self) -> None:
                self.request.settimeout(20)
                if tls is not None:
                    self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self) -> None:
                lines: list[str] = []
                while (line := self.rfile.readline(65536).decode().strip()) != "":
                    lines.append(line)
                web.requests.append("\n".join(lines))
                path = lines[0].split()[1] if lines else "/"
                for part in web.answer(path)():
                    self.wfile.write(part)

            def finish(self) -> None:
                with suppress(OSError):
                    super().finish()
                # That of TLS is another than the server's, which closes its own.
                self.request.close()

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = False

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: listeners go when they like."""

        self._server = Server((host, 0), Handler)
        self.port: int = self._server.server_address[1]
        self.address = f"{'http' if tls is None else 'https'}://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="web_server"
        )

    def answer(self, path: str) -> Answer:
        """Return what stands in `answers`, or a file of `folder`."""
        if path in self.answers:
            return self.answers[path]
        if self.folder is not None and (self.folder / path[1:]).is_file():
            return file((self.folder / path[1:]).read_bytes())
        return status(404)

    def hold(self) -> Iterable[bytes]:
        """Send nothing more, and keep the connection."""
        self.closing.wait(60)
        yield b""

    def trickle(self, data: bytes, every: float) -> Iterable[bytes]:
        """Send the same bytes again and again."""
        while not self.closing.wait(every):
            yield data

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
