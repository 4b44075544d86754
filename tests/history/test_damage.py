"""A file of the history that is damaged costs what is in it, and nothing else."""

from datetime import timedelta
import errno
import json
import logging
from pathlib import Path
import time
from unittest.mock import patch
from uuid import uuid4

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.util import dt as dt_util
from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.eas_station.eas_core.fault_log import MOST_LINES
from tests.history.conftest import ENTRY, file_names, ids, opened
from tests.history.entries import entry, names

pytestmark = pytest.mark.usefixtures("small_files")


async def three_files(hass: HomeAssistant) -> None:
    history = await opened(hass)
    for number in range(12):
        history.async_add(entry(number))
    await history.async_flush()


def nested(text: str) -> str:
    data = json.loads(text)
    data["data"]["entries"][1]["time_valid"] = json.loads("[" * 300 + "]" * 300)
    return json.dumps(data)


def nested_of_another_version(text: str) -> str:
    return json.dumps(json.loads(nested(text)) | {"minor_version": 0})


def one_field(text: str) -> str:
    data = json.loads(text)
    data["data"]["entries"][1]["received"] = "yesterday"
    return json.dumps(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "\0" * len(text),
        lambda text: "[]",
        nested,
        nested_of_another_version,
        lambda text: '"text"',
        lambda text: '{"version": 2, "minor_version": 1, "data": null}',
        lambda text: '{"version": 2, "minor_version": 1, "data": {"entries": 7}}',
        one_field,
    ],
    ids=[
        *("empty", "cut", "zeros", "list", "nested", "old and nested"),
        *("text", "null", "number", "field"),
    ],
)
@pytest.mark.parametrize("number", [0, 2])
async def test_it_is_set_aside_told_and_the_others_are_read(
    hass: HomeAssistant,
    storage: Path,
    caplog: pytest.LogCaptureFixture,
    number: int,
    damage: object,
) -> None:
    await three_files(hass)
    path = storage / f"eas_station.{ENTRY}.history.{number}"
    assert callable(damage)
    harmed = damage(path.read_text())
    path.write_text(harmed)
    caplog.clear()
    history = await opened(hass)
    rest = [one for one in range(11, -1, -1) if one // 4 != number]
    assert await ids(history) == names(*rest)
    told = [one for one in caplog.messages if ".corrupt." in one]
    assert len(told) == 1
    history.async_add(entry(20))
    await history.async_flush()
    assert await ids(await opened(hass)) == names(20, *rest)
    (aside,) = file_names(storage, "*.corrupt.*")
    assert (storage / aside).read_text() == harmed
    assert [one for one in caplog.messages if ".corrupt." in one] == told


async def test_a_file_of_a_later_version_is_left_alone(
    hass: HomeAssistant, storage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await three_files(hass)
    path = storage / f"eas_station.{ENTRY}.history.2"
    later = json.dumps(json.loads(path.read_text()) | {"version": 3})
    path.write_text(later)
    history = await opened(hass)
    history.async_add(entry(20))
    await history.async_flush()
    assert path.read_text() == later
    assert await ids(history) == names(20, *range(7, -1, -1))
    assert "are not known" in caplog.text


async def test_a_file_that_is_damaged_while_it_is_in_use_costs_only_itself(
    hass: HomeAssistant, storage: Path
) -> None:
    await three_files(hass)
    history = await opened(hass)
    (storage / f"eas_station.{ENTRY}.history.0").write_text("{")
    assert await ids(history) == names(*range(11, 3, -1))
    history.async_note("id1", transcript="Too late.")
    await hass.async_block_till_done()
    assert await history.async_get("id1") is None


async def test_a_note_to_a_file_that_is_damaged_meanwhile_is_lost_with_it(
    hass: HomeAssistant, storage: Path
) -> None:
    await three_files(hass)
    history = await opened(hass)
    (storage / f"eas_station.{ENTRY}.history.0").write_text("{")
    history.async_note("id1", transcript="Too late.")
    await hass.async_block_till_done()
    assert await ids(history) == names(*range(11, 3, -1))


async def test_a_file_of_a_later_minor_version_is_read(
    hass: HomeAssistant, storage: Path
) -> None:
    await three_files(hass)
    path = storage / f"eas_station.{ENTRY}.history.1"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"minor_version": 2}))
    assert await ids(await opened(hass)) == names(*range(11, -1, -1))


async def test_what_the_disk_does_not_take_is_written_when_it_does(
    hass: HomeAssistant, storage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = await opened(hass)
    blocked = storage / f"eas_station.{ENTRY}.history.0"
    blocked.mkdir()
    for number in range(6):
        history.async_add(entry(number))
        await history.async_flush()
    assert "Saving file failed" in caplog.text
    assert await ids(history) == names(5, 4, 3, 2, 1, 0)
    blocked.rmdir()
    await history.async_flush()
    assert await ids(await opened(hass)) == names(5, 4, 3, 2, 1, 0)


async def test_it_is_tried_again_by_itself(hass: HomeAssistant, storage: Path) -> None:
    history = await opened(hass)
    blocked = storage / f"eas_station.{ENTRY}.history.0"
    blocked.mkdir()
    history.async_add(entry(1))
    await hass.async_block_till_done()
    blocked.rmdir()
    later = time.monotonic() + 16 * 60
    with patch.object(hass.loop, "time", lambda: later):
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=16))
        await hass.async_block_till_done(wait_background_tasks=True)
    assert await ids(await opened(hass)) == names(1)


def take_away(storage: Path) -> None:
    storage.rmdir()
    storage.write_text("a file where the folder ought to be")


def give_back(storage: Path) -> None:
    storage.unlink()
    storage.mkdir()


async def test_a_disk_that_is_away_for_an_hour_is_told_once_and_costs_nothing(
    hass: HomeAssistant, storage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = await opened(hass)
    problems: list[str | None] = []
    history.disk.async_listen(lambda: problems.append(history.disk.problem))
    take_away(storage)
    for number in range(18):
        history.async_add(entry(number))
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=3 * number))
        await hass.async_block_till_done(wait_background_tasks=True)
    assert len([one for one in caplog.records if one.levelno > logging.INFO]) == 1
    assert await ids(history) == names(*range(17, -1, -1))
    give_back(storage)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=62))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await ids(await opened(hass)) == names(*range(17, -1, -1))
    assert len(problems) == 2
    assert problems[0] is not None
    assert problems[1] is None


async def test_what_comes_after_a_moment_of_a_full_disk_is_written_at_once(
    hass: HomeAssistant,
) -> None:
    history = await opened(hass)
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=full):
        history.async_add(entry(1))
        await hass.async_block_till_done(wait_background_tasks=True)
    assert history.disk.problem is not None
    history.async_add(entry(2))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await ids(await opened(hass)) == names(2, 1)


async def test_what_is_refused_though_there_is_room_is_tried_four_times_an_hour(
    hass: HomeAssistant,
    storage: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    history = await opened(hass)
    (storage / f"eas_station.{ENTRY}.history.0").mkdir()
    passed = 0.0
    with patch.object(hass.loop, "time", lambda: time.monotonic() + passed):
        for number in range(18):
            passed = 200.0 * number
            history.async_add(entry(number))
            await hass.async_block_till_done(wait_background_tasks=True)
    assert caplog.text.count("Saving file failed") == 4


async def test_what_comes_while_home_assistant_stops_is_written_at_its_end(
    hass: HomeAssistant,
) -> None:
    history = await opened(hass)
    history.async_add(entry(1))
    await history.async_flush()
    hass.set_state(CoreState.stopping)
    history.async_add(entry(2))
    await history.async_flush()
    history.async_add(entry(3))
    await history.async_flush()
    assert await ids(await opened(hass)) == names(1)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert await ids(await opened(hass)) == names(3, 2, 1)


STEPS = st.tuples(
    st.sampled_from(["add", "add", "add", "note", "end", "reload", "cut"]),
    st.integers(0, 9),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, max_size=40))
async def test_nothing_raises_and_nothing_that_was_flushed_is_lost(
    hass: HomeAssistant, storage: Path, steps: list[tuple[str, int]]
) -> None:
    name = uuid4()
    history = await opened(hass, f"{name}")
    held: list[dict[str, object]] = []
    for count, (step, which) in enumerate(steps):
        changed = f"id{count - which}"
        match step:
            case "add":
                history.async_add(entry(count))
                held.insert(0, entry(count))
            case "note" | "end":
                history.async_change(changed, {step: which}, at_once=step == "end")
                await hass.async_block_till_done()
                held = [
                    one | {step: which} if one["id"] == changed else one for one in held
                ]
            case "reload":
                await history.async_flush()
                history = await opened(hass, f"{name}")
            case _:
                await history.async_flush()
                lost = cut_a_file(storage, f"{name}", which)
                history = await opened(hass, f"{name}")
                held = [one for one in held if one["id"] not in lost]
        assert (await history.async_page(1000))["entries"] == held
    await history.async_flush()
    assert (await (await opened(hass, f"{name}")).async_page(1000))["entries"] == held


def cut_a_file(storage: Path, entry_id: str, which: int) -> set[str]:
    """Cut one of a history's files short; return the ids of what was in it."""
    paths = [
        path
        for path in sorted(storage.glob(f"eas_station.{entry_id}.history.*"))
        if path.suffix[1:].isdigit()
    ]
    if not paths:
        return set()
    path = paths[which % len(paths)]
    text = path.read_text()
    path.write_text(text[: -which - 1])
    return {one["id"] for one in json.loads(text)["data"]["entries"]}


def harm_all(storage: Path) -> None:
    for path in storage.glob(f"eas_station.{ENTRY}.history.*"):
        path.write_text(one_field(path.read_text()))


async def test_a_disk_that_has_lost_every_file_fills_no_log(
    hass: HomeAssistant, storage: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with patch("custom_components.eas_station.history.MOST_FILES", 50):
        history = await opened(hass)
        for number in range(200):
            history.async_add(entry(number))
        await history.async_flush()
        harm_all(storage)
        caplog.clear()
        history = await opened(hass)
        for _ in range(3):
            assert await ids(history) == []
    assert len(file_names(storage, "*.corrupt.*")) == 50
    told = [one for one in caplog.records if one.levelno > logging.INFO]
    assert 1 <= len(told) <= MOST_LINES
    assert ".corrupt." in told[0].getMessage()
