"""Agents' recordings: fetched when they are finished, and kept like those made here.

What has not come stays in the history as `recording_at`, and is asked for again when
its agent comes back. Of several agents that recorded the same message one is enough.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import Enum, auto
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .agent_transfer import AgentTransfers, LostError
from .alert_listener import Newest
from .coordinator import EasStationConfigEntry, Moment
from .eas_core.agent.followed import FollowedStation
from .eas_core.agent.transfer import Manifest
from .eas_core.errors import EasError
from .eas_core.fault_log import FaultLog
from .eas_core.station import (
    Recording,
    RecordingError,
    RecordingFinished,
    RecordingIndex,
    RecordingOffered,
    RecordingProblem,
)
from .eas_core.station.recording_files import NAME as RECORDING_NAME
from .eas_core.station.recording_take import is_taken
from .history_query import Entry
from .recordings import recording_uri
from .remembering import alert_of

_LOGGER = logging.getLogger(__name__)

AT_ONCE: Final = 2
"""Recordings that are fetched for a station at the same time."""

MOST_OFFERS: Final = 3
"""Agents that are remembered for a recording: when all three fail, another would, too."""

REMEMBERED: Final = timedelta(days=7)
"""How old an alert may be whose recording is still asked for."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An agent that has a recording, and the alert's id there."""

    agent: str
    alert_id: str
    complete: bool


class Here(Enum):
    """What there is here of an alert's recording."""

    NOTHING = auto()
    GROWING = auto()
    """A source of the station's own records it, or a crash's rest is being finished."""
    PARTLY = auto()
    COMPLETE = auto()


class AgentRecordings:
    """Fetches the recordings of the agents that one station follows."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: EasStationConfigEntry,
        station: FollowedStation,
    ) -> None:
        """Take the station that they are for."""
        self._hass = hass
        self._entry = entry
        self._station = station
        self._history = entry.runtime_data.history
        self._offers: dict[str, list[Offer]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._transfers = AgentTransfers(hass, station.fleet)
        self._complete = Newest[bool]()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._log = FaultLog(_LOGGER)
        self._ends: list[CALLBACK_TYPE] = []

    async def async_begin(self) -> None:
        """Listen, and know what had not come before a restart; there must be a broker."""
        if self._station.recordings is None:
            return
        await self._async_recall()
        self._ends += [
            self._entry.runtime_data.async_listen_moments(self._async_take),
            *await self._transfers.async_subscribe(),
        ]

    @callback
    def async_end(self) -> None:
        """Fetch no more; what has not come is in the history."""
        while self._ends:
            self._ends.pop()()
        for task in self._tasks.values():
            task.cancel()

    @callback
    def async_came(self, agent: str) -> None:
        """Ask an agent that is there for what had not come from it."""
        for alert_id, offers in [*self._offers.items()]:
            if any(one.agent == agent for one in offers):
                self._start(alert_id)

    async def _async_recall(self) -> None:
        """Take up what the history says to be at agents yet."""
        page = await self._history.async_page(
            limit=1000,
            start=dt_util.utcnow() - REMEMBERED,
            where=lambda entry: bool(entry.get("recording_at")),
        )
        for entry in page["entries"]:
            offers = [*_offers_in(entry, self._station.fleet.base)]
            if offers:
                self._offers[entry["id"]] = offers

    @callback
    def _async_take(self, moment: Moment) -> None:
        match moment:
            case RecordingOffered(base=base) if base == self._station.fleet.base:
                self._offered(moment)
            case RecordingFinished(alert_id=str(alert_id), complete=True):
                self._complete.keep(alert_id, True)
                if self._offers.pop(alert_id, None) is not None:
                    self._note(alert_id)
            case RecordingFinished(alert_id=str(alert_id)):
                # What was recorded here has no end; an agent's may have.
                self._start(alert_id)
            case RecordingProblem(reason=None):
                for alert_id in [*self._offers]:
                    self._start(alert_id)

    def _offered(self, offered: RecordingOffered) -> None:
        alert_id = offered.alert_id
        if self._complete.get(alert_id) or not self._history.knows(alert_id):
            return
        offers = self._offers.setdefault(alert_id, [])
        offer = Offer(offered.agent, offered.told_as, offered.complete)
        if offer not in offers and len(offers) < MOST_OFFERS:
            offers.append(offer)
            self._start(alert_id)

    def _start(self, alert_id: str) -> None:
        if alert_id in self._tasks:
            # What is new may be what it has just looked for in vain.
            self._again.add(alert_id)
            return
        if alert_id not in self._offers:
            return

        def done(task: asyncio.Task[None]) -> None:
            del self._tasks[alert_id]
            if alert_id in self._again and not task.cancelled():
                self._again.discard(alert_id)
                self._start(alert_id)

        task = self._entry.async_create_background_task(
            self._hass, self._async_work(alert_id), f"eas_station recording {alert_id}"
        )
        self._tasks[alert_id] = task
        task.add_done_callback(done)

    async def _async_work(self, alert_id: str) -> None:
        """Have the recording of an alert here, from the first agent that gives it."""
        entry = await self._history.async_get(alert_id)
        index = self._station.recordings
        if entry is None or index is None or entry.get("recording_at") == []:
            # Where it was here before, whoever has deleted it does not want it.
            self._offers.pop(alert_id, None)
            return
        here = await self._hass.async_add_executor_job(_find, index, entry)
        if here is Here.COMPLETE:
            self._complete.keep(alert_id, True)
            self._offers.pop(alert_id, None)
        elif here is Here.PARTLY:
            better = [one for one in self._offers.get(alert_id, ()) if one.complete]
            self._set_offers(alert_id, better)
        self._note(alert_id)
        if here is Here.GROWING:
            # Its end is told, and then it is looked at again.
            return
        tried: set[Offer] = set()
        async with self._turn:
            while (offer := self._next(alert_id, tried)) is not None:
                tried.add(offer)
                if await self._async_had(entry, offer):
                    return
        if tried and here is Here.NOTHING and not self._offers.get(alert_id):
            # Whoever had it has lost it.
            self._history.async_note(alert_id, recording=None)

    def _set_offers(self, alert_id: str, offers: list[Offer]) -> None:
        if offers:
            self._offers[alert_id] = offers
        else:
            self._offers.pop(alert_id, None)

    def _next(self, alert_id: str, tried: set[Offer]) -> Offer | None:
        """Return an agent that is there and was not asked yet."""
        agents = self._station.fleet.agents
        for offer in self._offers.get(alert_id, ()):
            seen = agents.get(offer.agent)
            if offer not in tried and seen is not None and seen.online:
                return offer
        return None

    async def _async_had(self, entry: Entry, offer: Offer) -> bool:
        """Fetch a recording from an agent; return whether that is done with."""
        alert_id = entry["id"]
        try:
            finished = await self._async_fetch(entry, offer)
        except (EasError, HomeAssistantError) as error:
            what_next = "it is asked for again when that comes back"
            if isinstance(error, LostError):
                offers = self._offers.get(alert_id, ())
                self._set_offers(alert_id, [one for one in offers if one != offer])
                what_next = "it is lost there"
            self._note(alert_id)
            self._log_failure(offer, f"{error} ({what_next})")
            return False
        self._log.over("Recordings of %s come again", self._entry.title)
        self._offers.pop(alert_id, None)
        if not finished.complete:
            uri = recording_uri(self._entry.entry_id, finished.name)
            self._history.async_note(alert_id, recording=uri, recording_at=None)
        return True

    async def _async_fetch(self, entry: Entry, offer: Offer) -> RecordingFinished:
        manifest, audio = await self._transfers.async_fetch(offer.agent, offer.alert_id)
        draft = _draft(self._entry.title, entry, offer, manifest)
        seen = self._station.fleet.agents.get(offer.agent)
        if seen is not None and seen.clock.off is not None:
            draft = replace(draft, started=draft.started - seen.clock.off)
        return await asyncio.wrap_future(self._station.adopt(draft, audio))

    def _note(self, alert_id: str) -> None:
        """Say in the history who has the recording: nobody needs to when it has come."""
        base = self._station.fleet.base
        places = [
            {
                "base": base,
                "agent": one.agent,
                "id": one.alert_id,
                "complete": one.complete,
            }
            for one in self._offers.get(alert_id, ())
        ]
        done = self._complete.get(alert_id)
        at = [] if done else places or None
        self._history.async_note(alert_id, recording_at=at)

    def _log_failure(self, offer: Offer, why: str) -> None:
        """Log that a recording did not come, once until one does."""
        self._log.once(
            "A recording of %s does not come from the agent %s. %s",
            self._entry.title,
            offer.agent,
            why,
        )


def _offers_in(entry: Entry, base: str) -> Iterator[Offer]:
    """Yield who has the recording of an entry, as `_note` has written it."""
    places = entry["recording_at"]
    for one in places if isinstance(places, list) else ():
        match one:
            case {
                "base": str(at),
                "agent": str(agent),
                "id": str(alert_id),
                "complete": bool(complete),
            } if at == base:
                yield Offer(agent, alert_id, complete)


def _named(entry: Entry) -> str | None:
    """Return the name of an entry's recording, as it was told when the alert came."""
    name = str(entry.get("recording") or "").rpartition("/")[2]
    return name if RECORDING_NAME.fullmatch(name) else None


def _find(index: RecordingIndex, entry: Entry) -> Here:
    """Return what there is of an entry's recording; not for the event loop."""
    name = _named(entry)
    if name is None:
        return Here.NOTHING
    try:
        index.path(name)
        return Here.COMPLETE if index.read(name).complete else Here.PARTLY
    except RecordingError:
        return Here.GROWING if is_taken(index.folder, name) else Here.NOTHING


def _draft(station: str, entry: Entry, offer: Offer, manifest: Manifest) -> Recording:
    """Return what the sidecar is to say.

    Whichever agent it comes from, it has the name that the alert was told with:
    what an automation was given plays.
    """
    alert = alert_of(entry)
    return Recording(
        name=_named(entry) or manifest.name,
        station=station,
        channel=f"{offer.agent} {manifest.channel}",
        alert={"id": entry["id"]} if alert is None else asdict(alert),
        started=manifest.started,
        sample_rate=0,
        ended_by=manifest.ended_by,
        lost_s=manifest.lost_s,
    )
