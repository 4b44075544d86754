"""The command that sends the shapes of counties and states for a map."""

from functools import lru_cache
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_bytes, json_fragment
import probatio

from ..eas_core.same.locations import location
from ..eas_core.same.outlines import Box, bounds, outline
from .access import CODE, MOST_CODES, answering

KEPT_SHAPES: Final = 2048
"""About a megabyte of them."""


@websocket_command(
    {
        probatio.Required("type"): "eas_station/counties",
        probatio.Required("codes"): probatio.All(
            [CODE], probatio.Length(max=MOST_CODES)
        ),
    }
)
@answering
async def counties(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> dict[str, Any]:
    """Return the shapes of the places that have one; parts as their county."""
    codes = dict.fromkeys(f"0{code[1:]}" for code in msg["codes"])
    return await hass.async_add_executor_job(_draw_all, [*codes])


def _draw_all(codes: list[str]) -> dict[str, Any]:
    drawn = [one for code in codes if (one := _draw(code)) is not None]
    boxes = [box for _, box in drawn]
    corners = [((west, south), (east, north)) for west, south, east, north in boxes]
    return {"counties": [shape for shape, _ in drawn], "bounds": bounds(corners)}


@lru_cache(KEPT_SHAPES)
def _draw(code: str) -> tuple[json_fragment, Box] | None:
    rings = outline(code)
    box = bounds(rings)
    if box is None:
        return None
    place = location(code)
    shape = {
        "code": code,
        "name": place.name,
        "state": place.state,
        "polygons": rings,
    }
    return json_fragment(json_bytes(shape)), box
