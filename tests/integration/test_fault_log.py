"""A fault that lasts is told once when it begins and once when it is over, and fills no log.

For each the hour is that of a clock: the core's own for the source, Home Assistant's for the rest.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
import logging
from pathlib import Path
import threading

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.audio.block import AudioBlock, Block
from custom_components.eas_station.eas_core.clock import Clock
from custom_components.eas_station.eas_core.fault_log import MOST_LINES, FaultLog
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from custom_components.eas_station.eas_core.station import (
    RecordingProblem,
    RecordingTrouble,
    SourceState,
    SourceStatus,
    Station,
    StationOptions,
)
from custom_components.eas_station.eas_core.station.watch import HINTS
from custom_components.eas_station.load import Load
from tests.core.station.conftest import START, QuickClock
from tests.integration.alerts import alert, set_up, tell
from tests.integration.fault_lines import HOUR, lines, pass_time, repairs
from tests.integration.waiting import shown_state

RATE = 16_000
FAILS = [
    reason for reason in SourceErrorReason if reason is not SourceErrorReason.ENDED
]


class Failing:
    """Fails for an hour each time that it is opened, then gives noise."""

    kind = "failing"
    live = False

    def __init__(self, error: Exception) -> None:
        self._error = error

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        if clock.now() - START < timedelta(seconds=HOUR):
            raise self._error
        noise = np.random.default_rng(1).normal(0, 0.05, RATE).astype(np.float32)
        position = 0
        while not clock.wait(stop, 1.0):
            yield AudioBlock(samples=noise, sample_rate=RATE, first_sample=position)
            position += RATE


class Bad:
    """Is heard badly for an hour, a tenth of a second every five, then well."""

    kind = "bad"
    live = False

    def __init__(self, level: float, *, lost: float = 0.0) -> None:
        self._level, self._lost = level, round(lost * RATE)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        noise = np.random.default_rng(1).normal(0, 1, RATE // 10).astype(np.float32)
        position = 0
        while not clock.wait(stop, 5.0):
            bad = clock.now() - START < timedelta(seconds=HOUR)
            samples = np.clip(noise * (self._level if bad else 0.05), -1, 1)
            yield AudioBlock(samples=samples, sample_rate=RATE, first_sample=position)
            position += len(samples) + (self._lost if bad else 0)


def an_hour_of(source: Failing | Bad) -> list[SourceStatus]:
    """Return what a station says of a source that is bad for an hour and then heard."""
    told: list[SourceStatus] = []
    heard = threading.Event()

    def take(record: object) -> None:
        if isinstance(record, SourceStatus):
            told.append(record)
            late = record.since - START >= timedelta(seconds=HOUR)
            if record.state is SourceState.HEARING and late:
                heard.set()

    station = Station(source, StationOptions(name="Home EAS"), QuickClock())
    station.listen(take)
    station.start()
    assert heard.wait(60)
    station.stop()
    return [one for one in told if one.state is not SourceState.STOPPED]


@pytest.fixture
async def coordinator(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> EasStationCoordinator:
    """A station that says nothing by itself, in a time that stands."""
    freezer.move_to(START)
    coordinator = await set_up(hass, simulator_entry)
    caplog.clear()
    return coordinator


@pytest.mark.parametrize(
    "error",
    [*(SourceError(reason, "Do this.") for reason in FAILS), RuntimeError("a bug")],
    ids=[*FAILS, "a bug"],
)
async def test_a_source_that_fails_for_an_hour_is_two_lines_and_a_repair(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    statuses = await hass.async_add_executor_job(an_hour_of, Failing(error))
    *fails, hears = statuses
    assert [one.state for one in fails].count(SourceState.DOWN) >= 1
    assert hears.since - START >= timedelta(seconds=HOUR)
    for status in fails:
        await tell(hass, coordinator, status)
    await pass_time(hass, freezer, HOUR)
    shown = shown_state(hass, "sensor.home_eas_sdr_status")
    assert shown.state == "down"
    assert ir.async_get(hass).async_get_issue(DOMAIN, "source_simulator_entry")
    await tell(hass, coordinator, hears)
    await pass_time(hass, freezer, 61)
    assert not ir.async_get(hass).async_get_issue(DOMAIN, "source_simulator_entry")

    # A bug has its trace besides, once.
    if isinstance(error, RuntimeError):
        assert lines(caplog).pop(0) == "ERROR The source failing failed"
        assert "a bug" in caplog.text
    told = [one for one in lines(caplog) if not one.startswith("ERROR")]
    hint = fails[-1].hint
    assert told == [
        f"WARNING Home EAS hears nothing: {hint}",
        "INFO Home EAS hears again",
    ]


@pytest.mark.parametrize(
    ("source", "reason", "said"),
    [
        (Bad(50.0), SourceErrorReason.CLIPPING, "badly"),
        (Bad(0.05, lost=0.01), SourceErrorReason.LOSING_SAMPLES, "badly"),
        (Bad(0.0), SourceErrorReason.SILENT, "silence"),
    ],
    ids=["clipping", "losing_samples", "silent"],
)
async def test_an_hour_of_bad_sound_is_two_lines_and_a_repair(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
    source: Bad,
    reason: SourceErrorReason,
    said: str,
) -> None:
    *bad, hears = await hass.async_add_executor_job(an_hour_of, source)
    for status in bad:
        await tell(hass, coordinator, status)
    await pass_time(hass, freezer, HOUR)
    shown = shown_state(hass, "sensor.home_eas_sdr_status")
    assert shown.state == bad[-1].state
    assert shown.attributes["reason"] == reason
    assert repairs(hass) == {f"source_{bad[-1].state}"}
    await tell(hass, coordinator, hears)
    await pass_time(hass, freezer, 61)
    assert not repairs(hass)
    assert lines(caplog) == [
        f"WARNING Home EAS hears {said}: {bad[-1].hint}",
        "INFO Home EAS hears again",
    ]


OTHERS = (SourceErrorReason.OVERLOADED, SourceErrorReason.LOSING_SAMPLES)


@pytest.mark.parametrize(
    ("state", "reasons", "said"),
    [
        (SourceState.DEGRADED, OTHERS, "badly"),
        (SourceState.NO_SIGNAL, (SourceErrorReason.NO_CARRIER,), "no station"),
    ],
)
async def test_an_hour_of_what_a_station_tells_again_is_two_lines(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
    state: SourceState,
    reasons: tuple[SourceErrorReason, ...],
    said: str,
) -> None:
    for number in range(120):
        reason = reasons[number % len(reasons)]
        since = START + timedelta(seconds=30 * number)
        bad = SourceStatus(state=state, since=since, reason=reason, hint=HINTS[reason])
        await tell(hass, coordinator, bad)
        await pass_time(hass, freezer, 30)
    assert shown_state(hass, "sensor.home_eas_sdr_status").state == state
    assert repairs(hass) == {f"source_{state}"}
    await tell(hass, coordinator, SourceStatus(state=SourceState.HEARING, since=START))
    await pass_time(hass, freezer, 61)
    assert not repairs(hass)
    assert lines(caplog) == [
        f"WARNING Home EAS hears {said}: {HINTS[reasons[0]]}",
        "INFO Home EAS hears again",
    ]


@pytest.mark.parametrize(
    "state",
    [
        SourceState.DOWN,
        SourceState.DEGRADED,
        SourceState.QUIET,
        SourceState.NO_SIGNAL,
    ],
)
async def test_a_source_that_comes_and_goes_fills_no_log(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
    state: SourceState,
) -> None:
    bad = SourceStatus(
        state=state, since=START, reason=SourceErrorReason.DISCONNECTED, hint="Wait."
    )
    hears = SourceStatus(state=SourceState.HEARING, since=START)
    for _ in range(15):
        await tell(hass, coordinator, bad)
        await pass_time(hass, freezer, 20)
        await tell(hass, coordinator, hears)
        await pass_time(hass, freezer, 70)
    told = lines(caplog)
    assert 2 < len(told) <= MOST_LINES
    assert told[0].startswith("WARNING ")
    assert told[-1] == "INFO Home EAS hears again"


async def test_what_is_recorded_no_more_is_told_and_that_it_is_again(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = RecordingProblem(
        at=START, reason=RecordingTrouble.LOW_SPACE, hint="Make room."
    )
    for _ in range(60):
        await tell(hass, coordinator, full)
    await tell(hass, coordinator, replace(full, reason=None, hint=None))
    assert lines(caplog) == [
        "WARNING Home EAS cannot record: Make room.",
        "INFO Home EAS records again",
    ]
    for _ in range(60):
        await tell(hass, coordinator, full, replace(full, reason=None, hint=None))
    assert len(lines(caplog)) <= MOST_LINES


async def test_a_history_that_cannot_be_written_is_told_and_that_it_is_again(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    disk, path = coordinator.history.disk, Path("/config/.storage/eas_station.1")
    issue = (DOMAIN, "history_simulator_entry")
    for _ in range(60):
        disk.note(path, OSError("No space left on device"))
    assert ir.async_get(hass).async_get_issue(*issue)
    disk.note(path, None)
    assert not ir.async_get(hass).async_get_issue(*issue)
    assert lines(caplog) == [
        (
            "WARNING The history of Home EAS cannot be written, and is kept in memory:"
            " No space left on device"
        ),
        "INFO The history of Home EAS is written again",
    ]
    for _ in range(60):
        disk.note(path, OSError("No space left on device"))
        disk.note(path, None)
    assert len(lines(caplog)) <= MOST_LINES


def test_a_bug_has_its_trace_once(caplog: pytest.LogCaptureFixture) -> None:
    log = FaultLog(logging.getLogger("custom_components.eas_station.bugs"))
    for error in (KeyError("one"), KeyError("another"), ValueError("three")) * 100:
        try:
            raise error
        except LookupError, ValueError:
            log.exception("It broke")
    assert lines(caplog) == ["ERROR It broke", "ERROR It broke"]
    assert caplog.text.count("Traceback") == 2


async def test_a_clock_that_is_off_is_told_and_that_it_is_right_again(
    hass: HomeAssistant,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = dt_util.utcnow()
    for minute in range(8):
        early = alert(places=f"0390{minute + 10}", received=now - timedelta(hours=1))
        await tell(hass, coordinator, early)
    await tell(hass, coordinator, alert("SVR"))
    assert lines(caplog) == [
        "WARNING The clock of Home EAS seems to be 60 minutes behind",
        "INFO The clock of Home EAS is right again",
    ]


async def test_a_missing_test_is_told_and_the_next_one(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await pass_time(hass, freezer, timedelta(days=9).total_seconds())
    for _ in range(10):
        await pass_time(hass, freezer, 360)
        coordinator.async_update_listeners()
    await tell(hass, coordinator, alert("RWT"))
    since = dt_util.as_local(START).date().isoformat()
    assert lines(caplog) == [
        f"WARNING Home EAS has heard no weekly test since {since}",
        "INFO Home EAS has heard a test again",
    ]


async def test_a_decoder_that_is_behind_at_times_fills_no_log(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    coordinator: EasStationCoordinator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own = coordinator.own
    for minute in range(24):
        behind = Load(behind_seconds=3.0 * (minute % 2))
        own.async_set_updated_data(replace(own.data, load=behind))
        coordinator._told([])
        await pass_time(hass, freezer, 60)
    told = lines(caplog)
    assert told[:2] == [
        "WARNING The decoder of Home EAS is behind",
        "INFO The decoder of Home EAS keeps up again",
    ]
    assert len(told) <= MOST_LINES


def test_an_hour_has_ten_lines_and_the_next_has_room_again(
    freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("custom_components.eas_station.flaps")
    log = FaultLog(logger)
    for hour in range(1, 3):
        for _ in range(1000):
            log.fault("It fails")
            log.over("It works")
        assert len(lines(caplog)) == MOST_LINES * hour
        freezer.tick(HOUR + 1)
    # The end of what was not told is not told either; a clock that is set back silences nothing.
    log.over("It works")
    assert len(lines(caplog)) == 2 * MOST_LINES
    freezer.tick(-10 * HOUR)
    log.fault("It fails")
    assert lines(caplog)[-1] == "WARNING It fails"
