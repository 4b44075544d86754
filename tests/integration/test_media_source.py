"""Recordings in the media browser, and over HTTP as its players fetch them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.media_player.browse_media import SearchMediaQuery
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    PlayMedia,
    Unresolvable,
    async_browse_media,
    async_resolve_media,
    async_search_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.eas_station.eas_core.station import RecordingFinished
from eas_core.audio.files import read_blocks
from eas_core.modem.attention import AttentionDetector
from eas_core.modem.decoder import SameDecoder
from tests.integration.recorded import record, recording_entry, spoken

type HttpClient = TestClient[Any, Any]
type Client = Callable[[], Awaitable[HttpClient]]

ROOT = "media-source://eas_station"


@pytest.fixture(autouse=True)
async def media(hass: HomeAssistant) -> None:
    """Media sources, and days that begin at midnight in Cleveland."""
    await hass.config.async_set_time_zone("America/New_York")
    assert await async_setup_component(hass, "media_source", {})


@pytest.fixture
async def finished(
    hass: HomeAssistant, tmp_path: Path, header: str
) -> RecordingFinished:
    """A recording of a tornado warning, in a station that has heard all of it."""
    entry = recording_entry(tmp_path / "on_air.wav", spoken(header))
    _, (finished,) = await record(hass, entry)
    return finished


@pytest.fixture
def uri(finished: RecordingFinished) -> str:
    return f"{ROOT}/recording_entry/{finished.name}"


async def browse(hass: HomeAssistant, identifier: str) -> BrowseMediaSource:
    found = await async_browse_media(hass, identifier)
    assert isinstance(found, BrowseMediaSource)
    return found


async def children(hass: HomeAssistant, identifier: str) -> list[BrowseMediaSource]:
    found = (await browse(hass, identifier)).children
    return [each for each in found or () if isinstance(each, BrowseMediaSource)]


async def resolve(hass: HomeAssistant, identifier: str) -> PlayMedia:
    return await async_resolve_media(hass, identifier, "media_player.bedroom")


async def fetched(
    hass: HomeAssistant, client: HttpClient, url: str
) -> tuple[bytes, str]:
    """Fetch as a player does, which knows a signed path and no password."""
    signed = async_sign_path(
        hass, url, timedelta(minutes=1), refresh_token_id=None, use_content_user=True
    )
    answer = await client.get(signed)
    assert answer.status == HTTPStatus.OK
    return await answer.read(), answer.headers["Content-Type"]


def heard_in(data: bytes) -> tuple[float, list[str], bool]:
    """Return a file's seconds, the messages in it, and whether a tone is."""
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        blocks = list(read_blocks(file.name))
    audio, rate = np.concatenate([one.samples for one in blocks]), blocks[0].sample_rate
    decoder, tones = SameDecoder(rate), AttentionDetector(rate)
    messages = [*decoder.feed(audio), *decoder.flush()]
    tone = [*tones.feed(audio), *tones.flush()]
    return len(audio) / rate, [each.header for each in messages], bool(tone)


async def test_recordings_are_found_by_station_and_day_and_open_into_their_parts(
    hass: HomeAssistant, finished: RecordingFinished, uri: str
) -> None:
    everything = await browse(hass, ROOT)
    assert everything.title == "EAS Station"
    (station,) = await children(hass, ROOT)
    assert station.title == "Home EAS"
    live, day = await children(hass, station.media_content_id)
    assert live.title == "Live: Home EAS"
    heard = dt_util.as_local(finished.at)
    assert day.title == f"{heard:%Y-%m-%d} (1)"
    (item,) = await children(hass, day.media_content_id)
    assert item.media_content_id == uri
    what, at, *places = item.title.split(", ")
    assert what == "Tornado Warning"
    assert abs(int(at[3:]) - heard.minute) in (0, 1, 59)
    assert places[0] == "Cuyahoga County"
    length = round(finished.duration_s)
    assert places[1] == f"Wood County (0:{length:02d})"
    assert item.can_play
    assert item.thumbnail == "/api/brands/integration/eas_station/icon.png"
    parts = await children(hass, item.media_content_id)
    assert [each.title.rpartition(" (")[0] for each in parts] == [
        "Voice",
        "Attention signal",
        "Header, not for loudspeakers",
        "Whole with tones, not for loudspeakers",
    ]
    assert all(each.can_play for each in parts)


async def test_what_plays_is_the_copy_without_tones(
    hass: HomeAssistant, finished: RecordingFinished, uri: str, hass_client: Client
) -> None:
    client = await hass_client()
    media = await resolve(hass, uri)
    assert media.mime_type == "audio/mpeg"
    assert str(media.path) == finished.copy_path
    data, mime_type = await fetched(hass, client, media.url)
    assert mime_type == "audio/mpeg"
    seconds, messages, tone = heard_in(data)
    assert seconds == pytest.approx(4.0, abs=1.5)
    assert (messages, tone) == ([], False)


PARTS = {
    "voice": ("audio/mpeg", 4.0, False, False),
    "tone": ("audio/mpeg", 3.0, False, True),
    "header": ("audio/mpeg", 6.0, True, False),
    "whole": ("audio/flac", 16.4, True, True),
}
"""What each is, how long, and whether a header and an attention signal are in it."""


async def test_each_part_plays_by_itself(
    hass: HomeAssistant, uri: str, hass_client: Client, header: str
) -> None:
    client = await hass_client()
    for part, (mime_type, length, has_header, has_tone) in PARTS.items():
        media = await resolve(hass, f"{uri}/{part}")
        assert media.mime_type == mime_type
        data, _ = await fetched(hass, client, media.url)
        seconds, messages, tone = heard_in(data)
        assert seconds == pytest.approx(length, abs=2.5)
        assert (header in messages, tone) == (has_header, has_tone), part
        base = media.url.removesuffix(f"/{part}")
        by_query, _ = await fetched(hass, client, f"{base}?part={part}")
        assert by_query == data


async def test_a_player_can_seek(
    hass: HomeAssistant, uri: str, hass_client: Client
) -> None:
    client = await hass_client()
    for identifier in (uri, f"{uri}/voice"):
        await seek(hass, client, await resolve(hass, identifier))


async def seek(hass: HomeAssistant, client: HttpClient, media: PlayMedia) -> None:
    whole, _ = await fetched(hass, client, media.url)
    size = len(whole)
    for asked, start, end in (
        ("bytes=100-199", 100, 199),
        ("bytes=1000-", 1000, size - 1),
        ("bytes=-50", size - 50, size - 1),
    ):
        answer = await client.get(media.url, headers={"Range": asked})
        assert answer.status == HTTPStatus.PARTIAL_CONTENT
        assert await answer.read() == whole[start : end + 1]
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
    answer = await client.get(media.url, headers={"Range": "bytes=0-"})
    assert await answer.read() == whole
    answer = await client.get(media.url, headers={"Range": "bytes=99999999-"})
    assert answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    answer = await client.head(media.url)
    assert answer.status == HTTPStatus.OK
    assert answer.headers["Content-Length"] == str(len(whole))
    assert answer.headers["Accept-Ranges"] == "bytes"


async def test_nobody_hears_a_recording_who_is_not_logged_in(
    hass: HomeAssistant, uri: str, hass_client_no_auth: Client
) -> None:
    client = await hass_client_no_auth()
    media = await resolve(hass, uri)
    for url in (media.url, f"{media.url}/whole", f"{media.url}?part=voice"):
        assert (await client.get(url)).status == HTTPStatus.UNAUTHORIZED


NO_RECORDINGS = (
    "nobody/20260608T183012345Z-TOR-0123456789abcdef",
    "recording_entry",
    "recording_entry/2026-06-08",
    "recording_entry/20260608T183012345Z-TOR-0123456789abcdef",
    "recording_entry/../other/20260608T183012345Z-TOR-0123456789abcdef",
    "recording_entry/..%2f..%2fsecrets",
    "recording_entry/.",
    "recording_entry/" + "A" * 5000,
    "../../etc/passwd",
    "{}/voice/voice",
    "{}/end",
    "{}/../{}",
    "{}.flac",
)


async def test_what_is_no_recording_is_refused_with_a_sentence(
    hass: HomeAssistant, uri: str, hass_client: Client
) -> None:
    client = await hass_client()
    here = uri.removeprefix(f"{ROOT}/")
    for one in NO_RECORDINGS:
        identifier = one.format(here, here)
        with pytest.raises(Unresolvable, match="cannot be played"):
            await resolve(hass, f"{ROOT}/{identifier}")
        answer = await client.get(f"/api/eas_station/recording/{identifier}")
        assert answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
    with pytest.raises(Unresolvable):
        await resolve(hass, f"{ROOT}/recording_entry/\x00")
    answer = await client.get(f"/api/eas_station/recording/{here}?part=end")
    assert answer.status == HTTPStatus.NOT_FOUND


async def test_what_is_not_there_cannot_be_browsed(
    hass: HomeAssistant, finished: RecordingFinished
) -> None:
    for there in ("nobody", "recording_entry/2026-13-01", "recording_entry/a/b/c"):
        with pytest.raises(BrowseError):
            await browse(hass, f"{ROOT}/{there}")
    assert await children(hass, f"{ROOT}/recording_entry/2000-01-01") == []


async def test_recordings_are_found_by_words(
    hass: HomeAssistant, finished: RecordingFinished, uri: str
) -> None:
    async def found(text: str, identifier: str = ROOT) -> list[str]:
        result = await async_search_media(
            hass, identifier, SearchMediaQuery(search_query=text)
        )
        return [each.media_content_id for each in result.result]

    assert await found("tornado cuyahoga") == [uri]
    assert await found("TOR", f"{ROOT}/recording_entry") == [uri]
    assert await found(f"{dt_util.as_local(finished.at):%Y-%m-%d}") == [uri]
    assert await found("flood") == []


async def test_a_message_without_a_voice_plays_only_what_is_asked_for(
    hass: HomeAssistant, file_entry: MockConfigEntry
) -> None:
    _, (finished,) = await record(hass, file_entry)
    assert finished.copy_path is None
    uri = f"{ROOT}/{file_entry.entry_id}/{finished.name}"
    with pytest.raises(Unresolvable, match="nothing is for people"):
        await resolve(hass, uri)
    assert (await resolve(hass, f"{uri}/header")).mime_type == "audio/mpeg"
    with pytest.raises(Unresolvable, match="has no voice"):
        await resolve(hass, f"{uri}/voice")
    assert not (await browse(hass, uri)).can_play


async def test_recordings_stay_browsable_where_nothing_is_recorded_any_more(
    hass: HomeAssistant, finished: RecordingFinished, uri: str
) -> None:
    (entry,) = hass.config_entries.async_entries("eas_station")
    hass.config_entries.async_update_entry(entry, options={"record": False})
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await resolve(hass, uri)).mime_type == "audio/mpeg"
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (await resolve(hass, uri)).mime_type == "audio/mpeg"
    _, day = await children(hass, f"{ROOT}/recording_entry")
    assert len(await children(hass, day.media_content_id)) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_what_is_still_on_the_air_says_to_wait(
    hass: HomeAssistant, finished: RecordingFinished, uri: str
) -> None:
    sidecar = Path(finished.path).with_suffix(".json")
    await hass.async_add_executor_job(sidecar.unlink)
    with pytest.raises(Unresolvable, match="Wait for its end"):
        await resolve(hass, uri)
