"""What is secret in an address is told to nobody, whatever its server does."""

from collections.abc import Iterator
from itertools import chain
import json
import logging
from pathlib import Path
from typing import Any

from homeassistant.const import MATCH_ALL
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.json import JSONEncoder
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.eas_station.const import DOMAIN
from tests.core.sources.isolated.isolation import children
from tests.integration.automations import automate, why_not
from tests.integration.sockets import command, subscribe
from tests.integration.waiting import seen, shown_state
from tests.peers.web import Answer, WebServer, file, ok, status

CANARIES = ("canary-user", "canary-pass", "canary-path", "canary-query")
USER, PASSWORD, PATH, QUERY = CANARIES
TARGET = f"/{PATH}?token={QUERY}"


@pytest.fixture
def server(loopback: None) -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def audio(recording: Path) -> bytes:
    return recording.read_bytes()


def leaks(text: str) -> set[str]:
    """Return what a text gives away, in any of the forms that an address may take."""
    return {one for one in CANARIES if one in text}


def processes() -> list[str]:
    """Return what anybody on this machine sees of the child processes, and what root does."""
    found = []
    for pid in children():
        for name in ("cmdline", "environ"):
            try:
                text = Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:  # it has just ended
                continue
            found.append(text.decode(errors="replace"))
    return found


def all_faults(server: WebServer, audio: bytes) -> dict[str, Answer]:
    """Return answers by the reason that each is to be told with."""
    header = f"Location: {server.address}{TARGET}"
    encrypted = f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{PATH}"\n#EXTINF:1,\n{PATH}\n'
    return {
        "unauthorized": status(401, f'WWW-Authenticate: Basic realm="{PATH}"'),
        "not_found": status(404),
        "broken": status(500),
        "wrong_protocol": status(302, header),
        "not_audio": file(encrypted.encode()),
        "disconnected": file(audio, "audio/wav"),
    }


async def all_told(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    client: Any,
    socket: Any,
) -> str:
    """Return all that Home Assistant shows of the station, as text."""
    told: list[Any] = [state.as_dict() for state in hass.states.async_all()]
    told += [one.to_json() for one in ir.async_get(hass).issues.values()]
    told += [
        (one.name, one.model, sorted(one.identifiers), one.configuration_url)
        for one in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    ]
    told.append(await get_diagnostics_for_config_entry(hass, client, entry))
    told.append(await subscribe(await socket()))
    told.append(await command(await socket(), type="eas_station/history"))
    told.append(await command(await socket(), type="config_entries/get"))
    told += [
        flow["context"] | {"result": flow.get("step_id")}
        for flow in hass.config_entries.flow.async_progress()
    ]
    told += await why_not(hass)
    return json.dumps(told, cls=JSONEncoder, default=str)


async def test_the_secrets_of_an_address_are_told_to_nobody(
    hass: HomeAssistant,
    server: WebServer,
    audio: bytes,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for component in ("config", "diagnostics"):
        assert await async_setup_component(hass, component, {})
    events: list[str] = []
    hass.bus.async_listen(MATCH_ALL, lambda event: events.append(str(event.as_dict())))
    options: dict[str, Any] = {"states": ["down"], "for": 0}
    await automate(hass, "station_silent", **options)
    server.answers[TARGET] = lambda: chain([ok("audio/wav"), audio], server.hold())
    address = server.address.replace("://", f"://{USER}:{PASSWORD}@")
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id="stream:it",
        data={"source": "stream", "url": address + TARGET, "locations": ["039035"]},
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)

    def shown() -> State:
        return shown_state(hass, "sensor.home_eas_sdr_status")

    await seen(lambda: shown().state == "hearing")
    running = processes()
    assert running
    assert not leaks("".join(running))
    told = await all_told(hass, entry, hass_client, hass_ws_client)
    # The test would see one.
    assert leaks(server.requests[0]) == {PATH, QUERY}
    for reason, answer in all_faults(server, audio).items():
        server.answers[TARGET] = answer
        await hass.services.async_call(
            DOMAIN, "restart_source", {"config_entry_id": entry.entry_id}, blocking=True
        )
        await seen(lambda reason=reason: shown().attributes.get("reason") == reason)  # type: ignore[misc]
        told += await all_told(hass, entry, hass_client, hass_ws_client)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not leaks(told)
    assert not leaks("".join(events))
    assert not leaks(caplog.text)
    kept = {
        name: hass_storage[name]
        for name in hass_storage
        if "config_entries" not in name
    }
    assert not leaks(str(kept))
