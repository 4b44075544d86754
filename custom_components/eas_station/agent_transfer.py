"""Recordings on their way from agents: pieces are asked for until one is whole."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.ulid import ulid_now

from .eas_core.agent.fleet import Fleet
from .eas_core.agent.payload import PayloadError, read_json
from .eas_core.agent.reading import agent_of
from .eas_core.agent.transfer import (
    MOST_PIECES,
    Assembly,
    Manifest,
    Piece,
    TransferError,
    read_manifest,
    read_piece,
)

if TYPE_CHECKING:
    from homeassistant.components.mqtt import ReceiveMessage

_LOGGER = logging.getLogger(__name__)

QOS: Final = 1
PATIENCE_SECONDS: Final = 10.0
"""Without a new piece, before what is missing is asked for again; an agent that serves
others first makes nobody wait for more than half of that."""

LONGEST_SECONDS: Final = 1800.0
"""For one recording: the longest that is taken, over a line of a tenth of a megabit."""

MOST_TRIES: Final = 5
"""In a row that brought nothing new."""


class LostError(TransferError):
    """The agent has that recording no more."""


class Transfer:
    """Asks an agent for the whole of an alert's recording; to be used on the event loop."""

    def __init__(
        self,
        identity: str,
        agent: str,
        alert_id: str,
        publish: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Take what its orders are called, whom to ask for what, and how."""
        self.agent = agent
        self._order = {
            "command": "recording",
            "id": identity,
            "alert_id": alert_id,
            "file": "whole",
        }
        self._publish = publish
        self._assembly: Assembly | None = None
        self._early: list[Piece] = []
        self._wanted: set[int] = set()
        self._error: TransferError | None = None
        self._came = False
        self._news = asyncio.Event()

    async def async_fetch(self) -> tuple[Manifest, Assembly]:
        """Return what the recording is, and all its pieces; raises TransferError."""
        try:
            # Who sends a piece now and then must not keep others waiting for ever.
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._async_fetch()
        except TimeoutError as error:
            raise TransferError(
                f"Look at the agent {self.agent}: it sends too slowly."
            ) from error

    async def _async_fetch(self) -> tuple[Manifest, Assembly]:
        tries = 0
        while (assembly := self._assembly) is None or assembly.missing:
            if tries == MOST_TRIES:
                raise TransferError(
                    f"Look at the agent {self.agent}: it sends nothing."
                )
            missing = assembly.missing if assembly else None
            self._wanted = set(missing[:MOST_PIECES] if missing else ())
            self._came = False
            asked = {"pieces": sorted(self._wanted)} if self._wanted else {}
            await self._publish(self._order | asked)
            await self._async_take_all()
            tries = 0 if self._came else tries + 1
        return assembly.manifest, assembly

    @callback
    def async_take_answer(self, told: Mapping[str, Any]) -> None:
        """Take what the agent says to an order: what the recording is, or that it is not to be had."""
        try:
            self._know(_manifest_in(told))
        except TransferError as error:
            self._error = error
            self._news.set()
        except PayloadError as error:
            self._error = TransferError(f"Look at the agent {self.agent}: {error}")
            self._news.set()

    @callback
    def async_take_piece(self, told: Mapping[str, Any]) -> None:
        """Take a piece; one that is not wanted is passed over. Raises PayloadError."""
        piece = read_piece(told)
        if self._assembly is None:
            # Brokers keep the order within a topic, and the answer has one of its own.
            self._early = [*self._early, piece][-MOST_PIECES:]
        elif self._assembly.take(piece):
            self._wanted.discard(piece.index)
            self._came = True
            self._news.set()

    def _know(self, manifest: Manifest) -> None:
        if (manifest.alert_id, manifest.file) != (self._order["alert_id"], "whole"):
            raise TransferError(f"Look at the agent {self.agent}: it has another.")
        if self._assembly is None:
            self._came = True
            self._assembly = Assembly(manifest)
            for piece in self._early:
                self._assembly.take(piece)
            self._wanted = set(range(min(MOST_PIECES, manifest.count)))
            self._wanted.intersection_update(self._assembly.missing)
            self._early.clear()
            self._news.set()
        elif self._assembly.manifest.sha256 != manifest.sha256:
            raise TransferError("Ask again: the recording has changed meanwhile.")

    async def _async_take_all(self) -> None:
        """Wait for what was asked, as long as there is news."""
        while self._error is None and (self._assembly is None or self._wanted):
            self._news.clear()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._news.wait()
            except TimeoutError:
                return
        if self._error is not None:
            raise self._error


def _manifest_in(answer: Mapping[str, Any]) -> Manifest:
    """Return what an answer says of a recording; raises PayloadError and TransferError."""
    result = answer.get("result")
    if answer.get("ok") is not True:
        text = str(answer.get("error", ""))[:250] or "Look at the agent's log."
        raise (LostError if answer.get("lost") is True else TransferError)(text)
    if not isinstance(result, Mapping):
        raise PayloadError("result is no object.")
    return read_manifest(result)


type Take = Callable[[Transfer, Mapping[str, Any]], None]


class AgentTransfers:
    """All transfers from the agents under one base topic."""

    def __init__(self, hass: HomeAssistant, fleet: Fleet) -> None:
        """Take who the agents are."""
        self._hass = hass
        self._fleet = fleet
        self._running: dict[str, Transfer] = {}

    async def async_subscribe(self) -> list[CALLBACK_TYPE]:
        """Hear what agents say to orders; return what ends that. There must be a broker."""
        from homeassistant.components import mqtt

        ways: tuple[tuple[str, Take], ...] = (
            ("answer", Transfer.async_take_answer),
            ("piece", Transfer.async_take_piece),
        )
        return [
            await mqtt.async_subscribe(
                self._hass,
                f"{self._fleet.base}/+/{last}",
                partial(self._async_heard, take),
                QOS,
                encoding=None,
            )
            for last, take in ways
        ]

    async def async_fetch(self, agent: str, alert_id: str) -> tuple[Manifest, bytes]:
        """Return an alert's recording, as the agent says it is.

        Raises TransferError, and HomeAssistantError where the broker is gone.
        """
        identity = ulid_now()
        publish = partial(self._async_publish, agent)
        transfer = Transfer(identity, agent, alert_id, publish)
        self._running[identity] = transfer
        try:
            manifest, assembly = await transfer.async_fetch()
        finally:
            del self._running[identity]
        return manifest, await self._hass.async_add_executor_job(assembly.whole)

    async def _async_publish(self, agent: str, order: Mapping[str, Any]) -> None:
        from homeassistant.components import mqtt

        seen = self._fleet.agents.get(agent)
        if seen is None or not seen.online:
            raise TransferError(f"Wait for the agent {agent}: it has gone.")
        topic = f"{self._fleet.base}/{agent}/command"
        await mqtt.async_publish(self._hass, topic, json.dumps(order), QOS)

    @callback
    def _async_heard(self, take: Take, message: ReceiveMessage) -> None:
        """Take what an agent says to somebody, which need be nobody here."""
        found, payload = agent_of(message.topic, self._fleet.base), message.payload
        agents = {one.agent for one in self._running.values()}
        if found is None or found[0] not in agents:
            return
        try:
            told = read_json(payload if isinstance(payload, str) else bytes(payload))
            transfer = self._running.get(str(told.get("id")))
            if transfer is not None and transfer.agent == found[0]:
                take(transfer, told)
        except PayloadError as error:
            # It is asked for again, as if nothing had come.
            _LOGGER.debug("%s: %s", message.topic, error)
