"""How records cross from the station's threads, and what they make of the state."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import threading
from unittest.mock import AsyncMock, patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.channels import new_subentry
from custom_components.eas_station.coordinator import (
    EasStationCoordinator,
    StationState,
)
from custom_components.eas_station.eas_core.radio.quality import SignalQuality
from custom_components.eas_station.eas_core.sources.source import SourceErrorReason
from custom_components.eas_station.eas_core.station import (
    ChannelStatus,
    EndOfMessage,
    LevelReading,
    RecordingProblem,
    SignalReading,
    SourceState,
    SourceStatus,
    StationRecord,
)
from custom_components.eas_station.source_coordinator import LONGEST_QUEUE
from custom_components.eas_station.source_settings import (
    source_settings,
    station_source,
)
from tests.integration.conftest import channels

START = datetime(2026, 6, 8, 20, 45, tzinfo=UTC)
CHANNELS = ("162.400", "162.550")
END = EndOfMessage(received=START, channels=("main",), alert_id=None, duration_s=None)


@pytest.fixture
def coordinator(
    hass: HomeAssistant, simulator_entry: MockConfigEntry
) -> EasStationCoordinator:
    """A coordinator whose station does not run."""
    simulator_entry.add_to_hass(hass)
    return made(hass, simulator_entry)


@pytest.fixture
def radio(hass: HomeAssistant, rtl_tcp_entry: MockConfigEntry) -> EasStationCoordinator:
    """A coordinator of a radio that does not run."""
    rtl_tcp_entry.add_to_hass(hass)
    [channel] = channels(162_400_000)
    hass.config_entries.async_add_subentry(rtl_tcp_entry, new_subentry(channel))
    return made(hass, rtl_tcp_entry)


def made(hass: HomeAssistant, entry: MockConfigEntry) -> EasStationCoordinator:
    sources = [station_source(entry, one) for one in source_settings(entry)]
    return EasStationCoordinator(hass, entry, sources)


def states(coordinator: EasStationCoordinator) -> list[StationState]:
    shown: list[StationState] = []
    coordinator.async_add_listener(lambda: shown.append(coordinator.data))
    return shown


def level(tenths: int, dbfs: float = -20.0, channel: str = "main") -> LevelReading:
    return LevelReading(
        channel=channel,
        at=START + timedelta(milliseconds=100 * tenths),
        rms_dbfs=dbfs,
        peak_dbfs=dbfs,
        clipped=0,
    )


def status(
    state: SourceState,
    hint: str | None = None,
    reason: SourceErrorReason | None = None,
) -> SourceStatus:
    return SourceStatus(state=state, since=START, hint=hint, reason=reason)


async def tell(coordinator: EasStationCoordinator, *records: StationRecord) -> None:
    """Tell records as a station does, on another thread."""
    await asyncio.to_thread(lambda: [*map(coordinator.own._from_thread, records)])
    await asyncio.sleep(0)


async def test_many_records_wake_the_event_loop_once(
    coordinator: EasStationCoordinator,
) -> None:
    shown = states(coordinator)
    wakes: list[Callable[..., object]] = []
    with patch.object(coordinator.hass.loop, "call_soon_threadsafe", wakes.append):
        for tenths in range(700):
            coordinator.own._from_thread(level(tenths))
        coordinator.own._from_thread(status(SourceState.HEARING))
    assert len(wakes) == 1
    wakes[0]()
    # One state of all: the level at its end, and the status.
    assert len(shown) == 1
    assert shown[0].status.state is SourceState.HEARING
    assert shown[0].measured.level_dbfs == -20.0
    with patch.object(coordinator.hass.loop, "call_soon_threadsafe", wakes.append):
        coordinator.own._from_thread(level(700))
    assert len(wakes) == 2
    wakes[1]()


async def test_no_record_of_several_threads_is_lost(
    coordinator: EasStationCoordinator,
) -> None:
    heard: list[object] = []
    coordinator.async_listen_moments(heard.append)
    begin = threading.Barrier(4)

    def talk() -> None:
        begin.wait(10)
        for _ in range(500):
            coordinator.own._from_thread(RecordingProblem(at=START, reason=None))

    with ThreadPoolExecutor(4) as pool:
        talks = [asyncio.wrap_future(pool.submit(talk)) for _ in range(4)]
        await asyncio.gather(*talks)
    await asyncio.sleep(0)
    assert len(heard) == 2000


async def test_an_event_loop_that_hangs_costs_no_memory_without_end(
    coordinator: EasStationCoordinator,
) -> None:
    with patch.object(coordinator.hass.loop, "call_soon_threadsafe"):
        for tenths in range(LONGEST_QUEUE + 1000):
            coordinator.own._from_thread(level(tenths))
    assert len(coordinator.own._records) == LONGEST_QUEUE


async def test_what_changes_nothing_is_not_shown(
    coordinator: EasStationCoordinator,
) -> None:
    shown = states(coordinator)
    await tell(coordinator, END)
    assert shown == []


async def test_listeners_hear_on_the_event_loop(
    coordinator: EasStationCoordinator,
) -> None:
    threads: list[int] = []
    coordinator.async_listen_moments(
        lambda moment: threads.append(threading.get_ident())
    )
    await tell(coordinator, END)
    assert threads == [threading.get_ident()]


async def test_one_listeners_fault_keeps_no_other_from_a_moment(
    coordinator: EasStationCoordinator, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[object] = []

    def fail(moment: object) -> None:
        raise ValueError("It breaks.")

    coordinator.async_listen_moments(fail)
    coordinator.async_listen_moments(heard.append)
    await tell(coordinator, END)
    assert heard == [END]
    assert "A listener failed on EndOfMessage" in caplog.text


async def test_no_alert_is_left_out_where_the_event_loop_hangs(
    coordinator: EasStationCoordinator,
) -> None:
    heard: list[object] = []
    coordinator.async_listen_moments(heard.append)
    own = coordinator.own
    wakes: list[Callable[..., object]] = []
    with patch.object(coordinator.hass.loop, "call_soon_threadsafe", wakes.append):
        own._from_thread(END)
        for tenths in range(LONGEST_QUEUE + 10):
            own._from_thread(level(tenths))
        own._from_thread(replace(END, received=START + timedelta(hours=1)))
    wakes[0]()
    assert [type(one) for one in heard] == [EndOfMessage, EndOfMessage]


async def test_moments_go_to_those_who_listen(
    coordinator: EasStationCoordinator,
) -> None:
    heard: list[object] = []
    stop = coordinator.async_listen_moments(heard.append)
    await tell(coordinator, END)
    stop()
    await tell(coordinator, END)
    assert heard == [END]


@pytest.mark.parametrize("state", [SourceState.DOWN, SourceState.STOPPED])
async def test_nothing_measured_is_shown_of_a_source_that_is_down(
    coordinator: EasStationCoordinator, state: SourceState
) -> None:
    shown = []
    for record in (level(0), status(state, "?"), level(1, -30.0)):
        await tell(coordinator, record)
        shown.append(coordinator.data.measured.level_dbfs)
    assert shown == [-20.0, None, -30.0]


async def test_hints_are_told_without_secrets(
    coordinator: EasStationCoordinator,
) -> None:
    hint = "Check http://me:secret@radio.example/live?token=abc&quality=1."
    await tell(coordinator, status(SourceState.DOWN, hint))
    assert (
        coordinator.data.status.hint
        == "Check http://***@radio.example/live?token=***&quality=***"
    )


async def test_channels_have_states_from_the_beginning(
    radio: EasStationCoordinator,
) -> None:
    before = {one.channel: one.state for one in radio.data.channels}
    assert before == dict.fromkeys(CHANNELS, SourceState.STARTING)
    await tell(
        radio,
        ChannelStatus(channel="162.550", state=SourceState.HEARING, since=START),
        ChannelStatus(channel="162.400", state=SourceState.NO_SIGNAL, since=START),
    )
    assert {one.channel: one.state for one in radio.data.channels} == {
        "162.400": SourceState.NO_SIGNAL,
        "162.550": SourceState.HEARING,
    }


async def test_the_best_channel_of_a_radio_is_shown(
    radio: EasStationCoordinator,
) -> None:
    for channel, snr_db in zip(CHANNELS, (8.0, 22.0), strict=True):
        quality = SignalQuality(
            channel=channel,
            power_dbfs=-40.0,
            snr_db=snr_db,
            quieting_db=20.0,
            deviation_hz=4000.0,
            offset_hz=0.0,
        )
        await tell(radio, SignalReading(at=START, quality=quality))
    await tell(
        radio, *(level(1, -50.0 + 10 * n, name) for n, name in enumerate(CHANNELS))
    )
    measured = radio.data.measured
    assert (measured.channel, measured.level_dbfs, measured.snr_db) == (
        "162.550",
        -40.0,
        22.0,
    )


async def test_nothing_waits_for_the_event_loop_when_it_has_stopped(
    hass: HomeAssistant, coordinator: EasStationCoordinator
) -> None:
    def tell_at_the_end() -> None:
        coordinator.own._from_thread(status(SourceState.STOPPED))

    with (
        patch.object(coordinator.station, "stop", tell_at_the_end),
        # Where the thread is quick, the loop has not come to it yet.
        patch.object(hass.loop, "call_soon_threadsafe"),
        patch.object(hass, "async_add_executor_job", AsyncMock(side_effect=call)),
    ):
        await coordinator.async_stop()
    assert coordinator.data.status.state is SourceState.STOPPED
    assert not coordinator.own._records


def call(target: Callable[[], None]) -> None:
    target()
