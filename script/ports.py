"""Ports of the loopback interface for what is started here."""

import secrets
import socket
from typing import Final

PORTS: Final = range(16_000, 32_000)
"""Where Linux gives none by itself: what it gives, another program may have meanwhile."""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port of 127.0.0.1 that nobody has."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket(type=kind) as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
