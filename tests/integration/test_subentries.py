"""Channels and other sources that are added to a station, changed and taken away."""

from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.devices import async_make_devices
from custom_components.eas_station.eas_core.sources.rtl_tcp import DongleInfo
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from custom_components.eas_station.eas_core.station import Station
from custom_components.eas_station.subentries import BUILT_OF
from tests.integration.conftest import channels
from tests.integration.forms import labels, suggested

COMPONENT = "custom_components.eas_station"
FLOW = f"{COMPONENT}.flow"
USUAL = {"ppm": 0, "agc": False, "bias_tee": False}
PCM = {
    "name": "Scanner",
    "mode": "udp",
    "host": "0.0.0.0",
    "port": 7355,
    "sample_rate": 48_000,
    "channels": 1,
    "sample_format": "s16le",
}
pytestmark = pytest.mark.usefixtures("in_cleveland")


@pytest.fixture(autouse=True)
async def silent(hass: HomeAssistant) -> AsyncIterator[None]:
    """Have no station hear anything."""
    with patch.object(Station, "start"):
        yield
        await hass.async_block_till_done()


async def load(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def add(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str
) -> SubentryFlowResult:
    """Open the form that adds something to a station."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": SOURCE_USER}
    )


async def send(
    hass: HomeAssistant, form: SubentryFlowResult, typed: dict[str, Any] | None
) -> SubentryFlowResult:
    """Send a form, and wait for what it starts."""
    result = await hass.config_entries.subentries.async_configure(
        form["flow_id"], typed
    )
    await hass.async_block_till_done()
    return result


async def choose(
    hass: HomeAssistant, form: SubentryFlowResult, step: str
) -> SubentryFlowResult:
    return await send(hass, form, {"next_step_id": step})


def heard(entry: MockConfigEntry) -> list[str]:
    return [one.channel for one in entry.runtime_data.data.channels]


async def test_a_channel_is_added_and_heard(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await load(hass, rtl_tcp_entry)
    before = rtl_tcp_entry.runtime_data
    form = await add(hass, rtl_tcp_entry, "channel")
    offered = labels(form, "frequency")
    # The one that it hears is not offered; those that serve home come first.
    assert len(offered) == 6
    assert "162550000" not in offered
    stars = ["★" in label for label in offered.values()]
    assert stars == sorted(stars, reverse=True)
    result = await send(hass, form, {"frequency": "162400000"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "162.400 MHz KDO94"
    assert rtl_tcp_entry.runtime_data is not before
    assert heard(rtl_tcp_entry) == ["162.400", "162.550"]


async def test_a_channel_is_removed_and_not_heard_any_more(
    hass: HomeAssistant, rtl_sdr_entry: MockConfigEntry
) -> None:
    with patch("custom_components.eas_station.async_install_drivers"):
        await load(hass, rtl_sdr_entry)
        hass.config_entries.async_remove_subentry(rtl_sdr_entry, "channel_162400000")
        await hass.async_block_till_done()
    assert heard(rtl_sdr_entry) == ["162.550"]


async def test_all_channels_are_enough(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    seven = channels(*range(162_400_000, 162_550_001, 25_000))
    entry = MockConfigEntry(
        domain=DOMAIN,
        data=dict(rtl_tcp_entry.data),
        subentries_data=seven,
        minor_version=2,
    )
    await load(hass, entry)
    result = await add(hass, entry, "channel")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "all_channels"


async def test_a_station_without_a_channel_says_so_and_hears_when_one_is_added(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await load(hass, rtl_tcp_entry)
    hass.config_entries.async_remove_subentry(rtl_tcp_entry, "channel_162550000")
    await hass.async_block_till_done()
    states = [rtl_tcp_entry.state]
    assert rtl_tcp_entry.error_reason_translation_key == "no_channels"
    form = await add(hass, rtl_tcp_entry, "channel")
    await send(hass, form, {"frequency": "162550000"})
    states.append(rtl_tcp_entry.state)
    assert states == [ConfigEntryState.SETUP_ERROR, ConfigEntryState.LOADED]
    assert heard(rtl_tcp_entry) == ["162.550"]


async def test_only_a_radio_on_weather_radio_has_channels(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    rtl_tcp_entry: MockConfigEntry,
) -> None:
    simulator_entry.add_to_hass(hass)
    rtl_tcp_entry.add_to_hass(hass)
    assert set(simulator_entry.supported_subentry_types) == {"source"}
    assert set(rtl_tcp_entry.supported_subentry_types) == {"source", "channel"}


async def test_another_source_is_added_and_changed(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await load(hass, simulator_entry)
    menu = await add(hass, simulator_entry, "source")
    assert menu["type"] is FlowResultType.MENU
    form = await choose(hass, menu, "pcm")
    # It is for the same places as the station.
    assert "locations" not in suggested(form)
    result = await send(hass, form, PCM)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = simulator_entry.subentries.values()
    assert subentry.title == "Scanner"
    assert subentry.unique_id == "pcm:udp:7355"
    assert heard(simulator_entry) == ["main", "Scanner"]

    before = simulator_entry.runtime_data
    form = await simulator_entry.start_subentry_reconfigure_flow(
        hass, subentry.subentry_id
    )
    assert suggested(form) == PCM
    result = await send(hass, form, {**PCM, "name": "Attic", "port": 7356})
    assert result["reason"] == "reconfigure_successful"
    assert subentry.data["port"] == 7356
    assert subentry.unique_id == "pcm:udp:7356"
    assert simulator_entry.runtime_data is not before
    assert heard(simulator_entry) == ["main", "Attic"]


async def test_another_radio_has_channels_of_its_own(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await load(hass, simulator_entry)
    form = await choose(hass, await add(hass, simulator_entry, "source"), "rtl_tcp")
    typed = {"name": "Attic", "host": "attic", "port": 1234}
    with patch(
        f"{FLOW}.rtl_tcp.probe", return_value=DongleInfo(tuner="R820T", gains=29)
    ):
        menu = await send(hass, form, {**typed, "receiver": {**USUAL, "gain_db": 30.0}})
    form = await choose(hass, menu, "nwr")
    await send(hass, form, {"frequencies": ["162400000", "162550000"]})
    [subentry] = simulator_entry.subentries.values()
    assert subentry.data == {
        "source": "rtl_tcp",
        "host": "attic",
        "port": 1234,
        "hardware": "R820T",
        "reception": {"band": "nwr", "frequencies": [162_400_000, 162_550_000]},
        **USUAL,
        "gain_db": 30.0,
    }
    assert heard(simulator_entry) == ["main", "Attic 162.400", "Attic 162.550"]

    form = await simulator_entry.start_subentry_reconfigure_flow(
        hass, subentry.subentry_id
    )
    assert suggested(form)["receiver"]["gain_db"] == 30.0
    other = simulator_entry.runtime_data.sources[1]
    with (
        patch(
            f"{FLOW}.rtl_tcp.probe", return_value=DongleInfo(tuner="R820T", gains=29)
        ),
        patch.object(other.station, "stop", wraps=other.station.stop) as stop,
    ):
        menu = await send(hass, form, {**typed, "receiver": USUAL})
        # The receiver is the flow's while it is tried; the station's own hears on.
        assert stop.called
    form = await choose(hass, menu, "nwr")
    assert suggested(form)["frequencies"] == ["162400000", "162550000"]


async def test_another_simulator_is_told_its_places(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await load(hass, rtl_tcp_entry)
    form = await choose(hass, await add(hass, rtl_tcp_entry, "source"), "simulator")
    shown = suggested(form)
    assert shown["locations"] == ["039035"]
    result = await send(hass, form, {**shown, "locations": []})
    assert result["errors"] == {"locations": "no_locations"}
    result = await send(hass, result, shown)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert heard(rtl_tcp_entry) == ["162.550", "Simulator"]


async def test_a_source_that_cannot_be_opened_is_told_at_its_field(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await load(hass, simulator_entry)
    form = await choose(hass, await add(hass, simulator_entry, "source"), "rtl_tcp")
    error = SourceError(SourceErrorReason.REFUSED, "Start rtl_tcp.")
    typed = {"name": "Attic", "host": "attic", "port": 1234, "receiver": USUAL}
    with patch(f"{FLOW}.rtl_tcp.probe", side_effect=error):
        result = await send(hass, form, typed)
    assert result["errors"] == {"port": "refused"}


async def test_no_receiver_is_heard_twice(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await load(hass, simulator_entry)
    form = await choose(hass, await add(hass, simulator_entry, "source"), "pcm")
    await send(hass, form, PCM)
    # Not by the same station, not by another, not as a station of its own.
    form = await choose(hass, await add(hass, simulator_entry, "source"), "pcm")
    assert (await send(hass, form, PCM))["reason"] == "already_configured"
    form = await choose(hass, await add(hass, simulator_entry, "source"), "simulator")
    result = await send(hass, form, suggested(form))
    assert result["reason"] == "already_configured"
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"next_step_id": "pcm"}
    )
    flow = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {**PCM, "locations": []}
    )
    assert flow["reason"] == "already_configured"


async def test_a_source_that_cannot_be_made_leaves_the_others_alone(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    broken = {
        "data": {"source": "stream", "url": "not an address"},
        "subentry_id": "broken",
        "subentry_type": "source",
        "title": "Broken",
        "unique_id": None,
    }
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        data=dict(simulator_entry.data),
        subentries_data=[broken],
        minor_version=2,
    )
    await load(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert heard(entry) == ["main", "Broken"]


async def test_the_devices_of_other_sources_hear_for_the_stations(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await load(hass, simulator_entry)
    form = await choose(hass, await add(hass, simulator_entry, "source"), "pcm")
    await send(hass, form, PCM)
    [subentry] = simulator_entry.subentries.values()
    registry = dr.async_get(hass)
    devices = {
        one.name: one
        for one in dr.async_entries_for_config_entry(registry, simulator_entry.entry_id)
    }
    station, scanner = devices["Home EAS"], devices["Home EAS Scanner"]
    assert scanner.via_device_id == station.id
    assert scanner.model == "Raw samples from the network"
    assert hass.states.get("sensor.home_eas_scanner_sdr_status") is not None

    hass.config_entries.async_remove_subentry(simulator_entry, subentry.subentry_id)
    await hass.async_block_till_done()
    left = dr.async_entries_for_config_entry(registry, simulator_entry.entry_id)
    assert [one.name for one in left] == ["Home EAS"]
    assert hass.states.get("sensor.home_eas_scanner_sdr_status") is None
    assert heard(simulator_entry) == ["main"]


async def test_two_sources_of_one_name_are_told_apart(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> None:
    await load(hass, simulator_entry)
    for port in (7355, 7356):
        form = await choose(hass, await add(hass, simulator_entry, "source"), "pcm")
        await send(hass, form, {**PCM, "port": port})
    assert heard(simulator_entry) == ["main", "Scanner", "Scanner (2)"]


async def test_nothing_is_left_of_a_station_that_is_removed(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await load(hass, rtl_tcp_entry)
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    hass.config_entries.async_update_entry(other, title="Not ours")
    built_of = hass.data[BUILT_OF]
    assert list(built_of) == [rtl_tcp_entry.entry_id]
    await hass.config_entries.async_remove(rtl_tcp_entry.entry_id)
    await hass.async_block_till_done()
    assert not built_of
    registry = dr.async_get(hass)
    assert not dr.async_entries_for_config_entry(registry, rtl_tcp_entry.entry_id)


async def test_a_flow_that_reloads_by_itself_does_so_once(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await load(hass, rtl_tcp_entry)
    form = await rtl_tcp_entry.start_reconfigure_flow(hass)
    flow_id, flow = form["flow_id"], hass.config_entries.flow
    info = DongleInfo(tuner="R820T", gains=29)
    with (
        patch(f"{FLOW}.rtl_tcp.probe", return_value=info),
        patch(f"{COMPONENT}.async_make_devices", wraps=async_make_devices) as made,
    ):
        await flow.async_configure(flow_id, {**suggested(form), "receiver": USUAL})
        await flow.async_configure(flow_id, {"next_step_id": "nwr"})
        chosen = ["162400000", "162425000", "162550000"]
        await flow.async_configure(flow_id, {"frequencies": chosen})
        await hass.async_block_till_done()
    assert made.call_count == 1
    assert heard(rtl_tcp_entry) == ["162.400", "162.425", "162.550"]
