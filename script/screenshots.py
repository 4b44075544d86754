"""The pictures of docs/pictures: `script/screenshots [NAME…]`, all if none is named.

A real Home Assistant hears a transmitter with a weekly test, a watch and a warning, and
a radio with seven channels. Each picture is one function in `PICTURES`; it gets an open
tab and what there is to see, and leaves the tab as it shall be taken.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
import re
import sys
import tempfile
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from script.browser import Browser, Screen, Tab
from script.dashboards import CARD, make_dashboard
from script.hass_process import HassProcess, Websocket, make_configuration
from script.ports import free_port
from script.simulated_radio import set_up_radio, simulated_radio
from script.transmitter import HOME, Transmitter

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "docs" / "pictures"
MOST_BYTES: Final = 200_000
STATION: Final = "Home EAS"
RADIO: Final = "Weather Radio"
AUTOMATION: Final = "tornado"
MESSAGES: Final = (("RWT", HOME), ("SVA", HOME, "039085"), ("TOR", HOME))
SETTLE_SECONDS: Final = 2.0
BAND_SECONDS: Final = 16.0
"""Until the card has drawn all rows of the band."""

_MORE: Final = """
automation: !include automations.yaml
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to see: ids of entries and devices by the station's name."""

    entries: Mapping[str, str]
    devices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Picture:
    """How a picture comes about; `dark` is the theme."""

    show: Callable[[Tab, Shown], Awaitable[None]]
    screen: Screen
    dark: bool = False


async def _device(tab: Tab, shown: Shown) -> None:
    await tab.go(f"/config/devices/device/{shown.devices[RADIO]}")
    await tab.page.get_by_text("Signal-to-noise ratio").first.wait_for()


async def _stations(tab: Tab, shown: Shown) -> None:
    await tab.go("/config/integrations/integration/eas_station")
    await tab.page.get_by_text("162.425 MHz").first.wait_for()


async def _media(tab: Tab, shown: Shown) -> None:
    await tab.go("/media-browser")
    for name in ("EAS Station", STATION, re.compile(r"\d{4}-\d\d-\d\d")):
        # Each has a tooltip of the same text, which is not seen.
        named = tab.page.get_by_text(name, exact=True).locator("visible=true")
        await named.first.click()
    await (
        tab.page.get_by_text("Tornado Warning").locator("visible=true").first.wait_for()
    )


async def _entities(tab: Tab, shown: Shown) -> None:
    await tab.go(f"/config/entities?config_entry={shown.entries[STATION]}")
    await tab.page.get_by_text("Next expiry").wait_for()


async def _automation(tab: Tab, shown: Shown) -> None:
    await tab.go(f"/config/automation/edit/{AUTOMATION}")
    await tab.page.locator("ha-automation-trigger-row").click()
    await tab.page.get_by_text("Minimum significance").wait_for()


async def _triggers(tab: Tab, shown: Shown) -> None:
    await tab.go("/config/automation/edit/new")
    await tab.page.get_by_role("button", name="Add trigger").click()
    await tab.page.get_by_text("By type").click()
    await tab.page.get_by_text("EAS Station", exact=True).click()
    await tab.page.get_by_text("Station hears again").wait_for()


async def _logbook(tab: Tab, shown: Shown) -> None:
    await tab.go("/logbook")
    await tab.page.get_by_text("Tornado Warning").first.wait_for()


def _card(layout: str) -> Callable[[Tab, Shown], Awaitable[None]]:
    """Return what shows the card of the radio in a layout."""

    async def show(tab: Tab, shown: Shown) -> None:
        await tab.go(f"/card-{layout}/home")
        await tab.page.locator("eas-station-card path.struck").wait_for()
        await asyncio.sleep(BAND_SECONDS)

    return show


PICTURES: Final[Mapping[str, Picture]] = {
    "device": Picture(_device, Screen(1120, 1240)),
    "stations": Picture(_stations, Screen(1120, 900)),
    "media": Picture(_media, Screen(1120, 700)),
    "entities": Picture(_entities, Screen(1120, 800)),
    "automation": Picture(_automation, Screen(1120, 980)),
    "triggers": Picture(_triggers, Screen(1120, 700)),
    "logbook": Picture(_logbook, Screen(1120, 860)),
    "card-light": Picture(_card("normal"), Screen(560, 1140)),
    "card-dark": Picture(_card("normal"), Screen(560, 1140), dark=True),
    "card-phone": Picture(_card("normal"), Screen(390, 1140)),
    "card-wall": Picture(_card("wall"), Screen(1280, 880), dark=True),
}


async def _automate(hass: HassProcess) -> None:
    await hass.post(
        f"/api/config/automation/config/{AUTOMATION}",
        json={
            "alias": "Wake us for a tornado",
            "triggers": [
                {
                    "trigger": "eas_station.alert_received",
                    "options": {
                        "events": ["TOR", "EWW"],
                        "minimum_significance": "warning",
                        "places": [HOME],
                        "tests": "exclude",
                        "only_relevant": True,
                    },
                }
            ],
            "conditions": [
                {
                    "condition": "eas_station.station_is_hearing",
                    "options": {"behavior": "any"},
                }
            ],
            "actions": [
                {
                    "action": "persistent_notification.create",
                    "data": {
                        "title": "{{ trigger.alert.event }}",
                        "message": "{{ trigger.alert.message }}",
                    },
                }
            ],
        },
    )


async def _hide_repairs(websocket: Websocket) -> None:
    """Ignore the issues that the way in which this hass is started raises."""
    listed = await websocket.command(type="repairs/list_issues")
    for issue in listed["issues"]:
        await websocket.command(
            type="repairs/ignore_issue",
            domain=issue["domain"],
            issue_id=issue["issue_id"],
            ignore=True,
        )


async def _hear(
    hass: HassProcess, websocket: Websocket, transmitter: Transmitter
) -> Shown:
    """Let stations hear what is to be seen."""
    await websocket.command(type="subscribe_events", event_type="eas_end_of_message")
    entry = (await transmitter.set_up(hass, STATION))["result"]["entry_id"]
    for event_code, *places in MESSAGES:
        await transmitter.send(event_code, *places)
    for _ in MESSAGES:
        await websocket.wait_for(lambda event: event["data"]["entry_id"] == entry, 120)
    await _hide_repairs(websocket)
    entries = await websocket.command(type="config_entries/get", domain="eas_station")
    devices = await websocket.command(type="config/device_registry/list")
    return Shown(
        {one["title"]: one["entry_id"] for one in entries},
        {one["name"]: one["id"] for one in devices},
    )


async def _lay_out(hass: HassProcess, shown: Shown) -> None:
    """Make a dashboard of the radio's card in each layout."""
    for layout in ("normal", "wall"):
        view = {"type": "panel"} if layout == "wall" else {}
        card = {"type": CARD, "entry_id": shown.entries[RADIO], "layout": layout}
        await make_dashboard(hass, f"card-{layout}", card, **view)


async def _take(browser: Browser, hass: HassProcess, name: str, shown: Shown) -> None:
    picture = PICTURES[name]
    async with browser.tab(hass, picture.screen, dark=picture.dark) as tab:
        # The sidebar of a new user takes a quarter of the picture.
        await tab.page.add_init_script("localStorage.dockedSidebar = '\"auto\"'")
        await picture.show(tab, shown)
        await tab.page.mouse.move(0, 0)
        await asyncio.sleep(SETTLE_SECONDS)
        path = FOLDER / f"{name}.png"
        await tab.picture(path)
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)}  {size / 1000:.0f} kB", flush=True)
        if size > MOST_BYTES:
            raise SystemExit(f"{path.name} is larger than {MOST_BYTES} bytes.")


async def main(names: list[str]) -> None:
    """Start it all and take the pictures that are named."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder_name:
        folder, port = Path(folder_name), free_port()
        component = ROOT / "custom_components" / "eas_station"
        make_configuration(folder, component, port, more=_MORE)
        (folder / "automations.yaml").write_text("[]", encoding="utf-8")
        async with (
            Transmitter() as transmitter,
            simulated_radio(first_alert=5) as radio,
            HassProcess(folder, port) as hass,
        ):
            await hass.log_in()
            await set_up_radio(hass, RADIO, radio.port)
            await _automate(hass)
            async with hass.websocket() as websocket, Browser() as browser:
                shown = await _hear(hass, websocket, transmitter)
                await _lay_out(hass, shown)
                for name in names:
                    await _take(browser, hass, name, shown)


if __name__ == "__main__":
    wanted: list[Any] = sys.argv[1:] or list(PICTURES)
    if unknown := set(wanted) - set(PICTURES):
        sys.exit(f"screenshots: there is no picture {', '.join(sorted(unknown))}")
    asyncio.run(main(wanted))
