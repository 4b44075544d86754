"""Entries of an earlier version."""

from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.station import Station
from tests.integration.conftest import channels

RADIO = {
    "source": "rtl_tcp",
    "locations": ["039035"],
    "host": "127.0.0.1",
    "port": 1234,
    "hardware": "R820T",
}


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    entry.add_to_hass(hass)
    with patch.object(Station, "start"):
        await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


@pytest.mark.usefixtures("in_cleveland")
async def test_the_channels_of_a_radio_become_subentries(hass: HomeAssistant) -> None:
    reception = {"band": "nwr", "frequencies": [162_400_000, 162_550_000]}
    data = {**RADIO, "reception": reception}
    entry = MockConfigEntry(domain=DOMAIN, data=data, minor_version=1)
    await set_up(hass, entry)
    assert (entry.version, entry.minor_version) == (1, 2)
    assert entry.data == {**RADIO, "reception": {"band": "nwr"}}
    told = [(one.title, dict(one.data)) for one in entry.subentries.values()]
    assert told == [
        ("162.400 MHz KDO94", {"frequency": 162_400_000}),
        ("162.550 MHz KHB59", {"frequency": 162_550_000}),
    ]
    heard = [one.channel for one in entry.runtime_data.data.channels]
    assert heard == ["162.400", "162.550"]


@pytest.mark.parametrize(
    "data",
    [
        {**RADIO, "reception": {"band": "fm", "frequencies": [98_700_000]}},
        {"source": "stream", "locations": [], "url": "https://radio.example/live"},
    ],
    ids=["fm", "stream"],
)
async def test_other_sources_stay_as_they_are(
    hass: HomeAssistant, data: dict[str, object]
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data=data, minor_version=1)
    await set_up(hass, entry)
    assert entry.minor_version == 2
    assert entry.data == data
    assert not entry.subentries
    assert entry.state is ConfigEntryState.LOADED


async def test_what_is_of_this_version_is_left_alone(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    await set_up(hass, rtl_tcp_entry)
    told = [one.as_dict() for one in rtl_tcp_entry.subentries.values()]
    assert told == channels(162_550_000)


async def test_an_entry_of_a_later_integration_is_not_touched(
    hass: HomeAssistant,
) -> None:
    data = {**RADIO, "reception": {"band": "nwr"}}
    entry = MockConfigEntry(domain=DOMAIN, data=data, version=2)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.data == data
