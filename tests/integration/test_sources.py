"""From entries to sources, plans and what identifies them."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.errors import EasError
from custom_components.eas_station.eas_core.masking import mask_secrets
from custom_components.eas_station.eas_core.radio.plan import (
    ChannelKind,
    broadcast_plan,
    nwr_plan,
)
from custom_components.eas_station.eas_core.sources.dongle import DongleOptions
from custom_components.eas_station.eas_core.sources.isolated import IsolatedSource
from custom_components.eas_station.eas_core.sources.pcm import PcmSource
from custom_components.eas_station.eas_core.sources.rtl_sdr import RtlSdrSource
from custom_components.eas_station.eas_core.sources.rtl_tcp import RtlTcpSource
from custom_components.eas_station.eas_core.sources.sound_card import SoundCardSource
from custom_components.eas_station.eas_core.sources.stream import StreamSource
from custom_components.eas_station.sources import (
    build_source,
    radio_plan,
    station_options,
    unique_id,
)

NWR = {"band": "nwr", "frequencies": [162_400_000, 162_550_000]}
FM = {"band": "fm", "frequencies": [98_700_000]}
AM = {"band": "am", "frequencies": [1_100_000]}
RTL_SDR = {"source": "rtl_sdr", "serial": "101", "reception": NWR}
RTL_TCP = {"source": "rtl_tcp", "host": "attic", "port": 1234, "reception": FM}
SOUND_CARD = {"source": "sound_card", "device": "pulse:mic", "channel": 2}
STREAM = {"source": "stream", "url": "https://me:secret@radio.example/live"}
PCM = {
    "source": "pcm",
    "mode": "udp",
    "host": "0.0.0.0",
    "port": 7355,
    "sample_rate": 48_000,
    "channels": 2,
    "sample_format": "s16le",
}


def built(data: dict[str, Any], options: dict[str, Any] | None = None) -> Any:
    """Return the source, out of its child process."""
    source = build_source(data, options or {}, radio_plan(data))
    return source.source if isinstance(source, IsolatedSource) else source


def test_a_dongle_is_tuned_and_set() -> None:
    options = {"gain_db": 32.8, "ppm": 3, "agc": True, "bias_tee": True}
    assert built(RTL_SDR, options) == RtlSdrSource(
        serial="101",
        tuning=nwr_plan(NWR["frequencies"]).tuning,  # type: ignore[arg-type]
        dongle=DongleOptions(gain_db=32.8, ppm=3, agc=True, bias_tee=True),
    )


def test_what_is_not_set_is_automatic_or_off() -> None:
    assert built(RTL_TCP) == RtlTcpSource(
        host="attic", port=1234, tuning=broadcast_plan(98_700_000).tuning
    )


def test_other_sources_are_built() -> None:
    assert built(SOUND_CARD) == SoundCardSource(device="pulse:mic", channel=2)
    assert built(STREAM) == StreamSource(url="https://me:secret@radio.example/live")
    assert built(PCM) == PcmSource(mode="udp", port=7355, channels=2)


@pytest.mark.parametrize(
    ("data", "apart"),
    [
        (RTL_SDR, True),
        (SOUND_CARD, True),
        (STREAM, True),
        (RTL_TCP, False),
        (PCM, False),
    ],
)
def test_native_drivers_run_in_a_child_process(
    data: dict[str, Any], apart: bool
) -> None:
    source = build_source(data, {}, radio_plan(data))
    assert isinstance(source, IsolatedSource) is apart
    assert source.kind == data["source"]


@pytest.mark.parametrize(
    ("reception", "kind", "names"),
    [
        (NWR, ChannelKind.NWR, ["162.400", "162.550"]),
        (FM, ChannelKind.FM, ["98.7"]),
        (AM, ChannelKind.AM, ["1100"]),
    ],
)
def test_a_radio_has_its_channels(
    reception: dict[str, Any], kind: ChannelKind, names: list[str]
) -> None:
    plan = radio_plan(RTL_SDR | {"reception": reception})
    assert plan is not None
    assert [one.name for one in plan.channels] == names
    assert {one.kind for one in plan.channels} == {kind}


def test_audio_has_no_plan() -> None:
    assert radio_plan(STREAM) is None


@pytest.mark.parametrize(
    ("data", "identity"),
    [
        (RTL_SDR, "rtl_sdr:101"),
        (RTL_TCP | {"host": "Attic"}, "rtl_tcp:attic:1234"),
        (SOUND_CARD, "sound_card:pulse:mic"),
        (PCM, "pcm:udp:7355"),
        (PCM | {"mode": "tcp_listen"}, "pcm:tcp_listen:7355"),
        (PCM | {"mode": "tcp_connect", "host": "sdr"}, "pcm:tcp_connect:sdr:7355"),
        ({"source": "file", "path": "/a.wav"}, "file:/a.wav"),
        ({"source": "simulator"}, "simulator"),
    ],
)
def test_a_source_is_known_by_what_only_one_can_have(
    data: dict[str, Any], identity: str
) -> None:
    assert unique_id(data) == identity


def test_a_stream_is_known_by_its_address_without_its_secrets() -> None:
    identity = unique_id(STREAM)
    assert identity == unique_id(STREAM | {"url": "https://radio.example/live"})
    assert identity != unique_id(STREAM | {"url": "https://radio.example/other"})
    assert "radio" not in identity
    assert "secret" not in identity


def test_what_is_quiet_is_the_librarys_choice_until_it_is_set() -> None:
    usual = station_options("EAS", {}, None)
    assert (usual.quiet_dbfs, usual.quiet_seconds) == (-60.0, 30.0)
    chosen = station_options("EAS", {"quiet_dbfs": -45, "quiet_seconds": 120}, None)
    assert (chosen.quiet_dbfs, chosen.quiet_seconds) == (-45, 120)


@pytest.mark.parametrize(
    "data",
    [
        RTL_SDR | {"reception": {"band": "nwr", "frequencies": [1]}},
        {"source": "rtl_sdr", "serial": "101"},
        {"source": "pigeon"},
        {"source": "simulator", "locations": ["Ohio"]},
    ],
)
async def test_an_entry_that_makes_no_source_says_why(
    hass: HomeAssistant, data: dict[str, Any]
) -> None:
    with pytest.raises(EasError):
        build_source(data, {}, radio_plan(data))
    entry = MockConfigEntry(domain=DOMAIN, data=data)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert str(entry.reason).startswith("The station cannot be started: ")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Check http://me:pass@host/a.", "Check http://***@host/a."),
        ("rtsp://me@host:554/a b", "rtsp://***@host:554/a b"),
        ("https://host/a?key=1&b=2, or not", "https://host/a?key=***&b=*** or not"),
        ("Is it on? Mail me@host.", "Is it on? Mail me@host."),
    ],
)
def test_secrets_of_addresses_are_masked(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked
