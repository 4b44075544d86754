"""The four blueprints in a real hass: a simulated warning, and a source that fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
import shutil
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
import numpy as np
import pytest

from script.hass_process import HassProcess, Websocket, complaints, make_configuration
from script.ports import free_port

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
HOUSE = """
automation: !include automations.yaml
scene:
mobile_app:
stand_in:
"""
SPEAKER, LIGHT, SIREN = "media_player.bedroom", "light.hall", "siren.roof"
RELAYS = ["switch.gate", "switch.pump"]
CHIME = "media-source://media_source/local/chime.mp3"


class Phone:
    """What pushes notifications to a phone, and keeps them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.pushed: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.url = ""

    async def push(self, request: web.Request) -> web.Response:
        """Take one."""
        await self.pushed.put(await request.json())
        return web.json_response({}, status=201)

    async def wait_for(self, title: str) -> dict[str, Any]:
        """Return the next of a title."""
        async with asyncio.timeout(SECONDS):
            while True:
                pushed = await self.pushed.get()
                if pushed.get("title") == title:
                    return pushed


class Radio:
    """Noise over TCP, which can go away and come again."""

    def __init__(self) -> None:
        """Choose a port."""
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Send to whoever connects."""
        self._server = await asyncio.start_server(self._send, "127.0.0.1", self.port)

    async def _send(
        self, _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        noise = np.random.default_rng(1).normal(0, 3000, 1600).astype("<i2").tobytes()
        try:
            while not writer.is_closing():
                writer.write(noise)
                await writer.drain()
                await asyncio.sleep(0.1)
        except ConnectionError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def stop(self) -> None:
        """Refuse everybody."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.close()
            await self._server.wait_closed()
            self._server = None


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    phone = Phone()
    app = web.Application()
    app.router.add_post("/push", phone.push)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    phone.url = f"http://127.0.0.1:{port}/push"
    yield phone
    await runner.cleanup()


@pytest.fixture
async def radio() -> AsyncIterator[Radio]:
    radio = Radio()
    await radio.start()
    yield radio
    await radio.stop()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[HassProcess]:
    """Home Assistant with a house, and the blueprints where a user imports them to."""
    port = free_port()
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(tmp_path, component, port, more=HOUSE)
    (tmp_path / "automations.yaml").write_text("[]", encoding="utf-8")
    # A package, or the one of the folder that this runs in would come first.
    (tmp_path / "custom_components" / "__init__.py").touch()
    shutil.copytree(
        ROOT / "tests" / "live" / "stand_in",
        tmp_path / "custom_components" / "stand_in",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copytree(ROOT / "blueprints", tmp_path / "blueprints")
    async with HassProcess(tmp_path, port) as hass:
        await hass.log_in()
        yield hass


async def register(hass: HassProcess, websocket: Websocket, phone: Phone) -> str:
    """Register a phone as its app does; return its device."""
    await hass.post(
        "/api/mobile_app/registrations",
        json={
            "app_id": "io.test",
            "app_name": "Test",
            "app_version": "1",
            "device_id": "phone",
            "device_name": "Night phone",
            "manufacturer": "Test",
            "model": "Phone",
            "os_name": "Test",
            "os_version": "1",
            "supports_encryption": False,
            "app_data": {"push_token": "token", "push_url": phone.url},
        },
    )
    devices = await websocket.command(type="config/device_registry/list")
    (device,) = [each["id"] for each in devices if each["name"] == "Night phone"]
    return str(device)


async def use(hass: HassProcess, blueprint: str, **inputs: Any) -> None:
    """Make an automation of a blueprint, as the editor does."""
    await hass.post(
        f"/api/config/automation/config/{blueprint}",
        json={
            "alias": blueprint,
            "use_blueprint": {"path": f"eas_station/{blueprint}.yaml", "input": inputs},
        },
    )


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that no event tells."""
    for _ in range(300):
        if await happened():
            return
        await asyncio.sleep(0.2)
    pytest.fail("it did not happen within 60 s")


async def test_each_blueprint_does_what_it_says(
    house: HassProcess, phone: Phone, radio: Radio
) -> None:
    calls: list[dict[str, Any]] = []

    def take(event: dict[str, Any]) -> bool:
        if event["event_type"] == "stand_in":
            calls.append(event["data"])
        return bool(event["event_type"] == "eas_end_of_message")

    async with house.websocket() as websocket, house.websocket() as asking:
        for event_type in ("stand_in", "eas_end_of_message"):
            await websocket.command(type="subscribe_events", event_type=event_type)
        device = await register(house, asking, phone)
        await use(
            house,
            "announce",
            speakers=[SPEAKER],
            voice="tts.voice",
            chime={"media_content_id": CHIME, "media_content_type": "audio/mpeg"},
            chime_seconds=1,
        )
        await use(house, "signal", lights=[LIGHT], sirens=[SIREN], relays=RELAYS)
        await use(house, "notify_phone", phones=[device])
        await use(
            house,
            "notify_silence",
            silent_for={"seconds": 3},
            hears_for={"seconds": 1},
            phones=[device],
        )

        async def all_are_on() -> bool:
            states = await asking.command(type="get_states")
            on = [one for one in states if one["state"] == "on"]
            names = [str(one["entity_id"]) for one in on]
            return sum(name.startswith("automation.") for name in names) == 4

        await until(all_are_on)
        await house.set_up(
            "pcm",
            name="Attic",
            mode="tcp_connect",
            host="127.0.0.1",
            port=radio.port,
            sample_rate=16_000,
            channels=1,
            sample_format="s16le",
        )
        await house.set_up("simulator", name="Live EAS", first_alert_seconds=2)
        told = await phone.wait_for("Tornado Warning")
        await radio.stop()
        silent = await phone.wait_for("Attic hears nothing")
        notes = await asking.command(type="persistent_notification/get")
        await radio.start()
        again = await phone.wait_for("Attic hears again")
        await websocket.wait_for(take, SECONDS)

        async def all_is_back() -> bool:
            states = await asking.command(type="get_states")
            return not any(one["attributes"].get("current") for one in states)

        await until(all_is_back)
        scenes = [
            state["entity_id"]
            for state in await asking.command(type="get_states")
            if state["entity_id"].startswith("scene.")
        ]
        await websocket.command(type="fire_event", event_type="eas_end_of_message")
        await websocket.wait_for(take, SECONDS)

    assert told["message"].startswith("The National Weather Service")
    assert told["data"]["push"]["interruption-level"] == "critical"
    assert told["data"]["push"]["sound"]["critical"] == 1
    assert told["data"]["channel"] == "alarm_stream"
    assert silent["message"].startswith("Silent since")
    assert silent["data"]["push"]["interruption-level"] == "time-sensitive"
    assert again["message"].startswith("It was silent")
    assert again["data"]["tag"] == silent["data"]["tag"]
    assert [note["title"] for note in notes] == ["Attic hears nothing"]

    by_entity: dict[str, list[dict[str, Any]]] = {}
    for call in calls:
        by_entity.setdefault(call["entity_id"], []).append(call)
    spoken = by_entity[SPEAKER]
    assert [call["call"] for call in spoken] == [
        "volume",
        "play",
        "played",
        "play",
        "played",
        "volume",
    ]
    assert [spoken[0]["level"], spoken[-1]["level"]] == [0.6, 0.25]
    assert spoken[1]["media"].endswith("chime.mp3")
    assert said(spoken[3]["media"]) == told["message"]
    red, before = by_entity[LIGHT]
    assert (red["color"], red["level"]) == ([255, 0, 0], 255)
    assert (before["color"], before["level"]) == ([0, 0, 255], 40)
    assert [call["call"] for call in by_entity[SIREN]] == ["on", "off"]
    assert [call["call"] for call in by_entity["switch.gate"]] == ["on", "off"]
    assert "switch.pump" not in by_entity, "it was on before"
    assert scenes == []

    assert await house.stop() == 0
    (warning,) = complaints(house.log)
    assert "Attic hears nothing" in warning


def said(media_id: str) -> str:
    """Return the text of what a voice is asked to say."""
    return parse_qs(urlsplit(media_id).query)["message"][0]
