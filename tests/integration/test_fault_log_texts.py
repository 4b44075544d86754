"""An hour of each fault of those who make texts: a line when it begins, one when it is over.

An alert comes each minute, and whoever else is asked may warn of it, too.
"""

from collections.abc import AsyncIterable
from dataclasses import replace
import logging
from pathlib import Path
from typing import override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import stt
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station import nws_texts, transcripts
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.fault_log import MOST_LINES
from custom_components.eas_station.eas_core.station import RecordingFinished
from custom_components.eas_station.patience import patience_with
from custom_components.eas_station.text_counters import TranscriptCounters
from tests.integration.alerts import alert, asking, set_up, tell
from tests.integration.fault_lines import (
    lines,
    most_in_an_hour,
    pass_time,
    repairs,
    settled,
)
from tests.integration.speech import ENGINE, Engine, listening, recorded
from tests.integration.waiting import until
from tests.nws_api import NwsServer, answer, feature, status

RATE = 16_000
FAILS = (
    "WARNING A voice of Home EAS is not transcribed."
    " See the engine's own log: it says that it failed"
)
AGAIN = "INFO Voices of Home EAS are transcribed again"


class Loud(Engine):
    """Logs each of its failures, as engines do."""

    @override
    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        result = await super().async_process_audio_stream(metadata, stream)
        if result.result is not stt.SpeechResultState.SUCCESS:
            logging.getLogger("homeassistant.components.wyoming").error("It failed")
        return result


class Voices:
    """A station that transcribes, and a voice that it hears again and again."""

    def __init__(
        self,
        hass: HomeAssistant,
        freezer: FrozenDateTimeFactory,
        coordinator: EasStationCoordinator,
        voice: RecordingFinished,
    ) -> None:
        self.hass, self.freezer = hass, freezer
        self.coordinator, self.voice = coordinator, voice
        self._count = 0

    @property
    def counters(self) -> TranscriptCounters:
        return self.coordinator.text_counters.transcripts

    async def hear(self, minutes: int = 1, name: str | None = None) -> None:
        """Hear one each minute, by the name of another recording where one is given."""
        for _ in range(minutes):
            self._count += 1
            alert_id = f"voice {self._count}"
            name = name or self.voice.name
            heard = replace(self.voice, alert_id=alert_id, name=name)
            await tell(self.hass, self.coordinator, heard)
            for _ in range(2):
                await settled(self.hass, self._is_idle)
                await pass_time(self.hass, self.freezer, 30)

    def _is_idle(self) -> bool:
        """Whether no voice waits, but for an engine that is left alone."""
        counted = self.counters
        handled = counted.done + counted.silent + counted.failed + counted.dropped
        now = self.hass.loop.time()
        return handled == self._count or patience_with(self.hass, ENGINE).wait(now) > 0


@pytest.fixture
def engine() -> Loud:
    return Loud()


@pytest.fixture
async def voices(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    simulator_entry: MockConfigEntry,
    engine: Loud,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Voices:
    caplog.set_level(logging.INFO)
    hass.loop.set_debug(False)
    coordinator = await listening(hass, simulator_entry, engine, Loud())
    voice = recorded(tmp_path, alert(), 0.6)
    # To find it in the recording takes a while, each time.
    samples = np.ones(RATE, np.int16)
    monkeypatch.setattr(transcripts, "read_voice", lambda path, rate: samples)
    caplog.clear()
    return Voices(hass, freezer, coordinator, voice)


async def test_an_engine_that_fails_is_a_line_and_is_left_alone_at_times(
    hass: HomeAssistant,
    voices: Voices,
    engine: Loud,
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine.fails = True
    await voices.hear(60)
    ours = [one for one in lines(caplog) if "It failed" not in one]
    assert ours == [FAILS]
    assert len(lines(caplog)) > len(ours)
    assert not repairs(hass)

    engine.fails = False
    # It has its turn within a quarter of an hour, and the voices that wait have theirs.
    await voices.hear(16)
    assert voices.counters.done >= transcripts.MOST_WAITING
    assert lines(caplog)[-1] == AGAIN
    assert most_in_an_hour(caplog) <= MOST_LINES


async def test_stations_that_share_an_engine_have_its_failures_together(
    hass: HomeAssistant,
    voices: Voices,
    file_entry: MockConfigEntry,
    engine: Loud,
    caplog: pytest.LogCaptureFixture,
) -> None:
    file_entry.add_to_hass(hass)
    chosen = {"transcript_engine": ENGINE}
    hass.config_entries.async_update_entry(file_entry, options=chosen)
    coordinator = await set_up(hass, file_entry)
    other = Voices(hass, voices.freezer, coordinator, voices.voice)
    engine.fails = True
    for _ in range(30):
        await voices.hear()
        await other.hear()
    assert lines(caplog).count("ERROR It failed") <= 8
    assert voices.counters.failed > 0
    assert patience_with(hass, "stt.other").wait(hass.loop.time()) == 0


async def test_an_engine_that_works_at_times_fills_no_log(
    voices: Voices, engine: Loud, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(30):
        engine.fails = not engine.fails
        await voices.hear(2)
    ours = [one for one in lines(caplog) if "It failed" not in one]
    assert ours[:3] == [FAILS, AGAIN, FAILS]
    assert len(ours) <= MOST_LINES
    assert lines(caplog).count("ERROR It failed") <= 8


async def test_an_engine_that_is_gone_is_a_repair_and_a_line(
    hass: HomeAssistant, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    registry = er.async_get(hass)
    known = registry.async_get(ENGINE)
    assert known is not None
    assert known.config_entry_id is not None
    assert await hass.config_entries.async_unload(known.config_entry_id)
    registry.async_remove(ENGINE)
    await voices.hear(60)
    assert repairs(hass) == {"transcript_engine_gone"}
    assert voices.counters.failed == 60
    assert await hass.config_entries.async_setup(known.config_entry_id)
    await voices.hear()
    assert not repairs(hass)
    assert voices.counters.done == 1
    assert lines(caplog) == [
        f"WARNING Home EAS has no transcripts: the speech-to-text engine {ENGINE} is gone",
        "INFO Home EAS has its speech-to-text engine again",
    ]


async def test_a_transcript_that_cannot_be_written_is_a_line(
    hass: HomeAssistant, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    name = voices.voice.name
    await voices.hear(60, name=name.replace("TOR", "SVR"))
    assert voices.counters.done == 60
    await voices.hear()
    # It is written after it was told.
    await settled(hass, lambda: len(lines(caplog)) == 2)
    begun, over = lines(caplog)
    assert begun.startswith(
        "WARNING A transcript of Home EAS is not beside its recording: "
    )
    assert over == "INFO Transcripts of Home EAS are beside their recordings again"


async def test_a_weather_service_that_does_not_answer_is_a_line(
    hass: HomeAssistant,
    file_entry: MockConfigEntry,
    nws: NwsServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(nws_texts, "DELAYS_SECONDS", (0.0,))
    nws.answers = [status(503)]
    coordinator = await asking(hass, file_entry)
    caplog.clear()
    counters = coordinator.text_counters.nws
    for quarter in range(4):
        # As many as are looked for at once.
        told = [alert(places=f"0390{quarter * 15 + each + 10}") for each in range(15)]
        await tell(hass, coordinator, *told)
        await until(hass, lambda: counters.unmatched == counters.wanted)
    assert counters.failed == 60
    assert not repairs(hass)
    tornado = alert("TOR", "039173")
    nws.answers = [answer(feature(sent=tornado.issued))]
    await tell(hass, coordinator, tornado)
    await until(hass, lambda: counters.matched == 1)
    assert lines(caplog) == [
        "WARNING The Weather Service's text of an alert is not there: status_503",
        "INFO The Weather Service answers again",
    ]
