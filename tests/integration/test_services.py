"""Actions: what they return, what they refuse, and who may call them."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
import os
from pathlib import Path
import threading
import time
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import Group
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_capture_events,
)

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.station import Alert, Station
from tests.integration.alerts import alert, set_up, tell
from tests.integration.calling import call, told
from tests.integration.hostile_files import mp4_of_samples
from tests.integration.waiting import seen, until
from tests.peak_memory import peak_megabytes


@pytest.fixture
async def actions(hass: HomeAssistant) -> None:
    """The actions, without any station."""
    assert await async_setup_component(hass, DOMAIN, {})


@pytest.mark.usefixtures("actions")
async def test_actions_are_there_without_a_station(hass: HomeAssistant) -> None:
    assert set(hass.services.async_services_for_domain(DOMAIN)) == {
        "decode_file",
        "get_alerts",
        "export_test_log",
        "self_test",
        "restart_source",
        "scan",
        "save_recording",
    }
    assert await call(hass, "get_alerts") == {"alerts": []}
    with pytest.raises(ServiceValidationError):
        await call(hass, "self_test")


@pytest.mark.usefixtures("actions")
async def test_a_file_is_decoded(
    hass: HomeAssistant, recording: Path, header: str
) -> None:
    hass.config.allowlist_external_dirs = {str(recording.parent)}
    found = await call(hass, "decode_file", {"path": str(recording)})
    message, end = found["messages"]
    assert set(message) == {
        "header",
        "best_guess",
        "partial",
        "confidence",
        "bursts",
        "start_s",
        "end_s",
        "text",
    }
    assert message["header"] == header
    assert "Cuyahoga" in message["text"]
    assert message["start_s"] == pytest.approx(0.3, abs=0.1)
    assert end["text"] == "End of message"


@pytest.mark.usefixtures("actions")
async def test_a_file_elsewhere_is_not_read(
    hass: HomeAssistant, recording: Path
) -> None:
    hass.config.allowlist_external_dirs = set()
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "decode_file", {"path": str(recording)})
    assert refused.value.translation_key == "path_not_allowed"
    assert str(recording) in await told(refused.value, hass)


@pytest.mark.usefixtures("actions")
@pytest.mark.parametrize("name", ["nothing.wav", "text.wav", "."])
async def test_what_is_no_audio_is_refused(
    hass: HomeAssistant, tmp_path: Path, name: str
) -> None:
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "text.wav").write_text("no audio")
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "decode_file", {"path": str(tmp_path / name)})
    assert refused.value.translation_key == "file_unreadable"
    assert "cannot be decoded" in await told(refused.value, hass)


@pytest.mark.usefixtures("actions")
@pytest.mark.parametrize("name", ["pipe", "a\0b/c.wav"])
async def test_what_is_no_file_is_not_opened(
    hass: HomeAssistant, tmp_path: Path, name: str
) -> None:
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ServiceValidationError) as refused:
        await call(hass, "decode_file", {"path": f"{tmp_path}/{name}"})
    assert refused.value.translation_key == "path_not_allowed"


@pytest.mark.usefixtures("actions")
async def test_a_file_that_takes_all_memory_takes_none_of_home_assistants(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    (tmp_path / "small.mp4").write_bytes(mp4_of_samples(20_000_000))
    peak_megabytes()
    before = peak_megabytes()
    with pytest.raises(ServiceValidationError):
        await call(hass, "decode_file", {"path": str(tmp_path / "small.mp4")})
    assert peak_megabytes() - before < 200


@pytest.mark.usefixtures("actions")
async def test_files_are_decoded_one_at_a_time(
    hass: HomeAssistant, recording: Path
) -> None:
    hass.config.allowlist_external_dirs = {str(recording.parent)}
    allowed, begun, go_on = list[str](), list[str](), threading.Event()

    def may_read(hass: HomeAssistant, path: str) -> bool:
        allowed.append(path)
        return True

    def decode(path: str, stop: threading.Event) -> Iterator[dict[str, Any]]:
        begun.append(path)
        assert go_on.wait(60)
        yield {}

    services = f"custom_components.{DOMAIN}.services"
    with (
        patch(f"{services}.may_read", may_read),
        patch(f"{services}.decode_file", decode),
    ):
        asked = {"path": str(recording)}
        tasks = [
            asyncio.create_task(call(hass, "decode_file", asked)) for _ in range(3)
        ]
        await seen(lambda: len(allowed) == 3 and bool(begun))
        # What was asked of the executor before has begun by now.
        for _ in range(3):
            await hass.async_add_executor_job(time.sleep, 0)
        assert len(begun) == 1
        go_on.set()
        await asyncio.gather(*tasks)
    assert len(begun) == 3


@pytest.fixture
async def received(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> dict[str, Alert]:
    """A station for Cuyahoga County that has received four alerts."""
    coordinator = await set_up(hass, simulator_entry)
    now = dt_util.utcnow()
    hour, day = timedelta(hours=1), timedelta(days=1)
    known = {
        "old": alert("SVR", received=now - day, expires=now - day + hour),
        "elsewhere": alert("TOR", "048001", received=now - 2 * hour),
        "test": alert("RWT", received=now - hour),
        "newest": alert("TOR", "039035-039173", received=now),
    }
    await tell(hass, coordinator, *known.values())
    return known


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["newest", "test", "elsewhere", "old"]),
        (
            {"config_entry_id": "simulator_entry", "events": ["tor"]},
            ["newest", "elsewhere"],
        ),
        ({"events": "RWT"}, ["test"]),
        ({"places": ["039173"]}, ["newest"]),
        ({"places": ["039000"]}, ["newest", "test", "old"]),
        ({"relevant": True}, ["newest", "test", "old"]),
        ({"relevant": False}, ["elsewhere"]),
        ({"active": True}, ["newest", "test", "elsewhere"]),
        ({"active": False}, ["old"]),
        ({"active": True, "relevant": False, "events": ["SVR"]}, []),
    ],
)
async def test_alerts_are_filtered(
    hass: HomeAssistant,
    received: dict[str, Alert],
    asked: dict[str, Any],
    names: list[str],
) -> None:
    found = (await call(hass, "get_alerts", asked))["alerts"]
    by_id = {(one.id, one.received.isoformat()): name for name, one in received.items()}
    assert [by_id[one["id"], one["received"]] for one in found] == names


async def test_alerts_are_those_of_a_time_span(
    hass: HomeAssistant, received: dict[str, Alert]
) -> None:
    now = dt_util.now()
    start, end = now - timedelta(hours=3), now - timedelta(minutes=90)
    found = await call(hass, "get_alerts", {"start_time": start, "end_time": end})
    assert [one["id"] for one in found["alerts"]] == [received["elsewhere"].id]
    # As the field of the editor sends it: Home Assistant's own time.
    text = start.strftime("%Y-%m-%d %H:%M:%S")
    found = await call(hass, "get_alerts", {"start_time": text})
    assert len(found["alerts"]) == 3


async def test_no_more_alerts_are_returned_than_asked_for(
    hass: HomeAssistant, received: dict[str, Alert]
) -> None:
    found = (await call(hass, "get_alerts", {"limit": 2}))["alerts"]
    assert [one["id"] for one in found] == [
        received["newest"].id,
        received["test"].id,
    ]


async def test_alerts_are_returned_after_a_reload(
    hass: HomeAssistant, received: dict[str, Alert]
) -> None:
    before = await call(hass, "get_alerts")
    with patch.object(Station, "start"):
        assert await hass.config_entries.async_reload("simulator_entry")
    await hass.async_block_till_done()
    assert await call(hass, "get_alerts") == before
    assert await hass.config_entries.async_unload("simulator_entry")


async def test_an_alert_is_told_as_its_event_told_it(
    hass: HomeAssistant, received: dict[str, Alert]
) -> None:
    (one,) = (await call(hass, "get_alerts", {"events": "RWT"}))["alerts"]
    assert one["header"] == received["test"].header
    assert one["station"] == "Home EAS"
    assert one["entry_id"] == "simulator_entry"
    assert one["test"] is True
    assert one["relevant"] is True
    assert one["reason"] == "location"
    assert one["active"] is True
    assert one["locations"][0]["name"] == "Cuyahoga County"


async def test_a_self_test_is_decoded_and_told_as_one(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    events = async_capture_events(hass, "eas_alert")
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    answer = await call(hass, "self_test")
    assert answer["decoded"] is True
    assert 0 < answer["seconds"] < 30
    assert "-RWT-039035+" in answer["header"]
    await until(hass, lambda: len(events) == 1)
    assert events[0].data["id"] == answer["alert_id"]
    assert events[0].data["test"] is True
    assert events[0].data["self_test"] is True
    # It is no proof that the radio hears.
    assert simulator_entry.runtime_data.data.heard.weekly_test is None
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_self_test_without_places_is_for_home(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, in_cleveland: None
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    hass.config_entries.async_update_entry(
        simulator_entry, data={**simulator_entry.data, "locations": []}
    )
    answer = await call(hass, "self_test", {"config_entry_id": "simulator_entry"})
    assert "-RWT-039035+" in answer["header"]
    assert await hass.config_entries.async_unload(simulator_entry.entry_id)


async def test_a_station_that_does_not_run_tells_so(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await set_up(hass, simulator_entry)
    with pytest.raises(HomeAssistantError) as refused:
        await call(hass, "self_test")
    assert refused.value.translation_key == "self_test_failed"
    assert "Home EAS could not be tested" in await told(refused.value, hass)


async def test_a_self_test_that_hangs_ends(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    coordinator = await set_up(hass, simulator_entry)
    with (
        patch("custom_components.eas_station.actions.SELF_TEST_SECONDS", 0.05),
        # Nobody makes the test: its station is stopped.
        patch.object(type(coordinator.station), "running", True),
        pytest.raises(HomeAssistantError) as late,
    ):
        await call(hass, "self_test")
    assert late.value.translation_key == "self_test_late"


@pytest.mark.parametrize("action", ["self_test", "restart_source", "scan"])
async def test_what_disturbs_a_station_is_for_administrators(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    hass_read_only_user: MockUser,
    action: str,
) -> None:
    await set_up(hass, simulator_entry)
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            action,
            {},
            blocking=True,
            context=context,
            return_response=action != "restart_source",
        )


async def test_a_station_that_is_not_there_is_refused(
    hass: HomeAssistant, actions: None
) -> None:
    for action in ("get_alerts", "self_test", "scan"):
        with pytest.raises(ServiceValidationError) as refused:
            await call(hass, action, {"config_entry_id": "nowhere"})
        assert refused.value.translation_key == "service_config_entry_not_found"


@pytest.mark.usefixtures("received")
async def test_who_may_not_read_the_station_is_told_nothing_of_it(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    hass_read_only_user: MockUser,
) -> None:
    group = Group(name="Guests", policy={"entities": {"domains": {"light": True}}})
    guest = MockUser(groups=[group]).add_to_hass(hass)
    context = Context(user_id=guest.id)
    named = {"config_entry_id": simulator_entry.entry_id}
    assert await call(hass, "get_alerts", context=context) == {"alerts": []}
    for action, asked in (
        ("get_alerts", named),
        ("export_test_log", named),
        ("export_test_log", {}),
    ):
        with pytest.raises(Unauthorized):
            await call(hass, action, asked, context=context)
    with pytest.raises(UnknownUser):
        await call(hass, "get_alerts", context=Context(user_id="nobody"))
    context = Context(user_id=hass_read_only_user.id)
    assert (await call(hass, "get_alerts", named, context=context))["alerts"]
    assert (await call(hass, "export_test_log", context=context))["rows"]
