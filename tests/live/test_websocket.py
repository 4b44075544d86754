"""The websocket API of a real hass: two clients hear the simulator at the same time."""

import asyncio
import re
from typing import Any

import aiohttp

from script.hass_process import HassProcess, Websocket, complaints

SECONDS = 90.0


async def hear(client: Websocket) -> dict[str, list[Any]]:
    """Return what a client is told from the snapshot to the end of the message, by kind."""
    told: dict[str, list[Any]] = {}
    async with asyncio.timeout(SECONDS):
        async for event in client.events():
            told.setdefault(event["type"], []).append(event)
            if "end" in told and len(told.get("levels", ())) > 20:
                return told
    raise AssertionError("the connection ended")


async def test_two_clients_hear_the_same_at_the_same_time(
    hass_process: HassProcess,
) -> None:
    await hass_process.set_up("simulator", name="Live EAS", first_alert_seconds=3)
    async with hass_process.websocket() as one, hass_process.websocket() as two:
        for client in (one, two):
            await client.command(type="eas_station/subscribe")
        heard = await asyncio.gather(hear(one), hear(two))
        entries = await one.command(type="eas_station/history", limit=1)
        counties = await two.command(type="eas_station/counties", codes=["039035"])

    for told in heard:
        (snapshot,) = told["snapshot"]
        assert snapshot["home"]["county"]["name"] == "Cuyahoga County"
        assert [len(frame["levels"]) for frame in told["levels"][:5]] == [1] * 5
    alerts = [told["alert"][0]["alert"] for told in heard]
    assert alerts[0] == alerts[1]
    assert alerts[0]["event"] == "Tornado Warning"
    assert [told["end"][0]["alert_id"] for told in heard] == [alerts[0]["id"]] * 2
    assert entries["entries"][0]["id"] == alerts[0]["id"]
    assert counties["counties"][0]["name"] == "Cuyahoga County"

    async with aiohttp.ClientSession(hass_process.url) as http:
        page = await (await http.get("/")).text()
        (url,) = re.findall(r'"(/eas_station/\w+/eas-station-card.js)"', page)
        assert "customElements.define" in await (await http.get(url)).text()
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{hass_process.url}/api/websocket") as stranger,
    ):
        assert (await stranger.receive_json())["type"] == "auth_required"
        await stranger.send_json({"id": 1, "type": "eas_station/subscribe"})
        assert (await stranger.receive_json())["type"] == "auth_invalid"

    assert await hass_process.stop() == 0
    assert "Detected blocking call" not in hass_process.log
    assert complaints(hass_process.log) == []
