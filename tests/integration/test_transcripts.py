"""What an alert's voice said comes after it, by the engine that the user names."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components import stt
from homeassistant.components.stt.const import DATA_PROVIDERS
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.eas_station import transcripts
from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.diagnostics import async_get_config_entry_diagnostics
from custom_components.eas_station.eas_core.station import RecordingIndex, read_voice
from custom_components.eas_station.eas_core.station.recording_files import (
    recording_name,
)
from custom_components.eas_station.speech import speech_engines
from tests.integration.alerts import alert, set_up, tell
from tests.integration.speech import (
    ENGINE,
    SAID,
    Engine,
    OldEngine,
    add_engine,
    listening,
    recorded,
)
from tests.integration.waiting import until

NOON = datetime(2026, 6, 8, 12, tzinfo=UTC)


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    issues = ir.async_get(hass)
    return issues.async_get_issue(DOMAIN, "transcript_engine_simulator_entry")


async def counted(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    told = await async_get_config_entry_diagnostics(hass, entry)
    counters: dict[str, Any] = told["texts"]["transcripts"]
    return counters


async def test_the_voice_becomes_an_event_a_note_and_part_of_the_sidecar(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine()
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    tornado = alert()
    finished = recorded(tmp_path, tornado)
    await tell(hass, coordinator, tornado, finished)
    await until(hass, lambda: bool(told))
    seconds = told[0].data["seconds"]
    assert told[0].data == {
        "entry_id": "simulator_entry",
        "device_id": told[0].data["device_id"],
        "station": "Home EAS",
        "alert_id": tornado.id,
        "text": SAID,
        "engine": ENGINE,
        "language": "en-US",
        "seconds": seconds,
    }
    assert told[0].data["device_id"]
    ((metadata, pcm),) = engine.heard
    assert metadata == stt.SpeechMetadata(
        language="en-US",
        format=stt.AudioFormats.WAV,
        codec=stt.AudioCodecs.PCM,
        bit_rate=stt.AudioBitRates.BITRATE_16,
        sample_rate=stt.AudioSampleRates.SAMPLERATE_16000,
        channel=stt.AudioChannels.CHANNEL_MONO,
    )
    assert pcm == read_voice(finished.path).tobytes()
    assert len(pcm) == pytest.approx(seconds * 32_000, abs=400)
    assert seconds == pytest.approx(4.5, abs=0.3)
    noted = await coordinator.history.async_get(tornado.id)
    assert noted is not None
    assert noted["transcript"] == SAID
    index = RecordingIndex(tmp_path)
    await until(hass, lambda: index.read(finished.name).transcript == SAID)
    assert await counted(hass, simulator_entry) == {
        "sent": 1,
        "done": 1,
        "silent": 0,
        "failed": 0,
        "dropped": 0,
        "last_error": None,
    }


async def test_without_an_engine_nothing_is_sent(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine()
    await add_engine(hass, engine)
    coordinator = await set_up(hass, simulator_entry)
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert engine.heard == []
    assert issue(hass) is None


@pytest.mark.parametrize(
    ("language", "sent"), [("en", "en-US"), ("es", "es")], ids=["english", "spanish"]
)
async def test_the_language_is_that_of_the_radio_not_of_the_house(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    tmp_path: Path,
    language: str,
    sent: str,
) -> None:
    hass.config.language = "de"
    engine = Engine()
    coordinator = await listening(
        hass, simulator_entry, engine, transcript_language=language
    )
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    await until(hass, lambda: bool(engine.heard))
    assert engine.heard[0][0].language == sent


@pytest.mark.parametrize(
    ("rates", "taken"), [((8_000, 48_000), 48_000), ((8_000,), 8_000)]
)
async def test_an_engine_gets_the_rate_that_it_takes(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    tmp_path: Path,
    rates: tuple[int, ...],
    taken: int,
) -> None:
    engine = Engine(rates=rates)
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    await until(hass, lambda: bool(told))
    ((metadata, pcm),) = engine.heard
    assert metadata.sample_rate == taken
    assert len(pcm) / (2 * taken) == pytest.approx(4.5, abs=0.3)


async def test_an_engine_of_the_old_kind_goes_by_its_name(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    engine = Engine()
    coordinator = await listening(
        hass, simulator_entry, Engine(), transcript_engine="old"
    )
    assert issue(hass) is not None
    hass.data[DATA_PROVIDERS]["old"] = OldEngine(engine)
    assert speech_engines(hass) == {ENGINE: "Ears", "old": "old"}
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    await until(hass, lambda: bool(told))
    assert told[0].data["engine"] == "old"
    assert len(engine.heard) == 1
    assert issue(hass) is None


class Broken(Engine):
    """Cannot even say what it knows."""

    @property
    def supported_languages(self) -> list[str]:
        raise TypeError("no languages")


FAULTS = {
    "is broken": (Broken(), "failed"),
    "raises": (Engine(RuntimeError("no model")), "failed"),
    "says that it failed": (Engine(None, fails=True), "failed"),
    "is cancelled": (Engine(asyncio.CancelledError()), "failed"),
    "hangs": (Engine(hangs=True), "timed_out"),
    "takes no samples": (Engine(codec=stt.AudioCodecs.OPUS), "unsupported"),
    "takes no rate": (Engine(rates=()), "unsupported"),
    "knows no English": (Engine(languages=("fr", "de")), "unsupported"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_engine_that_fails_is_told_once_and_harms_nothing(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    fault: str,
) -> None:
    engine, problem = FAULTS[fault]
    coordinator = await listening(hass, simulator_entry, engine)
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    alerts: list[Event[Any]] = async_capture_events(hass, "eas_alert")
    one, other = alert("TOR"), alert("SVR")
    with (
        patch.object(transcripts, "LIMIT_SECONDS", 0.1),
        patch.object(transcripts, "LIMIT_FACTOR", 0.0),
    ):
        for each in (one, other):
            await tell(hass, coordinator, each, recorded(tmp_path, each))
        counters = coordinator.text_counters.transcripts
        await until(hass, lambda: counters.failed == 2)
    assert counters.last_error == problem
    assert told == []
    assert [event.data["id"] for event in alerts] == [one.id, other.id]
    warned = [
        record.message
        for record in caplog.records
        if record.name.endswith("eas_station.transcripts")
        and record.levelname == "WARNING"
    ]
    assert len(warned) == 1
    assert warned[0].startswith("A voice of Home EAS is not transcribed. ")

    working = alert("FFW")
    engine.says, engine.hangs, engine.fails = SAID, False, False
    if problem != "unsupported" and not isinstance(engine, Broken):
        await tell(hass, coordinator, working, recorded(tmp_path, working))
        await until(hass, lambda: bool(told))
        assert told[0].data["alert_id"] == working.id
    engine.hangs = False


@pytest.mark.parametrize("voice", [None, 0.0])
async def test_a_message_without_a_voice_is_sent_nowhere(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    tmp_path: Path,
    voice: float | None,
) -> None:
    engine = Engine()
    coordinator = await listening(hass, simulator_entry, engine)
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado, voice))
    counters = coordinator.text_counters.transcripts
    await until(hass, lambda: counters.silent == 1)
    assert engine.heard == []


async def test_nothing_said_is_no_transcript(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    coordinator = await listening(hass, simulator_entry, Engine("  \n"))
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    counters = coordinator.text_counters.transcripts
    await until(hass, lambda: counters.silent == 1)
    assert told == []
    assert counters.failed == 0


async def test_a_sidecar_that_is_gone_takes_nothing_else_along(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    coordinator = await listening(hass, simulator_entry, Engine())
    told: list[Event[Any]] = async_capture_events(hass, "eas_transcript")
    tornado = alert()
    finished = replace(
        recorded(tmp_path, tornado), name=recording_name(NOON, "TOR", "0")
    )
    await tell(hass, coordinator, tornado, finished)
    await until(hass, lambda: "is not beside its recording" in caplog.text)
    assert told[0].data["text"] == SAID


async def test_a_recording_that_is_gone_is_a_failure_of_its_own(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    coordinator = await listening(hass, simulator_entry, Engine())
    tornado = alert()
    finished = recorded(tmp_path, tornado)
    finished = replace(finished, path=str(tmp_path / "gone.flac"))
    await tell(hass, coordinator, tornado, finished)
    counters = coordinator.text_counters.transcripts
    await until(hass, lambda: counters.failed == 1)
    assert counters.last_error == "unreadable"


async def test_an_engine_that_is_gone_is_a_repair_until_it_is_back(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, tmp_path: Path
) -> None:
    coordinator = await listening(hass, simulator_entry, Engine(), Engine())
    assert issue(hass) is None
    registry = er.async_get(hass)
    known = registry.async_get(ENGINE)
    assert known is not None
    assert known.config_entry_id is not None

    # It may only be away: its integration is loaded again.
    assert await hass.config_entries.async_unload(known.config_entry_id)
    tornado = alert()
    await tell(hass, coordinator, tornado, recorded(tmp_path, tornado))
    counters = coordinator.text_counters.transcripts
    await until(hass, lambda: counters.failed == 1)
    assert counters.last_error == "no_engine"
    assert issue(hass) is None

    registry.async_remove(ENGINE)
    await hass.async_block_till_done()
    found = issue(hass)
    assert found is not None
    assert found.translation_key == "transcript_engine_gone"
    assert found.translation_placeholders == {"name": "Home EAS", "engine": ENGINE}

    assert await hass.config_entries.async_setup(known.config_entry_id)
    await hass.async_block_till_done()
    assert issue(hass) is None


@pytest.mark.parametrize("way", ["choice", "unload"])
async def test_the_repair_goes_when_no_engine_is_wanted(
    hass: HomeAssistant, simulator_entry: MockConfigEntry, way: str
) -> None:
    simulator_entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        simulator_entry, options={"transcript_engine": "stt.gone"}
    )
    await set_up(hass, simulator_entry)
    assert issue(hass) is not None
    if way == "choice":
        hass.config_entries.async_update_entry(simulator_entry, options={})
        await hass.async_block_till_done()
    else:
        assert await hass.config_entries.async_unload(simulator_entry.entry_id)
    assert issue(hass) is None


@pytest.mark.parametrize("choice", [{"transcript_engine": ENGINE}, {}])
async def test_another_engine_or_none_is_chosen_under_repairs(
    hass: HomeAssistant,
    simulator_entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    choice: dict[str, str],
) -> None:
    assert await async_setup_component(hass, "repairs", {})
    gone = {"transcript_engine": "stt.gone"}
    coordinator = await listening(hass, simulator_entry, Engine(), **gone)
    assert issue(hass) is not None
    client = await hass_client()
    path = "/api/repairs/issues/fix"
    asked = {"handler": DOMAIN, "issue_id": "transcript_engine_simulator_entry"}
    form = await (await client.post(path, json=asked)).json()
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"]["engine"] == "stt.gone"
    (field,) = form["data_schema"]
    assert field["selector"]["select"]["options"] == [
        {"value": ENGINE, "label": "Ears"}
    ]
    done = await (await client.post(f"{path}/{form['flow_id']}", json=choice)).json()
    assert done["type"] == "create_entry"
    await hass.async_block_till_done()
    assert issue(hass) is None
    assert simulator_entry.options == choice
    assert simulator_entry.runtime_data is coordinator, "the station hears on"
