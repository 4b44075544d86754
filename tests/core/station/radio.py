"""A radio for the tests of the engine: what stations send, as IQ samples."""

from collections.abc import Iterator, Mapping
import threading

import numpy as np

from eas_core.audio.block import Block, IqBlock
from eas_core.clock import Clock
from eas_core.modem.encoder import encode_message, silence
from eas_core.radio.modulator import Band, Station
from eas_core.radio.plan import RadioChannel, channel_name, nwr_plan

AUDIO_RATE = 16_000
BLOCK_SECONDS = 0.1
AMPLITUDE = 0.4


def sent(header: str, after: float = 0.5) -> np.ndarray:
    """A message as a station sends it, with pauses before and after."""
    message = encode_message(
        header, AUDIO_RATE, attention=None, gap_seconds=0.6, amplitude=AMPLITUDE
    )
    return np.concatenate(
        (silence(after, AUDIO_RATE), message, silence(1.5, AUDIO_RATE))
    )


class Radio:
    """IQ samples of stations, each with its own audio, at full speed."""

    kind = "radio"
    live = False

    def __init__(
        self,
        audio: Mapping[int, np.ndarray],
        *,
        noise_dbfs: float = -60.0,
        error_hz: float = 0.0,
        lose: tuple[int, int] = (0, 0),
    ) -> None:
        """Take each station's audio by its frequency; `lose` are blocks left out."""
        self.tuning = nwr_plan().tuning
        stations = [
            Station(
                channel=RadioChannel(name=channel_name(each), frequency=each),
                level_dbfs=-25.0,
            )
            for each in audio
        ]
        longest = max((len(each) for each in audio.values()), default=0)
        self._audio = np.zeros((len(audio), longest), np.float32)
        for row, each in zip(self._audio, audio.values(), strict=True):
            row[: len(each)] = each
        self._stations = stations
        self._noise = noise_dbfs
        self._error = error_hz
        self._lose = range(*lose)

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        band = Band(
            self.tuning,
            self._stations,
            AUDIO_RATE,
            noise_dbfs=self._noise,
            error_hz=self._error,
        )
        size = round(AUDIO_RATE * BLOCK_SECONDS)
        position = 0
        for number, start in enumerate(range(0, self._audio.shape[1], size)):
            samples = band.feed(self._audio[:, start : start + size])
            clock.wait(stop, len(samples) / self.tuning.sample_rate)
            if stop.is_set():
                return
            if len(samples) and number not in self._lose:
                yield IqBlock(
                    samples=samples,
                    sample_rate=self.tuning.sample_rate,
                    first_sample=position,
                    center_frequency=self.tuning.center_frequency,
                )
            position += len(samples)


class DeadAir:
    """A radio that works, and an antenna that does not."""

    kind = "dead_air"
    live = False

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def blocks(self, clock: Clock, stop: threading.Event) -> Iterator[Block]:
        rng = np.random.default_rng(1)
        tuning = nwr_plan().tuning
        size = tuning.sample_rate // 10
        for number in range(round(self._seconds * 10)):
            clock.wait(stop, 0.1)
            noise = rng.standard_normal(2 * size, np.float32) * np.float32(0.01)
            yield IqBlock(
                samples=noise.view(np.complex64),
                sample_rate=tuning.sample_rate,
                first_sample=number * size,
                center_frequency=tuning.center_frequency,
            )
