"""What the voice of each alert said, by the speech-to-text engine that the user names.

Voices wait in a short queue until their turn: one at a time in all of Home
Assistant, the gravest and newest first. Nothing waits for them.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
import logging
from pathlib import Path
import time
from typing import Final

from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import (
    async_track_state_added_domain,
    async_track_state_removed_domain,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.util.hass_dict import HassKey

from .alert_listener import Newest
from .const import (
    CONF_TRANSCRIPT_ENGINE,
    CONF_TRANSCRIPT_LANGUAGE,
    DEFAULT_TRANSCRIPT_LANGUAGE,
    DOMAIN,
    EVENT_TRANSCRIPT,
)
from .coordinator import EasStationConfigEntry, Moment
from .eas_core.errors import EasError
from .eas_core.fault_log import FaultLog
from .eas_core.station import (
    Alert,
    AlertUpdated,
    RecordingFinished,
    amend_sidecar,
    read_voice,
)
from .events import station_data
from .filters import judge
from .patience import patience_with
from .speech import SpeechError, SpeechProblem, async_transcribe, engine_form, is_gone

_LOGGER = logging.getLogger(__name__)

FIX_ENGINE: Final = "engine"
MOST_WAITING: Final = 8
LONGEST_TEXT: Final = 8_000
SHORTEST_SECONDS: Final = 0.5
"""Of a voice; less is a click."""

LOOK_SECONDS: Final = 30.0
LIMIT_SECONDS: Final = 60.0
LIMIT_FACTOR: Final = 4.0
"""A small machine may need some times as long as the voice is."""

GRAVEST_FIRST: Final = (
    "national",
    "unknown",
    "warning",
    "watch",
    "advisory",
    "statement",
)
LEARN_MORE: Final = (
    "https://github.com/eas-station/eas-station-ha/blob/main/docs/transcripts.md"
)
_TURN: HassKey[asyncio.Lock] = HassKey(f"{DOMAIN}_transcript_turn")

type Rank = tuple[bool, int, datetime]
"""The greatest has its turn first: relevant, grave, new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A recording whose voice has not had its turn."""

    rank: Rank
    alert_id: str
    path: Path
    name: str
    complete: bool


@callback
def async_make_transcripts(
    hass: HomeAssistant, entry: EasStationConfigEntry
) -> CALLBACK_TYPE:
    """Have each alert's voice transcribed from now on; return what ends that."""
    transcripts = Transcripts(hass, entry)
    return transcripts.async_begin()


class Transcripts:
    """The voices of one station that wait, and what came of them."""

    def __init__(self, hass: HomeAssistant, entry: EasStationConfigEntry) -> None:
        """Begin with nothing to do."""
        self._hass = hass
        self._entry = entry
        self._counters = entry.runtime_data.text_counters.transcripts
        self._turn = hass.data.setdefault(_TURN, asyncio.Lock())
        self._ranks = Newest[Rank]()
        self._started = asyncio.Event()
        self._waiting: list[Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._done = Newest[bool]()
        self._log, self._gone_log = FaultLog(_LOGGER), FaultLog(_LOGGER)
        self._sidecar_log = FaultLog(_LOGGER)
        self._issue_id = f"transcript_engine_{entry.entry_id}"

    @callback
    def async_begin(self) -> CALLBACK_TYPE:
        """Listen; return what ends that, and takes the issue away."""

        @callback
        def changed(change: ConfigEntryChange, of_entry: ConfigEntry) -> None:
            if of_entry is self._entry and change is ConfigEntryChange.UPDATED:
                self._async_look()

        @callback
        def started(hass: HomeAssistant) -> None:
            self._started.set()
            self._async_look()

        hass = self._hass
        ends = [
            self._entry.runtime_data.async_listen_moments(self._async_take),
            async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, changed),
            async_track_state_added_domain(hass, "stt", self._async_look),
            async_track_state_removed_domain(hass, "stt", self._async_look),
            async_at_started(hass, started),
        ]

        @callback
        def end() -> None:
            for each in ends:
                each()
            ir.async_delete_issue(hass, DOMAIN, self._issue_id)

        return end

    @property
    def _engine_id(self) -> str | None:
        return self._entry.options.get(CONF_TRANSCRIPT_ENGINE)

    @callback
    def _async_take(self, moment: Moment) -> None:
        match moment:
            case Alert() as alert:
                self._know(alert)
            case AlertUpdated():
                self._know(moment.alert)
            case RecordingFinished(alert_id=str()) if self._engine_id:
                self._async_add(moment)

    def _know(self, alert: Alert) -> None:
        weight = 0
        if not alert.test and alert.significance in GRAVEST_FIRST:
            weight = len(GRAVEST_FIRST) - GRAVEST_FIRST.index(alert.significance)
        relevant = judge(self._entry, alert).relevant
        self._ranks.keep(alert.id, (relevant, weight, alert.received))

    @callback
    def _async_add(self, finished: RecordingFinished) -> None:
        assert finished.alert_id is not None
        # One of an alert that is not known was finished after a crash: it is old.
        rank = self._ranks.get(finished.alert_id) or (False, 0, finished.at)
        self._waiting.append(
            Waiting(
                rank=rank,
                alert_id=finished.alert_id,
                path=Path(finished.path),
                name=finished.name,
                complete=finished.complete,
            )
        )
        self._waiting.sort(key=lambda each: (each.rank, each.complete), reverse=True)
        self._counters.dropped += len(self._waiting[MOST_WAITING:])
        del self._waiting[MOST_WAITING:]
        if self._task is None or self._task.done():
            self._task = self._entry.async_create_background_task(
                self._hass, self._async_work(), f"{DOMAIN} transcripts"
            )

    async def _async_work(self) -> None:
        # What a crash left is finished before the engines are there.
        await self._started.wait()
        while self._waiting:
            async with self._turn:
                wait = self._wait_seconds()
                if not wait:
                    await self._async_transcribe(self._waiting.pop(0))
            if wait:
                # Another engine may be chosen, or this one work for another station.
                await asyncio.sleep(min(wait, LOOK_SECONDS))

    def _wait_seconds(self) -> float:
        """Return how long the engine is left alone, since it fails all the time."""
        engine_id = self._engine_id
        if engine_id is None:
            return 0.0
        return patience_with(self._hass, engine_id).wait(self._hass.loop.time())

    async def _async_transcribe(self, waiting: Waiting) -> None:
        self._async_look()
        engine_id = self._engine_id
        # Each source that heard the message has recorded it.
        if engine_id is None or self._done.get(waiting.alert_id):
            return
        begun = time.monotonic()
        try:
            text, language, seconds = await self._async_text(engine_id, waiting.path)
        except SpeechError as error:
            self._async_failed(engine_id, error)
            return
        except (
            Exception
        ) as error:  # whatever an engine does, the next voice has its turn
            _LOGGER.debug("%s broke", engine_id, exc_info=True)
            hint = f"See the engine's own log: it failed with {error!r}"
            self._async_failed(engine_id, SpeechError(SpeechProblem.FAILED, hint))
            return
        if not text:
            self._counters.silent += 1
            return
        self._counters.done += 1
        self._done.keep(waiting.alert_id, True)
        self._log.over("Voices of %s are transcribed again", self._entry.title)
        _LOGGER.debug(
            "%.1f s of voice took %s %.1f s",
            seconds,
            engine_id,
            time.monotonic() - begun,
        )
        history = self._entry.runtime_data.history
        history.async_note(waiting.alert_id, transcript=text)
        self._hass.bus.async_fire(
            EVENT_TRANSCRIPT,
            station_data(self._hass, self._entry)
            | {
                "alert_id": waiting.alert_id,
                "text": text,
                "engine": engine_id,
                "language": language,
                "seconds": seconds,
            },
        )
        await self._async_amend(waiting, text)

    async def _async_text(self, engine_id: str, path: Path) -> tuple[str, str, float]:
        """Return the text, its language, and the voice's seconds; "" where nobody spoke."""
        wanted = self._entry.options.get(
            CONF_TRANSCRIPT_LANGUAGE, DEFAULT_TRANSCRIPT_LANGUAGE
        )
        form = engine_form(self._hass, engine_id, wanted)
        rate = form.sample_rate
        try:
            pcm = await self._hass.async_add_executor_job(read_voice, path, rate)
        except (OSError, EasError) as error:
            raise SpeechError(SpeechProblem.UNREADABLE, str(error)) from error
        seconds = round(len(pcm) / rate, 2)
        if seconds < SHORTEST_SECONDS:
            return "", form.metadata.language, seconds
        self._counters.sent += 1
        limit = LIMIT_SECONDS + LIMIT_FACTOR * seconds
        text = await async_transcribe(self._hass, form, pcm.tobytes(), limit)
        return text[:LONGEST_TEXT], form.metadata.language, seconds

    async def _async_amend(self, waiting: Waiting, text: str) -> None:
        try:
            await self._hass.async_add_executor_job(
                amend_sidecar, waiting.path.parent, waiting.name, {"transcript": text}
            )
        except (OSError, EasError) as error:
            self._sidecar_log.once(
                "A transcript of %s is not beside its recording: %s",
                self._entry.title,
                error,
            )
            return
        self._sidecar_log.over(
            "Transcripts of %s are beside their recordings again", self._entry.title
        )

    def _async_failed(self, engine_id: str, error: SpeechError) -> None:
        if error.problem in (SpeechProblem.FAILED, SpeechProblem.TIMED_OUT):
            patience_with(self._hass, engine_id).failed(self._hass.loop.time())
        self._counters.failed += 1
        self._counters.last_error = error.problem.value
        # That the engine is gone is told already.
        if not self._gone_log.stands:
            self._log.once(
                "A voice of %s is not transcribed. %s", self._entry.title, error
            )

    @callback
    def _async_look(self, *_: object) -> None:
        """Show the issue of an engine that is gone, and none where it is there."""
        engine_id, name = self._engine_id, self._entry.title
        # Until then engines are only not there yet.
        started = self._started.is_set()
        if engine_id is None or not started or not is_gone(self._hass, engine_id):
            ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)
            self._gone_log.over("%s has its speech-to-text engine again", name)
            return
        self._gone_log.once(
            "%s has no transcripts: the speech-to-text engine %s is gone",
            name,
            engine_id,
        )
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            data={"entry_id": self._entry.entry_id, "fix": FIX_ENGINE},
            is_fixable=True,
            learn_more_url=LEARN_MORE,
            severity=ir.IssueSeverity.WARNING,
            translation_key="transcript_engine_gone",
            translation_placeholders={"name": name, "engine": engine_id},
        )
