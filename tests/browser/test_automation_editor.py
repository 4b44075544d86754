"""The automation editor shows the triggers and conditions, and saves what is valid."""

import asyncio

from playwright.async_api import Page, expect
import pytest

from script.browser import DESKTOP, Browser, Screen
from tests.browser.conftest import STATION, House

TALL = Screen(DESKTOP.width, 1600)
"""Shows every field of a trigger."""

OF_ALERTS = (
    "Station",
    "Events",
    "Minimum significance",
    "Places",
    "Tests",
    "Only relevant alerts",
    "Only corroborated alerts",
)
TRIGGERS = {
    "Alert received": OF_ALERTS,
    "Alert ended": (*OF_ALERTS, "When", "End of the message"),
    "Transcript received": OF_ALERTS,
    "Station is silent": (
        "Station",
        "For at least",
        "Counts as silence",
        "No signal",
        "The station could not be started",
    ),
    "Station hears again": ("Station", "For at least", "After a silence of"),
}
CONDITIONS = {
    "Alert is active": OF_ALERTS,
    "Station is hearing": ("Station", "Condition passes if", "All stations hear"),
}


async def add(page: Page, kind: str, name: str) -> None:
    """Choose a trigger or condition of the integration by its name."""
    await page.get_by_role("button", name=f"Add {kind}").click()
    await page.get_by_text("By type").click()
    await page.get_by_text("EAS Station", exact=True).click()
    await page.get_by_text(name, exact=True).click()


async def saved(house: House, alias: str) -> str:
    """Return the entity of an automation as soon as there is one."""
    for _ in range(100):
        for state in await house.websocket.command(type="get_states"):
            if state["attributes"].get("friendly_name") == alias:
                return str(state["entity_id"])
        await asyncio.sleep(0.2)
    pytest.fail(f"{alias} was not saved")


async def test_every_trigger_and_condition_can_be_filled_in_and_saved(
    house: House, browser: Browser
) -> None:
    async with browser.tab(house.hass, TALL) as tab:
        await tab.go("/config/automation/edit/new")
        for kind, choices in (("trigger", TRIGGERS), ("condition", CONDITIONS)):
            for name, fields in choices.items():
                await add(tab.page, kind, name)
                form = tab.page.locator(f"ha-automation-sidebar-{kind}")
                for field in fields:
                    await expect(form.get_by_text(field, exact=True)).to_be_visible()
                await expect(form.get_by_text("undefined")).to_have_count(0)
        await tab.page.get_by_role("button", name="Save").click()
        alias = tab.page.locator("ha-dialog-automation-save input").first
        await alias.fill("Everything")
        await tab.page.get_by_role("button", name="Save").last.click()
        entity_id = await saved(house, "Everything")
        assert tab.complaints == []

    states = await house.websocket.command(type="get_states")
    (state,) = [one for one in states if one["entity_id"] == entity_id]
    assert state["state"] == "on", "Home Assistant could not set it up"
    config = await house.websocket.command(
        type="automation/config", entity_id=entity_id
    )
    triggers = [one["trigger"] for one in config["config"]["triggers"]]
    assert sorted(triggers) == [
        "eas_station.alert_ended",
        "eas_station.alert_received",
        "eas_station.station_hears",
        "eas_station.station_silent",
        "eas_station.transcript_received",
    ]
    checked = await house.websocket.command(
        type="validate_config",
        triggers=config["config"]["triggers"],
        conditions=config["config"]["conditions"],
        actions=config["config"]["actions"],
    )
    assert {part["valid"] for part in checked.values()} == {True}, checked


async def test_events_and_stations_are_chosen_by_their_names(
    house: House, browser: Browser
) -> None:
    async with browser.tab(house.hass, TALL) as tab:
        await tab.go("/config/automation/edit/new")
        await add(tab.page, "trigger", "Alert received")
        form = tab.page.locator("ha-automation-sidebar-trigger")
        events = form.locator("ha-settings-row", has_text="Events")
        await events.locator("ha-checkbox").click()
        await events.locator("ha-generic-picker").click()
        await events.get_by_placeholder("Search").fill("snow")
        await tab.page.get_by_text("Snow Squall Warning (SQW)").click()
        await expect(events.get_by_text("Snow Squall Warning (SQW)")).to_be_visible()
        station = form.locator("ha-settings-row", has_text="Station").first
        await station.locator("ha-checkbox").click()
        await station.locator("ha-selector-config_entry").click()
        await tab.page.get_by_text(STATION).last.click()
        await expect(station.get_by_text(STATION)).to_be_visible()
        assert tab.complaints == []
