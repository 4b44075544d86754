"""Dashboards with the card, and the card on a page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import time
from typing import Any

from playwright.async_api import Locator

from script.browser import DESKTOP, Browser, Screen, Tab
from script.hass_process import HassProcess

CARD = "custom:eas-station-card"
PIXELS = "canvas => canvas.toDataURL()"


async def make_dashboard(
    hass: HassProcess,
    url_path: str,
    *cards: dict[str, Any],
    config: dict[str, Any] | None = None,
    **view: Any,
) -> str:
    """Make a dashboard of one view with these cards, or of a whole configuration; return its path."""
    shown = {"title": "Home", "path": "home", "cards": [*cards], **view}
    async with hass.websocket() as websocket:
        await websocket.command(
            type="lovelace/dashboards/create",
            url_path=url_path,
            title=url_path,
            mode="storage",
            require_admin=False,
            show_in_sidebar=True,
        )
        await websocket.command(
            type="lovelace/config/save",
            url_path=url_path,
            config=config or {"views": [shown]},
        )
    return f"/{url_path}/home"


async def saved_cards(hass: HassProcess, url_path: str) -> list[dict[str, Any]]:
    """Return the cards of the first section of a dashboard, as Home Assistant keeps them."""
    async with hass.websocket() as websocket:
        saved = await websocket.command(type="lovelace/config", url_path=url_path)
    cards: list[dict[str, Any]] = saved["views"][0]["sections"][0]["cards"]
    return cards


@asynccontextmanager
async def card_tab(
    hass: HassProcess,
    browser: Browser,
    url_path: str,
    screen: Screen = DESKTOP,
    *,
    dark: bool = False,
    language: str = "en",
    view: dict[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[tuple[Tab, Locator]]:
    """Open a dashboard with one card; yield the tab and the card."""
    shown = {"type": CARD, **options}
    path = await make_dashboard(hass, url_path, shown, **(view or {}))
    async with browser.tab(hass, screen, dark=dark, language=language) as tab:
        await tab.go(path)
        card = tab.page.locator("eas-station-card")
        await card.locator("header h2").wait_for()
        yield tab, card


async def until_true(page_says: Any, seconds: float = 60.0) -> float:
    """Wait until a coroutine function returns something true; return how long it took."""
    begun = time.monotonic()
    while not await page_says():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"It did not come true within {seconds} s.")
        await asyncio.sleep(0.1)
    return time.monotonic() - begun


def ours(tab: Tab) -> list[str]:
    """Return what the console said of the card's files."""
    return [line for line in tab.complaints if "eas_station" in line]


async def has_changed(locator: Locator, script: str, before: object) -> None:
    """Wait until what a script says of an element is another."""

    async def now() -> bool:
        return bool(await locator.evaluate(script) != before)

    await until_true(now)
