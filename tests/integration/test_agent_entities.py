"""What is shown of each agent: how it hears, its signal, what is wrong with it."""

from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.json import ExtendedJSONEncoder
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util, slugify
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.diagnostics import async_get_config_entry_diagnostics
from custom_components.eas_station.eas_core.agent.followed import FollowedStation
from custom_components.eas_station.eas_core.station import SourceState
from eas_core.agent.health import station_health
from eas_core.agent.link import status, to_json
from tests.core.agent.told import ToldStation
from tests.integration.mqtt_agents import follow, shown
from tests.integration.waiting import seen, shown_state

SENSOR, BINARY = "sensor.home_eas_attic_", "binary_sensor.home_eas_attic_"
ATTIC = "eas_station/attic"


def health(
    *channels: tuple[str, SourceState, float, float], **more: object
) -> dict[str, Any]:
    """How an agent does whose channels have a state, a signal in dB, a level in dBFS."""
    station = station_health("Radio", ToldStation())
    state = channels[0][1]
    one = station["channels"][0]
    station |= {"state": state, "messages": 7}
    station["channels"] = [
        one | {"channel": name, "state": each, "snr_db": snr, "level_dbfs": level}
        for name, each, snr, level in channels
    ]
    told = {"version": 1, "at": dt_util.utcnow().isoformat(), "stations": [station]}
    return told | more


@pytest.fixture
async def station(hass: HomeAssistant, agents_entry: MockConfigEntry) -> Any:
    await follow(hass, agents_entry)
    return agents_entry.runtime_data.station


async def say(
    hass: HomeAssistant, station: FollowedStation, last: str, told: Any
) -> None:
    station.feed(f"{ATTIC}/{last}", told if told == b"" else to_json(told))
    await hass.async_block_till_done()


def hearing(snr: float = 24.0, level: float = -18.0) -> dict[str, Any]:
    return health(
        ("162.550", SourceState.HEARING, snr, level),
        ("162.400", SourceState.NO_SIGNAL, -3.0, -40.0),
    )


async def test_an_agent_shows_how_it_hears(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    await say(hass, station, "status", status("online", ["Radio"]))
    assert shown(hass, f"{SENSOR}sdr_status") == "starting"
    assert shown(hass, f"{SENSOR}signal_to_noise") == "unknown"
    await say(hass, station, "health", hearing())
    source = shown_state(hass, f"{SENSOR}sdr_status")
    assert source.state == "hearing"
    assert source.attributes["channels"] == {
        "162.550": "hearing",
        "162.400": "no_signal",
    }
    signal = shown_state(hass, f"{SENSOR}signal_to_noise")
    assert (signal.state, signal.attributes["channel"]) == ("24.0", "162.550")
    assert signal.attributes[ATTR_DEVICE_CLASS] == "signal_strength"
    assert signal.attributes[ATTR_UNIT_OF_MEASUREMENT] == "dB"
    level = shown_state(hass, f"{SENSOR}audio_level")
    assert (level.state, level.attributes[ATTR_UNIT_OF_MEASUREMENT]) == (
        "-18.0",
        "dBFS",
    )
    assert level.attributes["friendly_name"] == "Home EAS attic Audio level"
    assert shown(hass, f"{SENSOR}messages_decoded") == "7"
    assert shown(hass, f"{BINARY}problem") == STATE_OFF
    await say(hass, station, "status", status("offline"))
    assert shown(hass, f"{BINARY}agent_connected") == STATE_OFF
    for key in ("sdr_status", "signal_to_noise", "audio_level", "messages_decoded"):
        assert shown(hass, f"{SENSOR}{key}") == STATE_UNAVAILABLE
    assert shown(hass, f"{BINARY}problem") == STATE_UNAVAILABLE


async def test_levels_are_written_slowly(
    hass: HomeAssistant, station: FollowedStation, freezer: FrozenDateTimeFactory
) -> None:
    """Once a minute at most where they change by 3 dB, else every five minutes."""
    await say(hass, station, "status", status("online"))
    written = list[str]()

    @callback
    def note(event: Any) -> None:
        if event.data["entity_id"] == f"{SENSOR}audio_level":
            written.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", note)
    for second in range(0, 60, 2):
        await say(hass, station, "health", hearing(level=-18.0 - second))
        freezer.tick(timedelta(seconds=2))
    assert written == ["-18.0"]
    await say(hass, station, "health", hearing(level=-30.0))
    assert written == ["-18.0", "-30.0"]
    for _ in range(5):
        freezer.tick(timedelta(seconds=61))
        await say(hass, station, "health", hearing(level=-31.0))
    assert written == ["-18.0", "-30.0", "-31.0"]


async def test_what_is_wrong_with_an_agent_is_a_problem(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    await say(hass, station, "status", status("online"))
    long_ago = (dt_util.utcnow() - timedelta(minutes=2)).isoformat()
    bad = health(("162.550", SourceState.NO_SIGNAL, 0.0, -40.0))
    bad["stations"][0]["since"] = bad["at"]
    await say(hass, station, "health", bad)
    assert shown(hass, f"{BINARY}problem") == STATE_OFF
    bad["stations"][0]["since"] = long_ago
    for wrong in (
        bad,
        hearing() | {"spool_problem": "Make room."},
        hearing() | {"at": (dt_util.utcnow() + timedelta(hours=1)).isoformat()},
        hearing() | {"version": 2},
    ):
        await say(hass, station, "health", wrong)
        assert shown(hass, f"{BINARY}problem") == STATE_ON
        await say(hass, station, "health", hearing())
        assert shown(hass, f"{BINARY}problem") == STATE_OFF


async def test_an_agent_that_comes_again_after_it_was_removed_is_shown_again(
    hass: HomeAssistant, station: FollowedStation, agents_entry: MockConfigEntry
) -> None:
    registry = dr.async_get(hass)

    def device() -> dr.DeviceEntry | None:
        found = registry.async_get_device_by_identifier(
            ("eas_station", "agents_entry_agent_attic"), agents_entry.entry_id
        )
        assert found is None or isinstance(found, dr.DeviceEntry)
        return found

    await say(hass, station, "status", status("online"))
    await say(hass, station, "status", status("offline"))
    first = device()
    assert first is not None
    assert first.sw_version == status("online")["software"]
    station.forget("attic")
    registry.async_remove_device(first.id)
    await hass.async_block_till_done()
    assert shown(hass, f"{BINARY}agent_connected") is None
    await say(hass, station, "status", status("online"))
    assert shown(hass, f"{BINARY}agent_connected") == STATE_ON
    assert device() is not None


async def test_one_agent_writes_nothing_of_another(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    await say(hass, station, "status", status("online"))
    await say(hass, station, "health", hearing())
    station.feed("eas_station/barn/status", to_json(status("online")))
    await hass.async_block_till_done()
    written = list[str]()
    hass.bus.async_listen(
        "state_changed", callback(lambda event: written.append(event.data["entity_id"]))
    )
    station.feed("eas_station/barn/health", to_json(hearing()))
    station.feed("eas_station/barn/health", to_json(hearing()))
    await hass.async_block_till_done()
    assert any("barn" in one for one in written)
    assert not any("attic" in one for one in written)
    assert len(written) == len(set(written))


async def test_many_that_come_at_once_are_all_shown(
    hass: HomeAssistant, station: FollowedStation
) -> None:
    names = [f"county-{number}" for number in range(20)]
    for name in names:
        station.feed(f"eas_station/{name}/status", to_json(status("online")))
    # One that is forgotten before its turn gets nothing, and the others do.
    station.feed(f"eas_station/{names[-1]}/status", to_json(status("offline")))
    station.forget(names.pop())
    wanted = {
        f"{BINARY}agent_connected".replace("attic", slugify(one)) for one in names
    }

    def connected() -> set[str]:
        entity_ids = hass.states.async_entity_ids("binary_sensor")
        return {one for one in entity_ids if one.endswith("_agent_connected")}

    await seen(lambda: connected() == wanted)
    assert {shown(hass, one) for one in wanted} == {STATE_ON}


async def test_the_dashboard_shows_each_agents_channels(
    hass: HomeAssistant,
    station: FollowedStation,
    agents_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    in_cleveland: None,
) -> None:
    await say(hass, station, "status", status("online"))
    await say(hass, station, "health", hearing())
    client = await hass_ws_client(hass)

    async def channels() -> list[dict[str, Any]]:
        station.flush()
        await hass.async_block_till_done()
        await client.send_json_auto_id({"type": "eas_station/subscribe"})
        while (event := await client.receive_json()).get("event", {}).get(
            "type"
        ) != "snapshot":
            pass
        found: list[dict[str, Any]] = event["event"]["channels"]
        return found

    first, second = await channels()
    assert (first["label"], first["state"]) == ("attic 162.550", "hearing")
    assert (second["label"], second["state"]) == ("attic 162.400", "no_signal")
    device = dr.async_get(hass).async_get(first["device_id"])
    assert device is not None
    assert device.name == "Home EAS attic"
    await say(hass, station, "status", status("offline"))
    first, second = await channels()
    assert (first["state"], first["reason"]) == ("down", "disconnected")
    assert await hass.config_entries.async_unload(agents_entry.entry_id)


async def test_agents_are_in_system_information_and_diagnostics(
    hass: HomeAssistant, station: FollowedStation, agents_entry: MockConfigEntry
) -> None:
    await say(hass, station, "status", status("online"))
    station.feed("eas_station/barn/status", to_json(status("offline")))
    station.feed("eas_station/barn/alert", b"rubbish")
    assert await async_setup_component(hass, "system_health", {})
    told = await get_system_health_info(hass, DOMAIN)
    assert (told["agents"], told["agents_connected"]) == (2, 1)
    found = await async_get_config_entry_diagnostics(hass, agents_entry)
    assert json.loads(json.dumps(found, cls=ExtendedJSONEncoder))
    attic, barn = found["agents"]
    assert (attic["name"], attic["online"]) == ("attic", True)
    assert (barn["online"], barn["malformed"]) == (False, 1)
    assert found["agents_messages"] == {"status": 2, "malformed": 1}
    (fault,) = found["agents_faults"]
    assert fault["topic"] == "eas_station/barn/alert"
