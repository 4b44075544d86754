"""Setting up sound cards, streams and raw samples."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.const import DOMAIN
from custom_components.eas_station.eas_core.sources.sound_card import (
    SoundDevice,
    find_sound_devices,
)
from custom_components.eas_station.eas_core.sources.source import (
    SourceError,
    SourceErrorReason,
)
from custom_components.eas_station.eas_core.sources.stream import StreamFormat, probe
from tests.integration.forms import labels, open_form, open_step, send, suggested

pytestmark = pytest.mark.usefixtures("no_setup", "in_cleveland")

FLOW = "custom_components.eas_station.flow"
NAMES = {"name": "Home EAS", "locations": []}
URL = "https://me:secret@radio.example/live"
CARDS = [
    SoundDevice(device="pulse:alsa_input.usb", name="USB Audio", channels=1),
    SoundDevice(device="alsa:hw:CARD=PCH", name="Built-in", channels=2),
]
PCM = {
    "mode": "tcp_connect",
    "host": "sdr.local",
    "port": 7355.0,
    "sample_rate": 48_000.0,
    "channels": 1.0,
    "sample_format": "f32le",
}


@pytest.fixture
def find() -> Iterator[MagicMock]:
    """Find two sound cards."""
    with patch(f"{FLOW}.sound_card.find_in_child", return_value=CARDS) as find:
        yield find


@pytest.fixture
def call() -> Iterator[MagicMock]:
    """Hear a stream."""
    heard = StreamFormat(
        codec="mp3", sample_rate=44_100, channels=2, name="WXK", title=None
    )
    with patch(f"{FLOW}.stream.call_in_child", return_value=heard) as call:
        yield call


async def test_a_sound_card_is_chosen_from_a_list(
    hass: HomeAssistant, find: MagicMock
) -> None:
    form = await open_step(hass, "sound_card")
    find.assert_called_once_with(find_sound_devices)
    assert form["errors"] == {}
    assert labels(form, "device") == {
        "pulse:alsa_input.usb": "USB Audio",
        "alsa:hw:CARD=PCH": "Built-in",
    }
    assert suggested(form)["device"] == "pulse:alsa_input.usb"
    typed = {**NAMES, "device": "alsa:hw:CARD=PCH", "channel": 2.0}
    result = await send(hass, form["flow_id"], typed)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "sound_card:alsa:hw:CARD=PCH"
    assert result["data"] == {
        "source": "sound_card",
        "locations": [],
        "device": "alsa:hw:CARD=PCH",
        "channel": 2,
    }
    again = await send(hass, await open_form(hass, "sound_card"), typed)
    assert again["reason"] == "already_configured"


async def test_a_sound_card_may_be_typed(hass: HomeAssistant, find: MagicMock) -> None:
    flow_id = await open_form(hass, "sound_card")
    typed = {**NAMES, "device": "pulse:default", "channel": 0}
    assert (await send(hass, flow_id, typed))["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"device": "microphone"}, {"device": "invalid_device"}),
        ({"channel": 2}, {"channel": "no_such_channel"}),
        ({"locations": ["Ohio"]}, {"locations": "invalid_locations"}),
    ],
)
async def test_what_no_sound_card_has_is_told_at_its_field(
    hass: HomeAssistant, find: MagicMock, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    flow_id = await open_form(hass, "sound_card")
    filled = {**NAMES, "device": "pulse:alsa_input.usb", "channel": 0, **typed}
    form = await send(hass, flow_id, filled)
    assert form["errors"] == errors
    assert suggested(form) == filled


@pytest.mark.parametrize("reason", SourceErrorReason)
async def test_why_no_sound_card_can_be_looked_for_is_told(
    hass: HomeAssistant, find: MagicMock, reason: SourceErrorReason
) -> None:
    find.side_effect = SourceError(reason, "Do this.")
    form = await open_step(hass, "sound_card")
    assert form["errors"] == {"base": reason.value}
    assert form["description_placeholders"] == {"hint": "Do this."}


async def test_a_form_without_sound_cards_looks_again(
    hass: HomeAssistant, find: MagicMock
) -> None:
    find.return_value = []
    form = await open_step(hass, "sound_card")
    assert form["errors"] == {"base": "no_sound_cards"}
    find.return_value = CARDS
    form = await send(hass, form["flow_id"], {})
    assert form["errors"] == {}


async def test_a_stream_is_heard_before_it_is_set_up(
    hass: HomeAssistant, call: MagicMock
) -> None:
    flow_id = await open_form(hass, "stream")
    result = await send(hass, flow_id, {**NAMES, "url": f" {URL}\n"})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Home EAS"
    assert result["data"] == {"source": "stream", "locations": [], "url": URL}
    assert call.call_args.args == (probe, URL)
    # The same address is the same stream, whoever asks for it.
    flow_id = await open_form(hass, "stream")
    other = {**NAMES, "url": "https://radio.example/live"}
    assert (await send(hass, flow_id, other))["reason"] == "already_configured"


@pytest.mark.parametrize("reason", SourceErrorReason)
async def test_a_stream_that_cannot_be_heard_is_told_at_its_field(
    hass: HomeAssistant, call: MagicMock, reason: SourceErrorReason
) -> None:
    call.side_effect = SourceError(reason, f"See {URL}?token=abc and try again.")
    flow_id = await open_form(hass, "stream")
    form = await send(hass, flow_id, {**NAMES, "url": URL})
    assert form["errors"] == {"url": reason.value}
    told = "See https://***@radio.example/live?token=*** and try again."
    assert form["description_placeholders"] == {"hint": told}
    assert suggested(form)["url"] == URL


@pytest.mark.parametrize("url", ["", "radio", "ftp://host/a", "http://", "http://a:b"])
async def test_an_address_that_is_none_is_told_at_once(
    hass: HomeAssistant, call: MagicMock, url: str
) -> None:
    flow_id = await open_form(hass, "stream")
    form = await send(hass, flow_id, {**NAMES, "url": url})
    assert form["errors"] == {"url": "invalid_option"}
    call.assert_not_called()


async def test_places_of_a_stream_that_are_none_are_told(
    hass: HomeAssistant, call: MagicMock
) -> None:
    flow_id = await open_form(hass, "stream")
    form = await send(hass, flow_id, {"name": "A", "locations": ["1"], "url": URL})
    assert form["errors"] == {"locations": "invalid_locations"}
    call.assert_not_called()


async def test_raw_samples_are_set_up_as_they_are_said_to_be(
    hass: HomeAssistant,
) -> None:
    form = await open_step(hass, "pcm")
    assert suggested(form) == {
        "name": "Cuyahoga County EAS",
        "locations": ["039035"],
        "mode": "udp",
        "host": "0.0.0.0",
        "port": 7355,
        "sample_rate": 48_000,
        "channels": 1,
        "sample_format": "s16le",
    }
    result = await send(hass, form["flow_id"], {**NAMES, **PCM})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "pcm:tcp_connect:sdr.local:7355"
    assert result["data"] == {
        "source": "pcm",
        "locations": [],
        "mode": "tcp_connect",
        "host": "sdr.local",
        "port": 7355,
        "sample_rate": 48_000,
        "channels": 1,
        "sample_format": "f32le",
    }
    assert isinstance(result["data"]["port"], int)


async def test_a_text_that_is_no_number_is_none(hass: HomeAssistant) -> None:
    form = await open_step(hass, "pcm")
    with pytest.raises(InvalidData):
        await send(hass, form["flow_id"], {**NAMES, **PCM, "channels": "nan"})


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"host": " "}, {"host": "no_host"}),
        ({"host": "0.0.0.0"}, {"host": "no_host"}),
        ({"locations": ["12345"]}, {"locations": "invalid_locations"}),
    ],
)
async def test_raw_samples_from_nowhere_are_told(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    flow_id = await open_form(hass, "pcm")
    form = await send(hass, flow_id, {**NAMES, **PCM, **typed})
    assert form["errors"] == errors


async def test_who_waits_for_samples_needs_no_host(hass: HomeAssistant) -> None:
    flow_id = await open_form(hass, "pcm")
    result = await send(hass, flow_id, {**NAMES, **PCM, "mode": "udp", "host": ""})
    assert result["data"]["host"] == "0.0.0.0"


async def test_a_port_is_listened_on_by_one_station(hass: HomeAssistant) -> None:
    MockConfigEntry(domain=DOMAIN, unique_id="pcm:udp:7355").add_to_hass(hass)
    flow_id = await open_form(hass, "pcm")
    result = await send(hass, flow_id, {**NAMES, **PCM, "mode": "udp"})
    assert result["reason"] == "already_configured"
