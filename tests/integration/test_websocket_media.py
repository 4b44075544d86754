"""Where recordings are played from: signed addresses, for a while, and nothing loud by itself."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)
from yarl import URL

from custom_components.eas_station.websocket.media import SIGNED_FOR
from tests.integration.recorded import record, recording_entry, spoken
from tests.integration.sockets import command, refusal, subscribe


@pytest.fixture
async def recorded(hass: HomeAssistant, tmp_path: Path, header: str) -> str:
    """The name of a recording that a station has made."""
    entry = recording_entry(tmp_path / "tornado.wav", spoken(header))
    _, (finished,) = await record(hass, entry)
    return finished.name


async def test_a_recording_is_played_by_a_signed_address(
    hass: HomeAssistant,
    recorded: str,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_ws_client()
    uri = f"media-source://eas_station/recording_entry/{recorded}"
    answer = await command(client, type="eas_station/recording", recording=uri)
    found = answer["result"]
    assert set(found) == {"url", "mime_type", "duration_s"}
    assert found["mime_type"] == "audio/mpeg"
    assert 3 < found["duration_s"] < 8, "the voice, without tones"

    http = await hass_client_no_auth()
    audio = await http.get(found["url"])
    assert audio.status == 200
    assert audio.headers["Content-Type"] == "audio/mpeg"
    piece = await http.get(found["url"], headers={"Range": "bytes=0-99"})
    assert len(await piece.read()) == 100
    assert (await http.get(found["url"].partition("?")[0])).status == 401
    other = found["url"].replace(recorded, recorded.replace("TOR", "SVR"))
    assert (await http.get(other)).status == 401


async def test_an_address_is_of_one_thing_and_for_a_while(
    hass: HomeAssistant,
    recorded: str,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    client = await hass_ws_client()
    answer = await command(client, type="eas_station/recording", name=recorded)
    url: str = answer["result"]["url"]
    path, _, signature = url.partition("?")
    http = await hass_client_no_auth()
    for other in (
        f"{url}&part=whole",
        f"{path}/whole?{signature}",
        f"{path}?part=whole",
        f"/api/eas_station/live/recording_entry/main?{signature}",
        f"{path}?{signature[:-4]}AAAA",
    ):
        assert (await http.get(other)).status == HTTPStatus.UNAUTHORIZED, other
    freezer.tick(SIGNED_FOR - timedelta(seconds=10))
    assert (await http.get(url)).status == HTTPStatus.OK
    freezer.tick(timedelta(seconds=20))
    assert (await http.get(url)).status == HTTPStatus.UNAUTHORIZED


@pytest.mark.usefixtures("coordinator")
async def test_no_path_is_a_recordings_name(
    hass_client: ClientSessionGenerator,
) -> None:
    client = await hass_client()
    for name in (
        "%2Fetc%2Fpasswd",
        "..",
        "..%2F..%2Fsecrets.yaml",
        "20260608T183012345Z-TOR-0%00.mp3",
        "20260608T183012345Z-TOR-..%2F..%2Fx",
    ):
        address = f"/api/eas_station/recording/simulator_entry/{name}"
        answer = await client.get(URL(address, encoded=True))
        # Home Assistant's own filter refuses some of them.
        assert answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND), name


@pytest.mark.parametrize(
    ("part", "mime_type", "least", "most"),
    [
        ("voice", "audio/mpeg", 3, 6),
        ("tone", "audio/mpeg", 2, 4),
        ("whole", "audio/flac", 10, 25),
    ],
)
async def test_a_part_is_played_when_it_is_asked_for(
    recorded: str,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
    part: str,
    mime_type: str,
    least: float,
    most: float,
) -> None:
    client = await hass_ws_client()
    answer = await command(
        client, type="eas_station/recording", name=recorded, part=part
    )
    found = answer["result"]
    assert found["mime_type"] == mime_type
    assert least < found["duration_s"] < most
    audio = await (await hass_client_no_auth()).get(found["url"])
    assert audio.status == 200
    assert audio.headers["Content-Type"] == mime_type


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "invalid_format"),
        ({"name": "a", "recording": "b"}, "invalid_format"),
        ({"name": 7}, "invalid_format"),
        ({"part": "loudest"}, "invalid_format"),
        ({"name": "../../secrets.yaml"}, "not_found"),
        ({"name": "20260608T183012345Z-TOR-0123456789abcdef"}, "not_found"),
        ({"recording": "https://example.com/tornado.mp3"}, "not_found"),
        ({"recording": "media-source://eas_station/elsewhere/a"}, "not_found"),
        ({"recording": "media-source://eas_station/"}, "not_found"),
        (
            {
                "entry_id": "simulator_entry",
                "recording": "media-source://eas_station/elsewhere/a",
            },
            "not_found",
        ),
    ],
)
async def test_what_is_no_recording_is_refused(
    hass_ws_client: WebSocketGenerator, asked: dict[str, Any], code: str
) -> None:
    client = await hass_ws_client()
    error = await refusal(client, type="eas_station/recording", **asked)
    assert error["code"] == code


async def test_a_message_without_a_voice_has_nothing_for_people(
    hass: HomeAssistant,
    recording: Path,
    file_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    _, (finished,) = await record(hass, file_entry)
    client = await hass_ws_client()
    error = await refusal(
        client, type="eas_station/recording", name=finished.name, part="tone"
    )
    assert error["code"] == "not_found"
    assert "has no tone" in error["message"]


async def test_a_channel_is_heard_live_by_a_signed_address(
    hass: HomeAssistant,
    loopback: None,
    in_cleveland: None,
    simulator_entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    simulator_entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(simulator_entry.entry_id)
    client = await hass_ws_client()
    assert (await subscribe(client, levels=False))["live"] is True
    await client.send_json_auto_id({"type": "eas_station/live", "channel": "main"})
    while (answer := await client.receive_json())["type"] != "result":
        pass
    assert answer["result"]["mime_type"] == "audio/mpeg"
    http = await hass_client_no_auth()
    audio = await http.get(answer["result"]["url"])
    assert audio.status == 200
    assert len(await audio.content.readexactly(2000)) == 2000
    audio.close()
    bare = answer["result"]["url"].partition("?")[0]
    assert (await http.get(bare)).status == 401
    await hass.config_entries.async_unload(simulator_entry.entry_id)


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "invalid_format"),
        ({"channel": None}, "invalid_format"),
        ({"channel": "162.550"}, "not_found"),
        ({"channel": "../main"}, "not_found"),
    ],
)
async def test_what_is_no_channel_is_refused(
    hass_ws_client: WebSocketGenerator, asked: dict[str, Any], code: str
) -> None:
    client = await hass_ws_client()
    error = await refusal(client, type="eas_station/live", **asked)
    assert error["code"] == code
