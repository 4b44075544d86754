"""One client that listens to a station, and whether it keeps up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.helpers.http import current_request
from homeassistant.helpers.json import json_bytes

from .frames import Level, merged


def _transport() -> asyncio.Transport | None:
    request = current_request.get()
    return None if request is None else request.transport


@dataclass(slots=True, kw_only=True, eq=False)
class Subscriber:
    """A subscription; `greeted` once it has had its snapshot, and nothing before.

    `transport` is the client's socket, None where it is not known. `skipped` are
    the levels of frames that were not sent.
    """

    connection: ActiveConnection
    msg_id: int
    rate: int
    levels: bool
    spectrum: bool
    transport: asyncio.Transport | None = field(default_factory=_transport)
    greeted: bool = False
    skipped: list[Level] | None = None

    @property
    def behind(self) -> bool:
        """Whether what was sent before still waits for the client.

        The system has buffers of its own, of a fixed size: what waits in the
        process does so because they are full.
        """
        return self.transport is not None and bool(
            self.transport.get_write_buffer_size()
        )

    def send(self, event: dict[str, Any]) -> None:
        """Send an event."""
        self.send_json(json_bytes(event))

    def send_json(self, event: bytes) -> None:
        """Send an event that was written for several clients at once."""
        start = b'{"id":%d,"type":"event","event":' % self.msg_id
        self.connection.send_message(start + event + b"}")

    def skip(self, levels: Sequence[Level]) -> None:
        """Keep the levels of a frame that is not sent, for their peaks."""
        self.skipped = merged(self.skipped or (), levels)

    def take_skipped(self, levels: Sequence[Level]) -> list[Level] | None:
        """Return a frame's levels with the peaks of those skipped, None without any."""
        skipped, self.skipped = self.skipped, None
        return None if skipped is None else merged(skipped, levels)
