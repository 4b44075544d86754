"""Each trigger and each condition in automations of a real hass, and what their traces tell."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from script.hass_process import HassProcess, Websocket, complaints, make_configuration
from script.ports import free_port
from script.transmitter import Transmitter

ROOT = Path(__file__).parents[2]
SECONDS = 120.0
AUTOMATIONS = """
automation:
  - id: received
    triggers:
      - trigger: eas_station.alert_received
        options:
          events: [TOR]
          minimum_significance: warning
          places: ["039035"]
    actions: &tell
      - event: ran
        event_data:
          automation: "{{ this.attributes.id }}"
          alert: "{{ (trigger.alert or {}).event_code | default('') }}"
          seconds: "{{ (trigger.end or {}).duration_s | default(0) }}"
          station: "{{ trigger.station | default('') }}"
  - id: severe_storm
    triggers:
      - trigger: eas_station.alert_received
        options: {events: [SVR]}
    actions: *tell
  - id: received_elsewhere
    triggers:
      - trigger: eas_station.alert_received
        options: {places: ["039095"]}
    actions: *tell
  - id: ended
    triggers:
      - trigger: eas_station.alert_ended
        options: {events: [TOR]}
    actions: *tell
  - id: ended_gravely
    triggers:
      - trigger: eas_station.alert_ended
        options: {minimum_significance: national}
    actions: *tell
  - id: expired
    triggers:
      - trigger: eas_station.alert_ended
        options: {events: [TOR], when: expiry}
    actions: *tell
  - id: silent
    triggers:
      - trigger: eas_station.station_silent
        options: {for: {seconds: 2}}
    actions: *tell
  - id: quiet
    triggers:
      - trigger: eas_station.station_silent
        options: {for: {seconds: 1}, states: [quiet]}
    actions: *tell
  - id: hears
    triggers:
      - trigger: eas_station.station_hears
        options: {for: {seconds: 1}}
    actions: *tell
  - id: hears_after_an_hour
    triggers:
      - trigger: eas_station.station_hears
        options: {for: {seconds: 1}, after: {hours: 1}}
    actions: *tell
  - id: active
    triggers: &asked
      - trigger: event
        event_type: asked
    conditions:
      - condition: eas_station.alert_is_active
        options: {events: [SVR]}
    actions: *tell
  - id: hurricane_active
    triggers: *asked
    conditions:
      - condition: eas_station.alert_is_active
        options: {events: [HUW]}
    actions: *tell
  - id: hearing
    triggers: *asked
    conditions:
      - condition: eas_station.station_is_hearing
    actions: *tell
"""


@pytest.fixture
async def transmitter() -> AsyncIterator[Transmitter]:
    async with Transmitter() as transmitter:
        yield transmitter


@pytest.fixture
async def hass(tmp_path: Path) -> AsyncIterator[HassProcess]:
    port = free_port()
    component = ROOT / "custom_components" / "eas_station"
    make_configuration(tmp_path, component, port, more=AUTOMATIONS)
    async with HassProcess(tmp_path, port) as hass:
        await hass.log_in()
        yield hass


class Runs:
    """What automations told when they ran."""

    def __init__(self, websocket: Websocket) -> None:
        """Take a websocket that nobody else reads events of."""
        self._websocket = websocket
        self.told: dict[str, dict[str, Any]] = {}

    async def wait_for(self, *automations: str) -> None:
        """Wait until these have run."""

        def all_ran(event: dict[str, Any]) -> bool:
            self.told[event["data"]["automation"]] = event["data"]
            return self.told.keys() >= set(automations)

        if not self.told.keys() >= set(automations):
            await self._websocket.wait_for(all_ran, SECONDS)


def soon_expired() -> datetime:
    """Return when an alert of 15 minutes was issued that expires in 20 to 80 seconds."""
    at_least = datetime.now(UTC) + timedelta(seconds=80)
    return at_least - timedelta(minutes=15)


async def results(
    websocket: Websocket, automation: str, step: str
) -> list[dict[str, Any]]:
    """Return what the traces of an automation tell of a step, the oldest first."""
    item = {"domain": "automation", "item_id": automation}
    listed = await websocket.command(type="trace/list", **item)
    traces = [
        await websocket.command(type="trace/get", **item, run_id=short["run_id"])
        for short in listed
    ]
    return [
        trace["trace"][step][0]["result"] for trace in traces if step in trace["trace"]
    ]


async def reasons(websocket: Websocket, automation: str) -> list[str]:
    """Return why an automation was not triggered, the oldest first."""
    return [
        result["reason"] for result in await results(websocket, automation, "trigger/0")
    ]


async def test_each_trigger_and_condition_acts_and_says_why_not(
    hass: HassProcess, transmitter: Transmitter
) -> None:
    async with hass.websocket() as events, hass.websocket() as asking:
        await events.command(type="subscribe_events", event_type="ran")
        runs = Runs(events)
        await transmitter.set_up(hass, "Live EAS")

        await transmitter.send("TOR", issued=soon_expired(), minutes=15)
        await transmitter.send("SVR")
        await runs.wait_for("received", "ended")
        assert runs.told["received"]["alert"] == "TOR"
        assert runs.told["ended"]["alert"] == "TOR"
        assert float(runs.told["ended"]["seconds"]) > 0
        (elsewhere,) = await results(asking, "received_elsewhere", "trigger/0")
        assert elsewhere["reason"] == "other_location"
        assert elsewhere["data"]["event_code"] == "TOR"
        assert await reasons(asking, "ended_gravely") == ["less_significant"]

        await runs.wait_for("severe_storm")
        await asking.command(type="fire_event", event_type="asked")
        await runs.wait_for("active", "hearing")
        (active,) = await results(asking, "active", "condition/0")
        assert active["result"] is True
        assert active["event"] == "Severe Thunderstorm Warning"
        (hurricane,) = await results(asking, "hurricane_active", "condition/0")
        assert hurricane["result"] is False
        assert {one["reason"] for one in hurricane["held_back"]} == {"other_event"}

        await transmitter.stop()
        await runs.wait_for("silent")
        assert runs.told["silent"]["station"] == "Live EAS"
        assert await reasons(asking, "quiet") == ["other_state"]
        del runs.told["hearing"]
        await asking.command(type="fire_event", event_type="asked")
        await transmitter.start()
        await runs.wait_for("hears")
        assert runs.told["hears"]["station"] == "Live EAS"
        assert "hearing" not in runs.told
        before, since = await results(asking, "hearing", "condition/0")
        assert before["stations"] == [{"station": "Live EAS", "state": "hearing"}]
        assert since["result"] is False
        assert since["stations"] == [{"station": "Live EAS", "state": "down"}]
        assert await reasons(asking, "hears_after_an_hour") == ["silence_too_short"]

        await runs.wait_for("expired")
        assert runs.told["expired"]["alert"] == "TOR"
        assert runs.told.keys().isdisjoint(
            {
                "received_elsewhere",
                "ended_gravely",
                "quiet",
                "hears_after_an_hour",
                "hurricane_active",
            }
        )

    assert await hass.stop() == 0
    (warning,) = complaints(hass.log)
    assert "Live EAS hears nothing" in warning
