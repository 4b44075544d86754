"""What lies between a client and its server: a network that is cut, hangs, or loses one way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import socket
import threading


class Proxy:
    """Forwards connections to a port of this machine, for as long as the network is whole.

    `cut` ends all connections and takes none; `hang` keeps them, and whatever is
    sent waits in both directions; `hang_back` lets only what the client sends
    pass. `mend` has all flow again. `saw` is set when the client has sent `watched`.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._there, self._back = threading.Event(), threading.Event()
        self._whole = True
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.watched = b""
        self.saw = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.mend()
        self._threads: list[threading.Thread] = []
        self._begin(self._serve)

    def watch_for(self, what: bytes) -> None:
        self.watched = what
        self.saw.clear()

    def cut(self) -> None:
        self._whole = False
        self._end_all()

    def hang(self) -> None:
        self._there.clear()
        self._back.clear()

    def hang_back(self) -> None:
        self._back.clear()

    def mend(self) -> None:
        self._whole = True
        self._there.set()
        self._back.set()

    def close(self) -> None:
        self._whole = False
        # `close` alone lets `accept` wait on.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._there.set()
        self._back.set()
        self._threads[0].join()
        self._end_all()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self._take(client)

    def _take(self, client: socket.socket) -> None:
        if not self._whole:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self._pairs.append((client, server))
        ways = ((client, server, self._there), (server, client, self._back))
        for arguments in ways:
            self._begin(self._pump, *arguments)

    def _begin(self, do: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=do, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _pump(
        self, source: socket.socket, sink: socket.socket, flows: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if flows is self._there and self.watched and self.watched in data:
                    self.watched = b""
                    self.saw.set()
                flows.wait()
                sink.sendall(data)
        _end(source, sink)

    def _end_all(self) -> None:
        while self._pairs:
            _end(*self._pairs.pop())


def _end(*ends: socket.socket) -> None:
    for each in ends:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """Give a network that is whole."""
    between = Proxy(target)
    try:
        yield between
    finally:
        between.close()
