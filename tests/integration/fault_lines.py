"""What a fault that lasts puts into the log, in an hour of Home Assistant's clock."""

from collections.abc import Callable
import logging
import time

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.eas_station.const import DOMAIN

HOUR = 3600.0
POLL = 30.0


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the integration has logged that a user sees, and all that others warn of."""
    return [f"{one.levelname} {one.getMessage()}" for one in _seen(caplog)]


def most_in_an_hour(caplog: pytest.LogCaptureFixture) -> int:
    """Return how many of these lines came within the worst hour."""
    times = [one.created for one in _seen(caplog)]
    return max(
        (sum(0 <= at - first < HOUR for at in times) for first in times), default=0
    )


def _seen(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    # But for what asyncio says of a test's own slowness.
    return [
        one
        for one in caplog.records
        if one.name != "asyncio"
        and one.levelno >= (logging.INFO if "eas_" in one.name else logging.WARNING)
    ]


def repairs(hass: HomeAssistant) -> set[str]:
    """Return the keys of the repairs that are shown."""
    return {
        one.translation_key or ""
        for one in ir.async_get(hass).issues.values()
        if one.domain == DOMAIN and one.active
    }


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass after what has happened, and all happen that is due then."""
    await hass.async_block_till_done()
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def settled(hass: HomeAssistant, happened: Callable[[], bool]) -> None:
    """Wait up to a minute and a half for something to happen in a time that stands."""
    for _ in range(18_000):
        await hass.async_block_till_done()
        if happened():
            return
        await hass.async_add_executor_job(time.sleep, 0.005)
    pytest.fail("it did not happen within 90 s")


async def an_hour(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    happens: Callable[[], None],
    every: float = 30.0,
) -> None:
    """Let the same happen every so many seconds for an hour; polls are each half minute."""
    for number in range(1, round(HOUR / every) + 1):
        happens()
        if number * every % POLL:
            freezer.tick(every)
        else:
            await pass_time(hass, freezer, every)
