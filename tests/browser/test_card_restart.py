"""The card while Home Assistant goes away and comes back."""

from collections.abc import AsyncIterator

from playwright.async_api import expect
import pytest
import pytest_asyncio
from pytest_socket import enable_socket

from script.browser import Browser
from script.dashboards import PIXELS, card_tab, has_changed, ours
from script.hass_process import HassProcess, make_configuration
from script.ports import free_port
from script.transmitter import Transmitter
from tests.browser.conftest import ROOT, STATION


@pytest_asyncio.fixture(loop_scope="package")
async def hass_to_restart(
    loopback: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[HassProcess]:
    """A Home Assistant with a station of its own: the house's must live on."""
    enable_socket()
    folder, port = tmp_path_factory.mktemp("restarted"), free_port()
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(folder, component, port)
    async with Transmitter() as transmitter, HassProcess(folder, port) as hass:
        await hass.log_in()
        await transmitter.set_up(hass, STATION)
        yield hass


async def test_it_reconnects_by_itself_when_home_assistant_has_restarted(
    hass_to_restart: HassProcess, browser: Browser
) -> None:
    async with card_tab(hass_to_restart, browser, "card-again") as (tab, card):
        state = card.locator("header .state")
        await expect(state).to_contain_text("Hearing")
        meter = card.get_by_role("meter")
        await hass_to_restart.stop()
        await expect(state).to_contain_text("Reconnecting")
        await expect(card.locator(".calm-title")).to_have_text("Not hearing")
        await hass_to_restart.restart()
        await expect(state).to_contain_text("Hearing")
        await has_changed(meter, PIXELS, await meter.evaluate(PIXELS))
        assert ours(tab) == []
