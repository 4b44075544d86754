"""What runs an automation when a voice has become text, and why others do not."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import EVENT_TRANSCRIPT
from custom_components.eas_station.eas_core.station import Alert
from tests.integration.alerts import alert, set_up, tell
from tests.integration.automations import automate, why_not


def transcript(of: Alert, **changed: str) -> dict[str, Any]:
    """Return what `eas_transcript` says of an alert."""
    return {
        "entry_id": "simulator_entry",
        "device_id": "device",
        "station": "Home EAS",
        "alert_id": of.id,
        "text": "Take shelter now.",
        "engine": "stt.ears",
        "language": "en-US",
        "seconds": 20.0,
    } | changed


async def say(hass: HomeAssistant, data: dict[str, Any]) -> None:
    hass.bus.async_fire(EVENT_TRANSCRIPT, data)
    await hass.async_block_till_done()


async def test_a_transcript_runs_it_with_its_alert(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    noted = await automate(hass, "transcript_received", minimum_significance="warning")
    tornado = alert()
    await tell(hass, coordinator, tornado)
    await say(hass, transcript(tornado))
    (run,) = noted
    trigger = run.data["told"]
    assert trigger["description"] == "transcript received: Tornado Warning"
    assert trigger["transcript"] == transcript(tornado)
    assert trigger["alert"]["id"] == tornado.id
    assert trigger["alert"]["event_code"] == "TOR"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"events": ["SVR"]}, "other_event"),
        ({"config_entry_id": "other"}, "other_station"),
        ({"places": ["048201"]}, "other_location"),
    ],
)
async def test_of_an_alert_that_is_not_wanted_the_trace_says_why(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    options: dict[str, Any],
    reason: str,
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    noted = await automate(hass, "transcript_received", **options)
    tornado = alert()
    await tell(hass, coordinator, tornado)
    await say(hass, transcript(tornado))
    assert noted == []
    assert [each["reason"] for each in await why_not(hass)] == [reason]


async def test_of_an_alert_that_is_not_active_nothing_is_known(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    noted = await automate(hass, "transcript_received")
    await say(hass, transcript(alert()))
    assert noted == []
    assert [each["reason"] for each in await why_not(hass)] == ["unknown_alert"]


async def test_the_second_station_that_heard_it_runs_nothing(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
) -> None:
    noted = await automate(hass, "transcript_received")
    tornado = alert()
    for entry in (simulator_entry, rtl_tcp_entry):
        await tell(hass, await set_up(hass, entry), tornado)
        for _ in range(2):
            await say(hass, transcript(tornado, entry_id=entry.entry_id))
    assert len(noted) == 2, "the same station tells it again only when it is new"
    reasons = [each["reason"] for each in await why_not(hass)]
    assert reasons == ["already_triggered", "already_triggered"]
