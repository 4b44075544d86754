"""Recordings of agents come to Home Assistant whole, and are like those made there."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.media_source import async_resolve_media
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station import agent_transfer
from custom_components.eas_station.eas_core.agent.transfer import TransferError
from custom_components.eas_station.eas_core.station import Recording
from eas_core.agent.transfer import MOST_BYTES, manifest_fields
from eas_core.station.records import Alert, RecordingEnd
from tests.core.agent.recorded import flac, record
from tests.core.agent.told import config, running
from tests.integration.agent_peers import (
    AgentsPeer,
    Message,
    Sends,
    honest,
    manifest_of,
    piece,
)
from tests.integration.mqtt_agents import now_alert
from tests.integration.waiting import seen
from tests.peers.mosquitto import Mosquitto

pytestmark = pytest.mark.usefixtures("loopback", "with_mqtt", "soon")


@pytest.fixture
def soon() -> Iterator[None]:
    """Ask again for what is missing after a moment, and for as long as a busy machine needs."""
    with patch.multiple(agent_transfer, PATIENCE_SECONDS=0.3, MOST_TRIES=12):
        yield


@pytest.fixture
def agents(broker: Mosquitto) -> Iterator[AgentsPeer]:
    peer = AgentsPeer(broker.port)
    yield peer
    peer.close()


@pytest.fixture
def tornado() -> Alert:
    return now_alert()


@pytest.fixture
async def entry(hass: HomeAssistant, agents_entry: MockConfigEntry) -> MockConfigEntry:
    """A station that follows agents, and records."""
    agents_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(agents_entry, options={"floor_mb": 0})
    assert await hass.config_entries.async_setup(agents_entry.entry_id)
    return agents_entry


async def heard(
    entry: MockConfigEntry, agents: AgentsPeer, alert: Alert, /, **sends: Sends
) -> None:
    """Have agents come, all of which have heard an alert and recorded it."""
    await there(entry, agents, **sends)
    for name in sends:
        await asyncio.to_thread(agents.tell, name, alert, late=alert.late)


async def there(entry: MockConfigEntry, agents: AgentsPeer, /, **sends: Sends) -> None:
    for name, does in sends.items():
        await asyncio.to_thread(agents.come, name, does)
    # By then all is subscribed to.
    await seen(lambda: all(agents.is_asked(name) for name in sends))


def noted(entry: MockConfigEntry) -> Mapping[str, Any]:
    newest: Mapping[str, Any] = entry.runtime_data.history.newest or {}
    return newest


def kept(entry: MockConfigEntry) -> list[Recording]:
    index = entry.runtime_data.recordings
    return [index.read(each.name) for each in index.entries()]


async def have_it(
    hass: HomeAssistant, entry: MockConfigEntry, alert: Alert
) -> Recording:
    """Wait until an alert's recording is here, and is what the agent had."""

    def whole() -> bool:
        uri = noted(entry).get("recording") or ""
        ends = not noted(entry).get("recording_at")
        return ends and any(each.name in uri for each in kept(entry))

    await seen(whole)
    (recording,) = kept(entry)
    path = entry.runtime_data.recordings.path(recording.name)
    file = await hass.async_add_executor_job(path.read_bytes)
    assert file == flac(alert.best_guess)
    return recording


async def test_a_real_agents_recording_plays_where_the_event_says(
    hass: HomeAssistant,
    broker: Mosquitto,
    entry: MockConfigEntry,
    tornado: Alert,
    tmp_path: Path,
) -> None:
    assert await async_setup_component(hass, "media_source", {})
    alerts = async_capture_events(hass, "eas_alert")
    folder = tmp_path / "attic"
    finished = await hass.async_add_executor_job(record, folder, tornado)
    with running(config(tmp_path, broker.port), folder) as station:
        station.say(replace(tornado, recording=finished.name))
        station.say(finished)
        recording = await have_it(hass, entry, tornado)
    uri = alerts[0].data["recording"]
    assert uri == noted(entry)["recording"]
    assert uri == f"media-source://eas_station/agents_entry/{recording.name}"
    assert recording.channel == "attic 162.550"
    assert recording.alert_id == tornado.id
    assert [each.part for each in recording.parts] == ["header", "tone", "voice", "end"]
    played = await async_resolve_media(hass, uri, None)
    assert played.mime_type == "audio/mpeg"


def disordered(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
    """Pieces come backwards, twice, and before the answer that says what they are of."""
    answer, *pieces = honest(alert, order)
    return [*reversed(pieces), answer, *pieces]


def gappy(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
    """The first two of what is asked for are lost on the way, but for the last time."""
    answer, *pieces = honest(alert, order)
    return [answer, *(pieces[2:] or pieces)]


def mixed(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
    """Pieces that are none, or none of this recording, among those that are."""
    answer, *pieces = honest(alert, order)
    manifest = manifest_of(alert)
    false = piece(manifest, alert, 0) | {"data": piece(manifest, alert, 1)["data"]}
    return [
        answer,
        ("barn/piece", false),
        ("barn/answer", {"ok": False, "error": "Not me."}),
        ("piece", false | {"sha256": "0" * 64}),
        ("piece", false | {"index": 10**9}),
        ("piece", false | {"index": -1}),
        ("piece", false | {"count": 10**9, "index": 10**6}),
        ("piece", false | {"data": "no base64"}),
        ("piece", false | {"data": "QUJD"}),
        ("piece", false | {"id": "somebody else's"}),
        ("piece", false | {"version": 2}),
        *pieces,
    ]


@pytest.mark.parametrize("sends", [disordered, gappy, mixed])
async def test_however_pieces_come_the_recording_is_whole(
    hass: HomeAssistant,
    agents: AgentsPeer,
    entry: MockConfigEntry,
    tornado: Alert,
    sends: Callable[[Alert, Mapping[str, Any]], list[Message]],
) -> None:
    await heard(entry, agents, tornado, attic=lambda order: sends(tornado, order))
    recording = await have_it(hass, entry, tornado)
    assert recording.complete


def false(**changed: Any) -> Callable[[Alert, Mapping[str, Any]], list[Message]]:
    """An agent whose answer says something else than it should."""

    def sends(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
        (_, told), *pieces = honest(alert, order)
        answer = told | {"result": told["result"] | changed}
        pieces = [
            (
                topic,
                said | ({"sha256": changed["sha256"]} if "sha256" in changed else {}),
            )
            for topic, said in pieces
        ]
        return [("answer", answer), *pieces]

    return sends


def silent(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
    return []


def lost(alert: Alert, order: Mapping[str, Any]) -> list[Message]:
    return [("answer", {"ok": False, "error": "Gone.", "lost": True})]


@pytest.mark.parametrize(
    "wrong",
    [
        false(sha256="0" * 64),
        false(alert_id="f" * 16),
        false(name="../../etc/passwd"),
        false(count=10**9),
        false(size=MOST_BYTES + 1),
        silent,
        lost,
    ],
)
async def test_what_one_agent_does_not_give_comes_from_another(
    hass: HomeAssistant,
    agents: AgentsPeer,
    entry: MockConfigEntry,
    tornado: Alert,
    wrong: Callable[[Alert, Mapping[str, Any]], list[Message]],
) -> None:
    ends = async_capture_events(hass, "eas_end_of_message")
    await heard(
        entry,
        agents,
        tornado,
        attic=lambda order: wrong(tornado, order),
        barn=lambda order: honest(tornado, order),
    )
    recording = await have_it(hass, entry, tornado)
    assert recording.channel == "barn 162.550"
    assert {agent for agent, _ in agents.orders} == {"attic", "barn"}
    assert ends[0].data["recording"] == noted(entry)["recording"]


async def test_who_sends_a_piece_now_and_then_keeps_nobody_waiting() -> None:
    async def publish(order: Mapping[str, Any]) -> None:
        """Answer nothing, ever."""

    slow = agent_transfer.Transfer("1", "attic", "0123456789abcdef", publish)
    with (
        patch.multiple(agent_transfer, LONGEST_SECONDS=0.01, PATIENCE_SECONDS=3600),
        pytest.raises(TransferError, match="too slowly"),
    ):
        await slow.async_fetch()


async def test_one_recording_is_enough(
    hass: HomeAssistant, agents: AgentsPeer, entry: MockConfigEntry, tornado: Alert
) -> None:
    def gives(order: Mapping[str, Any]) -> list[Message]:
        return honest(tornado, order)

    names = [f"agent-{number}" for number in range(8)]
    await heard(entry, agents, tornado, **dict.fromkeys(names, gives))
    await have_it(hass, entry, tornado)
    await seen(lambda: entry.runtime_data.station.fleet.counts["recording"] == 8)
    assert len({agent for agent, _ in agents.orders}) == 1
    # Who asks an agent for what was missed is offered it again.
    last = manifest_of(tornado).name
    await asyncio.to_thread(agents.offer, "agent-0", tornado, last)
    await seen(lambda: entry.runtime_data.station.fleet.counts["recording"] == 9)
    assert len(kept(entry)) == 1
    assert len({agent for agent, _ in agents.orders}) == 1


async def test_what_failed_is_told_and_comes_when_the_agent_does(
    hass: HomeAssistant,
    agents: AgentsPeer,
    entry: MockConfigEntry,
    tornado: Alert,
    caplog: pytest.LogCaptureFixture,
) -> None:
    attic = {"attic": lambda order: false(sha256="0" * 64)(tornado, order)}
    await heard(entry, agents, tornado, **attic)
    await seen(lambda: "does not come from the agent attic" in caplog.text)
    (place,) = noted(entry)["recording_at"]
    assert (place["agent"], place["id"]) == ("attic", tornado.id)
    assert kept(entry) == []

    # Over a restart, too.
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert noted(entry)["recording_at"] == [place]
    await asyncio.to_thread(agents.go, "attic")
    await there(entry, agents, attic=lambda order: honest(tornado, order))
    await have_it(hass, entry, tornado)
    assert caplog.text.count("does not come from") == 1


async def test_a_broker_that_dies_in_the_middle_costs_nothing(
    hass: HomeAssistant,
    broker: Mosquitto,
    agents: AgentsPeer,
    entry: MockConfigEntry,
    tornado: Alert,
) -> None:
    def half(order: Mapping[str, Any]) -> list[Message]:
        return honest(tornado, order)[:4] if len(agents.orders) == 1 else []

    await heard(entry, agents, tornado, attic=half)
    await seen(lambda: len(agents.orders) > 1)
    agents.sends["attic"] = lambda order: honest(tornado, order)
    again = "homeassistant.components.mqtt.client.RECONNECT_INTERVAL_SECONDS"
    with patch(again, 0.2):
        await asyncio.to_thread(broker.kill)
        await seen(lambda: not entry.runtime_data.station.fleet.agents["attic"].online)
        await asyncio.to_thread(broker.start)
        await have_it(hass, entry, tornado)


async def test_what_an_agent_has_lost_is_not_promised_any_more(
    hass: HomeAssistant, agents: AgentsPeer, entry: MockConfigEntry, tornado: Alert
) -> None:
    await heard(entry, agents, tornado, attic=lambda order: lost(tornado, order))
    await seen(lambda: bool(agents.orders))
    await seen(lambda: noted(entry).get("recording") is None)
    assert noted(entry)["recording_at"] is None


async def test_the_recording_of_a_late_alert_comes_late(
    hass: HomeAssistant, agents: AgentsPeer, entry: MockConfigEntry
) -> None:
    over = replace(now_alert(minutes_ago=90), late=True)
    await heard(entry, agents, over, attic=lambda order: honest(over, order))
    recording = await have_it(hass, entry, over)
    assert noted(entry)["late"] is True
    assert recording.started == over.received


async def test_a_recording_without_an_end_gives_way_to_one_that_has_it(
    hass: HomeAssistant, agents: AgentsPeer, entry: MockConfigEntry, tornado: Alert
) -> None:
    cut = replace(manifest_of(tornado), ended_by=RecordingEnd.SOURCE_DOWN)

    def cut_off(order: Mapping[str, Any]) -> list[Message]:
        _, *pieces = honest(tornado, order)
        return [("answer", {"ok": True, "result": manifest_fields(cut)}), *pieces]

    await heard(entry, agents, tornado, attic=cut_off)
    await have_it(hass, entry, tornado)
    await heard(entry, agents, tornado, barn=lambda order: honest(tornado, order))
    await seen(lambda: any(each.complete for each in kept(entry)))
    best = next(each.name for each in kept(entry) if each.complete)
    await seen(lambda: noted(entry)["recording"].endswith(best))


async def test_a_station_that_does_not_record_asks_for_nothing(
    hass: HomeAssistant,
    agents: AgentsPeer,
    agents_entry: MockConfigEntry,
    tornado: Alert,
) -> None:
    agents_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(agents_entry, options={"record": False})
    assert await hass.config_entries.async_setup(agents_entry.entry_id)
    await heard(
        agents_entry, agents, tornado, attic=lambda order: honest(tornado, order)
    )
    await seen(lambda: bool(noted(agents_entry)))
    await seen(lambda: agents_entry.runtime_data.station.fleet.counts["recording"] == 1)
    assert noted(agents_entry)["recording"] is None
    assert agents.orders == []
