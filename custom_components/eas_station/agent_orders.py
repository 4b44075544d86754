"""Orders to an agent over MQTT, each with its answer: docs/agent.md has what can be ordered."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
import json
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.ulid import ulid_now

from .const import DOMAIN
from .eas_core.agent.payload import PayloadError
from .eas_core.agent.reading import read_answer
from .eas_core.agent.topics import Topics

if TYPE_CHECKING:
    from homeassistant.components.mqtt import ReceiveMessage

MQTT: Final = "mqtt"
QOS: Final = 1
SUBSCRIBED_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 30.0
"""A self-test takes the slowest machine a third of it."""


@asynccontextmanager
async def async_orders(
    hass: HomeAssistant, topics: Topics
) -> AsyncIterator[AgentOrders]:
    """Give who takes orders to an agent, and hears its answers meanwhile.

    Raises a translated HomeAssistantError where there is no broker.
    """
    if MQTT not in hass.config.components:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="agent_no_broker",
            translation_placeholders={"agent": topics.agent},
        )
    from homeassistant.components import mqtt

    orders, hears = AgentOrders(hass, topics), asyncio.Event()
    unsubscribe = await mqtt.async_subscribe(
        hass, topics.answer, orders.async_take, QOS, encoding=None
    )
    unwatch = mqtt.async_on_subscribe_done(hass, topics.answer, QOS, hears.set)
    try:
        try:
            async with asyncio.timeout(SUBSCRIBED_SECONDS):
                await hears.wait()
        except TimeoutError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="agent_no_broker",
                translation_placeholders={"agent": topics.agent},
            ) from error
        yield orders
    finally:
        unwatch()
        unsubscribe()


class AgentOrders:
    """Orders to one agent; several may wait for their answers at once."""

    def __init__(self, hass: HomeAssistant, topics: Topics) -> None:
        """Take where the agent is asked."""
        self._hass = hass
        self._topics = topics
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}

    async def async_order(
        self, command: str, more: Mapping[str, Any], seconds: float = ANSWER_SECONDS
    ) -> Mapping[str, Any]:
        """Return what the agent answers; raises a translated HomeAssistantError.

        That is where it says no, or nothing within so many seconds.
        """
        from homeassistant.components import mqtt

        order = {"id": ulid_now(), "command": command, **more}
        answer: asyncio.Future[Mapping[str, Any]] = self._hass.loop.create_future()
        self._waiting[order["id"]] = answer
        try:
            async with asyncio.timeout(seconds):
                await mqtt.async_publish(
                    self._hass, self._topics.command, json.dumps(order), QOS
                )
                return await answer
        except TimeoutError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="agent_silent",
                translation_placeholders={"agent": self._topics.agent},
            ) from error
        finally:
            del self._waiting[order["id"]]

    @callback
    def async_take(self, message: ReceiveMessage) -> None:
        """Take an answer; one that is none, or of another's order, is passed over."""
        payload = message.payload
        try:
            told = read_answer(payload if isinstance(payload, str) else bytes(payload))
        except PayloadError:
            return
        waiting = self._waiting.get(str(told.order))
        if waiting is None or waiting.done():
            return
        if told.error is None:
            waiting.set_result(told.result)
        else:
            waiting.set_exception(
                HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="agent_refuses",
                    translation_placeholders={
                        "agent": self._topics.agent,
                        "hint": told.error,
                    },
                )
            )
