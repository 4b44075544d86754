"""How often levels become states, and what a moment does."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.station import (
    EndOfMessage,
    LevelReading,
    SourceState,
    SourceStatus,
)
from custom_components.eas_station.sources import build_source

START = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)


@pytest.fixture
def coordinator(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> EasStationCoordinator:
    """A coordinator whose station does not run."""
    simulator_entry.add_to_hass(hass)
    return EasStationCoordinator(
        hass, simulator_entry, build_source(simulator_entry.data)
    )


def writes(coordinator: EasStationCoordinator) -> list[float | None]:
    shown: list[float | None] = []
    coordinator.async_add_listener(lambda: shown.append(coordinator.data.level_dbfs))
    return shown


def level(tenths: int, dbfs: float) -> LevelReading:
    return LevelReading(
        channel="main",
        at=START + timedelta(milliseconds=100 * tenths),
        rms_dbfs=dbfs,
        peak_dbfs=dbfs,
        clipped=0,
    )


async def test_a_steady_level_is_written_every_ten_seconds(
    coordinator: EasStationCoordinator,
) -> None:
    shown = writes(coordinator)
    for tenths in range(601):
        coordinator._async_take(level(tenths, -20.0 + (tenths % 2)))
    assert len(shown) == 7
    assert all(value == pytest.approx(-19.5, abs=0.6) for value in shown)


async def test_a_changing_level_is_written_once_a_second_at_most(
    coordinator: EasStationCoordinator,
) -> None:
    shown = writes(coordinator)
    for tenths in range(600):
        coordinator._async_take(level(tenths, -10.0 if tenths % 120 < 60 else -60.0))
    assert 6 < len(shown) <= 60


async def test_a_step_of_three_decibels_is_written_within_a_second(
    coordinator: EasStationCoordinator,
) -> None:
    shown = writes(coordinator)
    for tenths in range(60):
        coordinator._async_take(level(tenths, -40.0))
    for tenths in range(60, 71):
        coordinator._async_take(level(tenths, -10.0))
    assert shown[0] == -40.0
    assert shown[-1] is not None
    assert shown[-1] > -30.0


async def test_no_level_is_shown_of_a_source_that_is_down(
    coordinator: EasStationCoordinator,
) -> None:
    coordinator._async_take(level(0, -20.0))
    assert coordinator.data.level_dbfs == -20.0
    coordinator._async_take(SourceStatus(state=SourceState.DOWN, since=START, hint="?"))
    assert coordinator.data.level_dbfs is None


async def test_moments_go_to_those_who_listen(
    coordinator: EasStationCoordinator,
) -> None:
    heard: list[object] = []
    stop = coordinator.async_listen_moments(heard.append)
    end = EndOfMessage(
        received=START, channels=("main",), alert_id=None, duration_s=None
    )
    coordinator._async_take(end)
    stop()
    coordinator._async_take(end)
    assert heard == [end]
