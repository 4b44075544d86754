"""What systemd is told: that the agent is ready, and that it still works (sd_notify(3))."""

from collections.abc import Mapping
import os
import socket
from typing import Final

MICROSECONDS: Final = 1e6


class Supervisor:
    """Tells the service manager how the agent does; without one nothing happens."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take where it listens and how often it wants to hear, from NOTIFY_SOCKET and WATCHDOG_USEC."""
        address = environment.get("NOTIFY_SOCKET", "")
        # A name in the abstract namespace begins with a zero byte.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        try:
            self._every = int(environment["WATCHDOG_USEC"]) / MICROSECONDS / 3
        except KeyError, ValueError:
            self._every = float("inf")
        if environment.get("WATCHDOG_PID") not in (None, str(os.getpid())):
            self._every = float("inf")
        self._due = 0.0

    def ready(self, text: str) -> None:
        """Say that the agent has started."""
        self._send(f"READY=1\nSTATUS={text}")

    def alive(self, now: float) -> None:
        """Say that it works, as often as is wanted; `now` is monotonic."""
        if now >= self._due and self._every != float("inf"):
            self._due = now + self._every
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that it ends because it was asked to."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                end.settimeout(1.0)
                end.sendto(text.encode(), self._address)
        except OSError:
            # The manager is away, or was never one: hearing goes on.
            return
