#!/usr/bin/env python3
"""Take the pictures of the card for the docs: script/card_pictures.py [FOLDER].

A real Home Assistant hears the seven simulated channels; when a warning has come
the card is taken light and dark, on a telephone and on a wall. FOLDER is docs/pictures.
"""

import asyncio
from pathlib import Path
import sys
import tempfile
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))

from script.browser import PHONE, Browser, Screen
from script.dashboards import card_tab
from script.hass_process import HassProcess, free_port, make_configuration
from script.simulated_radio import set_up_radio, simulated_radio

ROOT: Final = Path(__file__).parent.parent
STATION: Final = "Weather Radio"
PAGE: Final = Screen(1000, 1300)
TALL_PHONE: Final = Screen(PHONE.width, 1100)
TABLET: Final = Screen(1280, 800)
BAND_SECONDS: Final = 18
"""Until the band's picture is full."""

TAKEN: Final[dict[str, tuple[Screen, bool, dict[str, Any]]]] = {
    "card-light": (PAGE, False, {}),
    "card-dark": (PAGE, True, {}),
    "card-phone": (TALL_PHONE, False, {"show": ["map", "channels", "listen", "actions"]}),
    "card-wall": (TABLET, True, {"layout": "wall"}),
}


async def take(hass: HassProcess, browser: Browser, name: str, folder: Path) -> None:
    """Open the card as it is to be shown and take it."""
    screen, dark, options = TAKEN[name]
    view = {"type": "panel"} if screen is TABLET else {}
    async with card_tab(
        hass, browser, name, screen, dark=dark, view=view, **options
    ) as (tab, card):
        await card.locator(".alert.lead").wait_for()
        await card.locator("svg.map path.struck").first.wait_for()
        await asyncio.sleep(BAND_SECONDS)
        if screen is TABLET:
            await tab.page.add_style_tag(content="body { overflow: hidden }")
        path = folder / f"{name}.png"
        await card.screenshot(path=path, animations="disabled")
        print(f"{path}  {path.stat().st_size} bytes", flush=True)


async def main() -> None:
    """Set everything up and take them all."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        house, port = Path(name), free_port()
        make_configuration(house, ROOT / "custom_components" / "eas_station", port)
        async with (
            simulated_radio(first_alert=5) as radio,
            HassProcess(house, port) as hass,
            Browser() as browser,
        ):
            await hass.log_in()
            await set_up_radio(hass, STATION, radio)
            for picture in TAKEN:
                await take(hass, browser, picture, folder)


if __name__ == "__main__":
    asyncio.run(main())
