"""A real hass hears a warning, records it, and has a Wyoming server say what its voice said."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eas_core.audio.encoding import to_float
from eas_core.audio.files import write_wav
from eas_core.modem.attention import AttentionDetector
from eas_core.modem.decoder import SameDecoder
from eas_core.modem.encoder import encode_message, silence
from script.hass_process import HassProcess, complaints
from tests.peers.wyoming import WyomingServer

SECONDS = 90.0
RATE = 16_000
VOICE_SECONDS = 4.0
SAID = "A tornado was near Parma. Take cover now."


@pytest.fixture
async def parrot() -> AsyncIterator[WyomingServer]:
    """A speech-to-text server."""
    server = WyomingServer(SAID)
    yield server
    await server.stop()


def warning(folder: Path) -> Path:
    """Write a tornado warning that is issued now, as it would be broadcast, to a file."""
    issued = datetime.now(UTC).strftime("%j%H%M")
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(round(VOICE_SECONDS * RATE)).astype(np.float32)
    message = encode_message(
        f"ZCZC-WXR-TOR-039035+0030-{issued}-KCLE/NWS-",
        RATE,
        attention="nwr",
        attention_seconds=8.0,
        voice=np.float32(0.05) * noise,
    )
    path = folder / "warning.wav"
    lead = silence(1.0, RATE)
    write_wav(path, np.concatenate((lead, message, lead)), RATE)
    return path


async def choose_engine(hass: HassProcess, entry_id: str, engine: str) -> None:
    """Choose a speech-to-text engine in the options, as a user does."""
    path = "/api/config/config_entries/options/flow"
    menu = await hass.post(path, json={"handler": entry_id})
    flow = f"{path}/{menu['flow_id']}"
    await hass.post(flow, json={"next_step_id": "texts"})
    typed = {
        "transcript_engine": engine,
        "transcript_language": "en",
        "nws_text": False,
    }
    made = await hass.post(flow, json=typed)
    assert made["type"] == "create_entry"


async def test_a_wyoming_server_gets_the_voice_alone_and_its_words_are_kept(
    hass_process: HassProcess, parrot: WyomingServer, tmp_path: Path
) -> None:
    path = "/api/config/config_entries/flow"
    form = await hass_process.post(path, json={"handler": "wyoming"})
    where = {"host": "127.0.0.1", "port": await parrot.start()}
    made = await hass_process.post(f"{path}/{form['flow_id']}", json=where)
    assert made["type"] == "create_entry"

    async with hass_process.websocket() as websocket:
        for event_type in ("eas_alert", "eas_transcript"):
            await websocket.command(type="subscribe_events", event_type=event_type)
        station = await hass_process.set_up(
            "file", name="Live EAS", path=str(warning(tmp_path / "media")), loop=False
        )
        entry_id = station["result"]["entry_id"]
        await choose_engine(hass_process, entry_id, "stt.parrot")
        alert = await websocket.wait_for(
            lambda event: event["event_type"] == "eas_alert", SECONDS
        )
        transcript = await websocket.wait_for(
            lambda event: event["event_type"] == "eas_transcript", SECONDS
        )
        history = await websocket.command(type="eas_station/history", entry_id=entry_id)

    told: dict[str, Any] = transcript["data"]
    assert told["alert_id"] == alert["data"]["id"]
    assert told["text"] == SAID
    assert (told["engine"], told["language"]) == ("stt.parrot", "en")
    assert history["entries"][0]["transcript"] == SAID

    assert parrot.formats == [(RATE, 2, 1)]
    assert parrot.languages == ["en"]
    voice = to_float(np.frombuffer(parrot.heard[0], "<i2"))
    # With a second of silence to either side, less a quarter beside tone and bursts.
    assert len(voice) / RATE == pytest.approx(VOICE_SECONDS + 1.5, abs=0.3)
    assert len(voice) / RATE == pytest.approx(told["seconds"], abs=0.01)
    spoken = voice[RATE:-RATE]
    assert np.sqrt(np.square(spoken).mean()) == pytest.approx(0.05, rel=0.2)
    decoder, attention = SameDecoder(RATE), AttentionDetector(RATE)
    ended = np.concatenate((voice, silence(5.0, RATE)))
    assert decoder.feed(ended) + decoder.flush() == []
    assert decoder.malformed == 0
    assert attention.feed(voice) + attention.flush() == []

    # What is told comes first, the sidecar a moment later.
    assert await hass_process.stop() == 0
    (sidecar,) = (tmp_path / "media" / "eas_station" / entry_id).glob("*.json")
    assert json.loads(sidecar.read_bytes())["transcript"] == SAID
    assert "Detected blocking call" not in hass_process.log
    assert complaints(hass_process.log) == []
