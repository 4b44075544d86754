"""A radio's samples in, the audio of each channel out."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..audio.block import AudioBlock, IqBlock
from .overlap import Complex, Real
from .plan import RadioPlan
from .quality import BandSpectrum, SignalQuality
from .stretch import Stretch
from .tuner import Tuner, check_held

LARGEST: Final = np.float32(1e3)
"""Of full scale: what is larger is no sample, and its powers would not be finite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Received:
    """What a block of radio samples gave: audio for each channel by its name.

    All channels' audio has the same rate and covers the same samples, or none.
    `quality` comes once a second, a `spectrum` at most five times a second.
    """

    audio: dict[str, AudioBlock]
    quality: tuple[SignalQuality, ...] = ()
    spectrum: BandSpectrum | None = None


class Receiver:
    """Demodulates all channels of a plan at once.

    Any block size gives the same audio. A gap in the radio's samples is a gap
    of the same length in the audio's sample numbers; what is heard up to the
    gap comes with the block after it, which itself is heard with the next.
    Samples that are no numbers count as silence. Not safe to be fed from two
    threads at once.
    """

    def __init__(self, plan: RadioPlan) -> None:
        """Take the channels; raises PlanError where the radio's band does not hold them."""
        tuning = plan.tuning
        check_held(plan.channels, tuning.sample_rate, tuning.center_frequency)
        self.plan = plan
        self._stretch: Stretch | None = None

    def feed(self, block: IqBlock) -> Received:
        """Take the radio's next samples.

        Rate and centre are the block's own, whatever the plan says. Raises
        PlanError where they do not hold the channels.
        """
        before = self._stretch
        follows = before is not None and _continues(before, block)
        stretch = before if before and follows else self._begin(block)
        stretch.take(_clean(block.samples))
        self._stretch = stretch
        if before is None or before is stretch:
            return _received(stretch, stretch.next_audio, stretch.hear())
        return _received(before, before.next_audio, before.close())

    def _begin(self, block: IqBlock) -> Stretch:
        """Begin anew; a band that is still the same keeps what was measured of it."""
        tuner = self._stretch.tuner if self._stretch else None
        band = (block.sample_rate, block.center_frequency)
        if tuner is None or band != (tuner.sample_rate, tuner.center_frequency):
            shift_hz = tuner.shift_hz if tuner else 0.0
            tuner = Tuner(self.plan.channels, *band, shift_hz)
        return Stretch(tuner, block.first_sample)


def _continues(stretch: Stretch, block: IqBlock) -> bool:
    tuner = stretch.tuner
    return (block.first_sample, block.sample_rate, block.center_frequency) == (
        stretch.next_sample,
        tuner.sample_rate,
        tuner.center_frequency,
    )


def _received(stretch: Stretch, first: int, audio: Real) -> Received:
    tuner = stretch.tuner
    return Received(
        audio={
            name: AudioBlock(
                samples=row, sample_rate=tuner.audio_rate, first_sample=first
            )
            for name, row in zip(tuner.names, audio, strict=True)
            if len(row)
        },
        quality=tuner.take_quality(),
        spectrum=tuner.take_spectrum(),
    )


def _clean(samples: Complex) -> Complex:
    """Return samples of which all are finite."""
    parts = np.ascontiguousarray(samples, np.complex64).reshape(-1).view(np.float32)
    if not np.isfinite(parts).all():
        parts = np.nan_to_num(parts, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(parts, -LARGEST, LARGEST).view(np.complex64)
