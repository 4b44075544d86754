"""What the blueprints do over hours: severities that come and go, and expiries."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
import json
from pathlib import Path
import shutil
import threading
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.eas_station import alert_listener
from custom_components.eas_station.const import EVENT_ALERT, EVENT_END_OF_MESSAGE
from tests.integration.automations import AUTOMATION, told

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "blueprints" / "automation" / "eas_station"
BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
RED, ORANGE = [255, 0, 0], [255, 120, 0]

type Pass = Callable[[float], Awaitable[None]]


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """A configuration with the blueprints."""
    shutil.copytree(ROOT / "blueprints", tmp_path / "blueprints")
    return str(tmp_path)


@pytest.fixture
def passes(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> Pass:
    """Let minutes pass."""

    async def let_pass(minutes: float) -> None:
        freezer.tick(timedelta(minutes=minutes))
        async_fire_time_changed(hass)
        await settle()

    return let_pass


async def settle() -> None:
    """Let all happen that can: the automation itself waits, and is not waited for.

    The loop's clock is frozen, and imports of Home Assistant's run on threads.
    """
    for _ in range(10):
        for _ in range(50):
            await asyncio.sleep(0)
        await asyncio.to_thread(threading.Event().wait, 0.01)


async def is_put_back(lights: list[ServiceCall]) -> None:
    """Wait until the light is what it was."""
    for _ in range(100):
        if lights[-1].data.get("brightness") == 40:
            return
        await settle()
    pytest.fail("the light was not put back")


async def receive(hass: HomeAssistant, alert: dict[str, Any]) -> None:
    hass.bus.async_fire(EVENT_ALERT, alert)
    await settle()


async def end(hass: HomeAssistant, alert_id: str = "a1") -> None:
    hass.bus.async_fire(EVENT_END_OF_MESSAGE, {"alert_id": alert_id, "entry_id": "one"})
    await settle()


async def use(hass: HomeAssistant, blueprint: str, **inputs: Any) -> None:
    assert await async_setup_component(hass, "scene", {})
    automation = {
        "id": blueprint,
        "alias": blueprint,
        "use_blueprint": {"path": f"eas_station/{blueprint}.yaml", "input": inputs},
    }
    assert await async_setup_component(hass, AUTOMATION, {AUTOMATION: [automation]})
    await hass.async_block_till_done()
    state = hass.states.get(f"automation.{blueprint}")
    assert state is not None
    assert state.state == "on", state


def lasting(minutes: float, **changed: Any) -> dict[str, Any]:
    expires = dt_util.utcnow() + timedelta(minutes=minutes)
    return told(expires=expires.isoformat(), **changed)


def watch(minutes: float) -> dict[str, Any]:
    return lasting(
        minutes, id="w1", event_code="TOA", event="Tornado Watch", significance="watch"
    )


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_a_blueprint_is_whole_and_says_where_it_is_from(path: Path) -> None:
    data = load_yaml_dict(str(path))
    blueprint = Blueprint(
        data, expected_domain=AUTOMATION, path=path.name, schema=BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    metadata = blueprint.metadata
    manifest = json.loads(
        (ROOT / "custom_components/eas_station/manifest.json").read_text()
    )
    home = manifest["documentation"].split("/blob/")[0].removesuffix("#readme")
    source = f"{home}/blob/main/{path.relative_to(ROOT)}"
    assert metadata["source_url"] == source
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert metadata["homeassistant"]["min_version"] == hacs["homeassistant"]


@pytest.fixture
def lights(hass: HomeAssistant) -> list[ServiceCall]:
    """What is asked of a light that is on, dim."""
    calls: list[ServiceCall] = []

    async def take(call: ServiceCall) -> None:
        calls.append(call)
        hass.states.async_set("light.hall", "on", {"brightness": len(calls)})

    hass.states.async_set("light.hall", "on", {"brightness": 40})
    hass.services.async_register("light", "turn_on", take)
    return calls


async def test_the_gravest_alert_is_shown_until_the_last_has_expired(
    hass: HomeAssistant, lights: list[ServiceCall], passes: Pass
) -> None:
    on = async_mock_service(hass, "siren", "turn_on")
    off = async_mock_service(hass, "siren", "turn_off")
    hass.states.async_set("siren.roof", "off")
    await use(
        hass, "signal", lights=["light.hall"], sirens=["siren.roof"], until="expiry"
    )
    await receive(hass, watch(360))
    assert [call.data["rgb_color"] for call in lights] == [ORANGE]
    assert on == []
    await passes(10)
    await receive(hass, lasting(30))
    assert lights[-1].data["rgb_color"] == RED
    assert len(on) == 1
    silences = len(off)
    await end(hass)
    assert len(off) == silences, "the end of the message is not waited for"
    await passes(31)
    assert lights[-1].data["rgb_color"] == ORANGE
    assert len(off) == silences + 1
    shown = len(lights)
    await passes(330)
    await is_put_back(lights)
    assert len(lights) == shown + 1
    assert "rgb_color" not in lights[-1].data
    await settle()
    assert hass.states.async_entity_ids("scene") == []


async def test_a_message_whose_end_is_not_heard_is_over_when_it_expires(
    hass: HomeAssistant, lights: list[ServiceCall], passes: Pass
) -> None:
    await use(hass, "signal", lights=["light.hall"])
    await receive(hass, lasting(30))
    await passes(29)
    assert len(lights) == 1
    await passes(2)
    await is_put_back(lights)


async def test_what_is_graver_is_not_hidden_by_what_comes_later(
    hass: HomeAssistant, lights: list[ServiceCall], monkeypatch: pytest.MonkeyPatch
) -> None:
    await use(hass, "signal", lights=["light.hall"])
    active = [lasting(30), watch(360)]
    monkeypatch.setattr(alert_listener, "async_active_alerts", lambda hass: active)
    for alert in active:
        await receive(hass, alert)
    assert lights[-1].data["rgb_color"] == RED
    await end(hass, alert_id="w1")
    assert lights[-1].data["rgb_color"] == RED
    await end(hass)
    await is_put_back(lights)


async def test_a_light_may_wait_for_a_second_ear(
    hass: HomeAssistant, lights: list[ServiceCall], passes: Pass
) -> None:
    await use(hass, "signal", lights=["light.hall"], corroborated=True)
    await receive(hass, lasting(30))
    assert lights == []
    await receive(hass, lasting(30, corroborated=True))
    assert lights[-1].data["rgb_color"] == RED
    await passes(31)
    await is_put_back(lights)
