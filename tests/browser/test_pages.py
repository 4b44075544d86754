"""Home Assistant's own pages show the station as a person sees it."""

from playwright.async_api import expect

from script.browser import PHONE, WALL, Browser
from tests.browser.conftest import House


async def test_the_default_dashboard_opens(house: House, browser: Browser) -> None:
    async with browser.tab(house.hass) as tab:
        await tab.go("/")
        await expect(tab.page.get_by_text("Overview").first).to_be_visible()
        assert tab.complaints == []


async def test_the_device_page_shows_the_entities_of_the_station(
    house: House, browser: Browser
) -> None:
    async with browser.tab(house.hass, WALL, dark=True) as tab:
        await tab.go(f"/config/devices/device/{house.device_id}")
        for name in ("Audio level", "Last alert", "Source status", "Self-test"):
            await expect(tab.page.get_by_text(name, exact=True).first).to_be_visible()
        background = await tab.page.evaluate(
            "getComputedStyle(document.documentElement)"
            ".getPropertyValue('--primary-background-color')"
        )
        assert background.strip() == "#111", "not the dark theme"
        assert tab.complaints == []


async def test_an_alert_is_seen_on_a_phone(house: House, browser: Browser) -> None:
    async with browser.tab(house.hass, PHONE) as tab:
        await tab.go(f"/config/devices/device/{house.device_id}")
        await house.transmitter.send("TOR")
        await expect(tab.page.get_by_text("Tornado Warning").first).to_be_visible()
        assert tab.complaints == []
