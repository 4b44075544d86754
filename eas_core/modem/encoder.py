"""From a header to audio: bursts, attention signal, voice and end of message.

What this makes must never be put on the air or played to the public
(47 CFR 11.45): it is for a decoder's own tests.
"""

from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..same.header import Header
from .constants import (
    BAUD,
    BROADCAST_ATTENTION,
    BURSTS_PER_MESSAGE,
    EOM_SYNC,
    GAP_SECONDS,
    MARK,
    NWR_ATTENTION,
    PREAMBLE,
    SPACE,
    check_sample_rate,
)

type Audio = NDArray[np.float32]
type Attention = Literal["nwr", "broadcast"] | None


def to_bits(payload: bytes) -> NDArray[np.uint8]:
    """Return the bits as sent, uint8[8·len], least significant bit of each byte first."""
    return np.unpackbits(np.frombuffer(payload, np.uint8), bitorder="little")


def modulate(
    bits: NDArray[np.uint8],
    sample_rate: int,
    *,
    amplitude: float = 0.5,
    baud_error: float = 0.0,
    tone_offset: float = 0.0,
) -> Audio:
    """Return the bits as phase-continuous AFSK, float32[ceil(len(bits)·sample_rate/baud)].

    `baud_error` is the share by which clock and tones run fast, as on a tape
    or a resampled stream; `tone_offset` in Hz shifts both tones, as an
    off-tune single-sideband receiver does.
    """
    check_sample_rate(sample_rate)
    speed = 1.0 + baud_error
    baud = float(BAUD) * speed
    time = np.arange(int(np.ceil(len(bits) * sample_rate / baud))) / sample_rate
    position = time * baud
    index = np.minimum(position.astype(np.int64), len(bits) - 1)
    # Both tones make whole cycles in a bit, so the phase at a bit's start does
    # not depend on the bits before it.
    cycles = np.where(bits[index] == 1, float(MARK / BAUD), float(SPACE / BAUD))
    phase = cycles * (position - index) + tone_offset * time
    audio: Audio = (amplitude * np.sin(2 * np.pi * phase)).astype(np.float32)
    return audio


def encode_burst(payload: bytes, sample_rate: int, *, amplitude: float = 0.5) -> Audio:
    """Return preamble and payload as one burst, float32[n]."""
    return modulate(to_bits(PREAMBLE + payload), sample_rate, amplitude=amplitude)


def encode_bursts(
    payload: bytes,
    sample_rate: int,
    *,
    amplitude: float = 0.5,
    gap_seconds: float = GAP_SECONDS,
) -> Audio:
    """Return the three bursts, each with the pause after it, float32[n]."""
    burst = encode_burst(payload, sample_rate, amplitude=amplitude)
    pause = silence(gap_seconds, sample_rate)
    return np.concatenate((burst, pause) * BURSTS_PER_MESSAGE)


def encode_end_of_message(
    sample_rate: int, *, amplitude: float = 0.5, gap_seconds: float = GAP_SECONDS
) -> Audio:
    """Return the three NNNN bursts, float32[n]."""
    return encode_bursts(
        EOM_SYNC, sample_rate, amplitude=amplitude, gap_seconds=gap_seconds
    )


def attention_signal(
    attention: Attention, seconds: float, sample_rate: int, *, amplitude: float = 0.5
) -> Audio:
    """Return the tones between header and voice, float32[n]: 1050 Hz, or 853 + 960 Hz."""
    tones = {None: (), "nwr": NWR_ATTENTION, "broadcast": BROADCAST_ATTENTION}[
        attention
    ]
    time = np.arange(round(seconds * sample_rate) if tones else 0) / sample_rate
    total = sum(
        (np.sin(2 * np.pi * tone * time) for tone in tones), np.zeros(len(time))
    )
    return (amplitude / max(1, len(tones)) * total).astype(np.float32)


def silence(seconds: float, sample_rate: int) -> Audio:
    """Return that much digital silence, float32[n]."""
    return np.zeros(round(seconds * Fraction(sample_rate)), np.float32)


def encode_message(
    header: Header | str,
    sample_rate: int,
    *,
    attention: Attention = "nwr",
    attention_seconds: float = 8.0,
    voice: Audio | None = None,
    amplitude: float = 0.5,
    gap_seconds: float = GAP_SECONDS,
    end_of_message: bool = True,
) -> Audio:
    """Return a whole message as audio, float32[n] at `sample_rate`.

    `header` may be text, which is sent as it stands: a test may need what is
    not in form. `voice` is float32 at the same rate. Raises SampleRateError,
    and UnicodeEncodeError where the text is not ASCII.
    """
    text = header if isinstance(header, str) else header.encode()
    parts = [
        encode_bursts(
            text.encode("ascii"),
            sample_rate,
            amplitude=amplitude,
            gap_seconds=gap_seconds,
        ),
        attention_signal(
            attention, attention_seconds, sample_rate, amplitude=amplitude
        ),
    ]
    if attention is not None:
        parts.append(silence(gap_seconds, sample_rate))
    if voice is not None:
        parts += [voice.astype(np.float32), silence(gap_seconds, sample_rate)]
    if end_of_message:
        parts.append(
            encode_end_of_message(
                sample_rate, amplitude=amplitude, gap_seconds=gap_seconds
            )
        )
    return np.concatenate(parts)
