"""An hour of each fault of a station's own: a line when it begins, one when it is over."""

from collections.abc import Iterator
import logging
from unittest.mock import Mock, patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.station import (
    SourceState,
    SourceStatus,
    Station,
    station,
)
from custom_components.eas_station.eas_core.station.pulse import HUNG_HINT
from tests.integration.alerts import tell
from tests.integration.fault_lines import an_hour, lines, pass_time, repairs, settled
from tests.integration.hangs import Hang
from tests.integration.waiting import shown_state, station_threads

STATUS = "sensor.home_eas_sdr_status"


@pytest.fixture
def hang(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hang]:
    # Nobody need wait long for a thread that does not stop.
    monkeypatch.setattr(station, "STOP_SECONDS", 0.05)
    hang = Hang()
    hang.hangs = False
    with hang.patch:
        yield hang
    hang.goes_on.set()


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
    hang: Hang,
    caplog: pytest.LogCaptureFixture,
) -> MockConfigEntry:
    """A station that hears."""
    caplog.set_level(logging.INFO)
    hass.loop.set_debug(False)
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    await settled(hass, lambda: shown_state(hass, STATUS).state == "hearing")
    caplog.clear()
    return simulator_entry


async def test_a_thread_that_hangs_whenever_it_is_loaded_is_one_line(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    hang: Hang,
    caplog: pytest.LogCaptureFixture,
) -> None:
    states, shown = set(), set()
    loaded, hang.hangs = [entry.runtime_data], True
    for _ in range(120):
        # Each thread hangs at once, and is left behind where it is loaded again.
        await settled(hass, lambda: hang.holds == len(loaded))
        await pass_time(hass, freezer, 30)
        states.add(shown_state(hass, STATUS).state)
        shown.update(repairs(hass))
        if entry.runtime_data is not loaded[-1]:
            loaded.append(entry.runtime_data)
    assert "down" in states
    assert shown == {"source_down"}
    assert len(loaded) == 7

    hang.hangs = False
    hang.goes_on.set()
    with patch.object(Station, "start"):
        assert await hass.config_entries.async_reload(entry.entry_id)
    hears = SourceStatus(state=SourceState.HEARING, since=dt_util.utcnow())
    await tell(hass, entry.runtime_data, hears)
    await pass_time(hass, freezer, 61)
    assert not repairs(hass)
    assert lines(caplog) == [
        f"WARNING Home EAS hears nothing: {HUNG_HINT}",
        "INFO Home EAS hears again",
    ]
    assert await hass.config_entries.async_unload(entry.entry_id)
    await settled(hass, lambda: station_threads() == [])


@pytest.fixture
def without_driver(hass: HomeAssistant) -> Iterator[Mock]:
    """A machine on which no dongle's driver can be installed, as far as uv says."""
    hass.config.skip_pip = False
    with (
        patch(
            "homeassistant.requirements.pkg_util.is_installed",
            lambda requirement: "rtlsdr" not in requirement,
        ),
        patch("homeassistant.util.package._install", return_value="No wheel.") as uv,
    ):
        yield uv


async def test_a_driver_that_cannot_be_installed_is_said_by_home_assistant(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    rtl_sdr_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    without_driver: Mock,
) -> None:
    rtl_sdr_entry.add_to_hass(hass)
    hass.loop.set_debug(False)
    await hass.config_entries.async_setup(rtl_sdr_entry.entry_id)
    await an_hour(hass, freezer, lambda: None)
    assert rtl_sdr_entry.state is ConfigEntryState.SETUP_RETRY
    assert "could not install pyrtlsdr==0.5.1" in str(rtl_sdr_entry.reason)
    assert without_driver.called
    # That it tries again Home Assistant says as for all, where that is asked for.
    told = [one for one in lines(caplog) if "pyrtlsdr" in one and "INFO" not in one]
    assert told == ["ERROR Unable to install package pyrtlsdr==0.5.1: No wheel."] * 3
    assert not repairs(hass)
    assert await hass.config_entries.async_unload(rtl_sdr_entry.entry_id)


async def test_an_entry_that_cannot_be_read_is_said_once_by_home_assistant(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator_entry.add_to_hass(hass)
    data = {**simulator_entry.data, "source": "crystal set"}
    hass.config_entries.async_update_entry(simulator_entry, data=data)
    assert not await hass.config_entries.async_setup(simulator_entry.entry_id)
    await an_hour(hass, freezer, lambda: None)
    assert simulator_entry.state is ConfigEntryState.SETUP_ERROR
    assert "Choose another source" in str(simulator_entry.reason)
    told = [one for one in lines(caplog) if "crystal set" in one]
    assert len(told) == 1
    assert not repairs(hass)
