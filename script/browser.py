"""Debian's Chromium over Home Assistant's real frontend, by Playwright.

    async with Browser() as browser, browser.tab(hass, PHONE, dark=True) as tab:
        await tab.go("/config/integrations")
        await tab.page.get_by_text("EAS Station").wait_for()
        await tab.picture(Path("integrations.png"))
        assert tab.complaints == []

`hass` is a `HassProcess` that was logged in to. `tab.page` is Playwright's Page, whose
locators see through shadow roots.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
from pathlib import Path
import re
from typing import Final, NamedTuple, Self

from playwright.async_api import (
    Browser as Chromium,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    async_playwright,
)

from script.hass_process import HassError, HassProcess

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_OF_THE_INTERNET: Final = re.compile(r"/api/(map_tiles|brands/integration/(?!eas_))")
"""What Home Assistant itself fetches from elsewhere for its pages."""

_OF_NO_GPU: Final = "GL Driver Message"
_ON_ITS_WAY: Final = "Received event for unknown subscription"
"""An event was under way while the page ended its subscription."""

SECONDS: Final = 60.0
"""That anything on a page may take to come: two slow cores draw without a GPU."""


class Screen(NamedTuple):
    """A screen's size in CSS pixels."""

    width: int
    height: int


PHONE: Final = Screen(390, 844)
DESKTOP: Final = Screen(1280, 800)
WALL: Final = Screen(1920, 1080)


class Tab:
    """One page in a context of its own, logged in; `complaints` is what its console said.

    These are console warnings and errors, and exceptions that nobody caught, each
    with where it comes from. What fails because tests have no Internet and no GPU
    is left out, and what Home Assistant's pages say of an event that comes too late.
    """

    def __init__(self, page: Page, address: str) -> None:
        """Take a page that was opened and where Home Assistant is."""
        self.page = page
        self.complaints: list[str] = []
        self._address = address
        page.on("console", self._said)
        page.on("pageerror", self._raised)

    async def go(self, path: str) -> None:
        """Load a page of the frontend, such as `/config/integrations`; wait until it is drawn."""
        await self.page.goto(self._address + path)
        await self.page.locator("home-assistant-main").wait_for()
        await self.page.locator("#ha-launch-screen").wait_for(state="detached")

    async def picture(self, path: Path) -> None:
        """Write what is seen as PNG."""
        await self.page.screenshot(path=path, animations="disabled")

    def _said(self, message: ConsoleMessage) -> None:
        where = message.location["url"]
        usual = any(one in message.text for one in (_OF_NO_GPU, _ON_ITS_WAY))
        outside = usual or _OF_THE_INTERNET.search(where)
        if message.type in ("warning", "error", "assert") and not outside:
            self.complaints.append(f"{message.type}: {message.text} ({where})")

    def _raised(self, error: Error) -> None:
        self.complaints.append(f"exception: {error.stack or error.message}")


class Browser:
    """Chromium without a window; give it to `async with`."""

    _playwright: Playwright
    _chromium: Chromium

    async def __aenter__(self) -> Self:
        """Start it; raises HassError where there is none."""
        if not CHROMIUM.exists():
            raise HassError(f"There is no {CHROMIUM}. Run script/setup and try again.")
        self._playwright = await async_playwright().start()
        try:
            self._chromium = await self._playwright.chromium.launch(
                executable_path=CHROMIUM, args=FLAGS
            )
        except BaseException:
            await self._playwright.stop()
            raise
        return self

    async def __aexit__(self, *unused: object) -> None:
        """End it."""
        await self._chromium.close()
        await self._playwright.stop()

    @asynccontextmanager
    async def tab(
        self,
        hass: HassProcess,
        screen: Screen = DESKTOP,
        *,
        dark: bool = False,
        language: str = "en",
    ) -> AsyncIterator[Tab]:
        """Open an empty tab, logged in as the user who was made at onboarding.

        Home Assistant's theme follows `dark` as that of a device's. A screen less
        wide than 600 is a phone's, which is touched.
        """
        tokens = json.dumps(await hass.browser_tokens())
        context = await self._chromium.new_context(
            viewport={"width": screen.width, "height": screen.height},
            color_scheme="dark" if dark else "light",
            has_touch=screen.width < 600,
            is_mobile=screen.width < 600,
            locale=f"{language}-US",
            timezone_id="America/New_York",
        )
        try:
            context.set_default_timeout(1000 * SECONDS)
            kept = {"hassTokens": tokens, "selectedLanguage": json.dumps(language)}
            await context.add_init_script(
                f"Object.assign(localStorage, {json.dumps(kept)})"
            )
            yield Tab(await context.new_page(), hass.url)
        finally:
            await context.close()
