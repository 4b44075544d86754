"""A speech-to-text server by the Wyoming protocol, which keeps what it hears and says a sentence."""

import asyncio
from typing import override

from wyoming.asr import Transcribe, Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info
from wyoming.server import AsyncEventHandler

NOBODY = Attribution(name="", url="")


class Ears(AsyncEventHandler):
    """One connection."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        server: WyomingServer,
    ) -> None:
        super().__init__(reader, writer)
        self._server = server
        self._pcm = b""

    @override
    async def handle_event(self, event: Event) -> bool:
        if Describe.is_type(event.type):
            await self.write_event(self._server.info.event())
        elif Transcribe.is_type(event.type):
            self._server.languages.append(Transcribe.from_event(event).language)
        elif AudioStart.is_type(event.type):
            start = AudioStart.from_event(event)
            self._server.formats.append((start.rate, start.width, start.channels))
        elif AudioChunk.is_type(event.type):
            self._pcm += AudioChunk.from_event(event).audio
        elif AudioStop.is_type(event.type):
            self._server.heard.append(self._pcm)
            await self.write_event(Transcript(text=self._server.says).event())
            return False
        return True


class WyomingServer:
    """Listens on a port of the loopback interface."""

    def __init__(self, says: str) -> None:
        self.says = says
        self.heard: list[bytes] = []
        self.formats: list[tuple[int, int, int]] = []
        self.languages: list[str | None] = []
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        model = AsrModel(
            name="parrot",
            attribution=NOBODY,
            installed=True,
            description=None,
            version=None,
            languages=["en", "es"],
        )
        program = AsrProgram(
            name="parrot",
            attribution=NOBODY,
            installed=True,
            description=None,
            version=None,
            models=[model],
        )
        self.info = Info(asr=[program])

    async def start(self) -> int:
        """Begin to listen; return the port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._handlers:
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(Ears(reader, writer, self).run())
        self._handlers.add(task)
        task.add_done_callback(self._handlers.discard)
