"""A radio of two channels and a second source that hears the same, over real connections."""

from collections.abc import Iterator
import socket
from typing import Any

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.eas_station.const import (
    DOMAIN,
    EVENT_ALERT,
    EVENT_END_OF_MESSAGE,
)
from custom_components.eas_station.eas_core.station import AlertUpdated
from eas_core.audio.encoding import to_int16
from eas_core.clock import SystemClock
from eas_core.modem.encoder import encode_message
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from script.ports import free_port
from tests.integration.conftest import channels
from tests.integration.waiting import shown_state, station_threads, until

RATE = 22_050
HEARS = ("hearing", "degraded")
"""A machine that has other work loses samples."""


@pytest.fixture
def server(loopback: None) -> Iterator[RtlTcpServer]:
    """Weather radio as rtl_tcp serves it, with a warning in a moment."""
    options = BandOptions(locations=("039035",), first_alert_seconds=4.0, seed=5)
    with RtlTcpServer(BandSimulator(options, SystemClock())) as server:
        yield server


@pytest.fixture
def entry(server: RtlTcpServer) -> MockConfigEntry:
    """A radio of two channels, and samples of a scanner; a third source cannot be made."""
    scanner = {
        "source": "pcm",
        "mode": "tcp_listen",
        "host": "127.0.0.1",
        "port": free_port(),
        "sample_rate": RATE,
        "channels": 1,
        "sample_format": "s16le",
    }
    broken = {"source": "stream", "url": "no address"}
    others = [
        ConfigSubentryDataWithId(
            data=data,
            subentry_id=title.lower(),
            subentry_type="source",
            title=title,
            unique_id=title,
        )
        for title, data in (("Scanner", scanner), ("Broken", broken))
    ]
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id="radio",
        data={
            "source": "rtl_tcp",
            "locations": ["039035"],
            "host": "127.0.0.1",
            "port": server.port,
            "reception": {"band": "nwr"},
        },
        subentries_data=[*channels(162_400_000, 162_550_000), *others],
        minor_version=2,
    )


def send(port: int, header: str) -> None:
    """Give a scanner a message without voice, and its end."""
    message = encode_message(header, RATE, attention=None, gap_seconds=0.5)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(to_int16(message).astype("<i2").tobytes())


async def test_a_message_that_two_sources_hear_is_one_alert_that_confirms_itself(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    ends = async_capture_events(hass, EVENT_END_OF_MESSAGE)
    moments: list[Any] = []
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    entry.runtime_data.async_listen_moments(moments.append)
    await until(hass, lambda: bool(alerts))
    told = alerts[0].data
    assert set(told["channels"]) <= {"162.400", "162.550"}

    port = entry.subentries["scanner"].data["port"]
    await hass.async_add_executor_job(send, port, told["header"])

    def updated() -> list[AlertUpdated]:
        return [one for one in moments if isinstance(one, AlertUpdated)]

    await until(hass, lambda: any("Scanner" in one.alert.channels for one in updated()))
    last = updated()[-1].alert
    assert last.id == told["id"]
    assert last.corroborated
    await until(hass, lambda: bool(ends))
    assert [end.data["alert_id"] for end in ends] == [told["id"]]
    assert len(alerts) == 1

    # Each tells how it does; the one that cannot be made says why.
    own, scanner = "sensor.home_eas_sdr_status", "sensor.home_eas_scanner_sdr_status"
    assert shown_state(hass, own).state in HEARS
    assert "Scanner" in shown_state(hass, scanner).attributes["channels"]
    broken = shown_state(hass, "sensor.home_eas_broken_sdr_status")
    assert broken.state == "down"
    assert broken.attributes["reason"] == "invalid_option"
    assert shown_state(hass, "sensor.home_eas_162_550_status").state in HEARS

    hass.config_entries.async_remove_subentry(entry, "scanner")
    await hass.async_block_till_done()
    await until(hass, lambda: shown_state(hass, own).state in HEARS)
    assert hass.states.get(scanner) is None
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert {one.name for one in devices} == {
        "Home EAS",
        "Home EAS 162.400 MHz",
        "Home EAS 162.550 MHz",
        "Home EAS Broken",
    }
    # What is still on the air is known.
    assert len(alerts) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert station_threads() == []
