"""The card: its folder on Home Assistant's web server, its module on every dashboard.

The address holds a hash of all files: a browser keeps them for a month, and never
one of another version. Without the frontend there is nothing to add it to.
"""

import hashlib
from pathlib import Path
from typing import Final

from homeassistant.components.frontend import (
    DATA_EXTRA_MODULE_URL,
    add_extra_js_url,
    remove_extra_js_url,
)
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

FOLDER: Final = Path(__file__).parent / "frontend"
MODULE: Final = "eas-station-card.js"

CARD_URL: Final = HassKey[str]("eas_station_card_url")


async def async_serve_card(hass: HomeAssistant) -> None:
    """Serve the card's folder; once, when the integration is set up."""
    version = await hass.async_add_executor_job(folder_version, FOLDER)
    if version is None:
        return
    base = f"/{DOMAIN}/{version}"
    await hass.http.async_register_static_paths(
        [StaticPathConfig(base, str(FOLDER), cache_headers=True)]
    )
    hass.data[CARD_URL] = f"{base}/{MODULE}"


def folder_version(folder: Path) -> str | None:
    """Return what changes with any file of the folder, None where it has no card."""
    if not (folder / MODULE).is_file():
        return None
    seen = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            seen.update(str(path.relative_to(folder)).encode() + b"\0")
            seen.update(hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:12]


@callback
def async_add_card(hass: HomeAssistant) -> None:
    """Have every dashboard load the card, where there are dashboards."""
    url, urls = hass.data.get(CARD_URL), hass.data.get(DATA_EXTRA_MODULE_URL)
    if url is not None and urls is not None and url not in urls.urls:
        add_extra_js_url(hass, url)


@callback
def async_remove_card(hass: HomeAssistant) -> None:
    """Take the card back: the last station is gone."""
    url, urls = hass.data.get(CARD_URL), hass.data.get(DATA_EXTRA_MODULE_URL)
    if url is not None and urls is not None and url in urls.urls:
        remove_extra_js_url(hass, url)
