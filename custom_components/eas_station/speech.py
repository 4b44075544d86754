"""Home Assistant's speech-to-text engines: which there are, and what one makes of a voice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from homeassistant.components import stt
from homeassistant.components.stt.const import DATA_COMPONENT, DATA_PROVIDERS
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import language as language_util

WANTED_RATE: Final = stt.AudioSampleRates.SAMPLERATE_16000
CHUNK_BYTES: Final = 4096

type Engine = stt.SpeechToTextEntity | stt.Provider


class SpeechProblem(StrEnum):
    """Why there is no transcript."""

    NO_ENGINE = "no_engine"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    UNREADABLE = "unreadable"


class SpeechError(Exception):
    """No transcript; the text says what to do."""

    def __init__(self, problem: SpeechProblem, hint: str) -> None:
        """Keep why."""
        super().__init__(hint)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class EngineForm:
    """An engine, and how it takes a voice."""

    engine: Engine
    metadata: stt.SpeechMetadata

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return int(self.metadata.sample_rate)


@callback
def speech_engines(hass: HomeAssistant) -> dict[str, str]:
    """Return the names of the engines that there are, by their ids."""
    if DATA_COMPONENT not in hass.data:
        return {}
    ids = [entity.entity_id for entity in hass.data[DATA_COMPONENT].entities]
    states = {engine_id: hass.states.get(engine_id) for engine_id in ids}
    names = {key: state.name if state else key for key, state in states.items()}
    return names | {name: name for name in hass.data[DATA_PROVIDERS]}


@callback
def find_engine(hass: HomeAssistant, engine_id: str) -> Engine | None:
    """Return an engine, None where it is not there now."""
    if DATA_COMPONENT not in hass.data:
        return None
    return stt.async_get_speech_to_text_engine(hass, engine_id)


@callback
def is_gone(hass: HomeAssistant, engine_id: str) -> bool:
    """Whether an engine is not there and will not come back by itself."""
    if find_engine(hass, engine_id) is not None:
        return False
    known = er.async_get(hass).async_get(engine_id)
    return known is None or known.disabled_by is not None


@callback
def engine_form(hass: HomeAssistant, engine_id: str, language: str) -> EngineForm:
    """Return an engine and how it takes a voice in a language; raises SpeechError.

    At 16 kHz where it does, else at the next rate that it takes.
    """
    engine = find_engine(hass, engine_id)
    if engine is None:
        raise SpeechError(
            SpeechProblem.NO_ENGINE,
            f"See why {engine_id} is not there, or choose another",
        )
    languages = language_util.matches(language, engine.supported_languages, "US")
    if not languages:
        raise SpeechError(
            SpeechProblem.UNSUPPORTED,
            f"Choose another engine: {engine_id} does not know the language {language}",
        )
    rates = sorted(
        engine.supported_sample_rates, key=lambda rate: (rate < WANTED_RATE, rate)
    )
    metadata = stt.SpeechMetadata(
        language=languages[0],
        format=stt.AudioFormats.WAV,
        codec=stt.AudioCodecs.PCM,
        bit_rate=stt.AudioBitRates.BITRATE_16,
        sample_rate=rates[0] if rates else WANTED_RATE,
        channel=stt.AudioChannels.CHANNEL_MONO,
    )
    if not engine.check_metadata(metadata):
        raise SpeechError(
            SpeechProblem.UNSUPPORTED,
            f"Choose another engine: {engine_id} does not take 16 bit PCM in mono",
        )
    return EngineForm(engine, metadata)


async def async_transcribe(
    hass: HomeAssistant, form: EngineForm, pcm: bytes, limit_seconds: float
) -> str:
    """Return what an engine hears in 16 bit samples, "" for nothing; raises SpeechError.

    An engine that takes longer is left behind, even one that cannot be cancelled.
    """
    engine, metadata = form.engine, form.metadata
    process = (
        engine.internal_async_process_audio_stream
        if isinstance(engine, stt.SpeechToTextEntity)
        else engine.async_process_audio_stream
    )
    task = hass.async_create_background_task(
        process(metadata, _chunks(pcm)), "eas_station transcript"
    )
    try:
        done, _ = await asyncio.wait({task}, timeout=limit_seconds)
    finally:
        task.cancel()
        task.add_done_callback(_forget)
    if not done:
        raise SpeechError(
            SpeechProblem.TIMED_OUT,
            f"Choose a faster engine: it was not done after {limit_seconds:.0f} s",
        )
    return _text_of(task)


def _text_of(task: asyncio.Task[stt.SpeechResult]) -> str:
    error = None if task.cancelled() else task.exception()
    if task.cancelled() or error is not None:
        raise SpeechError(
            SpeechProblem.FAILED, f"See the engine's own log: it failed with {error!r}"
        ) from error
    result = task.result()
    if result.result is not stt.SpeechResultState.SUCCESS:
        raise SpeechError(
            SpeechProblem.FAILED, "See the engine's own log: it says that it failed"
        )
    return (result.text or "").strip()


async def _chunks(pcm: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(pcm), CHUNK_BYTES):
        yield pcm[start : start + CHUNK_BYTES]


def _forget(task: asyncio.Task[stt.SpeechResult]) -> None:
    """Take what a task left behind may still raise."""
    if not task.cancelled():
        task.exception()
