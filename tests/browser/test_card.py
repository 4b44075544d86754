"""The card in a real frontend, fed by a real station."""

import asyncio
from contextlib import AbstractAsyncContextManager
import time
from typing import Any

from homeassistant.util.yaml import parse_yaml
from playwright.async_api import Locator, expect

from script.browser import DESKTOP, PHONE, WALL, Browser, Screen, Tab
from script.dashboards import (
    CARD,
    PIXELS,
    card_tab,
    has_changed,
    make_dashboard,
    ours,
    saved_cards,
    until_true,
)
from tests.browser.conftest import ROOT, House

NOTE_ARRIVAL = """card => {
  const seen = () => card.shadowRoot.querySelector(".alert.lead h3");
  new MutationObserver(() => { if (seen()) card.arrived ??= Date.now(); })
    .observe(card.shadowRoot, {childList: true, subtree: true});
}"""
SUBSCRIPTIONS = "document.querySelector('home-assistant').hass.connection.commands.size"


def station_tab(
    house: House, browser: Browser, path: str, screen: Screen = DESKTOP, **more: Any
) -> AbstractAsyncContextManager[tuple[Tab, Locator]]:
    """Open a card of the station that hears the transmitter."""
    shown = {"entry_id": house.entry_id, **more}
    return card_tab(house.hass, browser, path, screen, **shown)


async def test_it_is_found_in_the_picker_and_keeps_what_its_editor_sets(
    house: House, browser: Browser
) -> None:
    empty = [{"type": "grid", "cards": []}]
    path = await make_dashboard(
        house.hass, "card-picked", type="sections", sections=empty
    )
    async with browser.tab(house.hass) as tab:
        page = tab.page
        await tab.go(f"{path}?edit=1")
        await page.get_by_role("button", name="Add card").first.click()
        await page.get_by_text("By card", exact=True).click()
        await page.get_by_placeholder("Search cards").fill("EAS Station")
        preview = page.locator("hui-card-picker .card").filter(
            has=page.locator("eas-station-card")
        )
        await expect(preview.locator("header .state")).to_contain_text("Hearing")

        await preview.locator(".overlay").click()
        dialog = page.locator("hui-dialog-edit-card")
        await dialog.locator("ha-selector-text input").first.fill("Kitchen wall")
        await dialog.get_by_text("Channels and levels").click()
        await expect(dialog.locator("eas-station-card h2")).to_have_text("Kitchen wall")
        await dialog.get_by_role("button", name="Save").click()
        await dialog.wait_for(state="hidden")

        wanted = {"type": CARD, "title": "Kitchen wall", "show": ["channels"]}

        async def is_saved() -> bool:
            (saved,) = await saved_cards(house.hass, "card-picked")
            return saved | wanted == saved

        await until_true(is_saved)
        assert ours(tab) == []


async def test_a_meter_moves_with_what_is_heard(house: House, browser: Browser) -> None:
    async with station_tab(house, browser, "card-meter") as (tab, card):
        await expect(card.locator("header .state")).to_contain_text("Hearing")
        await expect(card.get_by_text("No active alerts")).to_be_visible()
        meter = card.get_by_role("meter")
        await expect(meter).to_have_attribute("aria-valuetext", "-35 dBFS")
        await has_changed(meter, PIXELS, await meter.evaluate(PIXELS))
        assert ours(tab) == []


async def test_its_subscription_ends_when_it_is_taken_away(
    house: House, browser: Browser
) -> None:
    async with station_tab(house, browser, "card-away") as (tab, card):
        await expect(card.locator("header .state")).to_contain_text("Hearing")
        page = tab.page
        open_now = await page.evaluate(SUBSCRIPTIONS)
        await card.evaluate("card => { window.away = [card, card.parentElement] }")

        async def count(wanted: int) -> None:
            async def now() -> bool:
                return bool(await page.evaluate(SUBSCRIPTIONS) == wanted)

            await until_true(now)

        for _ in range(3):
            await page.evaluate("away[0].remove()")
            await count(open_now - 1)
            await page.evaluate("away[1].append(away[0])")
            await count(open_now)
        await expect(card.locator("header .state")).to_contain_text("Hearing")
        assert ours(tab) == []


async def test_a_station_that_is_gone_is_told_and_only_who_edits_sees_an_example(
    house: House, browser: Browser
) -> None:
    async with card_tab(house.hass, browser, "card-gone", entry_id="gone") as (
        tab,
        card,
    ):
        await expect(card.locator(".notice")).to_contain_text("is gone")
        await expect(card.locator(".alert")).to_have_count(0)
        await tab.go("/card-gone/home?edit=1")
        await expect(card.locator(".example")).to_have_text("Example")
        await expect(card.locator(".alert.lead")).to_be_visible()
        assert ours(tab) == []


async def test_an_alert_is_shown_within_a_second_of_its_event_with_all_there_is_to_know(
    house: House, browser: Browser
) -> None:
    async with (
        station_tab(house, browser, "card-alert", PHONE) as (tab, card),
        house.hass.websocket() as websocket,
    ):
        await expect(card.locator("header .state")).to_contain_text("Hearing")
        await card.evaluate(NOTE_ARRIVAL)
        await websocket.command(type="subscribe_events", event_type="eas_alert")
        await house.transmitter.send("TOR", "039035", "039093", voice_seconds=4)
        event = await websocket.wait_for(lambda event: True, 60)

        lead = card.locator(".alert.lead")
        await expect(lead.get_by_role("heading")).to_have_text("Tornado Warning")
        await expect(lead.locator(".badge")).to_have_text("Warning")
        await expect(lead.locator(".places")).to_have_text("Cuyahoga, Lorain (OH)")
        await expect(lead.locator(".message")).to_have_text(event["data"]["message"])
        await expect(card.locator("[aria-live=assertive]")).to_contain_text(
            "Tornado Warning. Cuyahoga, Lorain (OH). Until"
        )
        fired = 1000 * time.time()
        assert await card.evaluate("card => card.arrived") < fired + 1000

        left = lead.get_by_role("timer")
        await has_changed(left, "one => one.textContent", await left.text_content())

        struck = card.locator("svg.map path.struck")
        await expect(struck).to_have_count(2)
        assert await struck.first.get_attribute("data-danger") == "warning"
        await expect(card.locator("svg.map path.home")).to_have_count(1)
        await expect(card.locator("svg.map")).to_have_attribute(
            "aria-label", "Map: Tornado Warning: Cuyahoga, Lorain (OH)"
        )

        play = lead.get_by_role("button", name="Play: Tornado Warning")
        audio = card.locator("audio")

        async def plays() -> bool:
            # Until the end of message there is nothing to play.
            if await play.is_visible():
                await play.click()
                await asyncio.sleep(1)
            return bool(await audio.evaluate("audio => audio.currentTime") > 0)

        await until_true(plays)

        assert ours(tab) == []


async def test_history_is_filtered_and_tells_what_is_known_of_an_entry(
    house: House, browser: Browser
) -> None:
    await house.transmitter.send("FFA", "039035", "039093")
    await house.transmitter.send("RWT", "039035")
    async with station_tab(house, browser, "card-history") as (tab, card):
        weekly = card.locator(".others", has_text="Last weekly test: ")
        await expect(weekly).to_be_visible()
        await card.locator(".history > summary").click()
        entries = card.locator(".history li")
        watch = entries.filter(has_text="Flash Flood Watch")
        await expect(watch).to_contain_text("Cuyahoga, Lorain (OH)")
        test = entries.filter(has_text="Required Weekly Test")
        await expect(test).to_have_count(0)
        await card.get_by_role("checkbox", name="Tests").check()
        await expect(test).not_to_have_count(0)
        await card.get_by_role("combobox", name="Event").select_option("FFA")
        await expect(test).to_have_count(0)
        await watch.locator("summary").click()
        await expect(watch.locator("dl")).to_contain_text("ZCZC-WXR-FFA-039035")
        await card.get_by_role("textbox", name="Day").fill("2020-01-01")
        await expect(card.get_by_text("Nothing was heard.")).to_be_visible()
        assert ours(tab) == []


async def test_what_a_radio_receives_is_drawn_with_its_seven_channels(
    house: House, browser: Browser, radio: str
) -> None:
    async with card_tab(house.hass, browser, "card-radio", entry_id=radio) as (
        tab,
        card,
    ):
        await expect(card.locator("header .state")).to_contain_text("of 7 channels")
        channels = card.get_by_role("list", name="Channels").get_by_role("listitem")
        await expect(channels).to_have_count(7)
        await expect(channels.last).to_contain_text("162.550 MHz")
        await expect(channels.last).to_contain_text("KHB59")
        await expect(card.locator(".channel-mark")).to_have_count(7)
        band = card.get_by_role("img", name="Band")
        await has_changed(band, PIXELS, await band.evaluate(PIXELS))
        assert ours(tab) == []


async def test_a_wall_in_the_dark_in_spanish_tells_that_nothing_can_be_heard(
    house: House, browser: Browser
) -> None:
    async with station_tab(
        house, browser, "card-wall", WALL, dark=True, language="es", layout="wall"
    ) as (tab, card):
        await expect(card.locator("header .state")).to_contain_text("Oyendo")
        await house.transmitter.stop()
        try:
            await expect(card.locator("header .state")).to_contain_text("Fuera de serv")
            await expect(card.locator(".calm-title")).to_have_text("No se oye nada")
            await expect(card.locator(".calm-text")).to_contain_text("El ")
        finally:
            await house.transmitter.start()
        await expect(card.locator("header .state")).to_contain_text("Oyendo")
        assert ours(tab) == []


async def test_it_is_worked_by_keyboard_and_runs_a_self_test(
    house: House, browser: Browser
) -> None:
    async with station_tab(house, browser, "card-keys") as (tab, card):
        keyboard = tab.page.keyboard
        await card.get_by_role("button", name="Actions").focus()
        await keyboard.press("Enter")
        await expect(card.get_by_role("menuitem", name="Self-test")).to_be_focused()
        await keyboard.press("ArrowDown")
        last = card.get_by_role("menuitem", name="Save the last minutes")
        await expect(last).to_be_focused()
        await keyboard.press("Escape")
        await expect(card.get_by_role("menu")).to_be_hidden()
        await keyboard.press("Enter")
        await keyboard.press("Enter")
        await expect(card.locator(".said")).to_contain_text("Self-test passed in")
        await expect(card.locator(".alert.minor .badge").first).to_be_visible()
        assert ours(tab) == []


async def test_the_dashboard_of_the_docs_can_be_pasted(
    house: House, browser: Browser
) -> None:
    example = (ROOT / "docs" / "dashboard.yaml").read_text(encoding="utf-8")
    pasted: Any = parse_yaml(example.replace("weather_radio", "home_eas"))
    for card in (
        pasted["views"][0]["sections"][0]["cards"],
        pasted["views"][1]["cards"],
    ):
        card[0]["entry_id"] = house.entry_id
    await make_dashboard(house.hass, "card-pasted", config=pasted)
    async with browser.tab(house.hass) as tab:
        for view in ("home", "wall"):
            await tab.go(f"/card-pasted/{view}")
            state = tab.page.locator("eas-station-card header .state")
            await expect(state).to_contain_text("Hearing")
            await expect(tab.page.locator("hui-error-card")).to_have_count(0)
            if view == "home":
                await expect(tab.page.locator("hui-history-graph-card")).to_be_visible()
                await expect(tab.page.locator("hui-logbook-card")).to_be_visible()
                await expect(tab.page.get_by_text("Entity not found")).to_have_count(0)
        assert ours(tab) == []


async def test_what_is_on_the_air_can_be_listened_to(
    house: House, browser: Browser
) -> None:
    async with station_tab(house, browser, "card-live") as (tab, card):
        await card.get_by_role("button", name="Listen").click()
        audio = card.locator("audio")

        async def plays() -> bool:
            return bool(await audio.evaluate("audio => audio.currentTime") > 0)

        await until_true(plays)
        await card.get_by_role("button", name="Stop").click()
        await expect(card.get_by_role("button", name="Listen")).to_be_visible()
        assert ours(tab) == []
