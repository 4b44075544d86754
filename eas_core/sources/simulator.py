"""A small weather radio that is not on the air: voice, tests and warnings.

It needs no hardware and no network. What it sends is decoded inside and never
played (47 CFR 11.45).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
import threading
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.block import AudioBlock
from ..audio.files import AudioFileError, read_blocks
from ..clock import Clock
from ..modem.encoder import Attention, encode_message, silence
from ..same.header import Header
from .file import file_error
from .pace import Pace

type Audio = NDArray[np.float32]

SAMPLE_RATE: Final = 16_000
BLOCK_SECONDS: Final = 0.1
NOISE_DBFS: Final = -50.0
TONE_AMPLITUDE: Final = 0.25
ATTENTION_SECONDS: Final = 5.0
SPOKEN_SECONDS: Final = 6.0
"""What is said between the attention signal and the end of a message."""

WARNINGS: Final = ("TOR", "SVR", "FFW", "SMW")
WARNING_PURGE: Final = "0030"
TEST_PURGE: Final = "0100"
WEEKLY_TEST_DAY: Final = 2
WEEKLY_TEST_HOUR: Final = 17
"""Wednesday noon in the east of the country, in UTC, when offices send theirs."""

PAUSE_BETWEEN_REPLAYS: Final = 5.0
_VOICE: Final = Path(__file__).parent / "data" / "voice.ogg"


class SimulatorSource:
    """Loops a voice with noise, sends a test each week and warnings in turn.

    The first warning comes after `first_alert_seconds`, the next ones every
    `interval_seconds` after its beginning, for `locations`. With `recording`
    that file is replayed over and over in their place. The same seed, clock
    and options give the same audio.
    """

    kind: Final = "simulator"

    def __init__(
        self,
        locations: Sequence[str],
        *,
        call_sign: str = "KSIM/NWS",
        first_alert_seconds: float = 15.0,
        interval_seconds: float = 1800.0,
        recording: str | Path | None = None,
        seed: int = 0,
        live: bool = True,
        voice_from: float = 0.0,
    ) -> None:
        """Take what it sends; raises HeaderError for places or a sign not in form."""
        self.live = live
        self._locations = tuple(locations)
        self._call_sign = call_sign
        self._first = first_alert_seconds
        self._interval = interval_seconds
        self._recording = recording
        self._seed = seed
        self._voice_from = voice_from
        self._header("RWT", datetime(2000, 1, 1, tzinfo=UTC), TEST_PURGE)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[AudioBlock]:
        """Yield a tenth of a second at a time, at the pace of the clock."""
        pace = Pace(clock, stop)
        noise = _Noise(self._seed)
        position = 0
        for samples in self.programme(clock):
            block = AudioBlock(
                samples=noise.under(samples),
                sample_rate=SAMPLE_RATE,
                first_sample=position,
            )
            if not pace.wait(block):
                return
            position += len(samples)
            yield block

    def programme(self, clock: Clock) -> Iterator[Audio]:
        """Yield what is said and sent, without noise: float32[up to a tenth of a second] at SAMPLE_RATE.

        As fast as it is asked for; the clock tells what time messages are of.
        """
        if self._recording is not None:
            yield from self._replay(self._recording)
            return
        size = round(SAMPLE_RATE * BLOCK_SECONDS)
        voice = _load_voice(_VOICE)
        warnings = cycle(WARNINGS)
        heard, due = 0.0, self._first
        at = round(self._voice_from * SAMPLE_RATE) % len(voice)
        before = clock.now()
        while True:
            now = clock.now()
            event = None
            if heard >= due:
                due += self._interval
                event, purge = next(warnings), WARNING_PURGE
            elif _weekly_test_between(before, now):
                event, purge = "RWT", TEST_PURGE
                before = now
            if event is not None:
                said = _slice(voice, 0, round(SPOKEN_SECONDS * SAMPLE_RATE))
                message = self._message(self._header(event, now, purge), said)
                yield from _cut(message, size)
                heard += len(message) / SAMPLE_RATE
                continue
            yield _slice(voice, at, size)
            at = (at + size) % len(voice)
            heard += BLOCK_SECONDS

    def _header(self, event_code: str, issued: datetime, purge: str) -> Header:
        return Header(
            originator="WXR",
            event_code=event_code,
            locations=self._locations,
            purge_hhmm=purge,
            issued_code=issued.astimezone(UTC).strftime("%j%H%M"),
            sender=self._call_sign,
        )

    def _message(self, header: Header, voice: Audio) -> Audio:
        attention: Attention = None if header.event_code == "RWT" else "nwr"
        message = encode_message(
            header,
            SAMPLE_RATE,
            attention=attention,
            attention_seconds=ATTENTION_SECONDS,
            voice=voice,
            amplitude=TONE_AMPLITUDE,
        )
        return np.concatenate((silence(1.0, SAMPLE_RATE), message))

    def _replay(self, path: str | Path) -> Iterator[Audio]:
        size = round(SAMPLE_RATE * BLOCK_SECONDS)
        while True:
            yield from _cut(silence(PAUSE_BETWEEN_REPLAYS, SAMPLE_RATE), size)
            try:
                for block in read_blocks(path, SAMPLE_RATE):
                    yield from _cut(block.samples, size)
            except AudioFileError as error:
                raise file_error(error) from error


class _Noise:
    """White noise, made once and taken from a place that wanders."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        level = np.float32(10 ** (NOISE_DBFS / 20))
        self._noise = rng.standard_normal(8 * SAMPLE_RATE, np.float32) * level
        self._rng = rng

    def under(self, samples: Audio) -> Audio:
        start = int(self._rng.integers(len(self._noise) - len(samples)))
        return samples + self._noise[start : start + len(samples)]


@cache
def _load_voice(path: Path) -> NDArray[np.int16]:
    """Return the voice, int16[n]: half the memory of what it is played as."""
    parts = [block.samples for block in read_blocks(path, SAMPLE_RATE)]
    return (np.concatenate(parts).clip(-1, 1) * 32767).astype(np.int16)


def _slice(voice: NDArray[np.int16], start: int, count: int) -> Audio:
    """Return so many samples of a loop, float32[count]."""
    part = voice.take(np.arange(start, start + count), mode="wrap")
    return part.astype(np.float32) / np.float32(32768)


def _cut(audio: Audio, size: int) -> Iterator[Audio]:
    for start in range(0, len(audio), size):
        yield audio[start : start + size]


def _weekly_test_between(before: datetime, now: datetime) -> bool:
    """Whether the hour of the weekly test has begun since."""
    now = now.astimezone(UTC)
    hour = now.replace(hour=WEEKLY_TEST_HOUR, minute=0, second=0, microsecond=0)
    back = (now.weekday() - WEEKLY_TEST_DAY) % 7
    due = hour - timedelta(days=back)
    return before < due <= now
