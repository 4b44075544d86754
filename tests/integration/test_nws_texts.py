"""What the Weather Service wrote joins an alert, where that is wanted and the Internet is there."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

from aiohttp import web
from homeassistant.components.recorder.db_schema import MAX_EVENT_DATA_BYTES
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station import nws_client, nws_texts
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.station import Alert, AlertUpdated
from custom_components.eas_station.eas_core.station.written import (
    MOST_POINTS,
    parse_written,
)
from tests.integration.alerts import alert, asking, set_up, tell
from tests.integration.waiting import until
from tests.nws_api import NwsServer, answer, collection, feature, hang, status


async def noted(coordinator: EasStationCoordinator, of: Alert) -> Any:
    entry = await coordinator.history.async_get(of.id)
    assert entry is not None
    return entry.get("nws")


async def test_the_text_joins_the_history_and_is_an_event(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    ring = [[-82.0, 41.0], [-81.0, 41.0], [-81.0, 42.0], [-82.0, 41.0]]
    area = {"type": "Polygon", "coordinates": [ring]}
    tornado = alert()
    nws.answers = [answer(feature(sent=tornado.issued, geometry=area))]
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, tornado)
    await until(hass, lambda: bool(told))
    text = told[0].data["nws"]
    assert told[0].data == {
        "entry_id": "file_entry",
        "device_id": told[0].data["device_id"],
        "station": "Home EAS",
        "alert_id": tornado.id,
        "nws": text,
    }
    sent = text["sent"]
    assert text == {
        "confirmed": True,
        "id": "urn:oid:2.49.0.1.840.0.1.001.1",
        "url": "https://api.weather.gov/alerts/urn:oid:2.49.0.1.840.0.1.001.1",
        "event": "Tornado Warning",
        "sender": "NWS Cleveland OH",
        "sent": sent,
        "onset": sent,
        "expires": text["expires"],
        "headline": "Tornado Warning issued by NWS Cleveland OH",
        "description": "At 230 PM EDT, a tornado was near Parma.\n\nHAZARD...Tornado.",
        "instruction": "TAKE COVER NOW!",
        "polygon": [ring],
    }
    assert dt_util.parse_datetime(sent) == tornado.issued
    assert await noted(coordinator, tornado) == text


async def test_a_warning_that_is_heard_is_confirmed(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    file_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(file_entry, options={"nws_text": True})
    nws.answers = [answer(feature())]
    assert await hass.config_entries.async_setup(file_entry.entry_id)
    await until(hass, lambda: bool(told))
    kept = await file_entry.runtime_data.history.async_get(told[0].data["alert_id"])
    assert kept["event_code"] == "TOR"
    assert kept["nws"] == told[0].data["nws"]


def test_the_longest_text_is_no_more_than_the_recorder_keeps_of_an_event() -> None:
    points = [[-123.45678, 45.6789]] * MOST_POINTS
    longest = feature(geometry={"type": "Polygon", "coordinates": [points]})
    for key in ("id", "event", "senderName", "headline", "description", "instruction"):
        longest["properties"][key] = "ñ" * 99_999
    (text,) = parse_written(json_bytes(collection(longest)))
    assert len(text.polygon[0]) == MOST_POINTS
    assert len(json_bytes(nws_texts.nws_data(text))) < MAX_EVENT_DATA_BYTES / 1.2


async def test_only_the_state_and_who_asks_is_sent(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, alert(places="039035-042049"))
    await until(hass, lambda: bool(nws.requests))
    request = nws.requests[0]
    assert request.method == "GET"
    assert request.path == "/alerts/active"
    assert dict(request.query) == {"area": "OH,PA", "status": "actual"}
    assert request.headers["Accept"] == "application/geo+json"
    assert request.headers["User-Agent"] == nws_client.USER_AGENT
    assert "EAS Station" in nws_client.USER_AGENT
    assert "https://github.com/eas-station" in nws_client.USER_AGENT
    assert set(request.headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding"}
    assert not request.can_read_body


async def test_nobody_is_asked_unless_the_user_wants_it(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    coordinator = await set_up(hass, file_entry)
    await tell(hass, coordinator, alert())
    await hass.async_block_till_done(wait_background_tasks=True)
    assert nws.requests == []
    assert coordinator.text_counters.nws.wanted == 0


@pytest.mark.parametrize(
    "heard",
    [
        alert("RWT"),
        alert("DMO"),
        alert("TOR", self_test=True),
        alert("TOR", originator="CIV"),
        alert("TOR", event_code=""),
        alert("TOR", expires=dt_util.utcnow() - timedelta(hours=1)),
    ],
    ids=["test", "demo", "self-test", "not the service's", "uncertain", "old"],
)
async def test_nobody_is_asked_of_what_has_no_text(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer, heard: Alert
) -> None:
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, heard)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert nws.requests == []


async def test_nobody_is_asked_of_what_is_simulated(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, nws: NwsServer
) -> None:
    coordinator = await asking(hass, simulator_entry)
    await tell(hass, coordinator, alert())
    await hass.async_block_till_done(wait_background_tasks=True)
    assert nws.requests == []


async def test_a_text_that_comes_later_than_the_voice_is_found(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    tornado = alert()
    nws.answers = [answer(), answer(), answer(feature(sent=tornado.issued))]
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, tornado)
    await until(hass, lambda: bool(told))
    assert len(nws.requests) == 3
    assert coordinator.text_counters.nws.matched == 1


async def test_where_nothing_matches_nothing_is_said_of_it(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    tornado = alert()
    nws.answers = [answer(feature(sent=tornado.issued, code="SVR"))]
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, tornado)
    counters = coordinator.text_counters.nws
    await until(hass, lambda: counters.unmatched == 1)
    assert len(nws.requests) == 4
    assert (counters.wanted, counters.matched, counters.failed) == (1, 0, 0)
    assert told == []
    assert await noted(coordinator, tornado) is None


async def test_what_has_not_changed_is_not_sent_again(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    tornado, storm = alert(), alert("SVR")
    modified = "Mon, 08 Jun 2026 18:30:00 GMT"
    first = answer(
        feature(sent=storm.issued, code="SVR"), ETag='"abc"', Last_Modified=modified
    )
    nws.answers = [first, status(304)]
    coordinator = await asking(hass, file_entry)
    await tell(hass, coordinator, tornado)
    counters = coordinator.text_counters.nws
    await until(hass, lambda: counters.unmatched == 1)
    assert "If-None-Match" not in nws.requests[0].headers
    for request in nws.requests[1:]:
        assert request.headers["If-None-Match"] == '"abc"'
        assert request.headers["If-Modified-Since"] == modified
    await tell(hass, coordinator, storm)
    await until(hass, lambda: bool(told))
    assert told[0].data["alert_id"] == storm.id
    assert counters.failed == 0


async def test_one_answer_does_for_all_alerts_of_a_minute_and_all_stations(
    hass: HomeAssistant,
    file_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
    nws: NwsServer,
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    tornado, storm = alert(), alert("SVR")
    nws.answers = [
        answer(
            feature("a", sent=tornado.issued),
            feature("b", sent=storm.issued, code="SVR"),
        )
    ]
    with patch.object(nws_client, "FRESH_SECONDS", 60.0):
        for entry in (file_entry, rtl_tcp_entry):
            await tell(hass, await asking(hass, entry), tornado, storm)
        await until(hass, lambda: len(told) == 4)
        assert len(nws.requests) == 1
        lake = alert("SMW", "096142")
        await tell(hass, file_entry.runtime_data, lake)
        await until(hass, lambda: len(nws.requests) == 2)
    assert {event.data["nws"]["id"] for event in told} == {"a", "b"}
    assert nws.requests[1].query["area"] == "LE"


async def test_only_the_newest_answers_are_kept(
    hass: HomeAssistant, nws: NwsServer
) -> None:
    client = nws_client.nws_client(hass)
    states = ["AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL"]
    with patch.object(nws_client, "FRESH_SECONDS", 60.0):
        for state in (*states, *states[1:], states[0]):
            await client.async_alerts((state,))
    assert [request.query["area"] for request in nws.requests] == [*states, "AL"]


async def test_requests_are_one_at_a_time_and_apart(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    times: list[float] = []

    async def note(request: web.Request) -> web.StreamResponse:
        times.append(hass.loop.time())
        return await answer()(request)

    nws.answers = [note]
    with patch.object(nws_client, "APART_SECONDS", 0.2):
        coordinator = await asking(hass, file_entry)
        for places in ("039035", "042049", "026005"):
            await tell(hass, coordinator, alert(places=places))
        await until(hass, lambda: len(times) >= 4)
    apart = [later - earlier for earlier, later in pairwise(times)]
    assert min(apart) > 0.19


async def test_an_alert_is_looked_for_once_also_when_it_came_in_whole_later(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    told: list[Event[Any]] = async_capture_events(hass, "eas_alert_text")
    whole = alert()
    nws.answers = [answer(feature(sent=whole.issued))]
    coordinator = await asking(hass, file_entry)
    texts = nws_texts.NwsTexts(hass, file_entry)
    await tell(hass, coordinator)
    unsure = alert(event_code="", id=whole.id)
    texts.async_take(unsure)
    assert nws.requests == []
    for _ in range(3):
        texts.async_take(AlertUpdated(alert=whole))
    await until(hass, lambda: bool(told))
    assert coordinator.text_counters.nws.wanted == 1


async def test_a_station_that_is_unloaded_asks_no_more(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    nws.answers = [hang]
    coordinator = await asking(hass, file_entry)
    with patch.object(nws_client, "LIMIT_SECONDS", 5.0):
        await tell(hass, coordinator, alert())
        await until(hass, lambda: len(nws.requests) == 1)
        assert await hass.config_entries.async_unload(file_entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(nws.requests) == 1


async def test_a_storm_of_alerts_is_not_a_storm_of_lookups(
    hass: HomeAssistant, file_entry: MockConfigEntry, nws: NwsServer
) -> None:
    coordinator = await asking(hass, file_entry)
    counties = [f"0390{number:02d}" for number in range(1, 40, 2)]
    await tell(hass, coordinator, *(alert(places=one) for one in counties))
    counters = coordinator.text_counters.nws
    assert (counters.wanted, counters.unmatched) == (20, 4)
    await until(hass, lambda: counters.unmatched == 20)
