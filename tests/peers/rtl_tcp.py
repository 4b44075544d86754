"""Servers that a client of rtl_tcp meets: one that does what a test says, and sources for them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
import socket
import struct
import threading

from eas_core.radio.plan import nwr_plan
from eas_core.sources.dongle import DongleOptions
from eas_core.sources.rtl_tcp import RtlTcpSource

GREETING = b"RTL0" + struct.pack(">II", 5, 29)
TUNING = nwr_plan().tuning
type Talk = Callable[[socket.socket], None]


@contextmanager
def peer(talk: Talk) -> Iterator[int]:
    """A server that does with its one client what a test says; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                talk(client)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        # A shut listener accepts no more, also where it waits already.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(30)


def source(port: int, host: str = "127.0.0.1", **options: object) -> RtlTcpSource:
    """A source of all channels of weather radio."""
    dongle = DongleOptions(**options)  # type: ignore[arg-type]
    return RtlTcpSource(host=host, port=port, tuning=TUNING, dongle=dongle)
