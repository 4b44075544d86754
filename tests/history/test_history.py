"""What the history holds, finds and tells."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.eas_station.eas_core.station.filters import covers
from custom_components.eas_station.history import AlertHistory
from custom_components.eas_station.history_files import HistoryFiles
from tests.history.conftest import ENTRY, file_names, ids, opened
from tests.history.entries import START, entry, names

pytestmark = pytest.mark.usefixtures("small_files")


async def test_an_entry_is_there_at_once_and_after_a_restart(
    hass: HomeAssistant,
) -> None:
    history = await opened(hass)
    history.async_add(entry(1))
    assert await history.async_get("id1") == entry(1)
    await hass.async_block_till_done()
    again = await opened(hass)
    assert await again.async_get("id1") == entry(1)
    assert again.newest == entry(1)
    assert len(again) == 1
    assert await again.async_get("id2") is None


async def test_pages_hold_every_entry_once_newest_first(hass: HomeAssistant) -> None:
    history = await opened(hass)
    for number in range(18):
        history.async_add(entry(number))
    found: list[str] = []
    before = None
    while True:
        page = await history.async_page(5, before=before)
        assert len(page["entries"]) <= 5
        found += [one["id"] for one in page["entries"]]
        # What comes meanwhile moves no page.
        history.async_add(entry(100 + len(found)))
        before = page["next"]
        if before is None:
            break
    assert found[:18] == names(*range(17, 17 - 18, -1))[: len(found)]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"start": START + timedelta(hours=8)}, [9, 8]),
        ({"end": START + timedelta(hours=1)}, [1, 0]),
        ({"events": ["RWT"]}, [6, 1]),
        ({"events": ["RWT", "SVR"], "tests": False}, [3]),
        ({"tests": True}, [6, 1]),
        ({"places": ["039173"]}, [7, 3]),
        ({"places": ["039000"]}, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ({"places": ["048001"]}, []),
        ({"where": lambda one: one["id"] == "id5"}, [5]),
        ({"before": 4}, [3, 2, 1, 0]),
    ],
)
async def test_all_that_is_asked_for_must_hold(
    hass: HomeAssistant, asked: dict[str, Any], numbers: list[int]
) -> None:
    history = await opened(hass)
    special: dict[int, dict[str, Any]] = {
        1: {"event_code": "RWT", "test": True},
        3: {"event_code": "SVR", "locations": [{"code": "039173"}]},
        6: {"event_code": "RWT", "test": True},
        7: {"locations": [{"code": "039000"}]},
    }
    for number in range(10):
        history.async_add(entry(number, **special.get(number, {})))
    assert await ids(history, **asked) == names(*numbers)
    await history.async_flush()
    assert await ids(await opened(hass), **asked) == names(*numbers)


MADE = st.fixed_dictionaries(
    {
        "event_code": st.sampled_from(["TOR", "SVR", "RWT"]),
        "test": st.booleans(),
        "locations": st.lists(
            st.sampled_from(["039035", "139035", "039000", "048001", "000000"]),
            max_size=2,
        ).map(lambda codes: [{"code": code} for code in codes]),
    }
)
HOURS = st.none() | st.integers(-1, 31).map(
    lambda hours: START + timedelta(hours=hours)
)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    made=st.lists(MADE, max_size=30),
    limit=st.integers(1, 7),
    start=HOURS,
    end=HOURS,
    events=st.sets(st.sampled_from(["TOR", "SVR", "RWT"])),
    places=st.lists(st.sampled_from(["039035", "039173", "048000"]), max_size=2),
    tests=st.none() | st.booleans(),
)
async def test_pages_together_are_all_that_is_asked_for(
    hass: HomeAssistant,
    made: list[dict[str, Any]],
    limit: int,
    start: datetime | None,
    end: datetime | None,
    events: set[str],
    places: list[str],
    tests: bool | None,
) -> None:
    name = f"{uuid4()}"
    history = await opened(hass, name)
    entries = [entry(number, **one) for number, one in enumerate(made)]
    for one in entries[-20:]:
        history.async_add(one)
    await history.async_flush()
    history = await opened(hass, name)
    asked: dict[str, Any] = {
        "start": start,
        "end": end,
        "events": events,
        "places": places,
        "tests": tests,
    }
    found: list[dict[str, Any]] = []
    before: int | None = None
    while True:
        page = await history.async_page(limit, before=before, **asked)
        found += page["entries"]
        before = page["next"]
        if before is None:
            break
        assert len(page["entries"]) == limit
    hours = [datetime.fromisoformat(one["received"]) for one in entries]
    assert found == [
        one
        for one, at in reversed(list(zip(entries, hours, strict=True))[-20:])
        if (start is None or at >= start)
        and (end is None or at <= end)
        and (not events or one["event_code"] in events)
        and (tests is None or one["test"] is tests)
        and (
            not places
            or any(
                covers(place["code"], wanted)
                for place in one["locations"]
                for wanted in places
            )
        )
    ]


async def test_the_newest_entry_of_an_alert_is_noted_and_told(
    hass: HomeAssistant,
) -> None:
    history = await opened(hass)
    told: list[dict[str, Any]] = []
    stop = history.async_listen(told.append)
    history.async_add(entry(1))
    history.async_note("id1", transcript="Take shelter now.")
    history.async_note("id2", transcript="Of nothing.")
    stop()
    history.async_note("id1", nws={"headline": "Tornado Warning"})
    noted = entry(1, transcript="Take shelter now.")
    assert told == [entry(1), noted]
    await history.async_flush()
    (kept,) = (await (await opened(hass)).async_page(2))["entries"]
    assert kept == noted | {"nws": {"headline": "Tornado Warning"}}


async def test_a_note_is_written_soon_and_counts_later(hass: HomeAssistant) -> None:
    history = await opened(hass)
    history.async_add(entry(1))
    await hass.async_block_till_done()
    history.async_keep({"messages": 1})
    await pass_time(hass, 5)
    assert (await opened(hass)).state == {}
    history.async_note("id1", transcript="Take shelter now.")
    await pass_time(hass, 5)
    again = await opened(hass)
    assert await again.async_get("id1") == entry(1, transcript="Take shelter now.")
    assert again.state == {"messages": 1}
    history.async_keep({"messages": 2})
    await pass_time(hass, 1000)
    assert (await opened(hass)).state == {"messages": 2}


async def pass_time(hass: HomeAssistant, seconds: float) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


async def test_an_entry_of_an_old_file_is_noted_there(hass: HomeAssistant) -> None:
    history = await opened(hass)
    for number in range(16):
        history.async_add(entry(number))
    await history.async_flush()
    history.async_note("id2", transcript="Take shelter now.")
    history.async_note("id3", event_code="RWT")
    await hass.async_block_till_done()
    for each in (history, await opened(hass)):
        assert len(await ids(each)) == 16
        assert await each.async_get("id2") == entry(2, transcript="Take shelter now.")
        assert await ids(each, events=["RWT"]) == ["id3"]


async def test_files_are_read_when_they_are_looked_into(
    hass: HomeAssistant, storage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = await opened(hass)
    for number in range(16):
        history.async_add(entry(number))
    await history.async_flush()
    (storage / f"eas_station.{ENTRY}.history.0").write_text("{")
    history = await opened(hass)
    assert len(history) == 16
    page = await history.async_page(8)
    assert [one["id"] for one in page["entries"]] == names(*range(15, 7, -1))
    # Nor is what is asked for in any of them.
    assert await ids(history, start=dt_util.utcnow()) == []
    assert ".corrupt." not in caplog.text
    assert await ids(history) == names(*range(15, 3, -1))
    assert ".corrupt." in caplog.text
    assert len(history) == 12


async def test_what_was_received_lately_is_returned_whatever_file_it_is_in(
    hass: HomeAssistant,
) -> None:
    history = await opened(hass)
    for number in range(18):
        history.async_add(entry(number))
    history.async_keep({"messages": 18})
    await history.async_flush()
    history = AlertHistory(hass, ENTRY)
    found = await history.async_load(START + timedelta(hours=7))
    assert [one["id"] for one in found] == names(*range(7, 18))
    assert history.newest == entry(17)
    assert history.state == {"messages": 18}


async def test_an_entry_of_a_file_that_was_not_read_yet_is_noted(
    hass: HomeAssistant,
) -> None:
    history = await opened(hass)
    for number in range(16):
        history.async_add(entry(number))
    await history.async_flush()
    history = await opened(hass)
    history.async_note("id5", transcript="Take shelter now.")
    history.async_note("id99", transcript="Of nothing.")
    await hass.async_block_till_done()
    noted = entry(5, transcript="Take shelter now.")
    assert await history.async_get("id5") == noted
    assert await (await opened(hass)).async_get("id5") == noted


async def test_the_oldest_file_goes_when_there_are_too_many(
    hass: HomeAssistant, storage: Path
) -> None:
    history = await opened(hass)
    for number in range(22):
        history.async_add(entry(number))
    await history.async_flush()
    await hass.async_block_till_done()
    assert await ids(history) == names(*range(21, 3, -1))
    assert len(file_names(storage)) == 5
    assert await ids(await opened(hass)) == names(*range(21, 3, -1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"transcript": object()},
        {"received": "yesterday"},
        {"received": "2026-06-08T20:45:00"},
        {"locations": [None]},
        {"event_code": None},
    ],
)
async def test_what_is_no_entry_is_refused_and_harms_no_other(
    hass: HomeAssistant, wrong: dict[str, Any]
) -> None:
    history = await opened(hass)
    history.async_add(entry(1))
    with pytest.raises((KeyError, TypeError, ValueError)):
        history.async_add(entry(2, **wrong))
    with pytest.raises(TypeError):
        history.async_note("id1", nws=object())
    await history.async_flush()
    assert await ids(history) == await ids(await opened(hass)) == names(1)


async def test_a_history_that_is_removed_leaves_nothing(
    hass: HomeAssistant, storage: Path
) -> None:
    history = await opened(hass)
    for number in range(9):
        history.async_add(entry(number))
    await history.async_flush()
    other = await opened(hass, "01JOTHER")
    other.async_add(entry(1))
    await other.async_flush()
    (storage / f"eas_station.{ENTRY}.history.0.corrupt.2026").write_text("{")
    await HistoryFiles(hass, ENTRY).async_remove_all()
    assert file_names(storage) == ["eas_station.01JOTHER.history.0"]
