"""Websocket clients: what they are told of a station, in order."""

import asyncio
from typing import Any

from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket

SECONDS = 20.0


async def command(client: MockHAClientWebSocket, **message: Any) -> dict[str, Any]:
    """Send a command; return its answer, whole."""
    await client.send_json_auto_id(message)
    async with asyncio.timeout(SECONDS):
        answer: dict[str, Any] = await client.receive_json()
    assert answer["type"] == "result"
    return answer


async def subscribe(client: MockHAClientWebSocket, **options: Any) -> dict[str, Any]:
    """Subscribe to a station; return the snapshot."""
    answer = await command(client, type="eas_station/subscribe", **options)
    assert answer["success"], answer
    assert answer["result"] is None
    return await next_event(client)


async def next_event(client: MockHAClientWebSocket) -> dict[str, Any]:
    """Return the next event, of any kind."""
    async with asyncio.timeout(SECONDS):
        message = await client.receive_json()
    assert message["type"] == "event", message
    event: dict[str, Any] = message["event"]
    return event


async def next_of(client: MockHAClientWebSocket, *kinds: str) -> dict[str, Any]:
    """Return the next event of some kinds; what comes before is passed over."""
    while True:
        event = await next_event(client)
        if event["type"] in kinds:
            return event


async def refusal(client: MockHAClientWebSocket, **message: Any) -> dict[str, Any]:
    """Send a command that is refused; return its error."""
    answer = await command(client, **message)
    assert not answer["success"], answer
    error: dict[str, Any] = answer["error"]
    return error
