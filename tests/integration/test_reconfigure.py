"""Changing a station that there is."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.sources.rtl_sdr import DongleFound
from custom_components.eas_station.eas_core.sources.rtl_tcp import DongleInfo
from custom_components.eas_station.eas_core.sources.sound_card import SoundDevice
from tests.integration.forms import choose, labels, send, suggested
from tests.integration.waiting import station_threads

FLOW = "custom_components.eas_station.flow"
USUAL = {"ppm": 0, "agc": False, "bias_tee": False}


@pytest.fixture(autouse=True)
def peers() -> Iterator[MagicMock]:
    """Find another dongle and a sound card, meet an rtl_tcp, hear a stream."""
    dongles = [DongleFound(serial="102", name="Nooelec")]
    cards = [SoundDevice(device="pulse:usb", name="USB", channels=2)]
    info = DongleInfo(tuner="E4000", gains=14)
    with (
        patch(f"{FLOW}.rtl_sdr.find_in_child", return_value=dongles),
        patch(f"{FLOW}.sound_card.find_in_child", return_value=cards),
        patch(f"{FLOW}.stream.call_in_child"),
        patch(f"{FLOW}.rtl_tcp.probe", return_value=info) as probe,
    ):
        yield probe


@pytest.mark.usefixtures("no_setup")
async def test_a_dongle_is_changed_for_another(
    hass: HomeAssistant, rtl_sdr_entry: MockConfigEntry
) -> None:
    rtl_sdr_entry.add_to_hass(hass)
    options = {**rtl_sdr_entry.options, "quiet_dbfs": -50.0}
    hass.config_entries.async_update_entry(rtl_sdr_entry, options=options)
    form = await rtl_sdr_entry.start_reconfigure_flow(hass)
    # Its own dongle is elsewhere, and may stay the chosen one.
    assert labels(form, "serial") == {"102": "Nooelec (102)", "101": "101"}
    assert suggested(form) == {
        "name": "Home EAS",
        "locations": ["039035"],
        "serial": "101",
        "receiver": {"gain_db": 32.8, "ppm": 3, "agc": False, "bias_tee": True},
    }
    flow_id = form["flow_id"]
    typed = {"name": "Attic", "locations": [], "serial": "102", "receiver": USUAL}
    await send(hass, flow_id, typed)
    form = await choose(hass, flow_id, "nwr")
    assert suggested(form)["frequencies"] == ["162400000", "162550000"]
    kept = next(iter(rtl_sdr_entry.subentries.values()))
    result = await send(hass, flow_id, {"frequencies": ["162400000", "162475000"]})
    assert result["reason"] == "reconfigure_successful"
    assert rtl_sdr_entry.unique_id == "rtl_sdr:102"
    assert rtl_sdr_entry.title == "Attic"
    assert rtl_sdr_entry.data["hardware"] == "Nooelec"
    assert rtl_sdr_entry.data["reception"] == {"band": "nwr"}
    first, second = rtl_sdr_entry.subentries.values()
    assert first is kept
    assert second.data == {"frequency": 162_475_000}
    # The gain that was set is automatic now, and what is no receiver's stays.
    assert rtl_sdr_entry.options == {**USUAL, "quiet_dbfs": -50.0}


@pytest.mark.usefixtures("no_setup")
async def test_a_station_keeps_its_frequency_in_the_form(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry
) -> None:
    rtl_tcp_entry.add_to_hass(hass)
    data = dict(rtl_tcp_entry.data)
    data["reception"] = {"band": "am", "frequencies": [1_100_000]}
    hass.config_entries.async_update_entry(rtl_tcp_entry, data=data)
    flow_id = await to_reception(hass, rtl_tcp_entry)
    assert suggested(await choose(hass, flow_id, "am")) == {"station": 1100}
    result = await send(hass, flow_id, {"station": 1220})
    assert result["reason"] == "reconfigure_successful"
    assert rtl_tcp_entry.data["reception"]["frequencies"] == [1_220_000]


async def to_reception(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Go through the form of an rtl_tcp with what it suggests."""
    form = await entry.start_reconfigure_flow(hass)
    menu = await send(hass, form["flow_id"], {**suggested(form), "receiver": USUAL})
    assert menu["step_id"] == "reception"
    return str(menu["flow_id"])


@pytest.mark.usefixtures("loopback")
async def test_the_station_leaves_its_receiver_to_the_flow(
    hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry, peers: MagicMock
) -> None:
    rtl_tcp_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(rtl_tcp_entry.entry_id)
    assert station_threads()
    hearing: list[int] = []

    def look(*unused: Any, **more: Any) -> Any:
        hearing.append(len(station_threads()))
        return DongleInfo(tuner="R820T", gains=29)

    peers.side_effect = look
    flow_id = await to_reception(hass, rtl_tcp_entry)
    assert hearing == [0]
    assert station_threads()

    with patch(f"{FLOW}.reception.scan", side_effect=look):
        await choose(hass, flow_id, "nwr_scan")
        await hass.async_block_till_done()
    assert hearing == [0, 0]
    assert station_threads()
    assert rtl_tcp_entry.runtime_data.station.running
    hass.config_entries.flow.async_abort(flow_id)
    assert await hass.config_entries.async_unload(rtl_tcp_entry.entry_id)
    assert station_threads() == []


OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "sound_card": (
        {"device": "pulse:gone", "channel": 1},
        {"device": "pulse:usb", "channel": 2},
        "sound_card:pulse:usb",
    ),
    "stream": (
        {"url": "https://me:secret@radio.example/live"},
        {"url": "https://radio.example/other"},
        "stream:",
    ),
    "pcm": (
        {
            "mode": "udp",
            "host": "0.0.0.0",
            "port": 7355,
            "sample_rate": 48_000,
            "channels": 1,
            "sample_format": "s16le",
        },
        {"port": 7356},
        "pcm:udp:7356",
    ),
}


@pytest.mark.usefixtures("no_setup")
@pytest.mark.parametrize("kind", OTHERS)
async def test_other_sources_are_changed_from_what_they_are(
    hass: HomeAssistant, kind: str
) -> None:
    before, typed, identity = OTHERS[kind]
    data = {"source": kind, "locations": ["039035"], **before}
    entry = MockConfigEntry(domain=DOMAIN, title="Home EAS", unique_id="?", data=data)
    entry.add_to_hass(hass)
    form = await entry.start_reconfigure_flow(hass)
    assert form["step_id"] == kind
    assert suggested(form) == {"name": "Home EAS", "locations": ["039035"], **before}
    result = await send(hass, form["flow_id"], {**suggested(form), **typed})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data == {**data, **typed}
    assert entry.unique_id is not None
    assert entry.unique_id.startswith(identity)


@pytest.mark.usefixtures("no_setup")
async def test_no_station_is_changed_to_what_another_one_hears(
    hass: HomeAssistant, rtl_sdr_entry: MockConfigEntry
) -> None:
    rtl_sdr_entry.add_to_hass(hass)
    MockConfigEntry(domain=DOMAIN, unique_id="rtl_sdr:102").add_to_hass(hass)
    form = await rtl_sdr_entry.start_reconfigure_flow(hass)
    typed = {"name": "EAS", "locations": [], "serial": "102", "receiver": USUAL}
    result = await send(hass, form["flow_id"], typed)
    assert result["reason"] == "already_configured"
    assert rtl_sdr_entry.unique_id == "rtl_sdr:101"
