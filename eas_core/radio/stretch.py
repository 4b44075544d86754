"""A stretch of radio samples without a gap, and the audio of all its channels."""

from collections.abc import Iterator

import numpy as np

from .overlap import Complex, Frames, Real
from .tuner import HOPS, Tuner


class Stretch:
    """Filters and demodulates from one sample on, until the next gap.

    Audio has the times of the samples that it is of: the filters wait for what
    follows and add no delay to the numbers.
    """

    def __init__(self, tuner: Tuner, first_sample: int) -> None:
        """Take the band, and the number of the first sample."""
        self.tuner = tuner
        self.next_sample = first_sample
        self.next_audio = self._audio_at(first_sample)
        self._frames = Frames(1, tuner.grid.size, HOPS, np.complex64)
        self._taken: list[Complex] = []
        self._demodulator = tuner.new_demodulator()

    def take(self, samples: Complex) -> None:
        """Take complex64[any], to be heard."""
        self._taken.append(samples)
        self.next_sample += len(samples)

    def hear(self) -> Real:
        """Return what is settled of every channel's audio, float32[channels, any], from `next_audio` on."""
        audio = self._joined(list(self._heard()))
        self.next_audio += audio.shape[1]
        return audio

    def close(self) -> Real:
        """Return the rest of the audio, up to the last sample."""
        wanted = self._audio_at(self.next_sample) - self.next_audio
        parts = list(self._heard())
        silence = np.zeros((1, self._frames.step), np.complex64)
        while sum(part.shape[1] for part in parts) < wanted:
            parts += [
                self._demodulate(frames, measure=False)
                for frames in self._frames.feed(silence)
            ]
        return self._joined(parts)[:, :wanted]

    def _heard(self) -> Iterator[Real]:
        samples = np.concatenate([np.zeros(0, np.complex64), *self._taken])
        self._taken.clear()
        for frames in self._frames.feed(samples[None, :]):
            yield self._demodulate(frames, measure=True)

    def _audio_at(self, sample: int) -> int:
        return sample * self.tuner.audio_rate // self.tuner.sample_rate

    def _demodulate(self, frames: Complex, *, measure: bool) -> Real:
        spectra = np.fft.fft(frames[0]).astype(np.complex64, copy=False)
        baseband = self.tuner.receive(spectra, measure=measure)
        return self._demodulator.feed(baseband, self.tuner.shift_hz)

    def _joined(self, parts: list[Real]) -> Real:
        empty = np.zeros((len(self.tuner.names), 0), np.float32)
        return np.concatenate([empty, *parts], axis=1)
