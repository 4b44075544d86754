"""What a bug report holds, and what it does not."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.eas_station.const import DOMAIN, EVENT_END_OF_MESSAGE
from custom_components.eas_station.eas_core.station import Station
from tests.integration.alerts import alert, decoded, set_up, tell
from tests.integration.waiting import shown_state, until

SECRETS: dict[str, dict[str, Any]] = {
    "rtl_sdr": {
        "serial": "very-secret",
        "reception": {"band": "nwr", "frequencies": [162_550_000]},
    },
    "rtl_tcp": {
        "host": "127.0.0.1",
        "port": 9,
        "reception": {"band": "nwr", "frequencies": [162_550_000]},
    },
    "stream": {"url": "http://user:very-secret@127.0.0.1:9/?token=very-secret"},
    "sound_card": {"device": "alsa:very-secret", "channel": 1},
    "file": {"path": "/home/very-secret.wav", "loop": False},
    "pcm": {
        "mode": "tcp_connect",
        "host": "127.0.0.1",
        "port": 9,
        "sample_rate": 48_000,
        "channels": 1,
        "sample_format": "s16le",
    },
}


@pytest.fixture
def client(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> ClientSessionGenerator:
    return hass_client


async def downloaded(
    hass: HomeAssistant, client: ClientSessionGenerator, entry: MockConfigEntry
) -> dict[str, Any]:
    answer = await (await client()).get(
        f"/api/diagnostics/config_entry/{entry.entry_id}"
    )
    assert answer.status == 200
    data: dict[str, Any] = (await answer.json())["data"]
    return data


async def test_diagnostics_tell_the_state_and_hide_the_place(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    simulator_entry: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    data = await downloaded(hass, client, simulator_entry)
    assert data["running"] is True
    health = data["health"]
    assert health["counters"]["malformed"] == 0
    assert health["channels"][0]["status"]["channel"] == "main"
    assert health["restarts"] == 0
    assert data["entry"]["source"] == "simulator"
    assert "039035" not in json.dumps(data)
    assert "Home EAS" not in json.dumps(data)
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("kind", SECRETS)
async def test_diagnostics_and_states_hold_no_secret(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    data = {"source": kind, "locations": ["039035"], **SECRETS[kind]}
    entry = MockConfigEntry(domain=DOMAIN, title="Home EAS", data=data)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "down"
    )
    found = await downloaded(hass, client, entry)
    assert found["health"]["status"]["reason"]
    assert len(found["health"]["failures"]) == 1
    assert "very-secret" not in json.dumps(found)
    assert "127.0.0.1" not in json.dumps(found)
    if kind in ("rtl_sdr", "rtl_tcp"):
        assert found["options"]["radio"]["channels"][0]["name"] == "162.550"
    if kind == "stream":
        # Hosts are told to the user, whose own they are, and passwords are not.
        hint = shown_state(hass, "sensor.home_eas_sdr_status").attributes["hint"]
        for text in (hint, caplog.text):
            assert "user:very-secret" not in text
            assert "token=very-secret" not in text
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_diagnostics_of_what_was_heard_do_not_tell_where(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    simulator_entry: MockConfigEntry,
    in_cleveland: None,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    simulator_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        simulator_entry, options={"places": ["039093"]}
    )
    coordinator = await set_up(hass, simulator_entry)
    assert isinstance(coordinator.station, Station)
    ears = coordinator.station._ears
    hearing = next(iter(ears.hearings.values()))
    header = "ZCZC-WXR-TOR-039035-039093+0100-1591829-KCLE/NWS-"
    hearing.recent = (decoded(header),)
    known = alert("TOR", "039035-039093", recording="2026-06-08 TOR Cuyahoga")
    ears.alerts._known = (known,)
    await tell(hass, coordinator, known)
    found = await downloaded(hass, client, simulator_entry)
    assert found["active_alerts"][0]["event_code"] == "TOR"
    assert found["history_entries"] == 1
    assert found["counted"]["messages"] == 0
    assert found["faults"] == {"weekly_test_overdue": False, "clock_ahead_s": None}
    assert found["recent_messages"][0]["bursts"] == 3
    text = json.dumps(found)
    for secret in (
        "039035",
        "039093",
        "Cuyahoga",
        "Lorain",
        "Ohio",
        "KCLE",
        "KSIM",
        "41.5",
        "-81.69",
    ):
        assert secret not in text, secret


async def test_diagnostics_count_what_was_told_and_how_long_that_took(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    file_entry: MockConfigEntry,
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    ends = async_capture_events(hass, EVENT_END_OF_MESSAGE)
    file_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(hass, lambda: bool(ends))
    data = await downloaded(hass, client, file_entry)
    since_load = data["since_load"]
    assert since_load["alerts"] == {"TOR": 1}
    assert since_load["told"]["Alert"] == since_load["told"]["EndOfMessage"] == 1
    decided, told = data["health"]["decided"], since_load["decided_to_event"]
    for latency in (decided, told):
        assert latency["count"] == 1
        assert latency["p50_s"] == latency["p99_s"] == latency["most_s"]
    # Half a second is between bursts: the header was certain before the third was over.
    assert 0 <= decided["p99_s"] < 2.0
    assert 0 <= told["p99_s"] < 30.0
    assert data["records_waiting"] == 0
    assert await hass.config_entries.async_unload(file_entry.entry_id)
