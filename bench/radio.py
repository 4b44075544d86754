"""What a radio and a stream do to audio: narrow-band FM near its threshold, and codecs."""

import io
from typing import Final

import av
import numpy as np

from bench.impairments import Audio, Impairment

RADIO_RATE: Final = 48_000
DEVIATION: Final = 3_000.0
"""Hz at the amplitude that messages are sent with here, of 5 kHz allowed."""

CHANNEL_HZ: Final = 15_000.0


def narrow_band_fm(carrier_to_noise_db: float, amplitude: float) -> Impairment:
    """Send through FM with so much carrier over noise: clicks below about 10 dB."""

    def apply(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
        count = round(len(audio) * RADIO_RATE / sample_rate)
        at = np.arange(count) * sample_rate / RADIO_RATE
        fine = np.interp(at, np.arange(len(audio)), audio) / amplitude
        phase = 2 * np.pi * DEVIATION / RADIO_RATE * np.cumsum(fine)
        power = 10 ** (-carrier_to_noise_db / 10) * RADIO_RATE / CHANNEL_HZ
        noise = rng.standard_normal((2, count)) * np.sqrt(power / 2)
        heard = np.exp(1j * phase) + noise[0] + 1j * noise[1]
        spectrum = np.fft.fft(heard)
        frequency = np.fft.fftfreq(count, 1 / RADIO_RATE)
        spectrum[np.abs(frequency) > CHANNEL_HZ / 2] = 0
        heard = np.fft.ifft(spectrum)
        turned = np.angle(heard[1:] * np.conj(heard[:-1]))
        turned *= RADIO_RATE / (2 * np.pi * DEVIATION) * amplitude
        spectrum = np.fft.rfft(turned)
        spectrum[np.fft.rfftfreq(len(turned), 1 / RADIO_RATE) > 4000] = 0
        sound = np.fft.irfft(spectrum, len(turned))
        back = np.arange(len(audio)) * RADIO_RATE / sample_rate
        result: Audio = np.interp(back, np.arange(len(sound)), sound).astype(np.float32)
        return result

    return apply


def codec(name: str, container: str, rate: int, bit_rate: int) -> Impairment:
    """Send through an encoder of ffmpeg's and back."""

    def apply(audio: Audio, sample_rate: int, rng: np.random.Generator) -> Audio:
        data = io.BytesIO()
        with av.open(data, "w", format=container) as out:
            stream = out.add_stream(name, rate=rate)
            if not isinstance(stream, av.AudioStream):
                raise TypeError(f"{name} is no audio codec")
            stream.layout = "mono"
            stream.bit_rate = bit_rate
            frame = av.AudioFrame.from_ndarray(audio[None, :], "flt", "mono")
            frame.sample_rate = sample_rate
            resampler = av.AudioResampler(
                stream.format.name, "mono", rate, stream.frame_size or 1024
            )
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                out.mux(stream.encode(part))
            out.mux(stream.encode(None))
        data.seek(0)
        with av.open(data, "r") as heard:
            back = av.AudioResampler("flt", "mono", sample_rate)
            parts = [
                part.to_ndarray()[0]
                for frame in heard.decode(audio=0)
                for part in back.resample(frame)
            ]
        result: Audio = np.concatenate(parts).astype(np.float32)
        return result

    return apply
