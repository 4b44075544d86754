"""What the tests of the radio share: stations on the air, and a receiver that hears them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from bench.channel import bursts, random_header
from eas_core.audio.block import IqBlock
from eas_core.modem.decoder import SameDecoder
from eas_core.radio.modulator import Band, Station
from eas_core.radio.plan import RadioPlan, Tuning
from eas_core.radio.quality import BandSpectrum, SignalQuality
from eas_core.radio.receiver import Receiver

AUDIO_RATE = 24_000
AMPLITUDE = 0.4

type Audio = NDArray[np.float32]
type Iq = NDArray[np.complex64]


def header(seed: int) -> str:
    return random_header(np.random.default_rng(seed), places=2).encode()


def message(text: str) -> Audio:
    """Three bursts, of 4.2 kHz of deviation in weather radio."""
    amplitudes = (AMPLITUDE,) * 3
    return bursts(text.encode(), AUDIO_RATE, amplitudes=amplitudes, lead=0.8)


def tone(hertz: float, seconds: float, amplitude: float = 0.5) -> Audio:
    time = np.arange(round(seconds * AUDIO_RATE)) / AUDIO_RATE
    return (amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def silence(seconds: float) -> Audio:
    return np.zeros(round(seconds * AUDIO_RATE), np.float32)


def on_air(
    plan: RadioPlan,
    programmes: Mapping[str, Audio],
    levels_dbfs: Mapping[str, float] | float = -30.0,
    *,
    sample_rate: int | None = None,
    **options: float | None,
) -> Iq:
    """Return the band with a programme on each channel that is named."""
    if isinstance(levels_dbfs, float):
        levels_dbfs = dict.fromkeys(programmes, levels_dbfs)
    sending = [one for one in plan.channels if one.name in programmes]
    longest = max(len(programmes[one.name]) for one in sending) + AUDIO_RATE // 5
    audio = np.zeros((len(sending), longest), np.float32)
    for row, channel in zip(audio, sending, strict=True):
        row[: len(programmes[channel.name])] = programmes[channel.name]
    tuning = Tuning(
        center_frequency=plan.tuning.center_frequency,
        sample_rate=sample_rate or plan.tuning.sample_rate,
    )
    stations = [
        Station(channel=one, level_dbfs=levels_dbfs[one.name]) for one in sending
    ]
    return Band(tuning, stations, AUDIO_RATE, **options).feed(audio)  # type: ignore[arg-type]


def noise(count: int, dbfs: float, seed: int = 0) -> Iq:
    """Return white noise of so much power over the band."""
    rng = np.random.default_rng(seed)
    sigma = np.float32(10 ** (dbfs / 20) / np.sqrt(2))
    return (rng.standard_normal(2 * count, np.float32) * sigma).view(np.complex64)


@dataclass
class Heard:
    """All that a receiver gave; `pieces` are where each channel's audio begins and ends."""

    audio: dict[str, list[Audio]] = field(default_factory=dict)
    pieces: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    rate: int = 0
    qualities: list[tuple[SignalQuality, ...]] = field(default_factory=list)
    spectra: list[BandSpectrum] = field(default_factory=list)

    def whole(self, channel: str) -> Audio:
        return np.concatenate(self.audio[channel])

    def headers(self, channel: str) -> list[str]:
        decoder = SameDecoder(self.rate)
        found = decoder.feed(self.whole(channel)) + decoder.flush()
        return [one.header for one in found]

    def quality(self, channel: str) -> SignalQuality:
        """Return the newest of a channel."""
        return next(one for one in self.qualities[-1] if one.channel == channel)


class Listener:
    """Feeds a receiver, and keeps what it says."""

    def __init__(self, plan: RadioPlan) -> None:
        self.plan = plan
        self.receiver = Receiver(plan)
        self.heard = Heard()

    def hear(
        self,
        samples: Iq,
        *,
        first: int = 0,
        sizes: Iterable[int] = (24_000,),
        sample_rate: int | None = None,
        center: int | None = None,
    ) -> Heard:
        at = 0
        steps = cycle(sizes)
        while at < len(samples):
            part = samples[at : at + next(steps)]
            self._feed(
                IqBlock(
                    samples=part,
                    sample_rate=sample_rate or self.plan.tuning.sample_rate,
                    first_sample=first + at,
                    center_frequency=center or self.plan.tuning.center_frequency,
                )
            )
            at += len(part)
        return self.heard

    def hear_nothing(self, first: int = 0) -> None:
        """Feed a block that is empty."""
        self._feed(
            IqBlock(
                samples=np.zeros(0, np.complex64),
                sample_rate=self.plan.tuning.sample_rate,
                first_sample=first,
                center_frequency=self.plan.tuning.center_frequency,
            )
        )

    def _feed(self, block: IqBlock) -> None:
        received = self.receiver.feed(block)
        heard = self.heard
        for name, audio in received.audio.items():
            heard.rate = audio.sample_rate
            heard.audio.setdefault(name, []).append(audio.samples)
            end = audio.first_sample + len(audio.samples)
            heard.pieces.setdefault(name, []).append((audio.first_sample, end))
        if received.quality:
            heard.qualities.append(received.quality)
        if received.spectrum:
            heard.spectra.append(received.spectrum)


def hear(plan: RadioPlan, samples: Iq, **how: int | Iterable[int]) -> Heard:
    """Feed all to a new receiver."""
    return Listener(plan).hear(samples, **how)  # type: ignore[arg-type]
