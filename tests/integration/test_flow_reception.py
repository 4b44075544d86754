"""Choosing what a radio hears."""

from collections.abc import Callable, Iterator
import threading
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
    InvalidData,
)
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.eas_station.eas_core.radio.plan import nwr_plan
from custom_components.eas_station.eas_core.radio.quality import SignalQuality
from custom_components.eas_station.eas_core.same.transmitters import nearby_transmitters
from custom_components.eas_station.eas_core.sources.rtl_tcp import (
    DongleInfo,
    RtlTcpSource,
)
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from custom_components.eas_station.eas_core.station.scan import ScannedChannel, rank
from tests.integration.forms import choose, labels, open_form, send, suggested
from tests.integration.waiting import seen

pytestmark = pytest.mark.usefixtures("no_setup", "in_cleveland", "probe")

FLOW = "custom_components.eas_station.flow"
CHANNELS = "custom_components.eas_station.channels"
HEARD_DB = {"162.550": 24.4, "162.400": 8.0}


@pytest.fixture
def probe() -> Iterator[None]:
    """Meet an rtl_tcp."""
    answer = DongleInfo(tuner="R820T", gains=29)
    with patch(f"{FLOW}.rtl_tcp.probe", return_value=answer):
        yield


@pytest.fixture
def scan() -> Iterator[MagicMock]:
    """Measure two channels that are heard, and five that are not."""
    with patch(f"{FLOW}.reception.scan", side_effect=measure) as scan:
        yield scan


def measure(
    source: RtlTcpSource,
    latitude: float,
    longitude: float,
    *,
    progress: Callable[[float], None],
    stop: threading.Event,
) -> list[ScannedChannel]:
    near = nearby_transmitters(latitude, longitude)
    progress(1.0)
    return rank(
        [
            ScannedChannel(
                channel=channel,
                quality=SignalQuality(
                    channel=channel.name,
                    power_dbfs=-40,
                    snr_db=HEARD_DB.get(channel.name, 0.2),
                    quieting_db=20,
                    deviation_hz=4000,
                    offset_hz=100,
                ),
                transmitters=tuple(
                    one
                    for one in near
                    if f"{one.transmitter.frequency_mhz:.3f}" == channel.name
                ),
            )
            for channel in nwr_plan().channels
        ]
    )


async def reach_menu(hass: HomeAssistant) -> str:
    flow_id = await open_form(hass, "rtl_tcp")
    receiver = {"gain_db": 30.0, "ppm": 2, "agc": False, "bias_tee": False}
    typed = {"name": "EAS", "locations": [], "host": "attic", "port": 1234}
    menu = await send(hass, flow_id, {**typed, "receiver": receiver})
    assert menu["step_id"] == "reception"
    return flow_id


async def test_the_seven_channels_have_the_transmitters_near_home(
    hass: HomeAssistant,
) -> None:
    flow_id = await reach_menu(hass)
    form = await choose(hass, flow_id, "nwr")
    channels = labels(form, "frequencies")
    assert len(channels) == 7
    assert channels["162550000"].startswith("162.550 MHz · KHB59 Cleveland")
    assert " km " in channels["162550000"]
    # It alerts for the home's county.
    assert "★" in channels["162550000"]
    proposed = suggested(form)["frequencies"]
    assert "162550000" in proposed
    assert all("km" in channels[each] for each in proposed)
    result = await send(hass, flow_id, {"frequencies": ["162550000", "162400000"]})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["reception"] == {"band": "nwr"}
    first, last = result["subentries"]
    assert first["data"] == {"frequency": 162_400_000}
    assert last == {
        "data": {"frequency": 162_550_000},
        "subentry_type": "channel",
        "title": "162.550 MHz KHB59",
        "unique_id": "162550000",
    }


async def test_far_from_all_transmitters_all_channels_are_proposed(
    hass: HomeAssistant,
) -> None:
    with patch(f"{CHANNELS}.nearby_transmitters", return_value=[]):
        form = await choose(hass, await reach_menu(hass), "nwr")
    assert len(suggested(form)["frequencies"]) == 7


async def test_no_channel_is_not_enough(hass: HomeAssistant) -> None:
    flow_id = await reach_menu(hass)
    await choose(hass, flow_id, "nwr")
    form = await send(hass, flow_id, {"frequencies": []})
    assert form["errors"] == {"frequencies": "no_channels"}


async def test_what_a_scan_heard_is_shown_and_proposed(
    hass: HomeAssistant, scan: MagicMock
) -> None:
    flow_id = await reach_menu(hass)
    progress = await choose(hass, flow_id, "nwr_scan")
    assert progress["type"] is FlowResultType.SHOW_PROGRESS
    assert progress["progress_action"] == "nwr_scan"
    await hass.async_block_till_done()
    source = scan.call_args.args[0]
    assert source.tuning == nwr_plan().tuning
    assert (source.dongle.gain_db, source.dongle.ppm) == (30.0, 2)
    assert scan.call_args.args[1:] == (41.50, -81.69)

    form = await send(hass, flow_id, None)  # type: ignore[arg-type]
    assert form["step_id"] == "nwr"
    channels = labels(form, "frequencies")
    assert next(iter(channels)) == "162550000"
    assert channels["162550000"].startswith("162.550 MHz · 24 dB · KHB59 Cleveland")
    assert channels["162425000"].startswith("162.425 MHz · –")
    assert suggested(form)["frequencies"] == ["162400000", "162550000"]
    result = await send(hass, flow_id, {"frequencies": ["162550000"]})
    assert [one["title"] for one in result["subentries"]] == ["162.550 MHz KHB59"]


async def test_a_scan_that_fails_says_why_and_may_be_tried_again(
    hass: HomeAssistant, scan: MagicMock
) -> None:
    hint = "Disconnect other programs from http://me:secret@attic:1234 first."
    scan.side_effect = SourceError(SourceErrorReason.BUSY, hint)
    flow_id = await reach_menu(hass)
    await choose(hass, flow_id, "nwr_scan")
    await hass.async_block_till_done()
    menu = await send(hass, flow_id, None)  # type: ignore[arg-type]
    assert menu["step_id"] == "nwr_scan_failed"
    assert menu["menu_options"] == ["nwr_scan", "nwr", "fm", "am"]
    told = (menu["description_placeholders"] or {})["hint"]
    assert told == "Disconnect other programs from http://***@attic:1234 first."

    scan.side_effect = measure
    await choose(hass, flow_id, "nwr_scan")
    await hass.async_block_till_done()
    form = await send(hass, flow_id, None)  # type: ignore[arg-type]
    assert form["step_id"] == "nwr"


async def test_closing_the_window_ends_the_scan(
    hass: HomeAssistant,
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def last_for_ever(
        *unused: Any, stop: threading.Event, progress: Callable[[float], None]
    ) -> list[ScannedChannel]:
        progress(0.25)
        begun.set()
        stop.wait(30)
        ended.set()
        return []

    shares = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE)
    flow_id = await reach_menu(hass)
    # No mock: Home Assistant's harness calls those in the event loop.
    with patch(f"{FLOW}.reception.scan", new=last_for_ever):
        await choose(hass, flow_id, "nwr_scan")
        await seen(lambda: bool(begun.is_set() and shares))
        assert shares[0].data["progress"] == 0.25
        hass.config_entries.flow.async_abort(flow_id)
        await seen(ended.is_set)
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("band", "typed", "frequency"),
    [("fm", 98.7, 98_700_000), ("fm", 87.9, 87_900_000), ("am", 1100, 1_100_000)],
)
async def test_a_broadcast_station_is_chosen_by_its_frequency(
    hass: HomeAssistant, band: str, typed: float, frequency: int
) -> None:
    flow_id = await reach_menu(hass)
    form = await choose(hass, flow_id, band)
    assert form["step_id"] == band
    result = await send(hass, flow_id, {"station": typed})
    assert result["data"]["reception"] == {"band": band, "frequencies": [frequency]}


@pytest.mark.parametrize(("band", "typed"), [("fm", 108.1), ("am", 520)])
async def test_a_form_takes_no_frequency_out_of_the_band(
    hass: HomeAssistant, band: str, typed: float
) -> None:
    flow_id = await reach_menu(hass)
    await choose(hass, flow_id, band)
    with pytest.raises(InvalidData):
        await send(hass, flow_id, {"station": typed})
