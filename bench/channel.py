"""Messages as they are sent, and noise."""

from datetime import datetime, timedelta

import numpy as np

from bench.impairments import AMPLITUDE, Audio
from eas_core.modem.constants import BAUD, PREAMBLE
from eas_core.modem.encoder import modulate, to_bits
from eas_core.same import EVENTS, all_codes
from eas_core.same.header import Header

_ORIGINATORS = ("WXR", "WXR", "WXR", "CIV", "EAS", "PEP")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PURGES = ("0015", "0030", "0045", "0100", "0130", "0200", "0300", "0600")


def random_header(rng: np.random.Generator, places: int | None = None) -> Header:
    """Return a header of known codes with 1–6 locations, or as many as asked for."""
    count = int(rng.integers(1, 7)) if places is None else places
    codes = all_codes()
    issued = datetime(2026, 1, 1) + timedelta(minutes=int(rng.integers(525_600)))  # noqa: DTZ001
    letters = "".join(rng.choice(list(_LETTERS), 3))
    kind = rng.integers(3)
    sender = (f"K{letters}/NWS", f"W{letters}/FM ", f"{letters} EMA ")[kind]
    return Header(
        originator=str(rng.choice(_ORIGINATORS)),
        event_code=str(rng.choice(sorted(EVENTS))),
        locations=tuple(str(code) for code in rng.choice(codes, count, replace=False)),
        purge_hhmm=str(rng.choice(_PURGES)),
        issued_code=issued.strftime("%j%H%M"),
        sender=sender,
    )


def bursts(
    payload: bytes,
    sample_rate: int,
    *,
    gaps: tuple[float, ...] = (1.0, 1.0, 1.0),
    amplitudes: tuple[float, ...] = (AMPLITUDE,) * 3,
    baud_error: float = 0.0,
    tone_offset: float = 0.0,
    lead: float = 0.5,
) -> Audio:
    """Return bursts with a pause after each, float32[n], after `lead` seconds."""
    bits = to_bits(PREAMBLE + payload)
    parts = [np.zeros(round(lead * sample_rate), np.float32)]
    for gap, amplitude in zip(gaps, amplitudes, strict=True):
        parts += [
            modulate(
                bits,
                sample_rate,
                amplitude=amplitude,
                baud_error=baud_error,
                tone_offset=tone_offset,
            ),
            np.zeros(round(gap * sample_rate), np.float32),
        ]
    return np.concatenate(parts)


def noise_sigma(
    ebn0_db: float, sample_rate: int, amplitude: float = AMPLITUDE
) -> float:
    """Return the deviation of white noise for a level: Eb = A²/2/baud, N0 one-sided."""
    energy = amplitude**2 / 2 / float(BAUD)
    return float(np.sqrt(energy / 10 ** (ebn0_db / 10) * sample_rate / 2))


def add_noise(
    audio: Audio, ebn0_db: float, sample_rate: int, rng: np.random.Generator
) -> Audio:
    """Return the audio in white noise."""
    sigma = noise_sigma(ebn0_db, sample_rate)
    noise = rng.standard_normal(len(audio), np.float32) * np.float32(sigma)
    return audio + noise
