"""A weather radio that sends when it is told to: raw audio over TCP, on the loopback.

Set a station up on it with `transmitter.set_up(hass, name)`, then `transmitter.send("TOR")`.
Nothing of it is played to anybody (47 CFR 11.45).
"""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from eas_core.modem.encoder import encode_message, silence
from eas_core.same.header import Header

if TYPE_CHECKING:
    from script.hass_process import HassProcess

SAMPLE_RATE: Final = 16_000
PIECE: Final = SAMPLE_RATE // 10
NOISE_DBFS: Final = -35.0
HOME: Final = "039035"
"""Where the home of `make_configuration` is: Cuyahoga County, Ohio."""


class Transmitter:
    """Sends noise to whoever connects, and messages when it is told to."""

    port: int

    def __init__(self) -> None:
        """Begin with no message."""
        noise = np.random.default_rng(1).standard_normal(8 * SAMPLE_RATE)
        self._noise = (10 ** (NOISE_DBFS / 20) * noise).astype(np.float32)
        self._waiting: deque[np.ndarray[Any, np.dtype[np.float32]]] = deque()
        self._server: asyncio.Server | None = None
        self._senders: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Wait at a port that is free: `port`."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *unused: object) -> None:
        """Send nothing any more, and refuse everybody."""
        await self.stop()

    async def stop(self) -> None:
        """Go off the air, as a radio does whose power is cut."""
        if self._server is not None:
            self._server.close()
        for sender in tuple(self._senders):
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)

    async def start(self) -> None:
        """Come back on the air at the same port."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self.port
        )

    async def set_up(self, hass: HassProcess, name: str) -> dict[str, Any]:
        """Set up a station that hears it; return what the flow's end tells."""
        return await hass.set_up(
            "pcm",
            name=name,
            mode="tcp_connect",
            host="127.0.0.1",
            port=self.port,
            sample_rate=SAMPLE_RATE,
            channels=1,
            sample_format="s16le",
        )

    async def send(
        self,
        event_code: str,
        *places: str,
        issued: datetime | None = None,
        minutes: int = 30,
        voice_seconds: float = 1.0,
        end_of_message: bool = True,
    ) -> str:
        """Send a message after those that wait; return its header.

        `places` are SAME codes, by default that of the home; `issued` is now if
        nothing else is said, and counts to the minute. A message is heard about
        five seconds after its beginning.
        """
        header = Header(
            originator="WXR",
            event_code=event_code,
            locations=places or (HOME,),
            purge_hhmm=f"{minutes // 60:02}{minutes % 60:02}",
            issued_code=(issued or datetime.now(UTC)).strftime("%j%H%M"),
            sender="KCLE/NWS",
        )
        message = await asyncio.to_thread(
            encode_message,
            header,
            SAMPLE_RATE,
            attention_seconds=1.0,
            voice=silence(voice_seconds, SAMPLE_RATE),
            amplitude=0.3,
            end_of_message=end_of_message,
        )
        padded = np.pad(message, (SAMPLE_RATE // 2, -len(message) % PIECE + PIECE))
        self._waiting.extend(padded[: len(padded) // PIECE * PIECE].reshape(-1, PIECE))
        return header.encode()

    async def _connected(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._senders.add(task)
        try:
            await self._send_pieces(writer)
        except ConnectionError, asyncio.CancelledError:
            pass
        finally:
            self._senders.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _send_pieces(self, writer: asyncio.StreamWriter) -> None:
        """Send at the pace of a clock that does not drift with what sleeping costs."""
        loop = asyncio.get_running_loop()
        due, at = loop.time(), 0
        while not writer.is_closing():
            piece = self._noise[at : at + PIECE]
            at = (at + PIECE) % len(self._noise)
            if self._waiting:
                piece = piece + self._waiting.popleft()
            writer.write((32767 * piece.clip(-1, 1)).astype("<i2").tobytes())
            await writer.drain()
            due += PIECE / SAMPLE_RATE
            await asyncio.sleep(due - loop.time())
