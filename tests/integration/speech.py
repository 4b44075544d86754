"""Speech-to-text engines for tests, and recordings with a voice for them."""

import asyncio
from collections.abc import AsyncIterable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from homeassistant.components import stt
from homeassistant.config_entries import ConfigEntry, ConfigFlow
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.setup import async_setup_component
import numpy as np
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

from custom_components.eas_station.coordinator import EasStationCoordinator
from custom_components.eas_station.eas_core.station import (
    Alert,
    RecordingEnd,
    RecordingFinished,
)
from custom_components.eas_station.eas_core.station.recording_files import (
    RecordedFile,
    Recording,
    recording_name,
    write_sidecar,
)
from eas_core.audio.files import write_wav
from eas_core.modem.encoder import encode_message, silence
from tests.integration.alerts import set_up

RATE = 16_000
ENGINE = "stt.ears"
SAID = "The National Weather Service in Cleveland has issued a tornado warning."


class EarsFlow(ConfigFlow, domain="ears"):
    """Never asked; Home Assistant wants one for each entry."""


class Engine(stt.SpeechToTextEntity):
    """Decodes nothing: it keeps what it is sent and says a sentence."""

    _attr_name = "Ears"
    _attr_unique_id = "ears"

    def __init__(
        self,
        says: str | BaseException | None = SAID,
        *,
        hangs: bool = False,
        fails: bool = False,
        rates: tuple[int, ...] = (16_000,),
        codec: stt.AudioCodecs = stt.AudioCodecs.PCM,
        languages: tuple[str, ...] = ("de", "en-US", "es"),
    ) -> None:
        self.says = says
        self.hangs = hangs
        self.fails = fails
        self._rates = [stt.AudioSampleRates(rate) for rate in rates]
        self._codec = codec
        self._languages = list(languages)
        self.heard: list[tuple[stt.SpeechMetadata, bytes]] = []
        self.at_once = 0
        self.most_at_once = 0

    @property
    def supported_languages(self) -> list[str]:
        return self._languages

    @property
    def supported_formats(self) -> list[stt.AudioFormats]:
        return [stt.AudioFormats.WAV]

    @property
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        return [self._codec]

    @property
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        return [stt.AudioBitRates.BITRATE_16]

    @property
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        return self._rates

    @property
    def supported_channels(self) -> list[stt.AudioChannels]:
        return [stt.AudioChannels.CHANNEL_MONO]

    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.heard.append((metadata, b"".join([part async for part in stream])))
            await asyncio.sleep(0)
            while self.hangs:
                await self._hang()
            if isinstance(self.says, BaseException):
                raise self.says
            state = stt.SpeechResultState
            return stt.SpeechResult(
                self.says, state.ERROR if self.fails else state.SUCCESS
            )
        finally:
            self.at_once -= 1

    async def _hang(self) -> None:
        """Hang as badly as can be: be cancelled, and go on."""
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            return


class OldEngine(stt.Provider):
    """The same by a platform of the old kind, which has a name and no entity."""

    name = "old"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def supported_languages(self) -> list[str]:
        return self._engine.supported_languages

    @property
    def supported_formats(self) -> list[stt.AudioFormats]:
        return self._engine.supported_formats

    @property
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        return self._engine.supported_codecs

    @property
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        return self._engine.supported_bit_rates

    @property
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        return self._engine.supported_sample_rates

    @property
    def supported_channels(self) -> list[stt.AudioChannels]:
        return self._engine.supported_channels

    async def async_process_audio_stream(
        self, metadata: stt.SpeechMetadata, stream: AsyncIterable[bytes]
    ) -> stt.SpeechResult:
        return await self._engine.async_process_audio_stream(metadata, stream)


async def add_engine(hass: HomeAssistant, *engines: Engine) -> MockConfigEntry:
    """Set up an integration with one speech-to-text engine: stt.ears, another at each set-up."""
    left = list(engines)

    async def set_up(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.STT])
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, [Platform.STT])

    async def add(
        hass: HomeAssistant,
        entry: ConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        async_add_entities([left.pop(0)])

    assert await async_setup_component(hass, "stt", {})
    module = MockModule("ears", async_setup_entry=set_up, async_unload_entry=unload)
    mock_integration(hass, module)
    mock_platform(hass, "ears.config_flow")
    mock_platform(hass, "ears.stt", MockPlatform(async_setup_entry=add))
    entry = MockConfigEntry(domain="ears")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def listening(
    hass: HomeAssistant, entry: MockConfigEntry, *engines: Engine, **options: str
) -> EasStationCoordinator:
    """Set up a station that transcribes with an engine."""
    await add_engine(hass, *engines)
    entry.add_to_hass(hass)
    chosen = {"transcript_engine": ENGINE} | options
    hass.config_entries.async_update_entry(entry, options=chosen)
    return await set_up(hass, entry)


def noise(seconds: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    rng = np.random.default_rng(2)
    return (0.05 * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def recorded(
    folder: Path, begun: Alert, voice: float | None = 3.0
) -> RecordingFinished:
    """Put a recording of an alert's message on the disk; return what is told of it.

    With a second of silence before and after the voice, as broadcasts have it.
    """
    header = begun.best_guess
    message = encode_message(
        header,
        RATE,
        attention=None,
        voice=None if voice is None else noise(voice),
    )
    audio = np.concatenate((silence(0.5, RATE), message, silence(0.5, RATE)))
    name = recording_name(begun.received, begun.event_code, begun.id)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.flac"
    write_wav(path, audio, RATE)
    seconds = len(audio) / RATE
    recording = Recording(
        name=name,
        station="Home EAS",
        channel="main",
        alert=asdict(begun),
        started=begun.received,
        ended=begun.received + timedelta(seconds=seconds),
        duration_s=seconds,
        sample_rate=RATE,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        whole=RecordedFile(
            name=path.name,
            codec="flac",
            bytes=path.stat().st_size,
            sample_rate=RATE,
            duration_s=seconds,
        ),
    )
    write_sidecar(folder, recording)
    return RecordingFinished(
        at=begun.received,
        name=name,
        alert_id=begun.id,
        channel="main",
        path=str(path),
        copy_path=None,
        duration_s=seconds,
        ended_by=RecordingEnd.END_OF_MESSAGE,
        complete=True,
        lost_s=0.0,
    )
