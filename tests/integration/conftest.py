"""Home Assistant with this integration, and stations that hear what a test sends."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
import fnmatch
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.config_entries import ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_socket import enable_socket, socket_allow_hosts

# Home Assistant looks for custom components where this package was imported from:
# it has to be, before the `hass` fixture is made.
import custom_components  # noqa: F401
from custom_components.eas_station import nws_client, nws_texts
from custom_components.eas_station.const import (
    CONF_CALL_SIGN,
    CONF_FIRST_ALERT,
    CONF_INTERVAL,
    CONF_LOCATIONS,
    CONF_LOOP,
    CONF_PATH,
    CONF_SOURCE,
    DOMAIN,
    SOURCE_FILE,
    SOURCE_RTL_SDR,
    SOURCE_RTL_TCP,
    SOURCE_SIMULATOR,
)
from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.sources.simulator import _VOICE, _load_voice
from eas_core.audio.files import write_wav
from eas_core.modem.encoder import encode_message, silence
from tests.integration.alerts import set_up
from tests.loop_checks import blocking_calls_checked
from tests.nws_api import NwsServer
from tests.peers.mosquitto import Listener, Mosquitto, listener, mosquitto

RATE = 16_000


@pytest.fixture(autouse=True, scope="session")
def blocking_calls() -> Iterator[None]:
    """Let what blocks the event loop be found."""
    with blocking_calls_checked():
        yield


@pytest.fixture(autouse=True, scope="session")
def voice() -> None:
    """Have the simulator's voice read: a busy machine takes longer than a stop may."""
    _load_voice(_VOICE)


@pytest.fixture(autouse=True)
def custom_integrations(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    hass_storage: dict[str, Any],
    tmp_path: Path,
) -> Iterator[None]:
    """Let Home Assistant find this integration in every test, and keep files in memory.

    Recordings go where the test's own files are.
    """
    hass.config.media_dirs = {"local": str(tmp_path / "media")}
    with patch(
        "custom_components.eas_station.history_files.file_names",
        lambda folder, pattern: fnmatch.filter(hass_storage, pattern),
    ):
        yield


@pytest.fixture
def header() -> str:
    """A tornado warning issued now, for Cuyahoga and Wood County, Ohio."""
    issued = datetime.now(UTC).strftime("%j%H%M")
    return f"ZCZC-WXR-TOR-039035-039173+0030-{issued}-KCLE/NWS-"


@pytest.fixture
def recording(tmp_path: Path, header: str) -> Path:
    """A whole message without tones or voice, about nine seconds."""
    message = encode_message(header, RATE, attention=None, gap_seconds=0.5)
    path = tmp_path / "tornado.wav"
    lead = silence(0.3, RATE)
    write_wav(path, np.concatenate((lead, message, lead)), RATE)
    return path


@pytest.fixture
def simulator_entry() -> MockConfigEntry:
    """A station that hears the simulator, with no warning for an hour."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id=SOURCE_SIMULATOR,
        entry_id="simulator_entry",
        data={
            CONF_SOURCE: SOURCE_SIMULATOR,
            CONF_LOCATIONS: ["039035"],
            CONF_CALL_SIGN: "KSIM/NWS",
            CONF_FIRST_ALERT: 3600,
            CONF_INTERVAL: 60,
        },
    )


@pytest.fixture
def file_entry(recording: Path) -> MockConfigEntry:
    """A station that hears the recording once."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id=f"file:{recording}",
        entry_id="file_entry",
        data={
            CONF_SOURCE: SOURCE_FILE,
            CONF_LOCATIONS: ["039035"],
            CONF_PATH: str(recording),
            CONF_LOOP: False,
        },
    )


def channels(*frequencies: int) -> list[ConfigSubentryDataWithId]:
    """Return channels of weather radio as an entry holds them."""
    return [
        ConfigSubentryDataWithId(
            data={"frequency": frequency},
            subentry_id=f"channel_{frequency}",
            subentry_type="channel",
            title=f"{frequency / 1e6:.3f} MHz",
            unique_id=str(frequency),
        )
        for frequency in frequencies
    ]


@pytest.fixture
def rtl_sdr_entry() -> MockConfigEntry:
    """A station that hears two channels with the dongle 101."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id="rtl_sdr:101",
        entry_id="rtl_sdr_entry",
        data={
            CONF_SOURCE: SOURCE_RTL_SDR,
            CONF_LOCATIONS: ["039035"],
            "serial": "101",
            "hardware": "Realtek RTL2838UHIDIR",
            "reception": {"band": "nwr"},
        },
        subentries_data=channels(162_400_000, 162_550_000),
        minor_version=2,
        options={"gain_db": 32.8, "ppm": 3, "agc": False, "bias_tee": True},
    )


@pytest.fixture
def rtl_tcp_entry() -> MockConfigEntry:
    """A station that hears one channel with a dongle elsewhere."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Attic EAS",
        unique_id="rtl_tcp:127.0.0.1:1234",
        entry_id="rtl_tcp_entry",
        data={
            CONF_SOURCE: SOURCE_RTL_TCP,
            CONF_LOCATIONS: ["039035"],
            "host": "127.0.0.1",
            "port": 1234,
            "hardware": "R820T",
            "reception": {"band": "nwr"},
        },
        subentries_data=channels(162_550_000),
        minor_version=2,
    )


@pytest.fixture
def in_cleveland(hass: HomeAssistant) -> None:
    """Put home where there are transmitters."""
    hass.config.latitude, hass.config.longitude = 41.50, -81.69


@pytest.fixture
async def coordinator(
    hass: HomeAssistant, in_cleveland: None, simulator_entry: MockConfigEntry
) -> EasStationCoordinator:
    """A station in Cleveland that says nothing by itself."""
    return await set_up(hass, simulator_entry)


@pytest.fixture
async def no_setup(hass: HomeAssistant) -> AsyncIterator[AsyncMock]:
    """Make entries that are not started."""
    with (
        patch(
            "custom_components.eas_station.async_setup_entry", return_value=True
        ) as setup,
        patch("custom_components.eas_station.async_unload_entry", return_value=True),
    ):
        yield setup
        # A flow's end loads its entry, which must not meet Home Assistant's own end.
        await hass.async_block_till_done()


@pytest.fixture
def loopback(socket_enabled: None) -> None:
    """Let a test use the loopback interface, and no other."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "localhost", "::1", "0.0.0.0"])


@pytest.fixture
async def nws(hass: HomeAssistant, loopback: None) -> AsyncIterator[NwsServer]:
    """The Weather Service on the loopback interface; minutes are moments for who asks it."""
    server = NwsServer()
    moments: dict[str, Any] = {
        "BASE_URL": await server.start(),
        "APART_SECONDS": 0.0,
        "FRESH_SECONDS": 0.0,
        "SHORTEST_WAIT_SECONDS": 0.0,
        "LIMIT_SECONDS": 1.0,
        "MOST_BYTES": 200_000,
    }
    with (
        patch.multiple(nws_client, **moments),
        patch.object(nws_texts, "DELAYS_SECONDS", (0.0, 0.05, 0.05, 0.05)),
    ):
        yield server
        # Whoever still asks must not meet the real one.
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)
    await server.stop()


@pytest.fixture
def broker(loopback: None) -> Iterator[Mosquitto]:
    with mosquitto() as runs:
        yield runs


@pytest.fixture
def agent(broker: Mosquitto) -> Iterator[Listener]:
    """Somebody at the broker who says what an agent would say."""
    with listener(broker) as client:
        yield client


@pytest.fixture
def mqtt_options() -> dict[str, Any]:
    """Options of Home Assistant's MQTT, which finds nothing by itself."""
    return {"discovery": False, "birth_message": {}}


@pytest.fixture
async def with_mqtt(
    hass: HomeAssistant, broker: Mosquitto, mqtt_options: dict[str, Any]
) -> AsyncIterator[MockConfigEntry]:
    from homeassistant.components import mqtt

    entry = MockConfigEntry(
        domain=mqtt.DOMAIN,
        version=2,
        minor_version=1,
        data={mqtt.CONF_BROKER: "127.0.0.1", "port": broker.port},
        options=mqtt_options,
    )
    entry.add_to_hass(hass)
    # It looks into configuration.yaml, of which there is none.
    with patch("homeassistant.config.load_yaml_config_file", return_value={}):
        assert await hass.config_entries.async_setup(entry.entry_id)
    yield entry
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def agents_entry() -> MockConfigEntry:
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home EAS",
        unique_id="agents:eas_station",
        entry_id="agents_entry",
        data={"source": "agents", "base_topic": "eas_station", "locations": ["039035"]},
    )
