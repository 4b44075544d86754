"""Commands over Home Assistant's websocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import logging
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, override

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.http import WebSocketAdapter
from homeassistant.util.json import json_loads

from bench.fuzzing.agents import as_json
from bench.fuzzing.home import CALM_SECONDS, ENTRY, home, logged, set_up, station_entry
from bench.fuzzing.mutate import TIMES, mutate_bytes, mutate_json
from bench.fuzzing.recordings import NAME, NAMES
from bench.fuzzing.target import Target, WrongAnswerError

URI: Final = f"media-source://eas_station/{ENTRY}"
COMMANDS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "eas_station/subscribe", "entry_id": ENTRY, "rate": 5, "spectrum": True},
    {
        "type": "eas_station/history",
        "entry_id": ENTRY,
        "limit": 50,
        "before": 7,
        "start": "2026-06-08T18:30:00+00:00",
        "end": "2026-06-09",
        "events": ["TOR"],
        "places": ["039035"],
        "tests": False,
    },
    {"type": "eas_station/counties", "codes": ["039035", "039000", "000000"]},
    {"type": "eas_station/recording", "recording": f"{URI}/{NAME}", "part": "voice"},
    {"type": "eas_station/recording", "entry_id": ENTRY, "name": NAME},
    {"type": "eas_station/live", "entry_id": ENTRY, "channel": "main"},
)
MORE: Final = (
    {"type": "media_source/browse_media", "media_content_id": URI},
    {"type": "media_source/resolve_media", "media_content_id": f"{URI}/{NAME}"},
)
ERRORS: Final = (
    *("invalid_format", "not_found", "not_loaded", "unauthorized"),
    *("id_reuse", "unknown_command"),
)
"""docs/websocket.md, and the last two which are Home Assistant's own."""

MEDIA_ERRORS: Final = ("browse_media_failed", "resolve_media_failed")


class WebsocketTarget(Target[bytes]):
    """Any message is answered once, with its result or a documented error; an unwelcome user learns nothing."""

    name: ClassVar = "websocket"
    cases: ClassVar = 20_000
    documented: ClassVar = frozenset({*ERRORS, *MEDIA_ERRORS})

    @override
    @asynccontextmanager
    async def _opened(self, folder: Path) -> AsyncIterator[None]:
        with logged() as self._logged:
            async with home(folder) as self._hass:
                await set_up(self._hass, station_entry())
                users = [
                    await self._hass.auth.async_create_user("A", group_ids=[group])
                    for group in (GROUP_ID_ADMIN, GROUP_ID_READ_ONLY)
                ]
                self._answers: list[dict[str, Any]] = []
                self._connections = [
                    ActiveConnection(
                        WebSocketAdapter(logging.getLogger("fuzz"), {"connid": 1}),
                        self._hass,
                        self._take,
                        user,
                        None,
                        None,
                    )
                    for user in users
                ]
                self._next_id = 1
                self._answered = asyncio.Event()
                yield
                for connection in self._connections:
                    connection.async_handle_close()

    def _take(self, message: bytes | str | dict[str, Any]) -> None:
        told: Any = message if isinstance(message, dict) else json_loads(message)
        found = told if isinstance(told, list) else [told]
        self._answers += [one for one in found if one.get("type") == "result"]
        if self._answers:
            self._answered.set()

    @override
    def case(self, rng: Random) -> bytes:
        command = dict(rng.choice((*COMMANDS, *COMMANDS, *MORE)))
        for key in ("recording", "name", "media_content_id"):
            if key in command and rng.randrange(2):
                start = "" if key == "name" else f"{URI}/"
                command[key] = start + rng.choice(NAMES)
        for key in ("start", "end"):
            if key in command and rng.randrange(3) == 0:
                command[key] = rng.choice(TIMES)
        command["id"] = 1
        data = as_json(mutate_json(rng, command) if rng.randrange(6) else command)
        return mutate_bytes(rng, data) if not rng.randrange(6) else data

    @override
    async def run(self, case: bytes) -> str:
        try:
            message = json_loads(case)
        except ValueError:
            # Home Assistant ends such a connection.
            return "accepted"
        if isinstance(message, dict) and message.get("id") == 1:
            self._next_id += 1
            message["id"] = self._next_id
        self._answers.clear()
        self._answered.clear()
        connection = self._connections[self._next_id % 2]
        connection.async_handle(message)
        async with asyncio.timeout(CALM_SECONDS):
            await self._answered.wait()
        await asyncio.sleep(0)
        connection.last_id = self._next_id
        for unsubscribe in [*connection.subscriptions.values()]:
            unsubscribe()
        connection.subscriptions.clear()
        self._logged.check()
        if len(self._answers) != 1:
            raise WrongAnswerError(f"{self._answers}")
        (result,) = self._answers
        if result["success"]:
            return "accepted"
        if not result["error"]["message"]:
            raise WrongAnswerError(f"{result}")
        return str(result["error"]["code"])
