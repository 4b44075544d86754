"""The tones that wake people: found with their level and length, and nothing else."""

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from bench.impairments import voice_like
from eas_core.modem.attention import AttentionDetector, AttentionSignal
from eas_core.modem.encoder import Attention, Audio, attention_signal, silence


def detect(audio: Audio, rate: int, block: int = 4096) -> list[AttentionSignal]:
    detector = AttentionDetector(rate)
    found = [
        signal
        for start in range(0, len(audio), block)
        for signal in detector.feed(audio[start : start + block])
    ]
    return found + detector.flush()


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
@pytest.mark.parametrize(("kind", "loss"), [("nwr", 0.0), ("broadcast", 3.0)])
def test_a_signal_has_its_kind_length_and_level(
    rate: int, kind: Attention, loss: float
) -> None:
    rng = np.random.default_rng(1)
    tones = attention_signal(kind, 8.0, rate, amplitude=0.5)
    audio = np.concatenate((silence(2.0, rate), tones, silence(1.0, rate)))
    audio = audio + rng.standard_normal(len(audio), np.float32) * np.float32(0.02)
    (signal,) = detect(audio, rate)
    assert signal.kind == kind
    assert signal.start_sample / rate == pytest.approx(2.0, abs=0.15)
    assert signal.end_sample / rate == pytest.approx(10.0, abs=0.15)
    assert signal.level_dbfs == pytest.approx(-9.0 - loss, abs=0.3)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 9000))
def test_blocks_of_any_size_give_the_same(block: int) -> None:
    audio = np.concatenate((silence(0.5, 8000), attention_signal("nwr", 3.0, 8000)))
    assert detect(audio, 8000, block) == detect(audio, 8000, len(audio))


def test_a_drop_out_does_not_part_a_signal() -> None:
    audio = attention_signal("nwr", 6.0, 8000)
    audio[24_000:24_800] = 0
    assert len(detect(audio, 8000)) == 1


@pytest.mark.parametrize("frequency", [440.0, 853.0, 960.0, 1000.0, 1100.0, 1562.5])
def test_another_tone_is_none(frequency: float) -> None:
    tone = np.sin(2 * np.pi * frequency * np.arange(80_000) / 8000).astype(np.float32)
    assert detect(tone, 8000) == []


def test_neither_voice_nor_noise_nor_silence_is_one() -> None:
    rng = np.random.default_rng(3)
    voice = voice_like(60 * 8000, 8000, rng)
    noise = rng.standard_normal(60 * 8000, np.float32)
    assert detect(np.concatenate((voice, noise, silence(5.0, 8000))), 8000) == []


def test_a_short_beep_is_none() -> None:
    audio = np.concatenate((attention_signal("nwr", 0.6, 8000), silence(2.0, 8000)))
    assert detect(audio, 8000) == []
