"""What happens to audio on the way, by name."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Audio = NDArray[np.float32]
type Impairment = Callable[[Audio, int, np.random.Generator], Audio]

AMPLITUDE: Final = 0.25
"""Of the bursts, so that there is room for what is added."""


def _twist(decibels: float) -> Impairment:
    """A tilt that makes mark louder than space by so much, or softer."""

    def apply(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
        spectrum = np.fft.rfft(audio)
        frequency = np.fft.rfftfreq(len(audio), 1 / sample_rate)
        octave = np.clip((frequency - 1822.9) / 520.8, -1.5, 1.5)
        tilted = np.fft.irfft(spectrum * 10 ** (decibels * octave / 20), len(audio))
        result: Audio = tilted.astype(np.float32)
        return result

    return apply


def _clip(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    return np.clip(audio * 20, -AMPLITUDE, AMPLITUDE)


def _direct_current(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    return audio + np.float32(0.3)


def _hum(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    time = np.arange(len(audio)) / sample_rate
    order = np.array((1.0, 2.0, 3.0, 5.0))[:, None]
    hum = np.sum(np.sin(2 * np.pi * 60 * order * time + order) / order, axis=0)
    result: Audio = audio + (AMPLITUDE * hum).astype(np.float32)
    return result


def _drops(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    """Two milliseconds of silence, five times a second."""
    out = audio.copy()
    for start in rng.integers(0, len(audio), int(5 * len(audio) / sample_rate)):
        out[start : start + sample_rate // 500] = 0
    return out


def _clicks(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    """Half a millisecond at four times the signal, twenty times a second."""
    out = audio.copy()
    width = sample_rate // 2000
    shape = np.hanning(width + 2)[1:-1].astype(np.float32)
    for start in rng.integers(
        0, len(audio) - width, int(20 * len(audio) / sample_rate)
    ):
        sign = np.float32(rng.choice((-1.0, 1.0)) * 4 * AMPLITUDE)
        out[start : start + width] += sign * shape
    return out


def _telephone(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    """300–3400 Hz, and the eight bits of µ-law."""
    spectrum = np.fft.rfft(audio)
    frequency = np.fft.rfftfreq(len(audio), 1 / sample_rate)
    spectrum[(frequency < 300) | (frequency > 3400)] = 0
    narrow = np.clip(np.fft.irfft(spectrum, len(audio)), -1, 1)
    law = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    law = np.round(law * 127) / 127
    wide = np.sign(law) * (np.exp(np.abs(law) * np.log(256)) - 1) / 255
    result: Audio = wide.astype(np.float32)
    return result


def _lost_samples(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    """Two milliseconds cut out, on average once in three seconds."""
    starts = rng.integers(0, len(audio), int(len(audio) / sample_rate / 3))
    cut = (starts[:, None] + np.arange(sample_rate // 500)).ravel()
    result: Audio = np.delete(audio, cut[cut < len(audio)])
    return result


def voice_like(length: int, sample_rate: int, rng: np.random.Generator) -> Audio:
    """Noise with the spectrum and the syllables of speech, RMS 0.1."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / sample_rate)
    shape = (frequency / 120) ** 2 / (1 + (frequency / 500) ** 4)
    voice = np.fft.irfft(spectrum * np.minimum(shape, 16), length)
    time = np.arange(length) / sample_rate
    syllables = np.maximum(0, np.sin(2 * np.pi * 3.1 * time + rng.uniform(0, 6)))
    voice = voice * syllables
    result: Audio = (0.1 * voice / np.std(voice)).astype(np.float32)
    return result


def _voice(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
    return audio + voice_like(len(audio), sample_rate, rng)


IMPAIRMENTS: Final[Mapping[str, Impairment]] = {
    "none": lambda audio, sample_rate, rng: audio,
    "mark 6 dB up": _twist(6.0),
    "space 6 dB up": _twist(-6.0),
    "hard clipping": _clip,
    "direct current": _direct_current,
    "hum": _hum,
    "2 ms drops": _drops,
    "2 ms cut out": _lost_samples,
    "clicks": _clicks,
    "telephone": _telephone,
    "voice under": _voice,
}
"""What may happen to the audio, by name."""
