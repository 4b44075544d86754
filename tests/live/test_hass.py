"""The whole: a real hass hears the simulator, and an automation acts on it."""

from script.hass_process import HassProcess, complaints

SECONDS = 90.0


async def test_an_automation_is_triggered_by_what_is_heard(
    hass_process: HassProcess,
) -> None:
    async with hass_process.websocket() as websocket:
        for event_type in ("eas_alert", "eas_end_of_message", "siren_was_asked_for"):
            await websocket.command(type="subscribe_events", event_type=event_type)
        await hass_process.set_up("simulator", name="Live EAS", first_alert_seconds=2)

        alert = await websocket.wait_for(
            lambda event: event["event_type"] == "eas_alert", SECONDS
        )
        siren = await websocket.wait_for(
            lambda event: event["event_type"] == "siren_was_asked_for", SECONDS
        )
        end = await websocket.wait_for(
            lambda event: event["event_type"] == "eas_end_of_message", SECONDS
        )
        states = {
            state["entity_id"]: state
            for state in await websocket.command(type="get_states")
        }

    data = alert["data"]
    assert data["event"] == "Tornado Warning"
    assert data["station"] == "Live EAS"
    assert data["locations"][0]["code"] == "039035"
    assert data["relevant"] is True
    assert data["device_id"]
    assert siren["data"]["message"] == data["message"]
    assert end["data"]["alert_id"] == data["id"]
    assert states["sensor.live_eas_sdr_status"]["state"] == "hearing"
    assert states["sensor.live_eas_last_alert"]["state"] == "Tornado Warning"
    assert float(states["sensor.live_eas_audio_level"]["state"]) < 0

    assert await hass_process.stop() == 0
    log = hass_process.log
    assert "Detected blocking call" not in log
    assert "was still running" not in log
    assert complaints(log) == []
