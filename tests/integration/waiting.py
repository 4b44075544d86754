"""Waiting for what happens in Home Assistant, and looking at what is left."""

import asyncio
from collections.abc import Callable
import threading

from homeassistant.core import HomeAssistant, State
import pytest


async def until(hass: HomeAssistant, happened: Callable[[], bool]) -> None:
    """Wait up to a minute and a half for something to happen."""
    for _ in range(1800):
        await hass.async_block_till_done()
        if happened():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not happen within 90 s")


async def seen(happened: Callable[[], bool]) -> None:
    """Wait up to a minute and a half while jobs run that do not end by themselves."""
    for _ in range(4500):
        if happened():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it was not seen within 90 s")


def shown_state(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


def station_threads() -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("eas-station")
    ]
