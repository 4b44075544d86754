"""Where raw samples come in: a UDP port, a TCP port, or somebody else's TCP port."""

from contextlib import suppress
import errno
import socket
from typing import Final, Protocol

from .source import SourceError, SourceErrorReason
from .stream_connection import POLL_SECONDS, Connection, Watch, open_connection, resolve

LARGEST_PACKET: Final = 65_536
RECEIVE_BUFFER_BYTES: Final = 1 << 20
"""Five seconds of stereo at 48 kHz, for when this machine is busy."""

OTHER_SENDER_SECONDS: Final = 1.0
"""A second UDP sender is heard when the first has been quiet for so long."""


class Incoming(Protocol):
    """Bytes as they come."""

    def receive(self) -> bytes:
        """Return what has come, b"" at the end; raises Stopped and SourceError."""

    def close(self) -> None:
        """Take no more."""


class TcpIncoming:
    """What a TCP connection brings."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection."""
        self._connection = connection

    def receive(self) -> bytes:
        """Return what has come, b"" at the end; raises Stopped and SourceError."""
        return self._connection.receive(LARGEST_PACKET)

    def close(self) -> None:
        """Let the sender go."""
        self._connection.close()


class UdpIncoming:
    """What comes to a UDP port, from one sender at a time."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        """Take a socket that is bound."""
        self._socket = sock
        self._watch = watch
        self._sender: object = None
        self._heard_at = 0.0

    def receive(self) -> bytes:
        """Return a packet that is not empty; raises Stopped and SourceError."""
        while True:
            self._watch.check()
            with suppress(TimeoutError, ConnectionError):
                data, sender = self._socket.recvfrom(LARGEST_PACKET)
                # GNU Radio, and so GQRX, sends an empty one when it stops.
                if data and self._is_heard(sender):
                    return data

    def close(self) -> None:
        """Let the port go."""
        self._socket.close()

    def _is_heard(self, sender: object) -> bool:
        now = self._watch.now()
        heard = sender == self._sender or now - self._heard_at > OTHER_SENDER_SECONDS
        if heard or self._sender is None:
            self._sender, self._heard_at = sender, now
            return True
        return False


def connect_to_sender(host: str, port: int, watch: Watch) -> Incoming:
    """Return what a TCP server sends; raises Stopped and SourceError."""
    return TcpIncoming(open_connection(host, port, watch))


def wait_for_packets(host: str, port: int, watch: Watch) -> Incoming:
    """Return what comes to a UDP port; raises Stopped and SourceError."""
    sock = _bound(host, port, socket.SOCK_DGRAM, watch)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    return UdpIncoming(sock, watch)


def wait_for_sender(host: str, port: int, watch: Watch) -> Incoming:
    """Return what the first sends who connects; raises Stopped and SourceError.

    While that one is there, nobody else is let in.
    """
    with _bound(host, port, socket.SOCK_STREAM, watch) as listener:
        listener.listen(1)
        while True:
            watch.check()
            with suppress(TimeoutError, ConnectionError):
                return TcpIncoming(Connection(listener.accept()[0], watch))


def _bound(
    host: str, port: int, kind: socket.SocketKind, watch: Watch
) -> socket.socket:
    family, address = resolve(host, port, watch)[0]
    sock = socket.socket(family, kind)
    try:
        if kind is socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.settimeout(POLL_SECONDS)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise _not_bound(host, port, error) from error
    return sock


def _not_bound(host: str, port: int, error: OSError) -> SourceError:
    if error.errno == errno.EADDRINUSE:
        return SourceError(
            SourceErrorReason.BUSY,
            f"Choose another port, or end what uses it: port {port} is taken.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceError(
            SourceErrorReason.NO_PERMISSION,
            f"Choose a port from 1024 on: port {port} is the system's.",
        )
    return SourceError(
        SourceErrorReason.INVALID_OPTION,
        f"Choose 0.0.0.0 or an address of this machine: {host} is none.",
    )
