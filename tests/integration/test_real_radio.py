"""From a form to an alert, over a real connection and a real child process."""

from collections.abc import Iterator
from functools import partial
import os
from pathlib import Path
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.eas_station.const import DOMAIN, EVENT_ALERT
from custom_components.eas_station.eas_core.station.scan import scan
from eas_core.clock import SystemClock
from eas_core.simulator.band import BandOptions, BandSimulator
from eas_core.simulator.rtl_tcp import RtlTcpServer
from tests.integration.forms import choose, labels, open_step, send, suggested
from tests.integration.waiting import seen, shown_state, station_threads, until
from tests.standin import Standin, StandinDongle

pytestmark = pytest.mark.usefixtures("in_cleveland")

USUAL = {"ppm": 0, "agc": False, "bias_tee": False}
NAMES = {"name": "Home EAS", "locations": ["039035"]}


def band(first_alert_seconds: float) -> BandSimulator:
    options = BandOptions(
        locations=("039035",), first_alert_seconds=first_alert_seconds, seed=5
    )
    return BandSimulator(options, SystemClock())


@pytest.fixture
def server(loopback: None) -> Iterator[RtlTcpServer]:
    """Seven channels, of which one is off; a warning comes while they are listened to."""
    with RtlTcpServer(band(6.0)) as server:
        yield server


@pytest.fixture
def dongle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandinDongle:
    """A dongle without hardware, in whose samples there is a warning."""
    stations = band(1.0)
    samples = np.concatenate([stations.receive() for _ in range(160)])
    path = tmp_path / "band.u8"
    samples.tofile(path)
    standin = Standin(tmp_path / "standin")
    for name, value in standin.variables.items():
        monkeypatch.setenv(name, value)
    return standin.add("00000101", iq=path)


def child_threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "eas-child"]


def assert_heard(hass: HomeAssistant, alerts: list[Any], channels: list[str]) -> None:
    assert alerts[0].data["event_code"] == "TOR"
    assert alerts[0].data["relevant"]
    assert set(alerts[0].data["channels"]) <= set(channels)
    status = shown_state(hass, "sensor.home_eas_sdr_status")
    # A machine that has other work loses samples.
    assert status.state in ("hearing", "degraded")
    assert list(status.attributes["channels"]) == channels
    signal = shown_state(hass, "sensor.home_eas_signal_to_noise")
    assert float(signal.state) > 15
    assert signal.attributes["channel"] in channels
    assert signal.attributes["unit_of_measurement"] == "dB"
    assert signal.attributes["state_class"] == "measurement"
    assert float(shown_state(hass, "sensor.home_eas_audio_level").state) < 0


async def test_a_radio_elsewhere_is_scanned_set_up_and_heard(
    hass: HomeAssistant, server: RtlTcpServer
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    form = await open_step(hass, "rtl_tcp")
    flow_id = form["flow_id"]
    where = {"host": "127.0.0.1", "port": server.port, "receiver": USUAL}
    await send(hass, flow_id, {**NAMES, **where})
    with patch(
        "custom_components.eas_station.flow.reception.scan",
        new=partial(scan, seconds=4.0),
    ):
        progress = await choose(hass, flow_id, "nwr_scan")
        assert progress["type"] is FlowResultType.SHOW_PROGRESS
        await hass.async_block_till_done()
    form = await send(hass, flow_id, None)  # type: ignore[arg-type]
    assert form["step_id"] == "nwr"
    channels = labels(form, "frequencies")
    assert next(iter(channels)) == "162550000"
    proposed = suggested(form)["frequencies"]
    assert {"162550000", "162400000", "162475000"} <= set(proposed)
    assert "162450000" not in proposed

    typed = {"frequencies": ["162400000", "162550000"]}
    result = await send(hass, flow_id, typed)
    entry = result["result"]
    await until(hass, lambda: bool(alerts))
    assert_heard(hass, alerts, ["162.400", "162.550"])
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, entry.entry_id), entry.entry_id
    )
    assert device is not None
    assert (device.model, device.hw_version) == ("RTL-SDR by rtl_tcp", "R820T")

    assert await hass.config_entries.async_unload(entry.entry_id)
    assert station_threads() == []


async def test_a_dongle_is_found_set_up_and_heard_in_a_child_process(
    hass: HomeAssistant, dongle: StandinDongle
) -> None:
    alerts = async_capture_events(hass, EVENT_ALERT)
    form = await open_step(hass, "rtl_sdr")
    assert form["errors"] == {}
    assert list(labels(form, "serial")) == ["00000101"]
    flow_id = form["flow_id"]
    receiver = {**USUAL, "gain_db": 30.0, "bias_tee": True}
    await send(hass, flow_id, {**NAMES, "serial": "00000101", "receiver": receiver})
    await choose(hass, flow_id, "nwr")
    result = await send(hass, flow_id, {"frequencies": ["162550000"]})
    entry = result["result"]
    await until(hass, lambda: bool(alerts))
    assert_heard(hass, alerts, ["162.550"])
    assert dongle.state()["open"] == 1
    assert "set_bias_tee 1" in dongle.calls()
    pid = entry.runtime_data.station._source.pid
    os.kill(pid, 0)

    dongle.unplug()
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "down"
    )
    down = shown_state(hass, "sensor.home_eas_sdr_status")
    assert down.attributes["reason"] == "unplugged"
    assert shown_state(hass, "sensor.home_eas_signal_to_noise").state == "unavailable"
    dongle.plug()
    await until(
        hass, lambda: shown_state(hass, "sensor.home_eas_sdr_status").state == "hearing"
    )

    assert await hass.config_entries.async_unload(entry.entry_id)
    await seen(lambda: not child_threads())
    assert station_threads() == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
