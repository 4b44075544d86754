"""From an address to an alert, with a real server and a real child process."""

from collections.abc import Iterator
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.eas_station.const import EVENT_ALERT
from tests.integration.forms import open_form, send
from tests.integration.waiting import seen, shown_state, station_threads, until
from tests.peers.web import WebServer, file, status


@pytest.fixture
def server(loopback: None, recording: Path) -> Iterator[WebServer]:
    """Serve a message, and nothing else."""
    with WebServer() as server:
        server.answers["/live"] = file(recording.read_bytes(), "audio/wav")
        server.answers["/gone"] = status(404)
        server.answers["/secret"] = status(401)
        server.answers["/page"] = file(b"<html>no audio here</html>", "text/html")
        yield server


async def test_a_stream_is_tried_set_up_and_heard(
    hass: HomeAssistant, server: WebServer, caplog: pytest.LogCaptureFixture
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    address = f"http://me:se%40cret@127.0.0.1:{server.port}"
    flow_id = await open_form(hass, "stream")
    typed = {"name": "Home EAS", "locations": []}
    for path, error in (
        ("/gone", "not_found"),
        ("/secret", "unauthorized"),
        ("/page", "not_audio"),
    ):
        form = await send(hass, flow_id, {**typed, "url": f"{address}{path}"})
        assert form["errors"] == {"url": error}
        hint = (form["description_placeholders"] or {})["hint"]
        assert hint
        assert "cret" not in hint
    result = await send(hass, flow_id, {**typed, "url": f"{address}/live"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await until(hass, lambda: bool(alerts))
    assert alerts[0].data["event_code"] == "TOR"
    # The recording is over soon, and no end of a stream is a regular one.
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "down"
    )
    down = shown_state(hass, "sensor.home_eas_sdr_status")
    assert down.attributes["reason"] == "disconnected"
    assert "cret" not in str(down.attributes)
    assert await hass.config_entries.async_unload(result["result"].entry_id)
    await seen(lambda: station_threads() == [])
    assert "se%40cret" not in caplog.text
    assert "se@cret" not in caplog.text
